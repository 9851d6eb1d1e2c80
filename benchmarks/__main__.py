"""What Presscheck adds to a call, against the same call without it, in the same run.

The provider is a fake one on loopback that answers at once, so that what is left is Presscheck.
Every figure is the median and the 95th percentile of sequential calls; `ratio` is against the
direct call. Absolute times are those of this machine and say little elsewhere.
"""

from __future__ import annotations

import asyncio
import platform
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import uvicorn

from benchmarks.personal_data import figures, measure_personal_data
from policies.load import load_policies
from proxy.app import create_app
from proxy.settings import Settings
from proxy.store.store import Store
from tests.fakes.upstream import FakeUpstream, text

CALLS = 200
COPY = (
    "Written with AI. Sunday mornings were made for this: a slow pot of our house blend, a warm "
    "cinnamon bun, and nowhere to be until noon. We roast on Thursdays and bake at dawn, so what "
    "you taste is the week's own. Come by the corner of Mill Lane, bring the dog, stay for a "
    "second cup. The terrace opens at nine, the kitchen closes at three, and there is oat milk "
    "for everyone who asks. See you on Sunday, rain or shine."
)
BRIEF = (
    "Write a win-back post for our regulars. Laura Jiménez (laura.j@gmail.com, +44 7700 900123) "
    "asked for the cinnamon buns, order #88213. Keep it warm and short, mention the terrace."
)


def main() -> None:
    """Run every measurement and print one table."""
    print(f"Python {platform.python_version()}, {platform.machine()}, {CALLS} calls each")
    with FakeUpstream() as upstream, tempfile.TemporaryDirectory() as folder:
        upstream.will(text(COPY))
        started = time.perf_counter()
        policies = load_policies()
        print(f"policies loaded in {time.perf_counter() - started:.1f} s")
        settings = Settings.model_validate(
            {
                "model_list": [
                    {
                        "model_name": "fake",
                        "litellm_params": {
                            "model": "openai/fake",
                            "api_base": upstream.url,
                            "api_key": "none",
                        },
                    }
                ],
                "database_url": f"sqlite:///{Path(folder)}/bench.db",
            }
        )
        key = asyncio.run(_key(settings.database_url))
        started = time.perf_counter()
        server = uvicorn.Server(
            uvicorn.Config(create_app(settings, policies), port=0, log_config=None)
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.01)
        print(f"server started in {time.perf_counter() - started:.1f} s\n")
        host, port = server.servers[0].sockets[0].getsockname()[:2]
        _measure_calls(upstream.url, f"http://{host}:{port}/v1", key)
        server.should_exit = True
        thread.join(20)
    measure_personal_data(policies)


def _measure_calls(direct: str, checked: str, key: str) -> None:
    body = {"model": "fake", "messages": [{"role": "user", "content": BRIEF}]}
    headers = {"authorization": f"Bearer {key}"}
    stages: dict[str, list[float]] = {}
    with httpx.Client(timeout=60) as client:

        def call_direct() -> None:
            client.post(f"{direct}/chat/completions", json=body).raise_for_status()

        def call_checked() -> None:
            response = client.post(f"{checked}/chat/completions", json=body, headers=headers)
            response.raise_for_status()
            # A text that is fixed or asked for again costs more; this one is to be plain.
            assert response.headers["x-presscheck-verdict"] in {"passed", "flagged"}, response.text
            for part in response.headers["server-timing"].split(", "):
                name, _, spent = part.partition(";dur=")
                stages.setdefault(name, []).append(float(spent))

        def check() -> None:
            response = client.post(f"{checked}/check", json={"text": COPY}, headers=headers)
            response.raise_for_status()

        baseline = _time(call_direct)
        rows = {
            "provider, called directly": baseline,
            f"the same through Presscheck ({len(COPY)} characters checked)": _time(call_checked),
            "POST /v1/check, no provider": _time(check),
        }
    print(f"{'':62}  median    p95  ratio")
    for name, spent in rows.items():
        ratio = statistics.median(spent) / statistics.median(baseline)
        print(f"{name:62} {figures(spent)} {ratio:6.1f}")
    print("\nstages of the call through Presscheck")
    for name, spent in stages.items():
        print(f"  {name:60} {figures(spent)}")


def _time(call: Callable[[], None]) -> list[float]:
    for _ in range(10):
        call()
    spent = []
    for _ in range(CALLS):
        started = time.perf_counter()
        call()
        spent.append((time.perf_counter() - started) * 1000)
    return spent


async def _key(database_url: str) -> str:
    store = await Store.open(database_url)
    try:
        return (await store.create_key("bench", "bench", None, ("generate", "check")))[1]
    finally:
        await store.close()


main()
