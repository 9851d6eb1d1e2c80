"""Normalised copies of a text, the way back to its original offsets, and its sentences."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cached_property

import regex

# Zero-width characters, the byte-order mark, soft hyphen and variation selectors: invisible, and
# the usual way to hide a word from a checker (DOMAIN.md 2.5).
_INVISIBLE = regex.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_REPLACED = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u00a0\u2007\u202f\u2009\t", " "),
}
# A sentence ends at .!? (with closing quotes) before white space, or at a line break. An
# abbreviation, an initial or "No." before a number does not end one.
_SENTENCE_END = regex.compile(
    r"(?<!\b(?:no|dr|mr|mrs|ms|st|vs|e\.g|i\.e|inc|ltd|approx|\p{Lu})\.)(?<=[.!?…][\"')\]]*)\s+|\n+",
    regex.IGNORECASE,
)


@dataclass(frozen=True)
class NormalisedText:
    """A copy of a text as a reader sees it, with the offset of each character in the original.

    `offsets` has one entry more than `text`: the end of the original.
    """

    original: str
    text: str
    offsets: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the copy to the original; invisible characters inside come along."""
        if start == end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + self._width(end - 1)

    def _width(self, index: int) -> int:
        # Several characters of the copy may come from one original character (NFKC expands it).
        following = next(
            (o for o in self.offsets[index + 1 :] if o > self.offsets[index]), len(self.original)
        )
        first = self.offsets[index]
        while following - 1 > first and _INVISIBLE.match(self.original[following - 1]):
            following -= 1
        return following - first

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """The spans of the sentences of the copy, in order, without surrounding white space."""
        spans: list[tuple[int, int]] = []
        start = 0
        for end, following in [m.span() for m in _SENTENCE_END.finditer(self.text)] + [
            (len(self.text), len(self.text))
        ]:
            if self.text[start:end].strip():
                spans.append((start, end))
            start = following
        return tuple(spans)

    def sentence_at(self, index: int) -> tuple[int, int]:
        """The span of the sentence that holds `index`; the nearest one before it otherwise."""
        found = (0, len(self.text))
        for span in self.sentences:
            if span[0] > index:
                break
            found = span
        return found


def normalise(text: str) -> NormalisedText:
    """NFKC, without invisible characters, with plain dashes, quotes and spaces."""
    out: list[str] = []
    offsets: list[int] = []
    for index, character in enumerate(text):
        if _INVISIBLE.match(character):
            continue
        plain = _REPLACED.get(character) or unicodedata.normalize("NFKC", character)
        out.append(plain)
        offsets.extend([index] * len(plain))
    return NormalisedText(text, "".join(out), (*offsets, len(text)))
