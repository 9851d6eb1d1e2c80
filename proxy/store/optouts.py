"""The opt-out registry: who may be written to, kept as keyed hashes.

It belongs to the pepper that its first hash was made with: hashes of another one match nothing,
which would look like a registry in which nobody opted out.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.errors import InvalidRequestError, StoreError
from proxy.store.audit import Ledger
from proxy.store.records import Consent, ContactKind, EventKind, OptOut
from proxy.store.tables import optouts, pepper_mark

# Hashes in one query: less than any database takes as its parameters.
_AT_A_TIME = 5000
# How much of a hash the audit log shows: enough to find an event by, not to test an address with.
_PREFIX = 12


async def mark(connection: AsyncConnection) -> str | None:
    """The mark of the pepper that the registry was made with; None while there is no registry."""
    found: str | None = await connection.scalar(sa.select(pepper_mark.c.mark))
    return found


def refuse_other_pepper(made_with: str, own: str) -> None:
    """Raise a StoreError if the registry was made with another pepper."""
    if made_with != own:
        raise StoreError(
            "The opt-out registry was made with another pepper than this Presscheck has, so "
            "nobody in it could be recognised. Set PRESSCHECK_PEPPER, or put the file `pepper` "
            "under PRESSCHECK_HOME, as it was where the registry was made."
        )


async def save(
    connection: AsyncConnection,
    ledger: Ledger,
    own_mark: str,
    entries: Iterable[OptOut],
    actor: str,
) -> int:
    """Keep the entries, and return how many changed something.

    The later word of a person counts: an entry gives way to one of the same channel and purpose
    unless that is older, and an opt-out gives way to an opt-in only if the opt-in is newer. The
    other order would let an old mailing list undo opt-outs.
    """
    await _claim(connection, own_mark)
    new = list(entries)
    known = {entry.id: entry for entry in await find(connection, (e.hash for e in new))}
    before = dict(known)
    for entry in new:
        if entry.id not in known or _supersedes(entry, known[entry.id]):
            known[entry.id] = entry
    changed = [entry for entry in known.values() if before.get(entry.id) != entry]
    await _replace(connection, [e for e in changed if e.id in before], changed)
    for entry in changed:
        ledger.append(
            EventKind.OPTOUT_SAVED,
            actor=actor,
            subject=entry.hash[:_PREFIX],
            payload={
                "kind": entry.kind,
                "channel": entry.channel,
                "purpose": entry.purpose,
                "status": entry.status,
            },
        )
    return len(changed)


async def find(connection: AsyncConnection, hashes: Iterable[str]) -> list[OptOut]:
    """Every entry about these contacts."""
    found: list[OptOut] = []
    pending = iter(sorted(set(hashes)))
    while some := list(itertools.islice(pending, _AT_A_TIME)):
        rows = await connection.execute(sa.select(optouts).where(optouts.c.hash.in_(some)))
        found += [_entry(row) for row in rows.mappings()]
    return found


async def page(connection: AsyncConnection, limit: int, after: str | None) -> list[OptOut]:
    """The entries in the order of their ids; `after` is the id of the last one seen."""
    key = sa.tuple_(optouts.c.hash, optouts.c.channel, optouts.c.purpose)
    query = sa.select(optouts).order_by(*key).limit(limit)
    if after is not None:
        parts = after.split(":")
        if len(parts) != 3:
            raise InvalidRequestError(
                "`after` is no id of an entry, which reads hash:channel:purpose.", param="after"
            )
        query = query.where(key > sa.tuple_(*map(sa.literal, parts)))
    return [_entry(row) for row in (await connection.execute(query)).mappings()]


async def erase(
    connection: AsyncConnection,
    ledger: Ledger,
    hashes: Iterable[str],
    reason: str,
    actor: str,
) -> tuple[int, int]:
    """Erase what is known of these contacts; return how many entries went and how many remain.

    An opt-out remains, as the hash with its reach, its dates and the reason: without it the person
    would be written to again (GDPR art. 17(3)(b), 21(3)).
    """
    now = dt.datetime.now(dt.UTC)
    entries = await find(connection, hashes)
    kept = [entry for entry in entries if entry.status is Consent.OPT_OUT and entry.holds_at(now)]
    gone = [entry for entry in entries if entry not in kept]
    whole = [entry for entry in kept if entry.erased_at is None]
    await _replace(connection, [*gone, *whole], [_tombstone(e, now, reason) for e in whole])
    for hash in sorted({entry.hash for entry in (*gone, *whole)}):
        ledger.append(
            EventKind.OPTOUT_ERASED,
            actor=actor,
            subject=hash[:_PREFIX],
            payload={
                "removed": sum(entry.hash == hash for entry in gone),
                "kept": sum(entry.hash == hash for entry in kept),
                "reason": reason,
            },
        )
    return len(gone), len(kept)


async def _claim(connection: AsyncConnection, own_mark: str) -> None:
    """Make the registry one of this pepper, or refuse if it is one of another."""
    made_with = await mark(connection)
    if made_with is None:
        await connection.execute(sa.insert(pepper_mark), {"id": 1, "mark": own_mark})
    else:
        refuse_other_pepper(made_with, own_mark)


async def _replace(
    connection: AsyncConnection, old: Sequence[OptOut], new: Sequence[OptOut]
) -> None:
    key = (optouts.c.hash, optouts.c.channel, optouts.c.purpose)
    if old:
        statement = sa.delete(optouts).where(*(c == sa.bindparam(f"its_{c.name}") for c in key))
        await connection.execute(
            statement, [{f"its_{c.name}": getattr(entry, c.name) for c in key} for entry in old]
        )
    if new:
        await connection.execute(sa.insert(optouts), [asdict(entry) for entry in new])


def _supersedes(new: OptOut, old: OptOut) -> bool:
    if new.captured_at == old.captured_at:
        return new.status is Consent.OPT_OUT or old.status is Consent.OPT_IN
    return new.captured_at > old.captured_at


def _tombstone(entry: OptOut, at: dt.datetime, reason: str) -> OptOut:
    return replace(
        entry,
        basis=None,
        jurisdiction=None,
        source=None,
        text_version=None,
        evidence_ref=None,
        erased_at=at,
        erased_because=reason,
    )


def _entry(row: Any) -> OptOut:
    return OptOut(**{**row, "kind": ContactKind(row["kind"]), "status": Consent(row["status"])})
