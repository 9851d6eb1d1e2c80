"""`POST /v1/check` and `POST /v1/anonymize`: texts without a model call."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from policies.decide import VerdictName
from proxy.api import AnonymizeRequest, CheckRequest, Options, parse
from proxy.body import read_json
from proxy.services import Visitor

router = APIRouter()


@router.post("/check")
async def check(visitor: Visitor) -> dict[str, Any]:
    """Validate a text that somebody already has, or several."""
    visitor.require("check")
    visitor.envelope.endpoint = "check"
    body = parse(CheckRequest, await read_json(visitor.request, visitor.services.settings.limits))
    exchange = await visitor.exchange("check", _options(body))
    texts = body.texts if body.texts is not None else (body.text or "",)
    results = await visitor.services.pipeline.check(exchange, texts)
    strictest = max((VerdictName(r["verdict"]) for r in results), key=lambda v: v.strictness)
    visitor.envelope.verdict = strictest.value
    visitor.envelope.review_id = next((r["review_id"] for r in results if r["review_id"]), None)
    return results[0] if body.texts is None else {"results": results}


@router.post("/anonymize")
async def anonymize(visitor: Visitor) -> dict[str, Any]:
    """Show what stripping personal data would send."""
    visitor.require("check")
    visitor.envelope.endpoint = "anonymize"
    raw = await read_json(visitor.request, visitor.services.settings.limits)
    body = parse(AnonymizeRequest, raw)
    exchange = await visitor.exchange("anonymize", _options(body))
    content = {"text": body.text} if body.text is not None else {"messages": body.messages}
    return await visitor.services.pipeline.anonymize(exchange, content)


def _options(body: Options) -> Options:
    """The options beside the text; those in a `presscheck` object count first."""
    nested = getattr(body, "presscheck", None) or Options()
    beside = {name: getattr(body, name) for name in Options.model_fields}
    given = {name: getattr(nested, name) for name in nested.model_fields_set}
    return Options.model_validate({**beside, **given})
