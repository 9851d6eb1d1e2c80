"""Prompts in which personal data is marked, as in `training/pii/`.

Prompts are parted by lines of `===`, begin with `lang: xx`, and mark what is personal, or is to be
kept, as `⟦PERSON|Laura⟧`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_MARK = re.compile(r"⟦(\w+)\|([^⟦⟧]+)⟧")


@dataclass(frozen=True)
class MarkedPrompt:
    """A prompt without its marks; `spans` are start, end and the type of the mark."""

    text: str
    lang: str
    spans: tuple[tuple[int, int, str], ...]


def read_marked(path: Path) -> Iterator[MarkedPrompt]:
    """Read the prompts of a file."""
    for prompt in path.read_text(encoding="utf-8").split("\n===\n"):
        if not prompt.strip():
            continue
        head, _, body = prompt.strip("\n").partition("\n")
        text, spans, done = "", [], 0
        for match in _MARK.finditer(body):
            text += body[done : match.start()]
            spans.append((len(text), len(text) + len(match[2]), match[1]))
            text += match[2]
            done = match.end()
        text += body[done:]
        yield MarkedPrompt(text, head.removeprefix("lang: "), tuple(spans))
