"""The same cases on both databases: an empty SQLite file and an empty PostgreSQL schema."""

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from proxy.store.store import Store

POSTGRES = os.environ.get("PRESSCHECK_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The URL of a database of our own, which goes when the tests are done."""
    address = urlsplit(POSTGRES)
    try:
        socket.create_connection((address.hostname or "", address.port or 5432), 2).close()
    except OSError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"no PostgreSQL listens at {address.hostname}:{address.port}: {error}")
    name = f"presscheck_test_{secrets.token_hex(4)}"
    asyncio.run(_run(POSTGRES, f"CREATE DATABASE {name}"))
    yield urlunsplit(address._replace(path=f"/{name}"))
    asyncio.run(_run(POSTGRES, f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/home/presscheck.db"
    url: str = request.getfixturevalue("postgres_database")
    asyncio.run(_run(url, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    return url


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = await Store.open(database_url)
    yield store
    await store.close()


async def _run(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
