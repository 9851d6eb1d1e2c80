"""Opens a store, records as many verdicts as it is told, and leaves."""

import asyncio
import os
import sys

from proxy.store.store import Store
from tests.integration.samples import a_record


async def record(url: str, count: int) -> None:
    store = await Store.open(url)
    await asyncio.gather(
        *(store.record(a_record(f"req_{os.getpid()}_{number}")) for number in range(count))
    )
    await store.close()


asyncio.run(record(sys.argv[1], int(sys.argv[2])))
