"""The audit log: events that are added at the end and never changed, each sealed to the one before.

The chain shows that a recorded event, or a row that an event vouches for, was changed, removed or
put in. It has no secret: whoever may write to the whole database can compute a new chain, and only
a head that was noted elsewhere will show that (`presscheck audit verify` prints and takes one).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.errors import StoreError
from proxy.store.canonical import canonical_json, is_document_of, row_sha256, sha256
from proxy.store.database import error_name
from proxy.store.records import AuditEvent, ChainReport, EventKind
from proxy.store.tables import (
    api_keys,
    audit_events,
    audit_head,
    metadata,
    outcomes,
    policies,
    review_rules,
    reviews,
    verdicts,
)

K = TypeVar("K")
V = TypeVar("V")

GENESIS_HASH = "0" * 64
PAGE = 500
MAX_PROBLEMS = 100


class Ledger:
    """The end of the chain, held by one write transaction until it commits or rolls back."""

    def __init__(self, connection: AsyncConnection, sequence: int, hash: str) -> None:
        self._connection = connection
        self._sequence = sequence
        self._hash = hash
        self._events: list[AuditEvent] = []

    @classmethod
    async def lock(cls, connection: AsyncConnection) -> Ledger:
        """Wait for every other writer and read where the chain ends.

        A write transaction does this first, so that writers cannot wait for each other in a circle.
        """
        head = await connection.execute(
            sa.select(audit_head.c.sequence, audit_head.c.hash).with_for_update()
        )
        sequence, hash = head.one()
        return cls(connection, sequence, hash)

    def append(self, kind: str, actor: str, subject: str, payload: Mapping[str, Any]) -> AuditEvent:
        """Seal an event to the end of the chain; `seal` writes it."""
        event = AuditEvent(
            sequence=self._sequence + 1,
            at=dt.datetime.now(dt.UTC),
            kind=str(kind),
            actor=actor,
            subject=subject,
            payload=payload,
            previous_hash=self._hash,
            hash="",
        )
        event = _sealed(event)
        self._events.append(event)
        self._sequence, self._hash = event.sequence, event.hash
        return event

    async def seal(self) -> None:
        """Write the events and the new head; the transaction commits next."""
        if not self._events:
            return
        await self._connection.execute(
            sa.insert(audit_events), [_as_dict(event) for event in self._events]
        )
        await self._connection.execute(
            sa.update(audit_head).values(sequence=self._sequence, hash=self._hash)
        )


async def page(connection: AsyncConnection, after: int) -> list[AuditEvent]:
    """The next events of the log, in order.

    Raises:
        StoreError: one of them cannot be read.
    """
    query = sa.select(audit_events).where(audit_events.c.sequence > after)
    try:
        rows = await _rows(connection, query.order_by(audit_events.c.sequence).limit(PAGE))
    except _UNREADABLE as error:
        raise StoreError(
            "The audit log holds an event that cannot be read, so it cannot be exported further. "
            "`presscheck audit verify` says which one it is."
        ) from error
    return [AuditEvent(**row) for row in rows]


async def verify(connection: AsyncConnection, noted_head: str | None = None) -> ChainReport:
    """Compute the chain again, and hold every row that an event vouches for against that event.

    `noted_head` is the head of an earlier report; the chain must still pass through it. Whatever
    state the database is in, what is wrong with it ends up in the report.
    """
    if problems := await connection.run_sync(_schema_problems):
        return ChainReport(events=0, head="", problems=tuple(problems))
    for check in (
        _chain_problems(connection, noted_head),
        *(_row_problems(connection, witnessed) for witnessed in _WITNESSED),
        _list_problems(connection),
        _document_problems(connection),
        _orphans(connection),
    ):
        problems += await _collect(connection, check, MAX_PROBLEMS - len(problems))
        if len(problems) >= MAX_PROBLEMS:
            problems.append(f"There are more problems than these {MAX_PROBLEMS}.")
            break
    events = await connection.scalar(sa.select(sa.func.count()).select_from(audit_events))
    head = await connection.scalar(sa.select(audit_head.c.hash))
    return ChainReport(events=events or 0, head=head or "", problems=tuple(problems))


def event_json(event: AuditEvent) -> dict[str, Any]:
    """The event as it is exported; `hash` can be computed again from the other fields."""
    return _as_dict(event) | {
        "at": event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
        "payload": dict(event.payload),
    }


@dataclass(frozen=True)
class _Witnessed:
    """Rows that events vouch for: the last such event of a row holds the row's digest."""

    noun: str
    table: sa.Table
    kinds: tuple[EventKind, ...]
    digests: Callable[[AsyncConnection, Sequence[Mapping[str, Any]]], Awaitable[dict[str, str]]]


# What a row raises that holds no JSON where JSON belongs, no date, a number too long, bytes.
_UNREADABLE = (ValueError, TypeError, KeyError, OverflowError, RecursionError)


def _schema_problems(connection: sa.Connection) -> list[str]:
    columns = {
        table: {column["name"] for column in found}
        for (_, table), found in sa.inspect(connection).get_multi_columns().items()
    }
    problems = []
    for table in metadata.sorted_tables:
        if table.name not in columns:
            problems.append(f"The table {table.name} is gone.")
        elif lost := sorted(set(table.columns.keys()) - columns[table.name]):
            problems.append(f"The table {table.name} has lost: {', '.join(lost)}.")
    return problems


async def _collect(
    connection: AsyncConnection, check: AsyncGenerator[str, None], limit: int
) -> list[str]:
    problems: list[str] = []
    try:
        # PostgreSQL would answer nothing more after an error that no savepoint confines.
        async with connection.begin_nested(), aclosing(check):
            async for problem in check:
                problems.append(problem)
                if len(problems) == limit:
                    break
    except sa.exc.DatabaseError as error:
        if error.connection_invalidated:
            raise
        problems.append(f"A part of the database cannot be read: {error_name(error)}.")
    return problems


async def _chain_problems(
    connection: AsyncConnection, noted_head: str | None
) -> AsyncGenerator[str, None]:
    async def load(sequences: Sequence[Any]) -> dict[Any, tuple[AuditEvent, str]]:
        rows = await _rows(
            connection, sa.select(audit_events).where(audit_events.c.sequence.in_(sequences))
        )
        events = [AuditEvent(**row) for row in rows]
        return {event.sequence: (event, _sealed(event).hash) for event in events}

    sequence, hash = 0, GENESIS_HASH
    due = None if noted_head is None else noted_head.strip().lower()
    async for keys in _keys(connection, audit_events.c.sequence):
        events = await _readable(load, keys)
        for key in keys:
            if key not in events or not isinstance(key, int):
                yield f"Event {key} cannot be read."
                sequence, hash = key if isinstance(key, int) else sequence, ""
                continue
            event, computed_hash = events[key]
            if event.sequence == sequence + 2:
                yield f"Event {sequence + 1} is missing."
            elif event.sequence > sequence + 2:
                yield f"Events {sequence + 1} to {event.sequence - 1} are missing."
            elif hash and event.previous_hash != hash:
                yield f"Event {event.sequence} does not continue the event before it."
            if computed_hash != event.hash:
                yield f"Event {event.sequence} was changed: its hash does not fit its content."
            sequence, hash = event.sequence, event.hash
            due = None if due == hash else due
    if due is not None:
        yield f"The log does not hold the noted head {noted_head}: it was replaced as a whole."
    heads = await _rows(connection, sa.select(audit_head))
    if len(heads) != 1:
        yield f"The table audit_head holds {len(heads)} rows, and must hold one: the last event."
    elif sequence != heads[0]["sequence"]:
        last = heads[0]["sequence"]
        yield f"The log ends with event {sequence}, but the last one written was {last}."
    elif hash and hash != heads[0]["hash"]:
        yield f"Event {sequence}, the last one, is not the one that was written."


async def _row_problems(
    connection: AsyncConnection, witnessed: _Witnessed
) -> AsyncGenerator[str, None]:
    id, noun = witnessed.table.c.id, witnessed.noun

    async def digest(ids: Sequence[str]) -> dict[str, str]:
        rows = await _rows(connection, sa.select(witnessed.table).where(id.in_(ids)))
        return await witnessed.digests(connection, rows)

    async def vouch(ids: Sequence[str]) -> dict[str, str | None]:
        return await _vouched(connection, witnessed.kinds, ids)

    async for ids in _keys(connection, id):
        digests = await _readable(digest, ids)
        vouched = await _readable(vouch, ids)
        for row_id in ids:
            if row_id not in digests:
                yield f"{noun} {row_id} cannot be read."
            elif row_id not in vouched:
                yield f"{noun} {row_id} is recorded by an event that cannot be read."
            elif vouched[row_id] is None:
                yield f"{noun} {row_id} has no event that records it."
            elif vouched[row_id] != digests[row_id]:
                yield f"{noun} {row_id} is not as the audit log recorded it."

    lost = (
        sa.select(audit_events.c.subject)
        .distinct()
        .where(audit_events.c.kind.in_(witnessed.kinds))
        .where(~sa.exists().where(id == audit_events.c.subject))
        .order_by(audit_events.c.subject)
        .limit(MAX_PROBLEMS)
    )
    for subject in await connection.scalars(lost):
        yield f"{noun} {subject} is gone, though the audit log records it."


async def _list_problems(connection: AsyncConnection) -> AsyncGenerator[str, None]:
    """Review items that a list by rule would not show, or show under another rule."""

    async def load(ids: Sequence[str]) -> dict[str, tuple[set[Any], set[Any]]]:
        items = sa.select(reviews.c.id, reviews.c.findings).where(reviews.c.id.in_(ids))
        found = {
            row["id"]: {finding["rule"] for finding in row["findings"]}
            for row in await _rows(connection, items)
        }
        listed: dict[str, set[Any]] = {id: set() for id in found}
        rules = sa.select(review_rules).where(review_rules.c.review_id.in_(ids))
        for row in await _rows(connection, rules):
            listed[row["review_id"]].add(row["rule"])
        return {id: (found[id], listed[id]) for id in found}

    async for ids in _keys(connection, reviews.c.id):
        for id, (found, listed) in (await _readable(load, ids)).items():
            if found != listed:
                yield f"Review item {id} is not listed under the rules of its findings."


async def _document_problems(connection: AsyncConnection) -> AsyncGenerator[str, None]:
    async def load(ids: Sequence[str]) -> dict[str, bool]:
        rows = await _rows(connection, sa.select(policies).where(policies.c.id.in_(ids)))
        return {row["id"]: is_document_of(row["version"], row["document"]) for row in rows}

    async for ids in _keys(connection, policies.c.id):
        for id, fits in (await _readable(load, ids)).items():
            if not fits:
                yield f"Policy {id} is kept with a document that is not of this version."


async def _orphans(connection: AsyncConnection) -> AsyncGenerator[str, None]:
    """Rows without the row that they belong to; the database refuses those, but it can be told."""
    for noun, child, parent in (
        ("Outcomes of verdict", outcomes.c.verdict_id, verdicts.c.id),
        ("Rules of review item", review_rules.c.review_id, reviews.c.id),
    ):
        alone = sa.select(child).distinct().where(~sa.exists().where(parent == child))
        for id in await connection.scalars(alone.order_by(child).limit(MAX_PROBLEMS)):
            yield f"{noun} {id} are kept, though there is none."


async def _keys(
    connection: AsyncConnection, key: sa.Column[Any]
) -> AsyncGenerator[Sequence[Any], None]:
    """The keys of a table, in order and by the page."""
    query = sa.select(key).order_by(key).limit(PAGE)
    keys = (await connection.scalars(query)).all()
    while keys:
        yield keys
        keys = (await connection.scalars(query.where(key > keys[-1]))).all()


async def _readable(
    load: Callable[[Sequence[K]], Awaitable[dict[K, V]]], keys: Sequence[K]
) -> dict[K, V]:
    """What `load` makes of the rows with these keys; those that cannot be read are left out."""
    try:
        return await load(keys)
    except _UNREADABLE:
        if len(keys) == 1:
            return {}
    middle = len(keys) // 2
    return await _readable(load, keys[:middle]) | await _readable(load, keys[middle:])


async def _vouched(
    connection: AsyncConnection, kinds: Sequence[str], subjects: Sequence[str]
) -> dict[str, str | None]:
    """The digest that the last event about each row holds; None where there is no event."""
    rows = await _rows(
        connection,
        sa.select(audit_events.c.subject, audit_events.c.payload)
        .where(audit_events.c.subject.in_(subjects), audit_events.c.kind.in_(kinds))
        .order_by(audit_events.c.sequence),
    )
    vouched: dict[str, str | None] = dict.fromkeys(subjects)
    for row in rows:
        payload = row["payload"]
        vouched[row["subject"]] = payload.get("row_sha256", "") if isinstance(payload, dict) else ""
    return vouched


async def _row_digests(
    connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    return {row["id"]: row_sha256(row) for row in rows}


async def _verdict_digests(
    connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    parts: dict[str, list[Mapping[str, Any]]] = {row["id"]: [] for row in rows}
    for outcome in await _rows(
        connection,
        sa.select(outcomes).where(outcomes.c.verdict_id.in_(parts)).order_by(outcomes.c.index),
    ):
        parts[outcome["verdict_id"]].append(outcome)
    return {row["id"]: verdict_sha256(row, parts[row["id"]]) for row in rows}


def verdict_sha256(verdict: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]]) -> str:
    """The digest of a verdict with its outcomes, in the order of their index."""
    return sha256(" ".join(map(row_sha256, [verdict, *outcomes])))


_WITNESSED = (
    _Witnessed("Verdict", verdicts, (EventKind.VERDICT_RECORDED,), _verdict_digests),
    _Witnessed(
        "Review item", reviews, (EventKind.REVIEW_OPENED, EventKind.REVIEW_DECIDED), _row_digests
    ),
    _Witnessed("Key", api_keys, (EventKind.KEY_CREATED, EventKind.KEY_REVOKED), _row_digests),
    _Witnessed("Policy", policies, (EventKind.POLICY_SAVED,), _row_digests),
)


async def _rows(connection: AsyncConnection, query: sa.Select[Any]) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in (await connection.execute(query)).mappings()]


def _sealed(event: AuditEvent) -> AuditEvent:
    content = _as_dict(event)
    del content["hash"], content["previous_hash"]
    hash = sha256(event.previous_hash + canonical_json(content))
    return AuditEvent(**content, previous_hash=event.previous_hash, hash=hash)


def _as_dict(event: AuditEvent) -> dict[str, Any]:
    return {field.name: getattr(event, field.name) for field in fields(event)}
