"""One way to write an e-mail address or a phone number, so that its hash is always the same."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import phonenumbers
import regex

from proxy.store.records import ContactKind
from validators.pii.decoding import readings
from validators.pii.spoken import ADDRESS, addresses

# 00 is how most countries dial out.
_DIALLED_OUT = regex.compile(r"^\s*\(?00")


@dataclass(frozen=True, slots=True)
class Contact:
    """An address or a number in its canonical form, which `repr` does not show."""

    kind: ContactKind
    canonical: str = field(repr=False)


def read_contact(text: str, region: str | None = None) -> Contact:
    """Read what a person gave: an e-mail address if it has an @, else a phone number.

    `region` is the country of a number that is written without its country code, such as GB.

    Raises:
        ValueError: it is neither. The message says why and never repeats it.
    """
    if "@" in text:
        email = canonical_email(text)
        if email is None:
            raise ValueError("is no e-mail address")
        return Contact(ContactKind.EMAIL, email)
    phone = canonical_phone(text, region)
    if phone is not None:
        return Contact(ContactKind.PHONE, phone)
    if region is None and sum(character.isdigit() for character in text) >= 6:
        raise ValueError(
            "is no phone number with a country code; write it as +44 …, or set phone_region"
        )
    raise ValueError("is neither an e-mail address nor a phone number")


def canonical_email(text: str) -> str | None:
    """The whole address in small letters; dots and plus tags stay: they may tell people apart."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).strip()
    return folded if ADDRESS.fullmatch(folded) else None


def canonical_phone(text: str, region: str | None = None) -> str | None:
    """The number in E.164, as +447700900123."""
    international = _DIALLED_OUT.sub("+", unicodedata.normalize("NFKC", text))
    try:
        number = phonenumbers.parse(international, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def possible_emails(found: str) -> set[str]:
    """Every address that a found one may mean, as it is written and without its disguise."""
    return {form for form in map(canonical_email, (found, *addresses(found))) if form}


def possible_phones(found: str, regions: Sequence[str]) -> set[str]:
    """Every number that a found one may mean, as it is written and without its disguise.

    That is the number in each of the countries (`regions`), or with its plus left out.
    """
    numbers = set()
    for reading in readings(found):
        digits = "".join(character for character in reading.text if character.isdigit())
        numbers |= {canonical_phone(reading.text, region) for region in (None, *regions)}
        numbers.add(canonical_phone(f"+{digits}"))
    return {number for number in numbers if number}
