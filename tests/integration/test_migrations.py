"""The schema: it comes up by itself, whoever comes first, and agrees with the code."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.ext.asyncio import create_async_engine

from proxy.errors import StoreError
from proxy.store.store import Store
from proxy.store.tables import metadata
from tests.integration.samples import TABLES, a_record, run_sql


async def test_the_migrations_make_the_tables_that_the_code_uses(
    store: Store, database_url: str
) -> None:
    def differences(connection: sa.Connection) -> list[Any]:
        return compare_metadata(MigrationContext.configure(connection), metadata)

    engine = create_async_engine(
        database_url.replace("sqlite:", "sqlite+aiosqlite:").replace(
            "postgresql:", "postgresql+asyncpg:"
        )
    )
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()
    assert {table.name for table in metadata.sorted_tables} == set(TABLES)


async def test_opening_again_keeps_everything(database_url: str) -> None:
    for number in range(3):
        store = await Store.open(database_url)
        await store.record(a_record(f"req_{number}"))
        assert (await store.verify()).events == number + 1
        await store.close()


async def test_many_may_open_a_new_database_at_once(database_url: str) -> None:
    stores = await asyncio.gather(*(Store.open(database_url) for _ in range(6)))
    await asyncio.gather(*(store.record(a_record(f"req_{i}")) for i, store in enumerate(stores)))
    assert (await stores[0].verify()).events == 6
    for store in stores:
        await store.close()


async def test_processes_may_open_a_new_database_at_once(database_url: str) -> None:
    script = str(Path(__file__).with_name("appending_process.py"))
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            script,
            database_url,
            "1",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(4)
    ]
    assert [await process.wait() for process in processes] == [0, 0, 0, 0]
    store = await Store.open(database_url)
    report = await store.verify()
    await store.close()
    assert (report.problems, report.events) == ((), 4)


async def test_a_migration_that_fails_leaves_nothing_behind(database_url: str) -> None:
    folder = Path(database_url.removeprefix("sqlite:///")).parent
    if database_url.startswith("sqlite"):
        folder.mkdir()
    # The tables before this one are made first, and must go again.
    await run_sql(database_url, "CREATE TABLE audit_head (id integer)")
    with pytest.raises(StoreError):
        await Store.open(database_url)
    await run_sql(database_url, "DROP TABLE audit_head")
    store = await Store.open(database_url)
    await store.record(a_record("req_1"))
    await store.close()


async def test_refuses_a_database_of_a_newer_version(database_url: str) -> None:
    store = await Store.open(database_url)
    await store.close()
    await run_sql(database_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="newer Presscheck"):
        await Store.open(database_url)
