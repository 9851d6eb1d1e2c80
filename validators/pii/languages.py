"""The language that a text is written in, for what can and cannot be found in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import regex

# The languages whose names, addresses and cues are known here (DOMAIN.md 5.3).
READ = frozenset({"en", "de", "fr", "es", "it", "nl", "pt"})

# Too short a text, or one of names and numbers, looks like any language.
_FEWEST_LETTERS = 40
_LONGEST = 2_000
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

        A language counts only where the text is long enough to be sure of it. Letters of another
        script always count: the names in them are not found.
        """
        found = {code for text in texts if (code := self._language(text)) and code not in READ}
        return tuple(sorted(found))

    def _language(self, text: str) -> str | None:
        words = _WORD.findall(_NO_PROSE.sub(" ", text[:_LONGEST]))
        letters = sum(map(len, words))
        foreign = 0 if text.isascii() else sum(len(w) for w in words if not _LATIN.match(w))
        is_foreign = foreign > letters / 2 and foreign >= _FEWEST_LETTERS / 4
        if letters < _FEWEST_LETTERS and not is_foreign:
            return None
        if sum(word.lower() in _ENGLISH for word in words) > _ENOUGH_ENGLISH * len(words):
            return "en"
        language, probability = self._identifier.classify(" ".join(words).lower())
        if is_foreign:
            return str(language)
        return str(language) if probability >= _MIN_PROBABILITY else None
