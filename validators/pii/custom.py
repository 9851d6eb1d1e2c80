"""Personal data that only one house has: found by its expressions, its words, its own service."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Self
from urllib.parse import urlsplit

import regex
from pydantic import BaseModel, Discriminator, Field, Tag, model_validator

from validators.base import ValidatorError
from validators.expressions import any_of
from validators.pii.entities import Entity
from validators.pii.linear import LinearPattern
from validators.pii.phrases import Phrases

# A placeholder is the type and a number, EMPLOYEE_ID_1, so a type does not end in one.
TypeName = Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]{0,38}[A-Z]$")]
Score = Annotated[float, Field(ge=0, le=1)]

# How far from a number a word still says what it is.
_BEFORE, _AFTER = 60, 30
_COUNTRY = regex.compile(r"[a-z]{2}_?\.[a-z][a-z0-9_]*")
_SEPARATORS = regex.compile(r"[\s./-]+")
_CHECKSUMS = {
    "luhn": "stdnum.luhn",
    "verhoeff": "stdnum.verhoeff",
    "mod11": "stdnum.iso7064.mod_11_2",
    "mod97": "stdnum.iso7064.mod_97_10",
}


class _Recognizer(BaseModel, frozen=True, extra="forbid"):
    """What every recognizer says: its name in messages, and what it finds."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,39}$")]
    type: TypeName
    score: Score = 0.85


class PatternRecognizer(_Recognizer):
    """Find what an expression of RE2 matches; its group `value`, or else the whole match.

    With `context`, a match counts fully only near one of these words, and `score_without_context`
    elsewhere. `checksum` is luhn, verhoeff, mod11 (ISO 7064, 11-2), mod97 (ISO 7064, 97-10) or a
    number that python-stdnum knows, such as nl.bsn; spaces, dots, slashes and hyphens do not count.
    """

    pattern: str
    context: Annotated[tuple[str, ...], Field(max_length=100)] = ()
    score_without_context: Score = 0.3
    checksum: str | None = None

    @model_validator(mode="after")
    def _works(self) -> Self:
        try:
            PatternFinder(self)
        except ValueError as error:
            raise ValueError(f"recognizer {self.name!r}: {error}") from error
        return self


class WordRecognizer(_Recognizer):
    """Find the words of a list, and names of several words, as whole words."""

    words: Annotated[tuple[str, ...], Field(min_length=1, max_length=100_000)]
    ignore_case: bool = False

    @model_validator(mode="after")
    def _works(self) -> Self:
        try:
            WordFinder(self)
        except ValueError as error:
            raise ValueError(f"recognizer {self.name!r}: {error}") from error
        return self


class ServiceRecognizer(_Recognizer):
    """Ask a service for what is personal in a text.

    Each text of a request is posted there as a reader sees it, the name of its field first, and
    **before** anything is taken out of it: the service must be yours. It gets `{"text": ...}` and
    answers `{"entities": [{"start": 0, "end": 5, "score": 0.9, "type": "EMPLOYEE_ID"}]}`, in code
    points of that text; `score` and `type` are the recognizer's where they are left out. Without
    a proper answer within `timeout_seconds` for each text, the request is refused.
    """

    url: Annotated[str, Field(max_length=2_000)]
    timeout_seconds: Annotated[float, Field(gt=0, le=5)] = 1.0

    @model_validator(mode="after")
    def _is_plain(self) -> Self:
        if problem := _url_problem(self.url):
            raise ValueError(f"recognizer {self.name!r}: the url {problem}")
        return self


def _url_problem(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        is_complete = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        is_complete = False
    if not is_complete or not url.isascii() or not url.isprintable() or " " in url:
        return "is none: write http://host:port/path or https://…"
    if "@" in parts.netloc:
        return "holds a user name or a password: a policy is no place for them"
    return "ends in a fragment, which is never sent: leave it out" if parts.fragment else None


def _kind(entry: object) -> str | None:
    """Tell what a recognizer is by the one key that only its kind has."""
    if isinstance(entry, Mapping):
        kinds = [key for key in ("pattern", "words", "url") if key in entry]
        return kinds[0] if len(kinds) == 1 else None
    if isinstance(entry, PatternRecognizer):
        return "pattern"
    if isinstance(entry, WordRecognizer):
        return "words"
    return "url" if isinstance(entry, ServiceRecognizer) else None


Recognizer = Annotated[
    Annotated[PatternRecognizer, Tag("pattern")]
    | Annotated[WordRecognizer, Tag("words")]
    | Annotated[ServiceRecognizer, Tag("url")],
    Discriminator(
        _kind,
        custom_error_type="recognizer",
        custom_error_message="a recognizer has one of the keys pattern, words and url",
    ),
]


class PatternFinder:
    """A pattern recognizer at work."""

    def __init__(self, config: PatternRecognizer) -> None:
        """Compile the expression.

        Raises:
            ValueError: it does not compile, or there is no such checksum.
        """
        self._config = config
        self._pattern = LinearPattern(config.pattern)
        self._context = regex.compile(
            rf"(?<![\p{{L}}\d])(?:{any_of(config.context)})(?![\p{{L}}\d])", regex.IGNORECASE
        )
        self._accept = _checksum(config.checksum) if config.checksum else None

    def find(self, text: str) -> Iterator[Entity]:
        """Yield what is found in a normalised text.

        Raises:
            ValidatorError: the search ran out of time.
        """
        config = self._config
        try:
            for start, end in self._pattern.spans(text, self._accept):
                is_sure = not config.context or self._is_told(text, start, end)
                score = config.score if is_sure else config.score_without_context
                yield Entity(config.type, start, end, score)
        except TimeoutError as error:
            raise ValidatorError(f"the recognizer {config.name!r} ran out of time") from error

    def _is_told(self, text: str, start: int, end: int) -> bool:
        """Whether a word around a match says what it is."""
        before = self._context.search(text, max(0, start - _BEFORE), start)
        return (before or self._context.search(text, end, end + _AFTER)) is not None


class WordFinder:
    """A word list at work."""

    def __init__(self, config: WordRecognizer) -> None:
        """Index the words.

        Raises:
            ValueError: one has neither letter nor digit.
        """
        self._config = config
        self._words = Phrases(config.words, ignores_case=config.ignore_case)

    def find(self, text: str) -> Iterator[Entity]:
        """Yield what is found in a normalised text."""
        for start, end in self._words.spans(text):
            yield Entity(self._config.type, start, end, self._config.score)


def _checksum(name: str) -> Callable[[str], bool]:
    module = _CHECKSUMS.get(name) or (f"stdnum.{name}" if _COUNTRY.fullmatch(name) else "")
    try:
        is_valid = importlib.import_module(module).is_valid
    except (ImportError, ValueError, AttributeError):
        raise ValueError(
            f"unknown checksum {name!r}: it is {', '.join(_CHECKSUMS)} or a number of "
            "python-stdnum, such as nl.bsn"
        ) from None
    return lambda value: bool(is_valid(_SEPARATORS.sub("", value)))
