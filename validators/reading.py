"""One text under one check: what was asked of it once is not searched for again."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from functools import cached_property

import regex

from validators.base import Context, EvidenceMatch
from validators.evidence import Records
from validators.expressions import Deadline
from validators.text import NormalisedText


class Reading:
    """What the expressions of many rules want to know about one text.

    They often ask for the same topic, and every match in a sentence asks for what excuses it, so
    answers are kept; else a long sentence full of matches would take minutes. All searches of one
    reading share a deadline, and any of them raises TimeoutError when it has passed.
    """

    def __init__(self, text: NormalisedText, context: Context) -> None:
        self.text = text
        self.context = context
        self._deadline = Deadline()
        self._answers: dict[tuple[str, Hashable], bool] = {}
        self._matches: dict[tuple[int, int], tuple[EvidenceMatch, ...]] = {}

    def find(self, expression: regex.Pattern[str]) -> Iterator[regex.Match[str]]:
        """Every match in the text."""
        return expression.finditer(self.text.text, timeout=self._deadline.timeout())

    def has(self, expression: regex.Pattern[str]) -> bool:
        """Whether it matches anywhere in the text."""
        return self._ask(expression, "text", self.text.text)

    def brief_has(self, expression: regex.Pattern[str]) -> bool:
        """Whether it matches anywhere in the brief."""
        return self._ask(expression, "brief", self.context.brief)

    def sentence_has(self, expression: regex.Pattern[str], sentence: tuple[int, int]) -> bool:
        """Whether it matches in this span of the text."""
        return self._ask(expression, sentence, self.text.text[slice(*sentence)])

    def evidence_for(self, sentence: tuple[int, int]) -> tuple[EvidenceMatch, ...]:
        """How the records of the context stand to this span of the text."""
        if sentence not in self._matches:
            self._matches[sentence] = self._records.match(self.text.text[slice(*sentence)])
        return self._matches[sentence]

    @cached_property
    def _records(self) -> Records:
        return Records(self.context.evidence, self.context.today)

    def _ask(self, expression: regex.Pattern[str], place: Hashable, passage: str) -> bool:
        # All expressions of rules have the same flags.
        key = (expression.pattern, place)
        if key not in self._answers:
            timeout = self._deadline.timeout()
            self._answers[key] = expression.search(passage, timeout=timeout) is not None
        return self._answers[key]
