"""The words of a chat: what is asked, what is answered, and where each of them stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from proxy.wire import is_json, replace_texts, rewrite, walk
from validators.base import TextKind

CONTENT = "message.content"
_MAX_BRIEF = 20_000


def prompts(body: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the caller asks for: the words of the system and of the user, by message."""
    found = []
    for index, message in enumerate(body["messages"]):
        if message.get("role") in ("system", "developer", "user"):
            texts = _content_texts(message.get("content"))
            if text := "\n".join(texts):
                found.append((f"messages[{index}].content", text))
    return found


def _content_texts(content: Any) -> list[str]:
    if isinstance(content, str):
        return [content]
    parts = content if isinstance(content, list) else []
    return [p["text"] for p in parts if isinstance(p, dict) and isinstance(p.get("text"), str)]


def brief(body: Mapping[str, Any]) -> str:
    """What the user asked for, in the order in which it was said; the end of it if it is long."""
    asked = [
        text
        for message in body["messages"]
        if message.get("role") == "user"
        for text in _content_texts(message.get("content"))
    ]
    return "\n".join(asked)[-_MAX_BRIEF:]


def newest_words(body: Mapping[str, Any]) -> str:
    """What the newest message of the user says; nothing if there is none."""
    said = [message for message in body["messages"] if message.get("role") == "user"]
    return "\n".join(_content_texts(said[-1].get("content"))) if said else ""


def with_instruction(body: Mapping[str, Any], instruction: str) -> dict[str, Any]:
    """A request that tells the model one thing more, behind what its first instructions say."""
    messages = list(body["messages"])
    for index, message in enumerate(messages):
        if message.get("role") in ("system", "developer"):
            messages[index] = {**message, "content": _longer(message.get("content"), instruction)}
            return {**body, "messages": messages}
    return {**body, "messages": [{"role": "system", "content": instruction}, *messages]}


def _longer(content: Any, text: str) -> Any:
    if isinstance(content, list):
        return [*content, {"type": "text", "text": text}]
    return f"{content}\n\n{text}" if content else text


def answers(choice: Mapping[str, Any], wants_json: bool) -> list[tuple[str, str, TextKind]]:
    """Every text of a choice with what it is; log probabilities repeat the content."""
    message = choice.get("message") or {}
    # Words beside a tool call are said to the tool's user, not published.
    content_kind: TextKind = "data" if message.get("tool_calls") else "copy"
    found: list[tuple[str, str, TextKind]] = []
    for at in walk({"message": message}):
        if not at.text.strip():
            continue
        kind: TextKind = "data"
        if at.path == CONTENT:
            kind = "structured" if wants_json or is_json(at.text) else content_kind
        found.append((at.path, at.text, kind))
    return found


def can_reask(choice: Mapping[str, Any]) -> bool:
    """Whether a draft can be sent back; one with tool calls waits for the tools first."""
    return not (choice.get("message") or {}).get("tool_calls")


def with_texts(choice: Mapping[str, Any], edited: Mapping[str, str]) -> dict[str, Any]:
    """A choice with the texts at the given paths replaced."""
    if not edited:
        return dict(choice)
    message = replace_texts({"message": choice["message"]}, edited)["message"]
    # The probabilities of words that are no longer there help nobody.
    return {**choice, "message": message, **({"logprobs": None} if "logprobs" in choice else {})}


def texts_by_path(choice: Mapping[str, Any]) -> dict[str, str]:
    """Every text of a choice by its place."""
    return {at.path: at.text for at in walk({"message": choice.get("message") or {}})}


def well_formed(response: Mapping[str, Any]) -> dict[str, Any]:
    """An answer whose texts can be encoded: a lone surrogate becomes U+FFFD."""
    return rewrite(
        response, lambda at: at.text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


def emptied(choice: Mapping[str, Any]) -> dict[str, Any]:
    """A withheld choice where the policy says `on_block: filter`."""
    return {
        "index": choice["index"],
        "message": {"role": "assistant", "content": "", "refusal": None},
        "logprobs": None,
        "finish_reason": "content_filter",
    }


def total_usage(
    first: Mapping[str, Any] | None, more: Iterable[Mapping[str, Any]]
) -> dict[str, Any] | None:
    """The tokens of the first answer and of every further try; None if the provider told none."""
    if first is None:
        return None
    total = dict(first)
    for usage in more:
        for name in ("prompt_tokens", "completion_tokens", "total_tokens"):
            total[name] = (total.get(name) or 0) + (usage.get(name) or 0)
    return total
