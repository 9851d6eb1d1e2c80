"""The language that a text is written in, for what can and cannot be found in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import regex

# The languages whose names, addresses and cues are known here (DOMAIN.md 5.3).
READ = frozenset({"en", "de", "fr", "es", "it", "nl", "pt"})

# Too short a text, or one of names and numbers, looks like any language.
_FEWEST_LETTERS = 40
# Of letters of another script, where most letters are.
_FEWEST_OTHER_LETTERS = 10
# A text may change its language after any sentence, so it is read in pieces of one, or of a few
# short ones. What is no sentence is cut.
_SENTENCE = regex.compile(r"[^.!?\n\u3002]{1,400}+[.!?\n\u3002]*|[.!?\n\u3002]+")
_PIECE = 60
_MIN_PROBABILITY = 0.97
# Fields, links and addresses say nothing about the language around them.
_NO_PROSE = regex.compile(r"\S*[@/\\_{}<>=\d]\S*")
_WORD = regex.compile(r"[\p{L}\p{M}]+")
# Words of English that no other language written in Latin letters has, or has that often. Where
# they make up so much of a text, there is nothing to be told by statistics, which take longer.
_ENGLISH = frozenset(
    [
        *("the", "and", "with", "our", "your", "this", "that", "from", "you", "we", "of"),
        *("are", "was", "have", "what", "which", "their"),
    ]
)
_ENOUGH_ENGLISH = 0.15
_LATIN = regex.compile(r"\p{Latin}")


class Languages:
    """Tell languages by the statistics of py3langid. Safe to call from many threads."""

    def __init__(self) -> None:
        # Heavy: unpacks its model.
        from py3langid.langid import MODEL_FILE, LanguageIdentifier

        self._identifier: Any = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def unread(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The codes (ISO 639-1) of languages whose names nothing here can find, in order.

        A language counts where a sentence, or a few short ones, have enough of it to be sure. Of
        another script, less is enough where they have more of it than of Latin letters.
        """
        found = {self._unread(piece) for text in texts for piece in _pieces(text)}
        return tuple(sorted(code for code in found if code))

    def _unread(self, piece: str) -> str | None:
        words = _WORD.findall(_NO_PROSE.sub(" ", piece))
        others = [] if piece.isascii() else [word for word in words if not _LATIN.match(word)]
        letters, other = sum(map(len, words)), sum(map(len, others))
        if other >= _FEWEST_LETTERS or (other >= _FEWEST_OTHER_LETTERS and other > letters / 2):
            return self._ranked(others)[0][0]
        # Names are of no language, and most of them are written so.
        prose = [word.lower() for word in words if _LATIN.match(word) and not word.istitle()]
        if sum(map(len, prose)) < _FEWEST_LETTERS:
            return None
        if sum(word in _ENGLISH for word in prose) > _ENOUGH_ENGLISH * len(prose):
            return None
        ranked = self._ranked(prose)
        probability = sum(share for code, share in ranked if code not in READ)
        return ranked[0][0] if probability >= _MIN_PROBABILITY else None

    def _ranked(self, words: Sequence[str]) -> list[tuple[str, float]]:
        """Each language with its probability, the likeliest first."""
        ranked: list[tuple[str, float]] = self._identifier.rank(" ".join(words).lower())
        return ranked


def _pieces(text: str) -> Iterator[str]:
    """The sentences of a text, short ones together."""
    start = 0
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() - start >= _PIECE:
            yield text[start : sentence.end()]
            start = sentence.end()
    yield text[start:]
