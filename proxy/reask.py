"""Ask the model again: what was wrong with its draft, and what would be acceptable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from policies.catalogue import Action
from proxy.judging import Judgement

_OPENING = "Presscheck found problems in your draft. Write it again without them."
_CLOSING = (
    "Keep the rest as it is, and invent nothing instead. Answer with the new text alone, "
    "in the same language and format."
)


def reask_request(
    prompt: Mapping[str, Any], choice: Mapping[str, Any], problems: Sequence[Judgement]
) -> dict[str, Any]:
    """The request with the draft and what is to be changed in it, asking for one choice.

    Evidence is not quoted: a record may be confidential (DOMAIN.md 0.2).
    """
    lines = [_OPENING]
    for judgement in problems:
        for finding in judgement.findings:
            if finding.action is Action.REASK:
                place = judgement.checked[finding.start : finding.end]
                line = (
                    f"- {finding.rule}: {place!r}: {finding.reason}"
                    if place
                    else (f"- {finding.rule}: {finding.reason}")
                )
                if finding.suggestion:
                    line += f" Acceptable: {finding.suggestion}"
                lines.append(line)
    lines.append(_CLOSING)
    draft = {"role": "assistant", "content": choice["message"].get("content") or ""}
    feedback = {"role": "user", "content": "\n".join(lines)}
    return {**prompt, "messages": [*prompt["messages"], draft, feedback], "n": 1}
