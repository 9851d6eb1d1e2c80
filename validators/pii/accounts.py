"""Payment cards and bank accounts."""

from __future__ import annotations

import regex
from stdnum import luhn

from validators.pii.entities import EntityType
from validators.pii.shapes import LONG_NUMBER, Shape, exact_shape, shape

_GAP = r"[ \-.\n]{0,3}"


# How long a card of a network is; a bar code or a company's number passes Luhn's check as well.
_CARD_NUMBER = regex.compile(
    r"4(?:\d{15}|\d{18})|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|3(?:0|[689])\d{12,17}|35\d{14}|"
    r"(?:5[06-8]|6\d|8[12]|9792)\d{12,17}"
)


def _is_card(text: str) -> bool:
    number = regex.sub(r"\D", "", text)
    return (
        len(set(number)) > 1
        and _CARD_NUMBER.fullmatch(number) is not None
        and 14 <= len(number) <= 19
        and luhn.is_valid(number)
    )


def _is_iban(text: str) -> bool:
    letters = "".join(character for character in text.upper() if character.isalnum())
    if not 15 <= len(letters) <= 34 or not letters.isascii():
        return False
    return int("".join(str(int(c, 36)) for c in letters[4:] + letters[:4])) % 97 == 1


SHAPES: tuple[Shape, ...] = (
    shape(
        EntityType.CREDIT_CARD,
        rf"(?<![\p{{L}}\d_]|\d[.-])[2-689]\d(?:{_GAP}\d){{12,17}}(?![\w]|[.-]\d)",
        0.98,
        LONG_NUMBER,
        _is_card,
    ),
    # A mistyped card is somebody's too.
    shape(
        EntityType.CREDIT_CARD,
        r"\b(?:card|visa|mastercard|maestro|amex|american express|discover|kreditkarte|karte|carte|"
        r"cb|tarjeta|carta|kaart|creditcard|cartão)\b[^\d\n]{0,24}"
        r"(?P<value>\d{4}[ .-]?\d{4}[ .-]?\d{4}[ .-]?\d{1,7}|\d{4}[ -]?\d{6}[ -]?\d{5})\b",
        0.9,
        LONG_NUMBER,
    ),
    shape(
        EntityType.CREDIT_CARD,
        r"\b(?:cvv2?|cvc2?|security code|prüfziffer|cryptogramme)\b[\s:=\"'#-]{1,4}"
        r"(?:is |ist |est |es )?(?P<value>\d{3,4})\b",
        0.85,
        r"cvv|cvc|security code|prüfziffer|cryptogramme",
    ),
    shape(
        EntityType.IBAN_CODE,
        r"(?<!\w)[A-Z]{2} ?\d ?\d(?:[ \n.\-]{0,2}[A-Z0-9]){11,30}(?!\w)",
        0.99,
        LONG_NUMBER,
        _is_iban,
    ),
    # The words after an IBAN are letters too, so its own length is tried as well.
    shape(
        EntityType.IBAN_CODE,
        r"(?<!\w)[A-Z]{2}\d\d(?:[ \n.\-]?[A-Z0-9]{4}){2,7}(?:[ \n.\-]?[A-Z0-9]{1,3})?(?=\s\p{L}|"
        r"\b)",
        0.99,
        LONG_NUMBER,
        _is_iban,
    ),
    # With a wrong check sum, but grouped as only an IBAN is.
    exact_shape(
        EntityType.IBAN_CODE,
        r"(?<!\w)[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){3,7}(?: \w{1,3})?\b",
        0.9,
        LONG_NUMBER,
    ),
    shape(
        EntityType.IBAN_CODE,
        # As one run, in fours (the first may be letters), or in any groups of digits: a word that
        # follows is no part of it.
        r"\biban\b\D{0,12}?(?P<value>[A-Z]{2}\d{2}(?:[A-Z0-9]{10,30}|"
        r"(?: [A-Z]{4})?(?: (?=[A-Z]*\d)[A-Z0-9]{4}){2,7}(?: \d[A-Z0-9]{0,2})?|(?: ?\d){10,30}))\b",
        0.9,
        r"iban",
    ),
)
