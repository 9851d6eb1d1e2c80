"""Normalised copies of a text, the way back to its original offsets, and its sentences."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import cached_property

import regex

# Zero-width characters, the byte-order mark, soft hyphen and variation selectors: invisible, and
# the usual way to hide a word from a checker (DOMAIN.md 2.5).
_INVISIBLE = regex.compile(
    r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f\U000e0100-\U000e01ef]"
)
_REPLACED = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u00a0\u2007\u202f\u2009\t", " "),
}
# Where the copy may differ from the original: a letter with marks that NFKC may join to it, or one
# character that is replaced, expanded or dropped. Everything between is copied as it is.
_CHANGING = regex.compile(
    rf"\P{{M}}\p{{M}}+|[\p{{NFKC_QC=N}}\p{{NFKC_QC=M}}{''.join(_REPLACED)}]|{_INVISIBLE.pattern}"
)
# A sentence ends at .!? (with closing quotes) before white space, or at a line break. An
# abbreviation, an initial or "No." before a number does not end one.
_SENTENCE_END = regex.compile(
    r"(?<!\b(?:dr|mr|mrs|ms|st|vs|e\.g|i\.e|inc|ltd|approx|(?-i:\p{Lu}))\.)"
    r"(?<!\bno\.(?=\s*\d))"
    r"(?<=[.!?…][\"')\]]*)\s+|\s*\n\s*",
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
        return self.offsets[start], self._end_of(end - 1)

    def _end_of(self, index: int) -> int:
        """Where the original of one character of the copy ends."""
        # Several characters of the copy may come from one original character (NFKC expands it).
        first = self.offsets[index]
        end = self.offsets[bisect_right(self.offsets, first, lo=index)]
        while end - 1 > first and _INVISIBLE.match(self.original[end - 1]):
            end -= 1
        return end

    @cached_property
    def sentences(self) -> tuple[tuple[int, int], ...]:
        """The spans of the sentences of the copy, in order, without surrounding white space."""
        spans: list[tuple[int, int]] = []
        start = len(self.text) - len(self.text.lstrip())
        stop = len(self.text.rstrip())
        for end, following in [m.span() for m in _SENTENCE_END.finditer(self.text, start, stop)] + [
            (stop, stop)
        ]:
            if start < end:
                spans.append((start, end))
            start = following
        return tuple(spans)

    def sentence_at(self, index: int) -> tuple[int, int]:
        """The span of the sentence that holds `index`; the nearest one before it otherwise."""
        if not self.sentences:
            return 0, len(self.text)
        return self.sentences[max(bisect_right(self.sentences, index, key=_start) - 1, 0)]


def normalise(text: str) -> NormalisedText:
    """NFKC, without invisible characters, with plain dashes, quotes and spaces."""
    out: list[str] = []
    offsets: list[int] = []
    copied = 0
    for match in _CHANGING.finditer(text):
        start, end = match.span()
        plain = _plain(match[0])
        out += (text[copied:start], plain)
        offsets += range(copied, start)
        offsets += [start] * len(plain)
        copied = end
    out.append(text[copied:])
    offsets += range(copied, len(text) + 1)
    return NormalisedText(text, "".join(out), tuple(offsets))


def _plain(characters: str) -> str:
    visible = _INVISIBLE.sub("", characters)
    return _REPLACED.get(visible) or unicodedata.normalize("NFKC", visible)


def _start(span: tuple[int, int]) -> int:
    return span[0]
