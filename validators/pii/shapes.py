"""How personal data with a shape is searched for: by a sign, then a pattern, then a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import re2
import regex

from validators.base import ValidatorError
from validators.pii.entities import EntityType

# By the clock on the wall, which runs on while others have the processor.
_SECONDS_PER_SEARCH = 10.0

# What may stand between a cue and its value: the rest of a key ("order_id"), a word for number,
# a verb, and then the punctuation of prose, JSON, CSV, YAML or a table.
AFTER_CUE = (
    r"(?:[ _-]?(?:no|nos|nr|num|number|numero|número|numéro|nummer|n[º°o]|id|ids|ref|reference|"
    r"code)(?![\p{L}\d])\.?){0,2}\.?"
    r"(?: (?:is|was|are|as|ist|war|lautet|est|es|era|é|è|is:|to|von|de))?"
    r"[\s:#\"'=°º|(\[>\\]{1,6}"
)

# The sign of a long number, however it is grouped.
LONG_NUMBER = r"\d(?:[^a-z0-9]{0,3}\d){6}"


class Found(NamedTuple):
    """Personal data in `text[start:end]`."""

    type: EntityType
    start: int
    end: int
    score: float


class Finder(Protocol):
    """Finds something that no text holds in which RE2 does not find `sign`."""

    @property
    def sign(self) -> str:
        """A short pattern without flags; it is searched for in any case of letters."""

    def find(self, text: str) -> Iterator[Found]:
        """Yield what is found; what is found twice may overlap."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to write one type. The group `value`, or else the whole match, is the entity."""

    type: EntityType
    pattern: regex.Pattern[str]
    score: float
    sign: str
    check: Callable[[str], bool] | None = None

    def find(self, text: str) -> Iterator[Found]:
        """Yield the matches that pass the check.

        Raises:
            ValidatorError: the search ran out of time; a text that was not searched must not pass.
        """
        has_value = "value" in self.pattern.groupindex
        # With a check, a match that fails may hide a true one that begins inside it.
        for match in search(self.pattern, text, self.type, overlapped=self.check is not None):
            start, end = match.span("value") if has_value else match.span()
            if self.check is None or self.check(text[start:end]):
                yield Found(self.type, start, end, self.score)


def shape(
    type: EntityType,
    find: str,
    score: float,
    sign: str,
    check: Callable[[str], bool] | None = None,
) -> Shape:
    """A shape in which small letters and capitals are the same."""
    return Shape(type, regex.compile(find, regex.IGNORECASE | regex.MULTILINE), score, sign, check)


def exact_shape(
    type: EntityType,
    find: str,
    score: float,
    sign: str,
    check: Callable[[str], bool] | None = None,
) -> Shape:
    """A shape in which small letters and capitals differ."""
    return Shape(type, regex.compile(find, regex.MULTILINE), score, sign, check)


def search(
    pattern: regex.Pattern[str], text: str, what: str, overlapped: bool = False
) -> Iterator[regex.Match[str]]:
    """Yield the matches; `what` is named in the error.

    Raises:
        ValidatorError: the search ran out of time.
    """
    try:
        yield from pattern.finditer(text, overlapped=overlapped, timeout=_SECONDS_PER_SEARCH)
    except TimeoutError as error:
        raise ValidatorError(f"the search for {what} ran out of time") from error


class Signs:
    """Tell in one pass over a text which finders could find anything in it.

    Most texts hold the signs of few types. RE2 looks for all signs at once, in less time than one
    of the patterns takes, as long as the signs are short: it makes a state of every combination
    of half-seen signs.
    """

    def __init__(self, finders: Sequence[Finder]) -> None:
        by_sign: dict[str, list[Finder]] = {}
        for finder in finders:
            by_sign.setdefault(finder.sign, []).append(finder)
        options = re2.Options()
        options.case_sensitive = False
        options.max_mem = 64 << 20
        self._set = re2.Set.SearchSet(options)
        for sign in by_sign:
            self._set.Add(sign)
        self._set.Compile()
        self._groups = tuple(by_sign.values())

    def finders_for(self, text: str) -> list[Finder]:
        """The finders that are worth asking."""
        numbers = self._set.Match(text) or ()
        return [finder for number in sorted(numbers) for finder in self._groups[number]]
