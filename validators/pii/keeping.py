"""What stays although it may look personal: a house's own names, and those the world knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import regex
import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    Discriminator,
    Field,
    Tag,
    TypeAdapter,
    field_validator,
)

from validators.base import ValidatorError
from validators.pii.linear import LinearPattern
from validators.pii.phrases import Phrases
from validators.pii.tagger import NameLists

_WELL_KNOWN_FILE = Path(__file__).parent / "well_known.yaml"


# Right after a name, what makes a customer of a public figure: "Taylor Swift, order 88213".
IDENTIFIER_AFTER = regex.compile(
    r"(?:,| -| \||;|:)? ?[(<\[\"]?(?:[\w.+-]+@|\+?(?:\d[ ().-]{0,2}){7,}|born\b|dob\b|née?\b|"
    r"b\. \d|aged? \d|(?:nhs|ssn|pan|nif|cpf|dni|bsn|nie|pesel|aadhaar|account|acct|member|"
    r"order|phone|mobile|tel|customer|tax id|steuer-id|personnummer|iban|id)\b"
    r"[^\w\n]{0,3}(?:no\.? )?\S*\d)|, \d\d, ",
    regex.IGNORECASE,
)


def _named(name: str) -> str:
    Phrases([name])
    return name


_Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_named)]


class KeptName(BaseModel, frozen=True, extra="forbid"):
    """A name whose case may count: the brand Victoria, and not a victoria."""

    text: _Name
    match: Literal["any_case", "exact"] = "any_case"


class KeptPattern(BaseModel, frozen=True, extra="forbid"):
    """Every name that an expression of RE2 matches, such as the codes of a catalogue."""

    regex: str

    @field_validator("regex")
    @classmethod
    def _compiles(cls, expression: str) -> str:
        try:
            LinearPattern(expression)
        except ValueError as error:
            raise ValueError(f"{expression[:60]!r}: {error}") from error
        return expression


def _kind(entry: object) -> str | None:
    """Tell what an entry is by the key that it has; a bare string is a name in any case."""
    if isinstance(entry, str):
        return "name"
    if isinstance(entry, Mapping):
        return next((key for key in ("text", "regex") if key in entry), None)
    if isinstance(entry, KeptName):
        return "text"
    return "regex" if isinstance(entry, KeptPattern) else None


Keep = Annotated[
    Annotated[_Name, Tag("name")]
    | Annotated[KeptName, Tag("text")]
    | Annotated[KeptPattern, Tag("regex")],
    Discriminator(
        _kind,
        custom_error_type="keep",
        custom_error_message="an entry is a name, {text: ..., match: exact} or {regex: ...}",
    ),
]


class KeepList:
    """The names that a house keeps: brands, products, public figures of its trade."""

    def __init__(self, entries: Iterable[Keep] = ()) -> None:
        names = [KeptName(text=e) if isinstance(e, str) else e for e in entries]
        self._any_case, self._exact = (
            Phrases(
                [e.text for e in names if isinstance(e, KeptName) and e.match == match],
                ignores_case=match == "any_case",
            )
            for match in ("any_case", "exact")
        )
        self._patterns = [LinearPattern(e.regex) for e in names if isinstance(e, KeptPattern)]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield what stays in a normalised text.

        Raises:
            ValidatorError: the expressions ran out of time.
        """
        for phrases in (self._any_case, self._exact):
            for start, end in phrases.spans(text):
                yield start, _after_possessive(text, end)
        for pattern in self._patterns:
            try:
                yield from pattern.spans(text)
            except TimeoutError as error:
                raise ValidatorError("an expression of pii.keep ran out of time") from error


class KnownSpan(NamedTuple):
    """A well-known name in a text; one that is sure cannot be somebody's name as well."""

    start: int
    end: int
    is_sure: bool


class WellKnown:
    """Find figures, characters, brands, places and dishes whose names read like those of people.

    The list is shipped, in `well_known.yaml`. Names of several words are found in any case, single
    words as they are written there. A full name with an identifier right behind it is left out:
    "Taylor Swift, order 88213" is a customer.
    """

    def __init__(self, names_of_people: NameLists) -> None:
        self._names_of_people = names_of_people
        lists = TypeAdapter(dict[str, tuple[str, ...]]).validate_python(
            yaml.load(_WELL_KNOWN_FILE.read_text(encoding="utf-8"), yaml.CSafeLoader)
        )
        names = [name for names in lists.values() for name in names]
        self._full = Phrases((name for name in names if " " in name), ignores_case=True)
        self._single = Phrases(name for name in names if " " not in name)

    def spans(self, text: str) -> list[KnownSpan]:
        """The names in a normalised text."""
        full = [
            KnownSpan(start, _after_possessive(text, end), True)
            for start, end in self._full.spans(text)
            if not IDENTIFIER_AFTER.match(text, end, end + 40)
        ]
        single = [
            KnownSpan(start, _after_possessive(text, end), self._is_no_person(text[start:end]))
            for start, end in self._single.spans(text)
        ]
        return full + single

    def _is_no_person(self, word: str) -> bool:
        kind = self._names_of_people.kind(word)
        return not kind & (NameLists.GIVEN | NameLists.FAMILY)


def _after_possessive(text: str, end: int) -> int:
    return end + 2 if text[end : end + 2].lower() == "'s" else end
