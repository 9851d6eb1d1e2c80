"""How long a text is on a channel, counted as the channel counts it (DOMAIN.md 2.7)."""

from __future__ import annotations

import unicodedata

import regex

from validators.base import Channel, Counting

# X shortens every link to 23 characters and counts these ranges once, everything else twice.
_URL = regex.compile(
    r"https?://\S+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|eu|io|co\.uk|de|fr|es|it|nl|pt)\b\S*"
)
_URL_WEIGHT = 23
_LIGHT = regex.compile(r"[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")
_EMOJI = regex.compile(r"(?![©®])\p{Extended_Pictographic}|\p{Regional_Indicator}|\u20e3")
_GRAPHEME = regex.compile(r"\X")
_HASHTAG = regex.compile(r"(?<![\w&/])#\w*\p{L}\w*")

_GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = frozenset("^{}[]~\\|€\f")
# One character outside GSM-7 switches the whole message to UCS-2, which leaves 70 of 160.
_GSM_LIMIT, _UCS2_LIMIT = 160, 70


def length(text: str, counting: Counting) -> int:
    """Count a text in the unit of a channel."""
    match counting:
        case "code_points":
            return len(text)
        case "graphemes":
            return len(_GRAPHEME.findall(text))
        case "weighted":
            return _weigh(text)
        case "gsm":
            if is_gsm(text):
                return sum(2 if character in _GSM_EXTENDED else 1 for character in text)
            return len(text.encode("utf-16-le")) // 2


def limit(text: str, channel: Channel) -> int:
    """The longest that this text may be; less for an SMS that needs UCS-2."""
    if channel.counting == "gsm" and not is_gsm(text):
        return channel.limit * _UCS2_LIMIT // _GSM_LIMIT
    return channel.limit


def excess(text: str, channel: Channel) -> int:
    """How many units a text is too long for its channel; zero or less if it fits."""
    return length(text, channel.counting) - limit(text, channel)


def fold_offset(text: str, channel: Channel) -> int:
    """The code-point offset at which a channel folds a text; its length if it does not."""
    if length(text, channel.counting) <= channel.fold:
        return len(text)
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if length(text[:middle], channel.counting) <= channel.fold:
            low = middle
        else:
            high = middle - 1
    return low


def count_hashtags(text: str) -> int:
    return len(_HASHTAG.findall(text))


def is_gsm(text: str) -> bool:
    """Whether an SMS gateway can send a text in the 7-bit GSM alphabet."""
    return all(character in _GSM_BASIC or character in _GSM_EXTENDED for character in text)


def _weigh(text: str) -> int:
    rest, urls = _URL.subn("", unicodedata.normalize("NFC", text))
    return int(urls) * _URL_WEIGHT + sum(
        _weigh_grapheme(found[0]) for found in _GRAPHEME.finditer(rest)
    )


def _weigh_grapheme(grapheme: str) -> int:
    # An emoji counts twice as a whole, however many code points it is joined from.
    if _EMOJI.search(grapheme):
        return 2
    return sum(1 if _LIGHT.match(character) else 2 for character in grapheme)
