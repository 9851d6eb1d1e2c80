"""`/v1/reviews`: held and blocked texts, their decisions, and the text once it is released."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Query

from policies.decide import VerdictName
from proxy.api import DecisionRequest, parse
from proxy.body import read_json
from proxy.errors import InvalidRequestError, PermissionDeniedError
from proxy.services import Visit, Visitor
from proxy.store.records import Decision, ReviewItem, ReviewState
from proxy.store.reviews import check_decision

router = APIRouter()


@router.get("/reviews")
async def list_reviews(
    visitor: Visitor,
    state: ReviewState | None = None,
    verdict: VerdictName | None = None,
    channel: str | None = None,
    rule: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: str | None = None,
) -> dict[str, Any]:
    """Review items, newest first; `before` is the id of the last one already seen."""
    visitor.envelope.endpoint = "reviews"
    visitor.require("review")
    items = await visitor.services.store.list_reviews(
        state=state, verdict=verdict, channel=channel, rule=rule, limit=limit, before=before
    )
    return {
        "object": "list",
        "data": [_body(item) for item in items],
        "has_more": len(items) == limit,
    }


@router.get("/reviews/{review_id}")
async def retrieve_review(visitor: Visitor, review_id: str) -> dict[str, Any]:
    """One review item; `text` is the approved text once it is released."""
    visitor.envelope.endpoint = "reviews"
    return _body(await _find(visitor, review_id), is_reviewer="review" in visitor.caller.scopes)


@router.post("/reviews/{review_id}/decision")
async def decide_review(visitor: Visitor, review_id: str) -> dict[str, Any]:
    """Approve, approve with an edit that is checked again, or reject."""
    visitor.envelope.endpoint = "reviews"
    visitor.require("review")
    raw = await read_json(visitor.request, visitor.services.settings.limits)
    body = parse(DecisionRequest, raw)
    services = visitor.services
    item = await _find(visitor, review_id)
    if body.decision == "reject" and body.text is not None:
        raise InvalidRequestError("A rejected text takes no edit.", param="text")
    state = ReviewState.REJECTED
    if body.decision == "approve":
        state = ReviewState.APPROVED if body.text is None else ReviewState.APPROVED_WITH_EDITS
    decision = check_decision(
        Decision(state, visitor.caller.key_id, body.reason, body.note, body.text)
    )
    if body.decision == "approve":
        text = item.text if body.text is None else body.text
        release = await services.desk.prepare(text, item, body.note)
        if release.problems:
            problems = " ".join(release.problems)
            raise InvalidRequestError(f"The text does not pass: {problems}", param="text")
        decision = replace(decision, text=release.text, note=release.note)
    else:
        decision = replace(decision, note=await services.desk.keep_note(body.note))
    return _body(await services.store.decide(review_id, decision, body.version))


async def _find(visitor: Visit, review_id: str) -> ReviewItem:
    """A review item of the caller's team; reviewers see every team's."""
    item = await visitor.services.store.get_review(review_id)
    if "review" not in visitor.caller.scopes and item.team != visitor.caller.team:
        raise PermissionDeniedError(f"Review {review_id!r} belongs to another team.")
    return item


def _body(item: ReviewItem, *, is_reviewer: bool = True) -> dict[str, Any]:
    """A review item on the wire; findings point into `checked`, which has placeholders.

    The withheld text itself is for reviewers: the tool that was refused gets it once released.
    """
    withheld = {"brief": item.brief, "checked": item.text} if is_reviewer else {}
    return {
        "object": "review",
        "id": item.id,
        "state": item.state.value,
        "verdict": item.verdict,
        "version": item.version,
        "created_at": item.created_at.isoformat(),
        "request_id": item.request_id,
        "stage": item.stage,
        "path": item.path,
        "team": item.team,
        "model": item.model,
        "policy": {"name": item.policy, "version": item.policy_version},
        "channel": item.channel,
        "jurisdictions": list(item.jurisdictions),
        **withheld,
        "findings": [
            {**finding, "text": item.text[finding["start"] : finding["end"]]}
            for finding in item.findings
        ],
        "evidence": list(item.evidence),
        "unread_languages": list(item.unread_languages or ()),
        "text": item.released_text,
        "decided_by": item.decided_by,
        "decided_at": item.decided_at.isoformat() if item.decided_at else None,
        "reason_code": item.reason_code,
        "note": item.note,
    }
