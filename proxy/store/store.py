"""The store: what the proxy remembers, and the promise that it does."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store import audit, keys, optouts, policies, reviews, verdicts
from proxy.store.audit import Ledger
from proxy.store.database import Database
from proxy.store.records import (
    ApiKey,
    AuditEvent,
    ChainReport,
    Decision,
    OptOut,
    ReviewItem,
    ReviewState,
    VerdictRecord,
)
from proxy.store.tables import heartbeat
from proxy.store.writer import Writer


class Store:
    """Verdicts, review items, keys, policies and the audit log, in SQLite or PostgreSQL.

    What a method wrote is on disk when it returns. A failing database raises StoreError.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._writer = Writer(database)

    @classmethod
    async def open(cls, url: str, *, create: bool = True) -> Store:
        """Connect and bring the schema up to date; several processes may do so at once.

        Without `create`, a database that is not there yet is a StoreError that names its place.
        """
        return cls(await Database.open(url, create=create))

    async def close(self) -> None:
        """Commit what was accepted and let the connections go."""
        await self._writer.close()
        await self._database.close()

    async def ping(self) -> None:
        """Return if a record could be kept now.

        It commits, because a query and even a change that is rolled back succeed on a full disk.
        """

        async def work(connection: AsyncConnection, ledger: Ledger) -> None:
            await connection.execute(sa.update(heartbeat).values(at=dt.datetime.now(dt.UTC)))

        await self._writer.do(work)

    # Verdicts

    async def record(self, record: VerdictRecord) -> None:
        """Keep a verdict, its outcomes, the review items they open, and their audit events."""

        async def work(connection: AsyncConnection, ledger: Ledger) -> None:
            await verdicts.insert(connection, ledger, record)

        await self._writer.do(work)

    async def save_policy(self, name: str, version: str, document_json: str) -> None:
        """Keep a policy document, unless this version of it is kept already."""

        async def work(connection: AsyncConnection, ledger: Ledger) -> None:
            await policies.save(connection, ledger, name, version, document_json)

        await self._writer.do(work)

    async def get_policy(self, name: str, version: str) -> str | None:
        """The document of a policy; its version may be cut after 8 digits."""
        async with self._database.read() as connection:
            return await policies.get(connection, name, version)

    # Review items

    async def get_review(self, review_id: str) -> ReviewItem:
        """The review item, or a NotFoundError."""
        async with self._database.read() as connection:
            return await reviews.get(connection, review_id)

    async def list_reviews(
        self,
        state: ReviewState | None = None,
        verdict: str | None = None,
        channel: str | None = None,
        rule: str | None = None,
        team: str | None = None,
        limit: int = 50,
        before: str | None = None,
    ) -> list[ReviewItem]:
        """Review items, newest first; `before` is the id of the last one of the page before."""
        async with self._database.read() as connection:
            return await reviews.page(
                connection,
                state=state,
                verdict=verdict,
                channel=channel,
                rule=rule,
                team=team,
                limit=limit,
                before=before,
            )

    async def decide(self, review_id: str, decision: Decision, expected_version: int) -> ReviewItem:
        """Decide an open review item; ConflictError if it is no longer as the person saw it."""

        async def work(connection: AsyncConnection, ledger: Ledger) -> ReviewItem:
            return await reviews.decide(connection, ledger, review_id, decision, expected_version)

        return await self._writer.do(work)

    # Keys

    async def create_key(
        self,
        name: str,
        team: str,
        policy: str | None,
        scopes: Sequence[str] = keys.DEFAULT_SCOPES,
        *,
        actor: str = "operator",
    ) -> tuple[ApiKey, str]:
        """Make a key and its secret, which cannot be read again."""

        async def work(connection: AsyncConnection, ledger: Ledger) -> tuple[ApiKey, str]:
            return await keys.create(
                connection,
                ledger,
                name=name,
                team=team,
                policy=policy,
                scopes=scopes,
                actor=actor,
            )

        return await self._writer.do(work)

    async def find_key(self, secret: str) -> ApiKey | None:
        """The key with this secret, unless it was revoked."""
        async with self._database.read() as connection:
            return await keys.find(connection, secret)

    async def revoke_key(self, key_id: str, *, actor: str = "operator") -> ApiKey:
        async def work(connection: AsyncConnection, ledger: Ledger) -> ApiKey:
            return await keys.revoke(connection, ledger, key_id, actor=actor)

        return await self._writer.do(work)

    async def list_keys(self) -> list[ApiKey]:
        """All keys, the oldest first, revoked ones too."""
        async with self._database.read() as connection:
            return await keys.every(connection)

    # The opt-out registry

    async def pepper_mark(self) -> str | None:
        """The mark of the pepper that the registry was made with; None while there is none."""
        async with self._database.read() as connection:
            return await optouts.mark(connection)

    async def save_optouts(
        self, mark: str, entries: Iterable[OptOut], *, actor: str = "operator"
    ) -> int:
        """Keep all entries or none, and return how many changed something.

        `mark` is that of the pepper behind their hashes, which must be the registry's.
        """

        async def work(connection: AsyncConnection, ledger: Ledger) -> int:
            return await optouts.save(connection, ledger, mark, entries, actor)

        return await self._writer.do(work)

    async def find_optouts(self, hashes: Iterable[str]) -> list[OptOut]:
        """Every entry about these contacts."""
        async with self._database.read() as connection:
            return await optouts.find(connection, hashes)

    async def list_optouts(self, limit: int = 500, after: str | None = None) -> list[OptOut]:
        """The entries in the order of their ids; `after` is the id of the last one seen."""
        async with self._database.read() as connection:
            return await optouts.page(connection, limit, after)

    async def erase_optouts(
        self, hashes: Iterable[str], reason: str, *, actor: str = "operator"
    ) -> tuple[int, int]:
        """Erase what is known of these contacts: how many entries went, how many remain."""

        async def work(connection: AsyncConnection, ledger: Ledger) -> tuple[int, int]:
            return await optouts.erase(connection, ledger, hashes, reason, actor)

        return await self._writer.do(work)

    # The audit log

    async def append(
        self, kind: str, actor: str, subject: str, payload: Mapping[str, Any]
    ) -> AuditEvent:
        """Add an event to the audit log. The payload holds ids, hashes and counts, never text."""

        async def work(connection: AsyncConnection, ledger: Ledger) -> AuditEvent:
            return ledger.append(kind, actor, subject, payload)

        return await self._writer.do(work)

    async def verify(self, noted_head: str | None = None) -> ChainReport:
        """Compute the audit chain again and hold the rows it vouches for against it.

        `noted_head` is the head of an earlier report; the chain must still pass through it.
        """
        async with self._database.snapshot() as connection:
            return await audit.verify(connection, noted_head)

    async def export(self) -> AsyncIterator[dict[str, Any]]:
        """Every audit event in order, ready for JSON."""
        sequence = 0
        while True:
            # A connection for each page, so that a slow reader holds none.
            async with self._database.read() as connection:
                events = await audit.page(connection, after=sequence)
            if not events:
                return
            for event in events:
                yield audit.event_json(event)
            sequence = events[-1].sequence
