"""Records as the pipeline makes them, and hands that go around the store into its tables."""

import datetime as dt
import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import asyncpg

from proxy.store.records import Outcome, VerdictRecord

COPY = "Our cream cures eczema in three days."
FINDING = {
    "id": "f1",
    "validator": "claims",
    "rule": "claims.health.disease",
    "category": "unsupported_claim",
    "severity": "critical",
    "score": 0.97,
    "action": "block",
    "start": 10,
    "end": 36,
    "reason": "Says that a cosmetic cures a disease.",
    "basis": ["UK CAP Code 12.1"],
    "suggestion": "soothes dry skin",
    "evidence": [],
}
EVIDENCE = {
    "id": "ev-1",
    "statement": "Soothes dry skin in a test with 40 people.",
    "source": "lab report 7",
    "valid_until": "2027-01-31",
}
NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def an_outcome(text: str = COPY, *, review_id: str | None = None, **changes: Any) -> Outcome:
    fields: dict[str, Any] = {
        "index": 0,
        "path": "choices[0].message.content",
        "verdict": "blocked" if review_id else "passed",
        "is_delivered": review_id is None,
        "text_sha256": hashlib.sha256(text.encode("utf-8", "replace")).hexdigest(),
        "text_length": len(text),
        "findings": (FINDING,) if review_id else (),
        "review_id": review_id,
        "text": text if review_id else None,
    }
    return Outcome(**fields | changes)


def a_record(request_id: str, *outcomes: Outcome, **changes: Any) -> VerdictRecord:
    outcomes = outcomes or (an_outcome(),)
    fields: dict[str, Any] = {
        "request_id": request_id,
        "created_at": NOON,
        "endpoint": "/v1/chat/completions",
        "stage": "output",
        "key_id": "key_1",
        "team": "marketing",
        "model": "gpt-4.1",
        "policy": "default",
        "policy_version": "sha256:abc",
        "channel": "instagram",
        "jurisdictions": ("UK", "US-CA"),
        "mode": "enforce",
        "verdict": outcomes[0].verdict,
        "prompt_sha256": hashlib.sha256(b"prompt").hexdigest(),
        "outcomes": outcomes,
        "brief": "Write about our cream for [PERSON_1].",
        "evidence": (EVIDENCE,),
        "timings_ms": {"claims": 3.25, "total": 9.5},
    }
    return VerdictRecord(**fields | changes)


def a_held_record(review_id: str, text: str = COPY, **changes: Any) -> VerdictRecord:
    return a_record(f"req_{review_id}", an_outcome(text, review_id=review_id), **changes)


async def run_sql(url: str, *statements: str) -> list[Sequence[Any]]:
    """Run SQL around the store, and return the rows of the last statement."""
    rows: list[Sequence[Any]] = []
    if url.startswith("sqlite"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path)) as database, database:
            for statement in statements:
                rows = database.execute(statement).fetchall()
        return rows
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            rows = [tuple(row) for row in await connection.fetch(statement)]
    finally:
        await connection.close()
    return rows


async def tamper(url: str, *statements: str) -> None:
    """Run SQL with the triggers out of the way, as whoever owns the database can."""
    if url.startswith("sqlite"):
        triggers = await run_sql(url, "SELECT name FROM sqlite_master WHERE type = 'trigger'")
        await run_sql(url, *(f"DROP TRIGGER {name}" for (name,) in triggers), *statements)
    else:
        await run_sql(url, "SET session_replication_role = replica", *statements)


TABLES = (
    "verdicts",
    "outcomes",
    "reviews",
    "review_rules",
    "api_keys",
    "policies",
    "optouts",
    "pepper_mark",
    "audit_events",
    "audit_head",
    "heartbeat",
)


async def everything_but(url: str, *tables: str) -> str:
    """What the other tables hold, as one string to search."""
    rows = [await run_sql(url, f"SELECT * FROM {t}") for t in TABLES if t not in tables]
    return repr(rows)
