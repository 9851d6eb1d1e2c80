"""Personal data made coarse enough to be nobody's: an age band, a city."""

from __future__ import annotations

import datetime as dt
import itertools
import unicodedata
from collections.abc import Iterator, Mapping

import regex

from validators.pii.entities import EntityType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The first years of the age bands.
_BANDS = (18, 25, 35, 45, 55, 65)
_OLDEST = 120
# January to December, as English, German, French, Spanish, Italian, Dutch and Portuguese write
# them in full, without accents; and what is short for them.
_MONTH_NAMES = (
    "january januar janvier enero gennaio januari janeiro jan janv ene gen",
    "february februar fevrier febrero febbraio februari fevereiro feb fev fevr febr",
    "march marz maerz mars marzo maart marco mar mrz mrt",
    "april avril abril aprile apr avr abr",
    "may mai mayo maggio mei maio mag",
    "june juni juin junio giugno junho jun giu",
    "july juli juillet julio luglio julho jul juil lug",
    "august aout agosto augustus aug ago",
    "september septembre septiembre settembre setembro sep sept set",
    "october oktober octobre octubre ottobre outubro oct okt ott out",
    "november novembre noviembre novembro nov",
    "december dezember decembre diciembre dicembre dezembro dec dez dic",
)
_MONTHS: Mapping[str, int] = {
    name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names.split()
}
# What else stands in a date: "the 1st of", "12 de marzo de", "1er", "2nd".
_DATE_WORDS = _words("the of st nd rd th de del den der er am le el il o a d")

_POSTCODE_BEFORE = regex.compile(
    r"(?:\b[A-Z]{1,2}-)?\b(?:\d{4}[ ]?[A-Z]{2}|\d{4}-\d{3}|\d{5}-\d{3}|\d{2}-\d{3}"
    r"|\d{3} \d{2}|\d{4,5})\s+(?=\p{Lu})"
)
_POSTCODE_BEHIND = regex.compile(
    r"\s*\b(?:[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}"  # United Kingdom
    r"|[A-Z]\d[A-Z]\s*\d[A-Z]\d|[A-Z]\d[\dW]\s*[A-Z\d]{4}"  # Canada, Ireland
    r"|(?:[A-Z]{2}\s+)?\d{5}(?:-\d{4})?|\d{6}|\d{3} \d{3})$"  # United States, India
)
_COUNTRIES = _words(
    "uk gb usa us united kingdom england scotland wales northern ireland eire germany deutschland "
    "france spain espana italy italia netherlands nederland portugal austria osterreich "
    "switzerland schweiz suisse svizzera belgium belgie belgique brazil brasil india poland polska "
    "sweden sverige canada australia the of america states"
)
_STATE = regex.compile(r"[A-Z]{2}|[A-Z]\.[A-Z]\.")
_PROVINCE = regex.compile(r"\s*\([^()]*\)\s*$")
# What a house or a street is called, and no city.
_BUILDING = regex.compile(
    r"\b(?:house|cottage|flat|apt|apartment|floor|unit|suite|building|court|farm|lodge|villa|hall|"
    r"street|st|road|rd|avenue|ave|lane|drive|close|way|place|terrace|crescent|square|grove|"
    r"gardens?|mews|row|boulevard|rue|via|viale|piazza|calle|avenida|plaza|rua|travessa|"
    r"residence|batiment|etage|haus|hof|wohnung|etage|planta|piso|casa|quinta|interno|scala|bus)\b"
    r"|(?:stra(?:ss|ß)e|str|weg|gasse|platz|allee|straat|laan|plein|gracht)\b",
    regex.IGNORECASE,
)
_CITY = regex.compile(r"\p{Lu}[\p{L}\p{M}'\u2019. -]{1,40}")


def generalise(type: str, value: str, today: dt.date) -> str | None:
    """What may be said instead of a value; None if that cannot be told from it.

    Raises:
        ValueError: nothing is coarser than a value of this type; a policy cannot ask for it.
    """
    match type:
        case EntityType.DATE_OF_BIRTH:
            return _age_band(value, today)
        case EntityType.LOCATION:
            return _city(value)
        case _:
            raise ValueError(f"{type} cannot be generalised")


def _age_band(value: str, today: dt.date) -> str | None:
    """The band of somebody's age, where every way to read the date gives the same one."""
    bands = {_band(_age(born, today)) for born in _readings(value, today)}
    return bands.pop() if len(bands) == 1 else None


def _age(born: dt.date, today: dt.date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _band(age: int) -> str:
    if age < _BANDS[0]:
        return f"under {_BANDS[0]} years old"
    for first, following in itertools.pairwise(_BANDS):
        if age < following:
            return f"{first}\u2013{following - 1} years old"
    return f"{_BANDS[-1]} or more years old"


def _readings(value: str, today: dt.date) -> Iterator[dt.date]:
    """Every birth date that a text may mean: 03/04/1981 in Europe and in the United States."""
    plain = unicodedata.normalize("NFKD", value).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    words = regex.findall(r"\p{L}+", plain)
    numbers = regex.findall(r"\d+", plain)
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    if len(months) > 1 or any(word not in _MONTHS and word not in _DATE_WORDS for word in words):
        return
    if len(numbers) == 1 and not months and len(numbers[0]) == 8:
        digits = numbers[0]
        orders = [(digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])]
    elif months:
        month = str(months[0])
        match numbers:
            case [day, year] if len(day) < 3:
                orders = [(year, month, day)]
            case [year, day]:
                orders = [(year, month, day)]
            case [year]:
                orders = [(year, month, "1"), (year, month, "28")]
            case _:
                return
    else:
        match numbers:
            case [year, month, day] if len(year) == 4:
                orders = [(year, month, day)]
            case [first, second, year]:
                orders = [(year, second, first)]
                # With dots, the day is first everywhere.
                if "." not in plain:
                    orders.append((year, first, second))
            case [month, year] if len(year) == 4:
                orders = [(year, month, "1"), (year, month, "28")]
            case [year] if len(year) == 4:
                orders = [(year, "1", "1"), (year, "12", "31")]
            case _:
                return
    for year, month, day in orders:
        try:
            born = dt.date(_year(year, today), int(month), int(day))
        except ValueError:
            continue
        if born <= today and _age(born, today) <= _OLDEST:
            yield born


def _year(digits: str, today: dt.date) -> int:
    """A year of two digits is the last one that ended so."""
    year = int(digits)
    if len(digits) != 2:
        return year
    century = today.year - today.year % 100
    return century + year if century + year <= today.year else century - 100 + year


def _city(address: str) -> str | None:
    """The city that an address ends with; a street or a house alone has none."""
    parts = [part.strip() for part in regex.split(r"[,;\n\u2022|]+", address)]
    parts = [part for part in parts if part]
    while len(parts) > 1 and _is_region(parts[-1]):
        parts.pop()
    last = _PROVINCE.sub("", parts[-1]) if parts else ""
    if before := _POSTCODE_BEFORE.search(last):
        # 50667 Köln, also right behind the street.
        return _named_city(last[before.end() :])
    city = _POSTCODE_BEHIND.sub("", last)
    if not city and len(parts) > 1:
        parts.pop()
        while len(parts) > 1 and _is_region(parts[-1]):
            parts.pop()
        city = parts[-1]
    # Alone it may as well be the street.
    return _named_city(city) if len(parts) > 1 else None


def _is_region(part: str) -> bool:
    plain = unicodedata.normalize("NFKD", part).casefold()
    words = regex.findall(r"\p{L}+", "".join(c for c in plain if not unicodedata.combining(c)))
    has_digits = any(character.isdigit() for character in part)
    is_country = bool(words) and all(word in _COUNTRIES for word in words)
    return not has_digits and (is_country or _STATE.fullmatch(part) is not None)


def _named_city(text: str) -> str | None:
    city = text.strip()
    return city if _CITY.fullmatch(city) and not _BUILDING.search(city) else None
