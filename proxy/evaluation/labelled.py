"""Requests whose personal data is known, and where it stands in the texts that are walked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from proxy.wire import replace_texts, walk
from validators.pii import NATIONAL_IDS, EntityType

OTHER = "other"
_TYPES = frozenset(EntityType)

# Unicode keeps these two code points free for a program's own use; no text has them.
_OPENS, _CLOSES = "\ufdd0", "\ufdd1"


def group(type: str) -> str:
    """The name under which a type is counted."""
    if type not in _TYPES:
        return OTHER
    return EntityType.NATIONAL_ID.value if type in NATIONAL_IDS else type


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Personal data at `text[start:end]` of the text with this path, known or found."""

    type: str
    path: str
    start: int
    end: int

    def overlaps(self, other: Occurrence) -> bool:
        return self.path == other.path and self.start < other.end and other.start < self.end


@dataclass(frozen=True, slots=True)
class LabelledRequest:
    """A request body, the personal data in it, and the strings that are to stay."""

    body: Mapping[str, Any]
    known: tuple[Occurrence, ...]
    keep: tuple[str, ...] = ()

    def lowered(self) -> LabelledRequest:
        """The same in small letters, every one of them where it was."""
        texts = {at.path: _lower(at.text) for at in walk(self.body)}
        return replace(self, body=replace_texts(self.body, texts))


def user_says(text: str) -> dict[str, Any]:
    """A request of one message."""
    return {"messages": [{"role": "user", "content": text}]}


def locate(body: Mapping[str, Any], keys: Sequence[str | int], known: Occurrence) -> Occurrence:
    """Give an occurrence the path and the offsets of the walk.

    It points into the string under `keys`, which may be a JSON document, while the walk sees the
    decoded values of one. What the walk does not reach keeps its path, which no text has.
    """
    texts = {at.path for at in walk(body)}
    # A bare number is a text to the walk and, with marks in it, no JSON: it becomes a string.
    for quote in ("", '"'):
        marked = _marked(body, keys, known, quote)
        for at in walk(marked):
            if _OPENS in at.text and at.path in texts:
                # The first mark itself moves the second.
                end = at.text.index(_CLOSES) - len(_OPENS)
                return replace(known, path=at.path, start=at.text.index(_OPENS), end=end)
    return known


def _marked(
    body: Mapping[str, Any], keys: Sequence[str | int], known: Occurrence, quote: str
) -> dict[str, Any]:
    copy = deepcopy(dict(body))
    place: Any = copy
    for key in keys[:-1]:
        place = place[key]
    text = place[keys[-1]]
    start, end = known.start, known.end
    place[keys[-1]] = f"{text[:start]}{quote}{_OPENS}{text[start:end]}{_CLOSES}{quote}{text[end:]}"
    return copy


def _lower(text: str) -> str:
    # A few capitals, such as the Turkish İ, become two small letters and would move the rest.
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)
