"""Verdicts and their outcomes: written once, with the review items they open."""

from __future__ import annotations

import secrets
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from proxy.store import reviews
from proxy.store.audit import Ledger, verdict_sha256
from proxy.store.records import EventKind, Outcome, VerdictRecord
from proxy.store.tables import outcomes, verdicts


def _installed_version() -> str:
    try:
        return version("presscheck")
    except PackageNotFoundError:
        # Run from a folder that nobody installed.
        return "0"


_PRESSCHECK_VERSION = _installed_version()


async def insert(connection: AsyncConnection, ledger: Ledger, record: VerdictRecord) -> None:
    verdict_id = f"vd_{secrets.token_urlsafe(15)}"
    verdict = {
        "id": verdict_id,
        "request_id": record.request_id,
        "created_at": record.created_at,
        "endpoint": record.endpoint,
        "stage": record.stage,
        "key_id": record.key_id,
        "team": record.team,
        "model": record.model,
        "policy": record.policy,
        "policy_version": record.policy_version,
        "channel": record.channel,
        "jurisdictions": record.jurisdictions,
        "mode": record.mode,
        "verdict": record.verdict,
        "prompt_sha256": record.prompt_sha256,
        "timings_ms": record.timings_ms,
    }
    parts = [
        _outcome_row(verdict_id, outcome)
        for outcome in sorted(record.outcomes, key=lambda outcome: outcome.index)
    ]
    await connection.execute(sa.insert(verdicts), verdict)
    if parts:
        await connection.execute(sa.insert(outcomes), parts)
    ledger.append(
        EventKind.VERDICT_RECORDED,
        actor=record.key_id or "anonymous",
        subject=verdict_id,
        payload={
            "request_id": record.request_id,
            "endpoint": record.endpoint,
            "stage": record.stage,
            "model": record.model,
            "policy": record.policy,
            "policy_version": record.policy_version,
            "presscheck_version": _PRESSCHECK_VERSION,
            "channel": record.channel,
            "jurisdictions": record.jurisdictions,
            "verdict": record.verdict,
            "mode": record.mode,
            "prompt_sha256": record.prompt_sha256,
            **({"unread_languages": record.unread_languages} if record.unread_languages else {}),
            **({"opted_out": record.opted_out} if record.opted_out else {}),
            "outcomes": [_outcome_payload(outcome) for outcome in record.outcomes],
            "row_sha256": verdict_sha256(verdict, parts),
        },
    )
    for outcome in record.outcomes:
        if outcome.review_id is not None:
            await reviews.insert(connection, ledger, record, outcome)


def _outcome_row(verdict_id: str, outcome: Outcome) -> dict[str, Any]:
    if any("text" in finding for finding in outcome.findings):
        raise ValueError("A finding is stored without its text; its span says where that is.")
    return {
        "verdict_id": verdict_id,
        "index": outcome.index,
        "path": outcome.path,
        "verdict": outcome.verdict,
        "is_delivered": outcome.is_delivered,
        "text_sha256": outcome.text_sha256,
        "text_length": outcome.text_length,
        "findings": outcome.findings,
        "failed_checks": outcome.failed_checks,
        "review_id": outcome.review_id,
    }


def _outcome_payload(outcome: Outcome) -> dict[str, Any]:
    return {
        "index": outcome.index,
        "path": outcome.path,
        "verdict": outcome.verdict,
        "is_delivered": outcome.is_delivered,
        "text_sha256": outcome.text_sha256,
        "rules": sorted({finding["rule"] for finding in outcome.findings}),
        "findings": len(outcome.findings),
        "failed_checks": list(outcome.failed_checks),
        "review_id": outcome.review_id,
    }
