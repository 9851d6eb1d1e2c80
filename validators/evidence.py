"""Does a record carry a sentence? The first, strict answer: same words, same numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import regex

from validators.base import Evidence, EvidenceMatch
from validators.text import normalise

# Share of the claim's content words that the record must hold. Strict on purpose: a record that
# is close but not the same must not clear a claim.
_MIN_COVERAGE = 0.75
_NUMBER = regex.compile(r"\d+(?:[.,]\d+)*")
_WORD = regex.compile(r"\p{L}[\p{L}'-]*")
# Losing one of these in the copy makes the claim stronger than its record (DOMAIN.md 3.5).
_QUALIFIERS = regex.compile(
    r"\b(?:up to|from|selected|may|helps?|when used|in a (?:test|trial|survey)|versus|compared)\b",
    regex.IGNORECASE,
)
_STOP = frozenset(
    "a an and are as at be by for from has have i in is it its of on or our so that the their them "
    "this to us was we were will with you your".split()
)


def match_evidence(
    claim: str, records: Sequence[Evidence], today: dt.date
) -> tuple[EvidenceMatch, ...]:
    """Compare a claim with each record that shares words with it, best first."""
    matches = [match for record in records if (match := _match(claim, record, today))]
    return tuple(sorted(matches, key=lambda match: match.score, reverse=True))


def _match(claim: str, record: Evidence, today: dt.date) -> EvidenceMatch | None:
    words, held = _words(claim), _words(record.statement)
    coverage = len(words & held) / len(words) if words else 0.0
    if not words & held:
        return None
    if record.valid_until and today != dt.date.max and record.valid_until < today:
        return EvidenceMatch(record.id, "expired", coverage)
    claimed, stated = _numbers(claim), _numbers(record.statement)
    if coverage >= _MIN_COVERAGE and claimed <= stated and _keeps_qualifiers(claim, record):
        return EvidenceMatch(record.id, "supports", coverage)
    if coverage >= _MIN_COVERAGE and claimed and stated and not claimed & stated:
        return EvidenceMatch(record.id, "contradicts", coverage)
    return EvidenceMatch(record.id, "neutral", coverage)


def _words(text: str) -> frozenset[str]:
    words = (word.casefold() for word in _WORD.findall(normalise(text).text))
    return frozenset(_stem(word) for word in words if word not in _STOP)


def _stem(word: str) -> str:
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


def _numbers(text: str) -> frozenset[str]:
    return frozenset(number.rstrip(".,").replace(",", "") for number in _NUMBER.findall(text))


def _keeps_qualifiers(claim: str, record: Evidence) -> bool:
    kept = {q.casefold() for q in _QUALIFIERS.findall(claim)}
    return {q.casefold() for q in _QUALIFIERS.findall(record.statement)} <= kept
