"""What every response carries: its request id, verdict, policy and the time of each stage."""

from __future__ import annotations

import logging
import re
import uuid
from dataclasses import dataclass, field

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proxy.errors import ProxyError
from proxy.telemetry import Telemetry, Timings

_log = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,100}")


@dataclass(slots=True)
class Envelope:
    """Filled while a request is worked on; a verdict of `none` means that no text was judged."""

    request_id: str
    policy: str
    endpoint: str = "other"
    verdict: str = "none"
    review_id: str | None = None
    key_id: str | None = None
    timings: Timings = field(default_factory=Timings)


class EnvelopeMiddleware:
    """Puts an Envelope into the request's state, and its content into the response's headers."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, default_policy: str) -> None:
        self._app = app
        self._telemetry = telemetry
        self._default_policy = default_policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        envelope = Envelope(_request_id(scope), self._default_policy)
        scope.setdefault("state", {})["envelope"] = envelope
        status = 500
        has_started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal status, has_started
            if message["type"] == "http.response.start":
                has_started = True
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = envelope.request_id
                headers["x-presscheck-verdict"] = envelope.verdict
                headers["x-presscheck-policy"] = envelope.policy
                headers["server-timing"] = envelope.timings.header()
                if envelope.review_id:
                    headers["x-presscheck-review-id"] = envelope.review_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_headers)
        except Exception as error:  # noqa: BLE001 - text never passes because code broke
            _log.error("unexpected", exc_info=error, extra={"request_id": envelope.request_id})
            if has_started:
                # The client sees a cut connection, never a complete answer.
                raise ConnectionAbortedError("the response broke off") from None
            await _refuse(send_with_headers)
        finally:
            self._finish(scope, envelope, status)

    def _finish(self, scope: Scope, envelope: Envelope, status: int) -> None:
        milliseconds = envelope.timings.milliseconds()
        for stage, spent in milliseconds.items():
            self._telemetry.staged(stage, spent)
        self._telemetry.answered(envelope.endpoint, status, envelope.verdict)
        _log.info(
            "answered",
            extra={
                "request_id": envelope.request_id,
                "method": scope["method"],
                "endpoint": envelope.endpoint,
                "status": status,
                "verdict": envelope.verdict,
                "policy": envelope.policy,
                "key_id": envelope.key_id,
                "review_id": envelope.review_id,
                "milliseconds": milliseconds["total"],
            },
        )


async def _refuse(send: Send) -> None:
    error = ProxyError("Presscheck failed on this request; nothing was delivered.")
    body = orjson.dumps(error.body())
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _request_id(scope: Scope) -> str:
    """The caller's own id where it gave a plain one, so that it can follow its request."""
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _REQUEST_ID.fullmatch(value.decode("latin-1")):
            return str(value.decode("latin-1"))
    return f"req_{uuid.uuid4().hex}"
