"""Review items: texts that wait for a person, and what the person decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import fields, replace
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from policies.errors import quoted
from proxy.errors import ConflictError, InvalidRequestError, NotFoundError
from proxy.store.audit import Ledger
from proxy.store.canonical import row_sha256, sha256, storable
from proxy.store.records import (
    Decision,
    EventKind,
    Outcome,
    ReviewItem,
    ReviewState,
    VerdictRecord,
)
from proxy.store.tables import review_rules, reviews

MAX_LIMIT = 500
SHORTEST_NOTE = 15

# Why a person decided as they did (DOMAIN.md 6.4).
REASONS: Mapping[str, str] = MappingProxyType(
    {
        "R01": "no evidence",
        "R02": "evidence expired",
        "R03": "overstated",
        "R04": "contradicted",
        "R05": "missing qualifier",
        "R06": "health claim",
        "R07": "green claim",
        "R08": "price reference",
        "R09": "testimonial",
        "R10": "comparison",
        "R11": "guarantee",
        "R20": "stereotype",
        "R21": "exclusion",
        "R22": "regulated vertical",
        "R23": "term",
        "R24": "toxicity",
        "R30": "disclosure missing",
        "R31": "disclosure placement",
        "R32": "ad label",
        "R33": "chatbot",
        "R40": "urgency",
        "R41": "scarcity",
        "R42": "shaming",
        "R43": "fear or vulnerability",
        "R50": "targeting",
        "R51": "consent",
        "R60": "personal data in the prompt",
        "R61": "personal data in the answer",
        "R70": "brand voice",
        "R80": "false positive",
        "R81": "acceptable in context",
        "R82": "evidence added",
        "R83": "edited",
        "R90": "legal hold",
        "R99": "other",
    }
)
APPROVING_REASONS = ("R80", "R81", "R82", "R83")


async def insert(
    connection: AsyncConnection, ledger: Ledger, record: VerdictRecord, outcome: Outcome
) -> None:
    """Open the review item of an outcome."""
    if outcome.review_id is None or outcome.text is None:
        raise ValueError("A review item needs its id and the text that is to be reviewed.")
    item = ReviewItem(
        id=outcome.review_id,
        state=ReviewState.OPEN,
        version=1,
        created_at=record.created_at,
        request_id=record.request_id,
        stage=record.stage,
        path=outcome.path,
        verdict=outcome.verdict,
        team=record.team,
        key_id=record.key_id,
        model=record.model,
        policy=record.policy,
        policy_version=record.policy_version,
        channel=record.channel,
        jurisdictions=record.jurisdictions,
        brief=storable(record.brief),
        text=storable(outcome.text),
        text_sha256=outcome.text_sha256,
        findings=outcome.findings,
        evidence=record.evidence,
        unread_languages=record.unread_languages or None,
    )
    await connection.execute(sa.insert(reviews), _as_row(item))
    if rules := {finding["rule"] for finding in item.findings}:
        await connection.execute(
            sa.insert(review_rules), [{"rule": rule, "review_id": item.id} for rule in rules]
        )
    ledger.append(
        EventKind.REVIEW_OPENED,
        actor=item.key_id or "anonymous",
        subject=item.id,
        payload={
            "request_id": item.request_id,
            "verdict": item.verdict,
            "policy": item.policy,
            "policy_version": item.policy_version,
            "text_sha256": item.text_sha256,
            "row_sha256": row_sha256(_as_row(item)),
        },
    )


async def get(connection: AsyncConnection, review_id: str) -> ReviewItem:
    rows = await connection.execute(sa.select(reviews).where(reviews.c.id == review_id))
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError(f"There is no review item {quoted(review_id)}.", param="id")
    return _as_item(row)


async def page(
    connection: AsyncConnection,
    *,
    state: ReviewState | None,
    verdict: str | None,
    channel: str | None,
    rule: str | None,
    team: str | None,
    limit: int,
    before: str | None,
) -> list[ReviewItem]:
    """Review items, newest first; `before` is the id of the last one of the page before."""
    if not 1 <= limit <= MAX_LIMIT:
        raise InvalidRequestError(
            f"limit must be between 1 and {MAX_LIMIT}, not {limit}.", param="limit"
        )
    query = sa.select(reviews).order_by(reviews.c.created_at.desc(), reviews.c.id.desc())
    wanted = {"state": state, "verdict": verdict, "channel": channel, "team": team}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(reviews.c[column] == value)
    if rule is not None:
        having = sa.select(review_rules.c.review_id).where(review_rules.c.rule == rule)
        query = query.where(reviews.c.id.in_(having))
    if before is not None:
        last = await get(connection, before)
        position = sa.tuple_(reviews.c.created_at, reviews.c.id)
        query = query.where(position < sa.tuple_(last.created_at, last.id))
    rows = await connection.execute(query.limit(limit))
    return [_as_item(row) for row in rows.mappings()]


async def decide(
    connection: AsyncConnection,
    ledger: Ledger,
    review_id: str,
    decision: Decision,
    expected_version: int,
) -> ReviewItem:
    """Close an open item, if it still is as the person saw it."""
    decision = check_decision(decision)
    item = await get(connection, review_id)
    if item.state is not ReviewState.OPEN:
        raise ConflictError(
            f"Review item {item.id} was already decided: {item.state} by {item.decided_by}."
        )
    if item.version != expected_version:
        raise ConflictError(
            f"Review item {item.id} has changed to version {item.version} since it was read at "
            f"version {expected_version}. Read it again before you decide."
        )
    released = None
    if decision.state.is_released:
        released = item.text if decision.text is None else storable(decision.text)
    note = storable(decision.note)
    decided = ReviewItem(
        **_as_row(item)
        | {
            "state": decision.state,
            "version": item.version + 1,
            "released_text": released,
            "decided_by": decision.decided_by,
            "decided_at": dt.datetime.now(dt.UTC),
            "reason_code": decision.reason_code,
            "note": note,
        }
    )
    # The ledger is locked, so nobody can have come between the reading above and this.
    await connection.execute(
        sa.update(reviews).where(reviews.c.id == item.id).values(_as_row(decided))
    )
    ledger.append(
        EventKind.REVIEW_DECIDED,
        actor=decision.decided_by,
        subject=item.id,
        payload={
            "from": item.state,
            "to": decided.state,
            "version": decided.version,
            "reason_code": decided.reason_code,
            "policy": item.policy,
            "policy_version": item.policy_version,
            "text_sha256": item.text_sha256,
            "released_sha256": None if released is None else sha256(released),
            "note_sha256": sha256(note) if note else None,
            "row_sha256": row_sha256(_as_row(decided)),
        },
    )
    return decided


def check_decision(decision: Decision) -> Decision:
    """Return the decision, its reason written as in REASONS (DOMAIN.md 6.4).

    Raises:
        InvalidRequestError: it lacks its reason, its author or its text.
    """
    reason = decision.reason_code.strip().upper()
    approves = decision.state.is_released
    is_edited = decision.state is ReviewState.APPROVED_WITH_EDITS
    if decision.state is ReviewState.OPEN:
        raise InvalidRequestError("A decision approves or rejects; 'open' is neither.")
    if not decision.decided_by.strip():
        raise InvalidRequestError("A decision needs the name of the person who makes it.")
    if reason not in REASONS:
        raise InvalidRequestError(
            f"Unknown reason {quoted(decision.reason_code)}. Use one of: {', '.join(REASONS)}.",
            param="reason",
        )
    if approves != (reason in APPROVING_REASONS):
        act = "needs" if approves else "cannot have"
        raise InvalidRequestError(
            f"{'An approval' if approves else 'A rejection'} {act} one of the reasons "
            f"{', '.join(APPROVING_REASONS)}, and this one has {reason}.",
            param="reason",
        )
    if reason == "R83" and not is_edited:
        raise InvalidRequestError(
            "Reason R83 (edited) needs the edited text. To release the text as it is, say why: "
            "R80 (false positive), R81 (acceptable in context) or R82 (evidence added).",
            param="reason",
        )
    if reason == "R99" and len(decision.note.strip()) < SHORTEST_NOTE:
        raise InvalidRequestError(
            f"Reason R99 (other) needs a note of {SHORTEST_NOTE} characters or more.", param="note"
        )
    if decision.text is None and is_edited:
        raise InvalidRequestError("An approval with edits needs the edited text.", param="text")
    if decision.text is not None and not approves:
        raise InvalidRequestError("A rejection releases nothing, so it has no text.", param="text")
    if decision.text is not None and not decision.text.strip():
        raise InvalidRequestError(
            "The text to release is empty or holds spaces alone. Reject the item if there is "
            "nothing to publish.",
            param="text",
        )
    return replace(decision, reason_code=reason)


def _as_row(item: ReviewItem) -> dict[str, Any]:
    return {field.name: getattr(item, field.name) for field in fields(item)}


def _as_item(row: sa.RowMapping) -> ReviewItem:
    return ReviewItem(
        **dict(row)
        | {
            "state": ReviewState(row["state"]),
            "jurisdictions": tuple(row["jurisdictions"]),
            "findings": tuple(row["findings"]),
            "evidence": tuple(row["evidence"]),
        }
    )
