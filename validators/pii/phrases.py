"""Thousands of names, found in a text in one pass."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import regex

from validators.text import normalise

_WORD = regex.compile(r"[\p{L}\p{M}\d]+")
_BEFORE = regex.compile(r"(?<![\p{L}\d])")
# A hyphen makes another word of a name, Victoria-Park, and a possessive does not.
_AFTER = regex.compile(r"(?:'s)?(?![\p{L}\d]|-\p{L})", regex.IGNORECASE)


class Phrases:
    """Find names as whole words, the longest one at each word."""

    def __init__(self, names: Iterable[str], *, ignores_case: bool = False) -> None:
        """Take the names.

        Raises:
            ValueError: one has neither letter nor digit.
        """
        self._ignores_case = ignores_case
        by_word: dict[str, set[tuple[str, int]]] = {}
        for name in names:
            phrase = self._folded(normalise(name).text.strip())
            word = _WORD.search(phrase)
            if word is None:
                raise ValueError(f"{name!r} has neither letter nor digit")
            by_word.setdefault(word[0], set()).add((phrase, word.start()))
        self._by_word = {
            word: sorted(phrases, key=lambda phrase: -len(phrase[0]))
            for word, phrases in by_word.items()
        }

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the spans in a normalised text, in order; they may overlap."""
        if not self._by_word:
            return
        folded = self._folded(text)
        for word in _WORD.finditer(folded):
            for phrase, offset in self._by_word.get(word[0], ()):
                start = word.start() - offset
                if start < 0 or not folded.startswith(phrase, start):
                    continue
                end = start + len(phrase)
                if _BEFORE.match(folded, start) and _AFTER.match(folded, end):
                    yield start, end
                    break

    def _folded(self, text: str) -> str:
        if not self._ignores_case:
            return text
        folded = text.lower()
        if len(folded) == len(text):
            return folded
        # A letter whose small form is two, as in Turkish, stays: the offsets must stay true.
        return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
