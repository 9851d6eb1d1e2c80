"""Does a record carry a sentence? The first, strict answer: same words, same numbers.

Strict on purpose: a record that is close but not the same must not clear a claim. Paraphrases are
therefore "neutral" here, which asks a person to look and never says that a claim is false.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

import regex

from validators.base import Evidence, EvidenceMatch
from validators.text import normalise

Relation = Literal["supports", "contradicts", "neutral", "expired"]

# Share of the claim's content words that the record must hold. Figures that agree with their
# units say a lot, so a claim that brings two of them may be worded a little more freely.
_MIN_COVERAGE = 0.8
_MIN_COVERAGE_WITH_FIGURES = 0.75

_WORD = regex.compile(r"\p{L}[\p{L}'-]*")
# A capital inside a sentence: a brand, a place, a month. Another one is another fact.
_NAME = regex.compile(r"(?<=[\p{L}\d,;] )\p{Lu}[\p{L}'-]+")
_STOP = frozenset(
    _WORD.findall(
        "a an and are as at be by for from has have i in is it its of on or our so that the their "
        "them this to us was we were will with you your"
    )
)
_NUMBER_WORDS = dict(
    zip(
        _WORD.findall(
            "zero one two three four five six seven eight nine ten eleven twelve fifteen twenty "
            "thirty forty fifty sixty seventy eighty ninety hundred"
        ),
        (*range(13), 15, *range(20, 101, 10)),
        strict=True,
    )
)
# No "m": it is also a metre.
_SCALES = {"k": 10**3, "thousand": 10**3, "million": 10**6, "bn": 10**9, "billion": 10**9}
_UNITS = {
    "%": "% percent",
    "usd": "$ usd dollar dollars",
    "eur": "€ eur euro euros",
    "gbp": "£ gbp pound pounds",
    "inr": "₹ inr rupee rupees",
    "h": "h hr hrs hour hours",
    "min": "min mins minute minutes",
    "s": "s sec second seconds",
    "day": "day days",
    "week": "week weeks",
    "month": "month months",
    "year": "year years",
    "kg": "kg kilo kilos kilogram kilograms",
    "g": "g gram grams",
    "mg": "mg",
    "km": "km kilometre kilometres kilometer kilometers",
    "m": "metre metres meter meters",
    "mile": "mile miles",
    "cm": "cm",
    "l": "l litre litres liter liters",
    "ml": "ml",
    "kwh": "kwh",
}
_UNIT_OF = {name: unit for unit, names in _UNITS.items() for name in names.split()}
_FIGURE = regex.compile(
    r"(?P<before>[$€£₹])?\s?"
    rf"(?<![\p{{L}}\d.,])(?P<number>\d+(?:[.,]\d+)*|\b(?:{'|'.join(_NUMBER_WORDS)})\b)"
    r"(?:[ ]?(?P<scale>k|bn|thousand|million|billion)\b)?"
    r"(?:[ -]?(?P<after>%|per ?cent\b|[$€£₹]|\L<units>\b))?",
    regex.IGNORECASE,
    units=[name for name in _UNIT_OF if name.isalpha()],
)

# Losing one of these in the copy makes the claim stronger than its record (DOMAIN.md 3.5).
_QUALIFIER = regex.compile(
    r"\b(?:up to|from|selected|(?<!\b(?:in|of|\d) )may(?! \d)|might|could|helps?|when|if|"
    r"in an? (?:test|trial|survey|study)|"
    r"versus|compared|among|median|average|on average|most|some|about|nearly|at least|over|only|"
    r"per (?:person|account|portion)|nominated|shortlist(?:ed)?|in[- ]vitro|mouse|mice|laboratory|"
    r"simulated|estimated?|projected|planned|expected|free (?:pair|sample|product)|incentive)\b",
    regex.IGNORECASE,
)
# Adding one of these in the copy does so too.
_ABSOLUTE = regex.compile(
    r"\b(?:all|every|everyone|each|always|any|entire(?:ly)?|whole|complete(?:ly)?|total(?:ly)?|"
    r"permanent(?:ly)?|forever|guaranteed?|proven|best|first|number one|no\. ?1|winner|won|"
    r"only|unique|cures?|\p{L}{3,}est)\b",
    regex.IGNORECASE,
)
_NEGATION = regex.compile(
    r"\b(?:not|no|none|never|nor|neither|without|cannot|\p{L}+n't|withdrawn|failed|pending|planned|"
    r"except|excluding|unable)\b",
    regex.IGNORECASE,
)
# What holds for a part of those asked is not to be said of everybody.
_SHARE = regex.compile(
    r"\d ?(?:%|per ?cent) (?:of|said|say|agreed?|would|reported|rated|chose|preferred)\b|"
    r"\b(?:\d+|\p{L}+) (?:in|out of) (?:\d+|\p{L}+) \p{L}+ (?:said|say|agreed?|would|reported)\b",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a sentence says, as far as words and figures tell. Figures are not among the words."""

    words: frozenset[str]
    names: frozenset[str]
    figures: frozenset[tuple[Decimal, str]]
    qualifiers: frozenset[str]
    absolutes: frozenset[str]
    is_negated: bool
    is_share: bool


class Records:
    """Records as they are on one day, read once for any number of claims."""

    def __init__(self, records: Sequence[Evidence], today: dt.date) -> None:
        self._records = [
            (record.id, _has_expired(record, today), _read(record.statement)) for record in records
        ]

    def match(self, claim: str, *, core: str = "") -> tuple[EvidenceMatch, ...]:
        """Compare a claim with each record that shares words with it, best first.

        `core` is the part of the claim that matters: a record supports nothing unless it has
        every word of it, however much of the rest it holds.
        """
        claimed, essential = _read(claim), _read(core).words
        found = []
        for name, has_expired, stated in self._records:
            if not (shared := claimed.words & stated.words):
                continue
            coverage = len(shared) / len(claimed.words)
            relation: Relation = "expired" if has_expired else _relation(claimed, stated, coverage)
            if relation == "supports" and not essential | claimed.names <= stated.words:
                relation = "neutral"
            found.append(EvidenceMatch(name, relation, coverage))
        return tuple(sorted(found, key=lambda match: match.score, reverse=True))


def _has_expired(record: Evidence, today: dt.date) -> bool:
    # A context without a day has the last one there is.
    return record.valid_until is not None and record.valid_until < today != dt.date.max


def _relation(claimed: _Statement, stated: _Statement, coverage: float) -> Relation:
    same_figures = all(_is_among(figure, stated.figures) for figure in claimed.figures)
    enough = _MIN_COVERAGE
    if same_figures and len(claimed.figures) > 1:
        enough = _MIN_COVERAGE_WITH_FIGURES
    if coverage < enough:
        return "neutral"
    if _differ_in_figures(claimed, stated):
        return "contradicts"
    is_no_stronger = (
        claimed.qualifiers >= stated.qualifiers
        and claimed.absolutes <= stated.absolutes
        and claimed.is_negated == stated.is_negated
        and (claimed.is_share or not stated.is_share)
    )
    return "supports" if same_figures and is_no_stronger else "neutral"


def _is_among(figure: tuple[Decimal, str], figures: frozenset[tuple[Decimal, str]]) -> bool:
    value, unit = figure
    return figure in figures or (not unit and any(value == other for other, _ in figures))


def _differ_in_figures(claimed: _Statement, stated: _Statement) -> bool:
    """Whether both give a figure in the same unit, and no such figure is the same."""
    units = {unit for _, unit in claimed.figures} & {unit for _, unit in stated.figures} - {""}
    return any(
        {value for value, other in claimed.figures if other == unit}.isdisjoint(
            value for value, other in stated.figures if other == unit
        )
        for unit in units
    )


def _read(text: str) -> _Statement:
    plain = normalise(text).text
    return _Statement(
        words=_words(_FIGURE.sub(" ", plain)),
        names=_words(" ".join(_NAME.findall(plain))),
        figures=frozenset(_figure(match) for match in _FIGURE.finditer(plain)),
        qualifiers=_phrases(_QUALIFIER, plain),
        absolutes=_phrases(_ABSOLUTE, plain),
        is_negated=_NEGATION.search(plain) is not None,
        is_share=_SHARE.search(plain) is not None,
    )


def _phrases(expression: regex.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(phrase.casefold() for phrase in expression.findall(text))


def _words(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(text))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _figure(match: regex.Match[str]) -> tuple[Decimal, str]:
    """A number with its unit, "" where it has none that we know."""
    written = match["number"].casefold()
    value = Decimal(_NUMBER_WORDS[written]) if written in _NUMBER_WORDS else _decimal(written)
    scale = _SCALES.get((match["scale"] or "").casefold(), 1)
    after = (match["after"] or "").casefold().replace("per cent", "percent")
    unit = _UNIT_OF.get(match["before"] or "") or _UNIT_OF.get(after, "")
    return value * scale, unit


def _decimal(written: str) -> Decimal:
    """Read 1,208 and 1.208 as a thousand and more, 4.6 and 4,6 as less than five."""
    whole, *groups = regex.split(r"[.,]", written)
    if all(len(group) == 3 for group in groups):
        return Decimal("".join((whole, *groups)))
    return Decimal("".join((whole, *groups[:-1])) + "." + groups[-1])
