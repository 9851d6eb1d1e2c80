"""Normalised copies of a text, the way back to its original offsets, and its sentences."""

from __future__ import annotations

import html
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import regex

# What a reader does not see: default-ignorable characters (zero-width ones, marks of direction,
# fillers, tags) and controls; the usual way to hide a word from a checker (DOMAIN.md 2.5).
_INVISIBLE = regex.compile(r"[\p{DI}\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_REPLACED = {
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
    **dict.fromkeys("\u00a0\u2007\u202f\u2009\t", " "),
}
# Where the copy may differ from the original: a letter with marks that NFKC may join to it, or one
# character that is replaced, expanded or dropped. Everything between is copied as it is. No letter
# has more than 30 marks (UAX 15, stream-safe text), and NFKC sorts them in quadratic time.
_CHANGING = regex.compile(
    rf"\P{{M}}\p{{M}}{{1,30}}|[\p{{NFKC_QC=N}}\p{{NFKC_QC=M}}{''.join(_REPLACED)}]|{_INVISIBLE.pattern}"
)
# Markup inside a sentence: paired Markdown emphasis, tags that only change the look, entities.
_EMPHASIS = (
    regex.compile(r"(?P<open>\*\*|~~)(?=\S)[^\n]{1,400}?(?<=\S)(?P<close>(?P=open))"),
    regex.compile(r"(?<!\w)(?P<open>__?)(?=\S)[^\n]{1,400}?(?<=\S)(?P<close>(?P=open))(?!\w)"),
)
_TAG = regex.compile(r"</?(?:b|i|u|s|em|strong|small|mark|wbr)\s*/?>", regex.IGNORECASE)
_ENTITY = regex.compile(r"&(?:#\d{1,7}|#x[\da-f]{1,6}|[a-z]\w{1,30});", regex.IGNORECASE)
# A word of two scripts is a Latin word in disguise, for the letters that look the same.
_WORD = regex.compile(r"\w+")
_LATIN = regex.compile(r"\p{Latin}")
_DISGUISE = regex.compile(r"[\p{Cyrillic}\p{Greek}]")
_LOOKALIKES = dict(
    zip(
        "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u051b\u04bb"
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425\u0406\u0405"
        "\u03b1\u03bf\u03c1\u03bd\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d"
        "\u039f\u03a1\u03a4\u03a5\u03a7",
        "aeopcyxijsdqhABEKMHOPCTXISaopvABEZHIKMNOPTYX",
        strict=True,
    )
)
# A sentence ends at .!? (with closing quotes) before white space, or at a line break. An
# abbreviation, an initial or "No." before a number does not end one.
_SENTENCE_END = regex.compile(
    r"(?<!\b(?:dr|mr|mrs|ms|st|vs|e\.g|i\.e|inc|ltd|approx|max|min|(?-i:\p{Lu}))\.)"
    r"(?<!\bno\.(?=\s*\d))"
    r"(?<=[.!?…][\"')\]]*)\s+|\s*\n\s*",
    regex.IGNORECASE,
)


# What is replaced: start, end, and what stands there in the copy.
Change = tuple[int, int, str]


@dataclass(frozen=True)
class NormalisedText:
    """A copy of a text as a reader sees it, with the place of each character in the original.

    `offsets` says where a character of the copy begins in the original, and `ends` where it ends.
    `offsets` has one entry more than `text`: the end of the original.
    """

    original: str
    text: str
    offsets: tuple[int, ...]
    ends: tuple[int, ...]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the copy to the original; what is left out inside it comes along."""
        if start == end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.ends[end - 1]

    def then(self, copy: NormalisedText) -> NormalisedText:
        """A copy of this copy, with the way back to the original of both."""
        spans = [self.original_span(*span) for span in zip(copy.offsets, copy.ends, strict=False)]
        return NormalisedText(
            self.original,
            copy.text,
            (*(start for start, _ in spans), len(self.original)),
            tuple(end for _, end in spans),
        )

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
    """NFKC, without what is invisible, with plain dashes, quotes, spaces and letters."""
    return rewrite(text, sorted(_changes(text)))


def rewrite(text: str, changes: Iterable[Change]) -> NormalisedText:
    """A copy in which each change, in order, is made; of two of one place, the first counts.

    What a change inserts stands, in the original, where the change does.
    """
    out: list[str] = []
    offsets: list[int] = []
    ends: list[int] = []
    copied = 0
    for start, end, plain in changes:
        if start < copied:
            continue  # Two changes of one place, such as an entity inside a tag.
        out += (text[copied:start], plain)
        offsets += range(copied, start)
        ends += range(copied + 1, start + 1)
        offsets += [start] * len(plain)
        ends += [end] * len(plain)
        copied = end
    out.append(text[copied:])
    offsets += range(copied, len(text) + 1)
    ends += range(copied + 1, len(text) + 1)
    return NormalisedText(text, "".join(out), tuple(offsets), tuple(ends))


def _changes(text: str) -> Iterator[Change]:
    for match in _CHANGING.finditer(text):
        yield match.start(), match.end(), _plain(match[0])
    if "<" in text:
        for match in _TAG.finditer(text):
            yield match.start(), match.end(), ""
    if "&" in text:
        for match in _ENTITY.finditer(text):
            if (plain := html.unescape(match[0])) != match[0]:
                yield match.start(), match.end(), _plain(plain)
    for emphasis in _EMPHASIS if any(mark in text for mark in "*_~") else ():
        for match in emphasis.finditer(text):
            yield (*match.span("open"), "")
            yield (*match.span("close"), "")
    if _DISGUISE.search(text):
        for word in _WORD.finditer(text):
            if _DISGUISE.search(text, *word.span()) and _LATIN.search(text, *word.span()):
                for index in range(*word.span()):
                    if text[index] in _LOOKALIKES:
                        yield index, index + 1, _LOOKALIKES[text[index]]


def _plain(characters: str) -> str:
    visible = _INVISIBLE.sub("", characters)
    return _REPLACED.get(visible) or unicodedata.normalize("NFKC", visible)


def _start(span: tuple[int, int]) -> int:
    return span[0]
