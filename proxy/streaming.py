"""A checked answer as OpenAI's stream of chunks, sentence by sentence.

Nothing is sent before the whole answer has passed, so a stream and a plain answer have one
verdict, and a block is still a plain error. The price is that the first words wait for the last.
Personal data goes back in as the words go out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from proxy.placeholders import Placeholders
from proxy.wire import is_json
from validators.text import normalise

DONE = b"data: [DONE]\n\n"


def chunks(
    completion: Mapping[str, Any],
    checked: Mapping[str, Any],
    placeholders: Placeholders,
    *,
    wants_json: bool,
    with_usage: bool,
) -> Iterator[bytes]:
    """Cut a chat completion into server-sent events that end with `[DONE]`.

    `checked` is the same completion before its `placeholders` were restored: its words are cut
    first and restored then. `wants_json` says that they are a JSON document.
    """
    base = {
        "id": completion["id"],
        "object": "chat.completion.chunk",
        "created": completion["created"],
        "model": completion["model"],
    }
    for name in ("system_fingerprint", "service_tier"):
        if completion.get(name) is not None:
            base[name] = completion[name]
    if with_usage:
        base["usage"] = None
    for choice, unrestored in zip(completion["choices"], checked["choices"], strict=True):
        for delta in _deltas(choice["message"], unrestored["message"], placeholders, wants_json):
            yield _event({**base, "choices": [_choice(choice, delta, None)]})
    for choice in completion["choices"]:
        last = {**base, "choices": [_choice(choice, {}, choice.get("finish_reason") or "stop")]}
        if choice is completion["choices"][-1] and "presscheck" in completion:
            last["presscheck"] = completion["presscheck"]
        yield _event(last)
    if with_usage:
        yield _event({**base, "choices": [], "usage": completion.get("usage")})
    yield DONE


def _choice(
    choice: Mapping[str, Any], delta: Mapping[str, Any], finish_reason: str | None
) -> dict[str, Any]:
    # The log probabilities belong to the choice as a whole; they go out with its end.
    logprobs = choice.get("logprobs") if finish_reason else None
    return {
        "index": choice["index"],
        "delta": delta,
        "logprobs": logprobs,
        "finish_reason": finish_reason,
    }


def _deltas(
    message: Mapping[str, Any],
    unrestored: Mapping[str, Any],
    placeholders: Placeholders,
    wants_json: bool,
) -> Iterator[dict[str, Any]]:
    # A message without content has null there, and a client puts the deltas together to it.
    content = None if message.get("content") is None else ""
    yield {"role": message.get("role") or "assistant", "content": content}
    for name, value in message.items():
        if name == "role" or value is None:
            continue
        if name == "tool_calls":
            for index, call in enumerate(value):
                yield {"tool_calls": [{"index": index, **call}]}
        elif isinstance(value, str):
            checked = unrestored[name]
            if (name == "content" and wants_json) or is_json(checked):
                # Of no use before its end, and how a value is escaped depends on all of it.
                yield {name: value}
                continue
            restorer = placeholders.restorer()
            for piece in _sentences(checked):
                if words := restorer.feed(piece):
                    yield {name: words}
            if words := restorer.finish():
                yield {name: words}
        else:
            yield {name: value}


def _sentences(text: str) -> Iterator[str]:
    """The text in pieces that end where a sentence starts; together they are the text."""
    normalised = normalise(text)
    starts = [normalised.offsets[start] for start, _ in normalised.sentences][1:]
    previous = 0
    for start in starts:
        yield text[previous:start]
        previous = start
    if text[previous:]:
        yield text[previous:]


def _event(body: Mapping[str, Any]) -> bytes:
    return b"data: " + orjson.dumps(body) + b"\n\n"
