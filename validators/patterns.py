"""Find broken rules by their patterns and terms; the validator of families that need no more."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex
from pydantic import BaseModel

from validators.base import Context, EvidenceMatch, Finding, ValidatorError
from validators.expressions import compile_expression, compile_optional
from validators.jurisdictions import applies
from validators.reading import Reading
from validators.rules import Pattern, Rule
from validators.terms import Terms
from validators.text import NormalisedText, normalise


class PatternsConfig(BaseModel, frozen=True, extra="forbid"):
    """Nothing to set: the rules say it all."""


@dataclass(frozen=True, slots=True)
class _CompiledPattern:
    rule: Rule
    pattern: Pattern
    find: regex.Pattern[str]
    unless: regex.Pattern[str] | None
    unless_text: regex.Pattern[str] | None
    near: regex.Pattern[str] | None
    brief: regex.Pattern[str] | None
    unless_brief: regex.Pattern[str] | None
    topic: regex.Pattern[str] | None


class Patterns:
    """Every pattern and every term of a set of rules, compiled once."""

    def __init__(self, config: PatternsConfig, rules: Sequence[Rule]) -> None:
        """Compile the patterns and the terms.

        Raises:
            ValueError: a pattern does not compile; the message names the rule and the pattern.
        """
        del config
        self._compiled = [_compile(rule, pattern) for rule in rules for pattern in rule.match]
        self._terms = Terms(rules)

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        return list(self.find(normalise(text), context))

    def find(self, text: NormalisedText, context: Context) -> Iterator[Finding]:
        """Yield a finding for each place where a pattern or a term matches and nothing excuses it.

        Raises:
            ValidatorError: the expressions ran out of time, one of them or all together.
        """
        reading = Reading(text, context)
        found: list[Finding] = []
        for compiled in self._compiled:
            try:
                found += _search(compiled, reading)
            except TimeoutError as error:
                raise ValidatorError(f"a pattern of {compiled.rule.id} ran out of time") from error
        try:
            found += self._terms.find(reading)
        except TimeoutError as error:
            raise ValidatorError("an expression of a term ran out of time") from error
        yield from _without_overlaps(found)


def _without_overlaps(findings: Iterable[Finding]) -> Iterator[Finding]:
    """Of findings of one rule that overlap, the one that says the most: the surest, the longest."""
    taken: dict[str, list[tuple[int, int]]] = {}
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.score, f.start - f.end, f.start)):
        spans = taken.setdefault(finding.rule, [])
        place = bisect_left(spans, (finding.start, finding.end))
        is_free = place == 0 or spans[place - 1][1] <= finding.start
        is_free = is_free and (place == len(spans) or finding.end <= spans[place][0])
        is_new = place == len(spans) or spans[place] != (finding.start, finding.end)
        if is_free and is_new:
            spans.insert(place, (finding.start, finding.end))
            kept.append(finding)
    yield from sorted(kept, key=lambda f: (f.start, f.end))


def _search(compiled: _CompiledPattern, reading: Reading) -> Iterator[Finding]:
    pattern, rule, text = compiled.pattern, compiled.rule, reading.text
    if not _is_in_scope(compiled, reading):
        return
    # The pattern itself first: it rarely matches, and then the text around it need not be read.
    matches = list(reading.find(compiled.find))
    if not matches or not _is_in_place(compiled, reading):
        return
    for match in matches:
        start, end = match.span("span") if "span" in match.groupdict() else match.span()
        sentence_start, sentence_end = text.sentence_at(start)
        sentence = (sentence_start, max(sentence_end, end))
        if compiled.unless and reading.sentence_has(compiled.unless, sentence):
            continue
        evidence: tuple[EvidenceMatch, ...] = ()
        if rule.evidence:
            evidence = reading.evidence_for(sentence)
            if any(record.relation == "supports" for record in evidence):
                continue
        original_start, original_end = text.original_span(start, end)
        yield Finding(
            rule=rule.id,
            start=original_start,
            end=original_end,
            score=pattern.score,
            reason=pattern.reason or rule.reason,
            suggestion=pattern.suggestion or rule.suggestion,
            evidence=evidence,
        )


def _is_in_scope(compiled: _CompiledPattern, reading: Reading) -> bool:
    """Whether a pattern speaks about a text with this channel, market, brief and topic."""
    if not applies(compiled.rule, reading.context):
        return False
    if compiled.brief and not reading.brief_has(compiled.brief):
        return False
    if compiled.unless_brief and reading.brief_has(compiled.unless_brief):
        return False
    topic = compiled.topic
    return topic is None or reading.has(topic) or reading.brief_has(topic)


def _is_in_place(compiled: _CompiledPattern, reading: Reading) -> bool:
    """Whether the rest of the text leaves a match standing."""
    if compiled.near and not reading.has(compiled.near):
        return False
    return not (compiled.unless_text and reading.has(compiled.unless_text))


def _compile(rule: Rule, pattern: Pattern) -> _CompiledPattern:
    return _CompiledPattern(
        rule,
        pattern,
        compile_expression(rule, pattern.find),
        compile_optional(rule, pattern.unless),
        compile_optional(rule, pattern.unless_text),
        compile_optional(rule, pattern.near),
        compile_optional(rule, pattern.brief),
        compile_optional(rule, pattern.unless_brief),
        compile_optional(rule, pattern.topic),
    )
