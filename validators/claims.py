"""Claims that nothing on file supports: patterns find them, evidence records clear them."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import replace

import regex
from pydantic import BaseModel

from validators.base import Context, Evidence, EvidenceMatch, Finding
from validators.evidence import Records
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Rule
from validators.text import NormalisedText, normalise

# The end of a last word or figure, and how soon, how often or for how long: that belongs to a
# claim.
_REST = regex.compile(
    r"(?:(?<=\w)\w+)?(?:(?<=\d)[.,]\d+)*(?:(?<=\d) ?/ ?\d+)?(?:(?<=\d) ?[%€])?(?:(?<=\w)-\w+)*"
    r"(?:(?: (?:in|within|by|after|for|per|a|an|every) |/)"
    r"(?:just |only |under |less than |as little as )?"
    r"(?:(?:\d[\d.,]*|\p{L}+)[ -])?"
    r"(?:seconds?|minutes?|hours?|days?|nights?|weeks?|months?|years?|uses?|sessions?|washes)\b)?",
    regex.IGNORECASE,
)
_EDGES = " \t\n,;:.-"
# Words that only lead on to what was cut off.
_LEADING_ON = regex.compile(
    r"(?:[ ,]+(?:and|or|but|until|than|with|for|the|an?|of|to|in|on|by|at|from|your|our|its|their|"
    r"is|are|was|were))++$",
    regex.IGNORECASE,
)
# The words and figures of a claim that a record can lack.
_TERM = regex.compile(r"[$€£₹]?\d+(?:[.,]\d+)*(?: ?[%€])?|\p{L}[\p{L}'-]*")
_MOST_TERMS = 3
# Where a clause of a sentence ends. A record may carry one clause and not the next.
_CLAUSE_END = regex.compile(r"[;:()]\s*| - |, (?=and\b|but\b|while\b|so\b)|\n")
_NOTES = {
    "contradicts": "A record on file ({id}) says otherwise.",
    "expired": "The record that covers it ({id}) has expired.",
    "neutral": "The closest record on file ({id}) does not say as much{lack}.",
}


class ClaimsConfig(BaseModel, frozen=True, extra="forbid"):
    """Nothing to set: the rules say it all."""


class Claims:
    """Report each claim once, with what the evidence on file says about it.

    A claim of a rule with `evidence` is acceptable where a record carries its sentence, or the
    clause of the sentence that makes the claim. "Unsupported" never means false: a finding says
    that no record carries the claim, and which one comes closest.
    """

    def __init__(self, config: ClaimsConfig, rules: Sequence[Rule]) -> None:
        del config
        self._clearable = frozenset(rule.id for rule in rules if rule.evidence)
        # Evidence is weighed here and not by the patterns: it can clear a clause of a sentence,
        # and what it says is part of the reason.
        self._patterns = Patterns(
            PatternsConfig(), [rule.model_copy(update={"evidence": False}) for rule in rules]
        )

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        copy = normalise(text)
        found = _merge(_completed(finding, text) for finding in self._patterns.find(copy, context))
        if not found or not context.evidence:
            return found
        records = Records(context.evidence, context.today)
        weighed = (self._weigh(finding, copy, context, records) for finding in found)
        return [finding for finding in weighed if finding is not None]

    def _weigh(
        self, finding: Finding, copy: NormalisedText, context: Context, records: Records
    ) -> Finding | None:
        """Drop a finding that a record supports; otherwise say what the closest record does."""
        if finding.rule not in self._clearable:
            return finding
        claim = copy.original[finding.start : finding.end]
        matches: tuple[EvidenceMatch, ...] = ()
        for passage in _passages(finding, copy):
            matches = records.match(passage, core=claim)
            if any(match.relation == "supports" for match in matches):
                return None
        if not matches:
            return finding
        closest = min(matches, key=lambda match: (list(_NOTES).index(match.relation), -match.score))
        record = next(record for record in context.evidence if record.id == closest.id)
        lacking = _lacking(claim, record)
        lack = f": it lacks {_listed(lacking)}" if lacking else ""
        note = _NOTES[closest.relation].format(id=closest.id, lack=lack)
        return replace(finding, reason=f"{finding.reason} {note}", evidence=matches)


def _completed(finding: Finding, text: str) -> Finding:
    """Let a finding end with its last word or figure and the time that belongs to it."""
    rest = _REST.match(text, finding.end)
    end = rest.end() if rest else finding.end
    claim = _LEADING_ON.sub("", text[finding.start : end])
    start = finding.start + len(claim) - len(claim.lstrip(_EDGES))
    return replace(finding, start=start, end=start + len(claim.strip(_EDGES)))


def _lacking(claim: str, record: Evidence) -> list[str]:
    """Name what a claim says and a record does not: its figures first, at most three in all.

    Each word is read as `Records` reads it, so that an ending makes no difference. A word with a
    capital may name a person, and reasons are kept: those are left out.
    """
    said = Records([record.model_copy(update={"statement": claim})], dt.date.max)
    stated = Records([record], dt.date.max)
    held = {_digits(term) for term in _TERM.findall(normalise(record.statement).text)}
    terms = dict.fromkeys(_TERM.findall(normalise(claim).text))
    figures = [term for term in terms if _digits(term) and _digits(term) not in held]
    words = [
        term for term in terms if term.islower() and said.match(term) and not stated.match(term)
    ]
    return [*figures, *words][:_MOST_TERMS]


def _digits(term: str) -> str:
    """A figure without its unit and the commas of its thousands; nothing for a word."""
    return regex.sub(r"[^\d.,]|[.,](?=\d{3}(?!\d))", "", term)


def _listed(terms: Sequence[str]) -> str:
    *others, last = (f'"{term}"' for term in terms)
    return f"{', '.join(others)} and {last}" if others else last


def _merge(findings: Iterable[Finding]) -> list[Finding]:
    """Make one finding of those that say the same: one rule, overlapping places.

    The surest pattern speaks for all of them, about the place that they cover together.
    """
    merged: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (f.rule, f.start)):
        last = merged[-1] if merged else None
        if last is None or last.rule != finding.rule or finding.start >= last.end:
            merged.append(finding)
        else:
            surest = max(last, finding, key=lambda f: f.score)
            merged[-1] = replace(surest, start=last.start, end=max(last.end, finding.end))
    return sorted(merged, key=lambda f: (f.start, f.end))


def _passages(finding: Finding, copy: NormalisedText) -> tuple[str, ...]:
    """The claim's sentence, and the clause of it that makes the claim."""
    start = bisect_left(copy.offsets, finding.start)
    end = bisect_left(copy.offsets, finding.end)
    opening, closing = copy.sentence_at(start)
    closing = max(closing, end)
    before = [match.end() for match in _CLAUSE_END.finditer(copy.text, opening, start)]
    after = _CLAUSE_END.search(copy.text, end, closing)
    clause = copy.text[before[-1] if before else opening : after.start() if after else closing]
    return (copy.text[opening:closing], clause)
