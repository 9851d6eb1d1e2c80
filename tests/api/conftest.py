"""The real proxy on a real socket, with a fake provider behind it, on both databases."""

import asyncio
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import openai
import pytest
import uvicorn

from policies.load import Policies, load_policies
from proxy.app import create_app
from proxy.settings import Limits, Settings
from proxy.store.store import Store
from tests.fakes.upstream import FakeUpstream, text

POSTGRES = os.environ.get("PRESSCHECK_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
HOUSE_POLICIES = Path(__file__).parent / "policies"


@dataclass(frozen=True)
class Proxy:
    """A running proxy with a key of every kind."""

    url: str
    settings: Settings
    key: str
    reviewer_key: str
    admin_key: str
    strict_key: str
    other_team_key: str

    def client(self, key: str | None = None, path: str = "/v1", **options: Any) -> openai.OpenAI:
        return openai.OpenAI(
            base_url=self.url + path, api_key=key or self.key, max_retries=0, **options
        )

    def post(self, path: str, body: Any, key: str | None = None, **headers: str) -> httpx.Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        authorization = {"authorization": f"Bearer {key or self.key}"}
        return httpx.post(
            self.url + path, json=body, headers={**authorization, **named}, timeout=60
        )

    def get(self, path: str, key: str | None = None) -> httpx.Response:
        return httpx.get(
            self.url + path, headers={"authorization": f"Bearer {key or self.key}"}, timeout=60
        )

    def chat(self, content: Any, key: str | None = None, **options: Any) -> httpx.Response:
        """One user message; `options` go into the body."""
        body = {"model": "fake", "messages": [{"role": "user", "content": content}], **options}
        return self.post("/v1/chat/completions", body, key)


@pytest.fixture(scope="session")
def policies() -> Policies:
    return load_policies([HOUSE_POLICIES])


@pytest.fixture(scope="session")
def shared_upstream() -> Iterator[FakeUpstream]:
    with FakeUpstream() as provider:
        yield provider


@pytest.fixture
def upstream(shared_upstream: FakeUpstream) -> FakeUpstream:
    """The provider, with nothing recorded and a harmless answer."""
    shared_upstream.requests.clear()
    shared_upstream.will(text("Created with AI. Fresh bread, baked this morning."))
    return shared_upstream


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def proxy(
    request: pytest.FixtureRequest,
    shared_upstream: FakeUpstream,
    policies: Policies,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Proxy]:
    if request.param == "sqlite":
        yield from serve(
            shared_upstream, policies, f"sqlite:///{tmp_path_factory.mktemp('db')}/p.db"
        )
        return
    name = f"presscheck_test_{secrets.token_hex(4)}"
    asyncio.run(_run(f"CREATE DATABASE {name}"))
    try:
        url = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
        yield from serve(shared_upstream, policies, url)
    finally:
        asyncio.run(_run(f"DROP DATABASE {name} WITH (FORCE)"))


def serve(upstream: FakeUpstream, policies: Policies, database_url: str) -> Iterator[Proxy]:
    settings = Settings.model_validate(
        {
            "model_list": [
                {
                    "model_name": "fake",
                    "litellm_params": {
                        "model": "openai/fake",
                        "api_base": upstream.url,
                        "api_key": "sk-provider-secret-0123456789",
                    },
                }
            ],
            "router_settings": {"num_retries": 0, "disable_cooldowns": True},
            "database_url": database_url,
            "pepper": "the pepper of the tests",
            "limits": Limits(max_body_bytes=1_000_000, max_body_seconds=1),
            "check_timeout_seconds": 6,
        }
    )
    made = asyncio.run(_make_keys(database_url))
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(settings, policies), port=0, log_config=None, timeout_graceful_shutdown=2
        )
    )
    thread = threading.Thread(target=server.run, name="proxy", daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            raise RuntimeError("the proxy did not start")
        time.sleep(0.02)
    host, port = server.servers[0].sockets[0].getsockname()[:2]
    yield Proxy(f"http://{host}:{port}", settings, *made)
    server.should_exit = True
    thread.join(timeout=20)


async def _make_keys(database_url: str) -> list[str]:
    store = await Store.open(database_url)
    try:
        wanted = [
            ("tool", "marketing", None, ("generate", "check")),
            ("reviewer", "compliance", None, ("review", "check")),
            ("admin", "operators", None, ("admin",)),
            ("strict tool", "marketing", "strict", ("generate", "check")),
            ("other tool", "sales", None, ("generate", "check")),
        ]
        return [
            (await store.create_key(name, team, policy, scopes))[1]
            for name, team, policy, scopes in wanted
        ]
    finally:
        await store.close()


async def _run(sql: str) -> None:
    connection = await asyncpg.connect(POSTGRES)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
