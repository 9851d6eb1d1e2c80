"""Records verdicts until it is killed, and prints the id of each one once it is kept."""

import asyncio
import itertools
import os
import sys

from proxy.store.store import Store
from tests.integration.samples import a_held_record, a_record


async def record_without_end(url: str) -> None:
    store = await Store.open(url)
    numbers = itertools.count()

    async def record() -> None:
        for number in numbers:
            if number % 5 == 0:
                kept = a_held_record(f"rv_{os.getpid()}_{number}")
            else:
                kept = a_record(f"req_{os.getpid()}_{number}")
            await store.record(kept)
            print(kept.request_id, flush=True)

    await asyncio.gather(*(record() for _ in range(8)))


asyncio.run(record_without_end(sys.argv[1]))
