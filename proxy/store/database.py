"""The database itself: SQLite in a file or PostgreSQL, its connections and its schema."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from proxy.errors import StoreError
from proxy.store.canonical import canonical_json

POOL_SIZE = 8
BUSY_TIMEOUT_MS = 30_000
CONNECT_TIMEOUT_S = 10
COMMAND_TIMEOUT_S = 60

# Any number that no other program on the same PostgreSQL takes for its own lock.
MIGRATION_LOCK = 0x7072_6573_7363


_log = logging.getLogger(__name__)


class Database:
    """An engine with three ways in: to read, to read one moment throughout, and to write."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writing = engine.execution_options(presscheck_writes=True)
        self._is_postgresql = engine.dialect.name == "postgresql"

    @classmethod
    async def open(cls, url: str, *, create: bool = True) -> Database:
        """Connect and bring the schema up to date, one process at a time.

        Without `create`, there must be a schema already.
        """
        parsed = _parse(url)
        if not create:
            _require_file(parsed)
        database = cls(_create_engine(parsed))
        try:
            with store_errors():
                await database._migrate(None if create else _missing(parsed))
        except BaseException:
            await database.close()
            raise
        return database

    async def close(self) -> None:
        await self._engine.dispose()

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        with store_errors():
            async with self._engine.connect() as connection:
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Read the database as it is now, whatever is written meanwhile."""
        async with self.read() as connection:
            if self._is_postgresql:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that commits at the end of the block; its errors are SQLAlchemy's own."""
        async with self._writing.begin() as connection:
            yield connection

    async def _migrate(self, missing: StoreError | None) -> None:
        """Bring the schema up to date; raise `missing`, if given, where there is none yet."""
        async with self.write() as connection:
            # On SQLite the transaction itself is the lock, see BEGIN IMMEDIATE below.
            if self._is_postgresql:
                await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            if missing is not None and await connection.run_sync(_revision) is None:
                raise missing
            try:
                await connection.run_sync(_upgrade)
            except CommandError as error:
                raise StoreError(
                    "The database was made by a newer Presscheck than this one. "
                    "Install that version, or name another database_url."
                ) from error


@contextmanager
def store_errors() -> Iterator[None]:
    """Turn any failure of the database into a StoreError, without SQL or text in its message.

    The log gets the name of the driver's error, so that an operator knows where to look.
    """
    try:
        yield
    # A refused connection and a timeout reach us as plain OSErrors.
    except (sa.exc.SQLAlchemyError, OSError) as error:
        _log.error("The database failed: %s", error_name(error))
        raise StoreError(
            "The verdict database does not answer, so nothing was let through. Try again; if it "
            "goes on, ask your operator to check database_url and the database behind it.",
            headers={"retry-after": "2"},
        ) from error


def error_name(error: BaseException) -> str:
    """The class of the driver's error; its message could quote what was to be stored."""
    if isinstance(error, sa.exc.DBAPIError) and error.orig is not None:
        # SQLAlchemy wraps asyncpg's errors twice.
        error = error.orig.__cause__ or error.orig
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    # One class of sqlite3 stands for a full disk, a lock and a missing table.
    return f"{name} {code}" if (code := getattr(error, "sqlite_errorname", "")) else name


def _require_file(url: sa.URL) -> None:
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file():
        raise _missing(url)


def _missing(url: sa.URL) -> StoreError:
    if url.get_backend_name() == "sqlite":
        place = f"{Path(url.database or '').absolute()}"
    else:
        place = f"{url.host}/{url.database}"
    return StoreError(
        f"There is no Presscheck database at {place}. Check PRESSCHECK_HOME and database_url; "
        "`presscheck serve` makes the database when it starts for the first time."
    )


def _parse(url: str) -> sa.URL:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise StoreError(_URL_HELP) from error
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite+aiosqlite")
        case "postgresql" | "postgres":
            # libpq calls it sslmode, asyncpg calls it ssl; the values are the same.
            query = {"ssl" if key == "sslmode" else key: parsed.query[key] for key in parsed.query}
            return parsed.set(drivername="postgresql+asyncpg", query=query)
    raise StoreError(_URL_HELP)


_URL_HELP = (
    "database_url must read sqlite:///folder/file.db or postgresql://user@host/database; "
    "a database in memory would lose what it accepted."
)


def _create_engine(url: sa.URL) -> AsyncEngine:
    options: dict[str, Any] = {
        "pool_size": POOL_SIZE,
        "max_overflow": 0,
        "json_serializer": canonical_json,
        "json_deserializer": json.loads,
        # An error must not carry the text that it failed to store into a log.
        "hide_parameters": True,
    }
    if url.get_backend_name() == "postgresql":
        timeouts = {"timeout": CONNECT_TIMEOUT_S, "command_timeout": COMMAND_TIMEOUT_S}
        return create_async_engine(url, pool_pre_ping=True, connect_args=timeouts, **options)

    path = Path(url.database or "")
    with store_errors():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Review items hold copy that is not public yet; SQLite gives its WAL the same mode.
        path.touch(mode=0o600)
    # Python's sqlite3 would begin transactions on its own, and not before the first write.
    engine = create_async_engine(url, connect_args={"isolation_level": None}, **options)
    sa.event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    sa.event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        # FULL, not NORMAL: in WAL mode NORMAL may lose the last commits when the power fails.
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes its lock at once. Begun as a reader it could not wait for its turn later:
    # SQLite answers "database is locked" to a reader that wants to write on stale data.
    writes = connection.get_execution_options().get("presscheck_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN DEFERRED")


def _revision(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _upgrade(connection: sa.Connection) -> None:
    config = Config()
    config.set_main_option("script_location", "proxy.store:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
