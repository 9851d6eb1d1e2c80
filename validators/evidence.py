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

# Share of the claim's content words that the record must hold. Figures that agree with their
# units say a lot, so a claim that brings two of them may be worded a little more freely.
_MIN_COVERAGE = 0.8
_MIN_COVERAGE_WITH_FIGURES = 0.75

_WORD = regex.compile(r"\p{L}[\p{L}'-]*")
# A capital inside a sentence: a brand, a place, a month. Another one is another fact.
_NAME = regex.compile(r"(?<=[\p{L}\d,;] )\p{Lu}[\p{L}'-]+")
_STOP = frozenset(
    "a an and are as at be by for from has have i in is it its of on or our so that the their them "
    "this to us was we were will with you your".split()
)

_SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()
_NUMBER_WORDS = {word: Decimal(value) for value, word in enumerate(_SMALL)} | {
    "fifteen": Decimal(15),
    **{
        word: Decimal(10 * tens)
        for tens, word in enumerate(
            "twenty thirty forty fifty sixty seventy eighty ninety".split(), 2
        )
    },
    "hundred": Decimal(100),
}
_SCALES = {"k": 1_000, "thousand": 1_000, "m": 1_000_000, "million": 1_000_000, "bn": 10**9}
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
    r"(?:[ ]?(?P<scale>k|m|bn|thousand|million)\b)?"
    r"(?:[ -]?(?P<after>%|per\ ?cent|[$€£₹]|\p{L}+))?",
    regex.IGNORECASE,
)

# Losing one of these in the copy makes the claim stronger than its record (DOMAIN.md 3.5).
_QUALIFIER = regex.compile(
    r"\b(?:up to|from|selected|may|might|could|helps?|when|if|in an? (?:test|trial|survey|study)|"
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


@dataclass(frozen=True, slots=True)
class _Statement:
    """What a sentence says, as far as words and figures tell."""

    words: frozenset[str]
    names: frozenset[str]
    figures: frozenset[tuple[Decimal, str]]
    qualifiers: frozenset[str]
    absolutes: frozenset[str]
    is_negated: bool


def match_evidence(
    claim: str, records: Sequence[Evidence], today: dt.date, *, core: str = ""
) -> tuple[EvidenceMatch, ...]:
    """Compare a claim with each record that shares words with it, best first.

    `core` is the part of the claim that matters: a record supports nothing unless it has every
    word of it, however much of the rest it holds.
    """
    claimed, essential = _read(claim), _words(core)
    matches = (_match(claimed, essential, record, today) for record in records)
    found = [match for match in matches if match is not None]
    return tuple(sorted(found, key=lambda match: match.score, reverse=True))


def _match(
    claimed: _Statement, essential: frozenset[str], record: Evidence, today: dt.date
) -> EvidenceMatch | None:
    stated = _read(record.statement)
    if not claimed.words & stated.words:
        return None
    coverage = len(claimed.words & stated.words) / len(claimed.words)
    if record.valid_until and today != dt.date.max and record.valid_until < today:
        return EvidenceMatch(record.id, "expired", coverage)
    relation = _relation(claimed, stated, coverage)
    if relation == "supports" and not essential | claimed.names <= stated.words:
        relation = "neutral"
    return EvidenceMatch(record.id, relation, coverage)


def _relation(
    claimed: _Statement, stated: _Statement, coverage: float
) -> Literal["supports", "contradicts", "neutral"]:
    same_figures = all(_is_among(figure, stated.figures) for figure in claimed.figures)
    enough = _MIN_COVERAGE
    if same_figures and len(claimed.figures) > 1:
        enough = _MIN_COVERAGE_WITH_FIGURES
    if coverage < enough:
        return "neutral"
    if _differ_in_figures(claimed, stated) or claimed.is_negated != stated.is_negated:
        return "contradicts"
    is_weaker = claimed.qualifiers >= stated.qualifiers and claimed.absolutes <= stated.absolutes
    keeps_share = bool(claimed.figures) or all(unit != "%" for _, unit in stated.figures)
    return "supports" if same_figures and is_weaker and keeps_share else "neutral"


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
        words=_words(plain),
        names=_words(" ".join(_NAME.findall(plain))),
        figures=frozenset(_figure(match) for match in _FIGURE.finditer(plain)),
        qualifiers=_phrases(_QUALIFIER, plain),
        absolutes=_phrases(_ABSOLUTE, plain),
        is_negated=_NEGATION.search(plain) is not None,
    )


def _phrases(expression: regex.Pattern[str], text: str) -> frozenset[str]:
    return frozenset(phrase.casefold() for phrase in expression.findall(text))


def _words(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(normalise(text).text))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _figure(match: regex.Match[str]) -> tuple[Decimal, str]:
    """A number with its unit, "" where it has none that we know."""
    written, scale = match["number"].casefold(), (match["scale"] or "").casefold()
    value = _NUMBER_WORDS.get(written)
    if value is None:
        value = _decimal(written)
    after = (match["after"] or "").casefold().replace("per cent", "percent")
    unit = _UNIT_OF.get(match["before"] or "") or _UNIT_OF.get(after, "")
    return value * _SCALES.get(scale, 1), unit


def _decimal(written: str) -> Decimal:
    """Read 1,208 and 1.208 as a thousand and more, 4.6 and 4,6 as less than five."""
    groups = regex.split(r"[.,]", written)
    if len(groups) > 1 and all(len(group) == 3 for group in groups[1:]):
        return Decimal("".join(groups))
    return Decimal("".join(groups[:-1]) + "." + groups[-1]) if len(groups) > 1 else Decimal(written)
