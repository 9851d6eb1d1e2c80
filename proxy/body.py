"""Read a JSON body within limits: size, time, depth, and text that can be kept."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
from starlette.requests import ClientDisconnect, Request

from proxy.errors import InvalidRequestError, PayloadTooLargeError, RequestTimeoutError
from proxy.settings import Limits


async def read_json(request: Request, limits: Limits) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        PayloadTooLargeError, RequestTimeoutError: it is too large or does not end.
        InvalidRequestError: it is no JSON object, nests too deeply, or holds what is no text or
            too long a one.
    """
    raw = await _read(request, limits)
    if not raw:
        raise InvalidRequestError("The body is empty; send a JSON object.")
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        # orjson refuses invalid UTF-8 and lone surrogates too.
        raise InvalidRequestError(f"The body is no valid JSON: {error}.") from error
    if not isinstance(body, dict):
        raise InvalidRequestError("The body is no JSON object.")
    _refuse_hostile(body, limits)
    return body


async def _read(request: Request, limits: Limits) -> bytes:
    too_large = PayloadTooLargeError(
        f"The body is larger than {limits.max_body_bytes:,} bytes (limits.max_body_bytes).",
        headers={"connection": "close"},
    )
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > limits.max_body_bytes:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(limits.max_body_seconds):
            async for chunk in request.stream():
                size += len(chunk)
                if size > limits.max_body_bytes:
                    raise too_large
                chunks.append(chunk)
    except TimeoutError as error:
        raise RequestTimeoutError(
            f"The body did not arrive within {limits.max_body_seconds:g} seconds.",
            headers={"connection": "close", "x-should-retry": "false"},
        ) from error
    except ClientDisconnect as error:
        raise InvalidRequestError("The client left before the body was complete.") from error
    return b"".join(chunks)


def _refuse_hostile(body: dict[str, Any], limits: Limits) -> None:
    """Walk the JSON without recursion, so that depth costs nothing."""
    pending: list[tuple[Any, int]] = [(body, 1)]
    while pending:
        value, depth = pending.pop()
        if isinstance(value, str):
            _refuse_odd(value, limits)
        elif isinstance(value, dict | list):
            if depth > limits.max_json_depth:
                raise InvalidRequestError(
                    f"The JSON nests deeper than {limits.max_json_depth} levels "
                    "(limits.max_json_depth)."
                )
            if isinstance(value, dict):
                for key in value:
                    _refuse_odd(key, limits)
                pending.extend((inner, depth + 1) for inner in value.values())
            else:
                pending.extend((inner, depth + 1) for inner in value)


def _refuse_odd(text: str, limits: Limits) -> None:
    if "\0" in text:
        raise InvalidRequestError("The text holds a NUL character (U+0000); take it out.")
    if len(text) > limits.max_text_chars:
        raise InvalidRequestError(
            f"A text of {len(text):,} characters is longer than {limits.max_text_chars:,} "
            "(limits.max_text_chars); send it in parts."
        )
