"""`POST /v1/chat/completions`: parse, call the pipeline, answer."""

from __future__ import annotations

import orjson
from fastapi import APIRouter, Response
from starlette.responses import StreamingResponse

from proxy.api import ChatRequest, parse
from proxy.body import read_json
from proxy.errors import BlockedError, InvalidRequestError
from proxy.services import Visitor
from proxy.streaming import chunks

router = APIRouter()


@router.post("/chat/completions")
async def create_chat_completion(visitor: Visitor) -> Response:
    """Answer a chat, plain or as a stream, with personal data stripped and the answer checked."""
    visitor.require("generate")
    visitor.envelope.endpoint = "chat.completions"
    limits = visitor.services.settings.limits
    request = parse(ChatRequest, await read_json(visitor.request, limits))
    if len(request.messages) > limits.max_messages:
        raise InvalidRequestError(
            f"There are more than {limits.max_messages} messages (limits.max_messages).",
            param="messages",
        )
    exchange = await visitor.exchange("chat.completions", request.presscheck)
    try:
        reply = await visitor.services.pipeline.complete(exchange, request)
    except BlockedError as error:
        visitor.envelope.verdict = (error.details or {}).get("verdict", "blocked")
        visitor.envelope.review_id = (error.details or {}).get("review_id")
        raise
    visitor.envelope.verdict = reply.verdict.value
    visitor.envelope.review_id = reply.review_id
    if request.stream:
        return StreamingResponse(
            chunks(
                reply.body,
                reply.checked,
                reply.placeholders,
                wants_json=request.wants_json,
                with_usage=request.wants_usage,
            ),
            media_type="text/event-stream",
            headers={"cache-control": "no-cache", "x-accel-buffering": "no"},
        )
    return Response(orjson.dumps(reply.body), media_type="application/json")
