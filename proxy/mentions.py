"""Which mentions in a request are of the same person, number or address.

Whoever is named in full once is the same person when the first name, the surname or the initials
come back, in capitals or in a genitive. Where that fits two people of the request it fits neither.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import phonenumbers
import regex

from validators.pii.entities import NATIONAL_IDS, EntityType
from validators.pii.spoken import addresses


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    "mr mrs ms miss mx dr prof professor sir dame lord lady rev herr herrn frau fraulein dipl ing "
    "m mme mlle monsieur madame mademoiselle sr sra srta senor senora senorita don dona sig sigra "
    "signor signora signorina dott dottssa dhr mevr mw meneer mevrouw senhor senhora doutor doutora"
)
_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+(?:['-][\p{L}\p{M}\p{N}]+)*")
_POSSESSIVE = regex.compile(r"['\u2019\u02bc]s?$", regex.IGNORECASE)
# An identifier is the same with spaces, dashes and dots in it or without.
_SPACED_IDENTIFIERS = NATIONAL_IDS | {EntityType.CREDIT_CARD, EntityType.IBAN_CODE}
# Here every character counts, and its case too.
_EXACT = frozenset({EntityType.API_KEY, EntityType.URL_TOKEN})

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Subject:
    """Who or what a mention is of: the same for every mention of it in one request.

    `key` is its plainest form: of a person, the fullest name in the request; of a number, the one
    with a country code, if the request has it. `lasting_key` says what outlasts the request.
    """

    type: str
    key: str


def subjects(mentions: Sequence[tuple[str, str]]) -> list[Subject]:
    """The subject of each mention, given its type and how it is written."""
    people = _People(_name(value) for type, value in mentions if type == EntityType.PERSON)
    phones = _Phones(value for type, value in mentions if type == EntityType.PHONE_NUMBER)
    found: dict[tuple[str, str], Subject] = {}
    for type, value in mentions:
        if (type, value) not in found:
            match type:
                case EntityType.PERSON:
                    key = " ".join(people.named(_name(value)))
                case EntityType.PHONE_NUMBER:
                    key = phones.number(value)
                case _:
                    key = _key(type, value)
            found[type, value] = Subject(type, key)
    return [found[mention] for mention in mentions]


def lasting_key(subject: Subject, value: str) -> str:
    """What a pseudonym is made of, for a subject and one way in which it is written.

    A number is always the same, but without its country code not the same as with it: that would
    depend on what else the request holds. A person is the same wherever the fullest name is; a
    first name that stands alone in a request is a person of its own.
    """
    return _number(value) if subject.type == EntityType.PHONE_NUMBER else subject.key


def fullness(type: str, value: str) -> tuple[int, bool, bool]:
    """How well a written form stands for its subject: the greatest is the one to read."""
    if type != EntityType.PERSON:
        return 0, True, True
    words = sum(len(word) > 1 for word in _name(value))
    return words, "_" not in value and "," not in value, not (value.isupper() or value.islower())


def without_possessive(value: str) -> str:
    """A name without the 's that belongs to its sentence."""
    return _POSSESSIVE.sub("", value)


class _People:
    """The people that the names of a request tell apart."""

    def __init__(self, names: Iterable[Words]) -> None:
        self._people: dict[Words, Words] = {}
        self._by_word: dict[str, list[Words]] = defaultdict(list)
        for name in sorted(
            {*names}, key=lambda words: (-len(words), _is_abbreviated(words), words)
        ):
            person = self._find(name)
            if person == name:
                for word in {*name}:
                    self._by_word[word].append(name)
            self._people[name] = person

    def named(self, name: Words) -> Words:
        """The fullest name of whoever has this one."""
        return self._people[name]

    def _find(self, name: Words) -> Words:
        full = [word for word in name if len(word) > 1]
        for read in (full, _without_genitive(full)):
            # Who has the rarest of the words; the others are then looked for in those alone.
            holders = min((self._by_word.get(word, []) for word in read), key=len, default=[])
            wanted = iter(read)
            parts = tuple(next(wanted) if len(word) > 1 else word for word in name)
            fitting = _first_two(person for person in holders if _fits(parts, person))
            if len(fitting) == 1:
                return fitting[0]
            if fitting:
                break
        return name


def _fits(name: Words, person: Words) -> bool:
    """Whether a name may be short for a longer one: parts of it, initials, another order."""
    if len(name) == len(person) and sorted(name) == sorted(person):
        return True
    rest = iter(person)
    return all(
        any(part == word or (len(part) == 1 and word[0] == part) for word in rest) for part in name
    )


def _first_two(people: Iterable[Words]) -> list[Words]:
    found = []
    for person in people:
        found.append(person)
        if len(found) == 2:
            break
    return found


def _is_abbreviated(name: Words) -> bool:
    return any(len(word) == 1 for word in name)


def _without_genitive(name: Sequence[str]) -> list[str]:
    """German, Dutch: Lauras Brief, Jiménez' Brief (whose apostrophe is gone by now)."""
    if name and len(name[-1]) > 3 and name[-1].endswith("s"):
        return [*name[:-1], name[-1][:-1]]
    return list(name)


def _name(value: str) -> Words:
    """The words of a name as they are compared, in the order of given name and surname."""
    surname, comma, given = value.partition(",")
    text = f"{given} {surname}" if comma and given.strip() else value
    words = [
        _POSSESSIVE.sub("", word)
        for word in _WORD.findall(_folded(text.replace("_", " ").replace("\u2019", "'")))
    ]
    # Of a name that is nothing but a possessive, no word is left.
    named = [word for word in words if word and word not in _TITLES]
    return tuple(named or filter(None, words)) or (_folded(value),)


class _Phones:
    """The phone numbers of a request: one may stand with its country code, and without."""

    def __init__(self, values: Iterable[str]) -> None:
        self._international: dict[str, set[str]] = defaultdict(set)
        self._read = {value: _phone(value) for value in {*values}}
        for country, national in self._read.values():
            if country:
                self._international[national].add(f"+{country}{national}")

    def number(self, value: str) -> str:
        country, national = self._read[value]
        if country:
            return f"+{country}{national}"
        known = self._international.get(national, set())
        return next(iter(known)) if len(known) == 1 else national


def _number(value: str) -> str:
    country, national = _phone(value)
    return f"+{country}{national}" if country else national


def _phone(value: str) -> tuple[str, str]:
    """The country code, if it is told, and the number without the zero that is dialled at home."""
    text = regex.sub(r"^\s*\(?00", "+", unicodedata.normalize("NFKC", value))
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return "", "".join(filter(str.isdecimal, text)).lstrip("0") or _folded(value)
    national = phonenumbers.national_significant_number(number).lstrip("0")
    extension = f" {number.extension}" if number.extension else ""
    return str(number.country_code), f"{national}{extension}"


def _key(type: str, value: str) -> str:
    if type in _EXACT:
        return value
    if type == EntityType.EMAIL_ADDRESS:
        value = next(iter(addresses(value)), value)
    folded = " ".join(_folded(value).split())
    if type in _SPACED_IDENTIFIERS:
        return "".join(filter(str.isalnum, folded)) or folded
    return folded


_SAME_LETTERS: Mapping[int, str] = str.maketrans({"ß": "ss", "ø": "o", "ł": "l", "đ": "d"})


def _folded(value: str) -> str:
    """A value without case and accents."""
    plain = unicodedata.normalize("NFKD", value.casefold())
    bare = "".join(character for character in plain if not unicodedata.combining(character))
    return unicodedata.normalize("NFKC", bare).translate(_SAME_LETTERS)
