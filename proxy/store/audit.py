"""The audit log: events that are added at the end and never changed, each sealed to the one before.

The chain shows that a recorded event, or a row that an event vouches for, was changed, removed or
put in. It has no secret: whoever may write to the whole database can compute a new chain, and only
a head that was noted elsewhere will show that (`presscheck audit verify` prints and takes one).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store.canonical import canonical_json, row_sha256, sha256
from proxy.store.records import AuditEvent, ChainReport, EventKind
from proxy.store.tables import (
    api_keys,
    audit_events,
    audit_head,
    outcomes,
    policies,
    reviews,
    verdicts,
)

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
    """The next events of the log, in order."""
    rows = await connection.execute(
        sa.select(audit_events)
        .where(audit_events.c.sequence > after)
        .order_by(audit_events.c.sequence)
        .limit(PAGE)
    )
    return [AuditEvent(**row) for row in rows.mappings()]


async def verify(connection: AsyncConnection, noted_head: str | None = None) -> ChainReport:
    """Compute the chain again, and hold every row that an event vouches for against that event.

    `noted_head` is the head of an earlier report; the chain must still pass through it.
    """
    head = (await connection.execute(sa.select(audit_head))).mappings().one()
    problems: list[str] = []
    async for problem in _problems(connection, head["sequence"], head["hash"], noted_head):
        problems.append(problem)
        if len(problems) == MAX_PROBLEMS:
            problems.append(f"There are more problems than these {MAX_PROBLEMS}.")
            break
    events = await connection.scalar(sa.select(sa.func.count()).select_from(audit_events))
    return ChainReport(events=events or 0, head=head["hash"], problems=tuple(problems))


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


async def _problems(
    connection: AsyncConnection, head_sequence: int, head_hash: str, noted_head: str | None
) -> AsyncIterator[str]:
    sequence, hash = 0, "0" * 64
    is_noted_head_due = noted_head is not None and noted_head != hash
    while events := await page(connection, sequence):
        for event in events:
            if event.sequence == sequence + 2:
                yield f"Event {sequence + 1} is missing."
            elif event.sequence > sequence + 2:
                yield f"Events {sequence + 1} to {event.sequence - 1} are missing."
            elif event.previous_hash != hash:
                yield f"Event {event.sequence} does not continue the event before it."
            if _sealed(event).hash != event.hash:
                yield f"Event {event.sequence} was changed: its hash does not fit its content."
            sequence, hash = event.sequence, event.hash
            is_noted_head_due = is_noted_head_due and hash != noted_head
    if is_noted_head_due:
        yield f"The log does not hold the noted head {noted_head}: it was replaced as a whole."
    if sequence != head_sequence:
        yield f"The log ends with event {sequence}, but the last one written was {head_sequence}."
    elif hash != head_hash:
        yield f"Event {sequence}, the last one, is not the one that was written."
    for witnessed in _WITNESSED:
        async for problem in _row_problems(connection, witnessed):
            yield problem


async def _row_problems(connection: AsyncConnection, witnessed: _Witnessed) -> AsyncIterator[str]:
    id, noun = witnessed.table.c.id, witnessed.noun
    last = ""
    while rows := await _rows(
        connection, sa.select(witnessed.table).where(id > last).order_by(id).limit(PAGE)
    ):
        digests = await witnessed.digests(connection, rows)
        vouched = await _vouched(connection, witnessed.kinds, list(digests))
        for row_id, digest in digests.items():
            if row_id not in vouched:
                yield f"{noun} {row_id} has no event that records it."
            elif vouched[row_id] != digest:
                yield f"{noun} {row_id} is not as the audit log recorded it."
        last = rows[-1]["id"]

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


async def _vouched(
    connection: AsyncConnection, kinds: Sequence[str], subjects: Sequence[str]
) -> dict[str, str]:
    rows = await connection.execute(
        sa.select(audit_events.c.subject, audit_events.c.payload)
        .where(audit_events.c.subject.in_(subjects), audit_events.c.kind.in_(kinds))
        .order_by(audit_events.c.sequence)
    )
    # In order, so that the last event about a row is the one that stays.
    return {subject: payload.get("row_sha256", "") for subject, payload in rows}


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
