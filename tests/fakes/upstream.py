"""A model provider that speaks OpenAI's API over real HTTP on loopback."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

USAGE = {"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18}


@dataclass(frozen=True, slots=True)
class Reply:
    """What the provider answers: a body, or raw bytes, after a delay; or it hangs up."""

    body: Mapping[str, Any] = field(default_factory=dict)
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    delay: float = 0.0
    hangs_up: bool = False


@dataclass(frozen=True, slots=True)
class RecordedRequest:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Any


def text(*contents: str, finish_reason: str = "stop", **message: Any) -> Reply:
    """A completion with one choice for each content; `message` adds fields to each message."""
    return completion(
        [{"role": "assistant", "content": content, **message} for content in contents],
        finish_reason,
    )


def tool_calls(*calls: tuple[str, Mapping[str, Any]]) -> Reply:
    """A completion that calls tools by name and arguments."""
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {
                "id": f"call_{number}",
                "type": "function",
                "function": {"name": name, "arguments": json.dumps(arguments)},
            }
            for number, (name, arguments) in enumerate(calls)
        ],
    }
    return completion([message], "tool_calls")


def completion(
    messages: Sequence[Mapping[str, Any]], finish_reason: str = "stop", **extra: Any
) -> Reply:
    """A completion of ready messages; `extra` adds top-level fields."""
    choices = [
        {"index": index, "message": message, "finish_reason": finish_reason, "logprobs": None}
        for index, message in enumerate(messages)
    ]
    return Reply(
        {
            "id": "chatcmpl-fake-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": "fake-model-2026-01-01",
            "choices": choices,
            "usage": USAGE,
            **extra,
        }
    )


def error(
    status: int,
    message: str = "The provider says no.",
    *,
    type: str | None = None,
    code: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """A refusal in OpenAI's shape."""
    type = type or ("invalid_request_error" if status < 500 else "server_error")
    body = {"error": {"message": message, "type": type, "param": param, "code": code}}
    return Reply(body, status, headers or {})


def slow(seconds: float, reply: Reply) -> Reply:
    """The reply, later."""
    return replace(reply, delay=seconds)


def hang_up() -> Reply:
    """Half an answer, and then the connection closes."""
    return Reply(hangs_up=True)


def malformed() -> Reply:
    """An answer with status 200 that is no JSON."""
    return Reply(raw=b'{"id": "chatcmpl-fake-1", "choices": [')


class FakeUpstream:
    """The provider; use it as a context manager and give models its `url` as `api_base`.

    `will` sets the replies to come, in order; the last one repeats. Every request is kept in
    `requests`; `asked` is set at the first, and `abandoned` when a caller left before its answer.
    """

    def __init__(self) -> None:
        self.requests: list[RecordedRequest] = []
        self.asked = threading.Event()
        self.abandoned = threading.Event()
        self._replies: deque[Reply] = deque([text("Fresh bread, baked this morning.")])
        application = Starlette(
            routes=[
                Route("/v1/{path:path}", self._answer, methods=["POST"]),
            ]
        )
        config = uvicorn.Config(
            application, host="127.0.0.1", port=0, log_config=None, lifespan="off", ws="none"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="fake upstream", daemon=True)

    def __enter__(self) -> FakeUpstream:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started:
            if time.monotonic() > deadline:
                raise TimeoutError("the fake upstream did not start")
            time.sleep(0.01)
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Not a request that still sleeps is waited for.
        self._server.force_exit = True
        self._server.should_exit = True
        self._thread.join(timeout=10)

    @property
    def url(self) -> str:
        host, port = self._server.servers[0].sockets[0].getsockname()[:2]
        return f"http://{host}:{port}/v1"

    @property
    def bodies(self) -> list[Any]:
        """The body of every request so far."""
        return [request.body for request in self.requests]

    def will(self, *replies: Reply) -> None:
        """Answer with these replies in order; the last one repeats."""
        self._replies = deque(replies)

    async def _answer(self, request: Request) -> Response:
        self.requests.append(
            RecordedRequest(request.url.path, dict(request.headers), await request.json())
        )
        self.asked.set()
        reply = self._replies.popleft() if len(self._replies) > 1 else self._replies[0]
        if reply.delay:
            await self._wait(request, reply.delay)
        if reply.hangs_up:
            return _HangUp()
        if reply.raw is not None:
            return Response(reply.raw, reply.status, reply.headers, "application/json")
        return JSONResponse(reply.body, reply.status, reply.headers)

    async def _wait(self, request: Request, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if await request.is_disconnected():
                self.abandoned.set()
                raise ClientDisconnect
            await asyncio.sleep(0.02)


class _HangUp(Response):
    """Promises a body and leaves in the middle of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"id": "chat', "more_body": True})
        raise ConnectionAbortedError("the fake upstream hangs up")
