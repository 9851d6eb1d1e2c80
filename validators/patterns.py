"""Find broken rules by their patterns; the plain validator of families that need nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex
from pydantic import BaseModel

from validators.base import Context, EvidenceMatch, Finding, ValidatorError
from validators.evidence import match_evidence
from validators.jurisdictions import applies
from validators.rules import Pattern, Rule
from validators.text import NormalisedText, normalise

# One expression on one text. Patterns may come from a customer's file, so each has a deadline:
# a pattern that runs away is a failed check, not a stuck server.
_SECONDS_PER_SEARCH = 2.0


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


class Patterns:
    """Every pattern of a set of rules, compiled once."""

    def __init__(self, config: PatternsConfig, rules: Sequence[Rule]) -> None:
        """Compile the patterns.

        Raises:
            ValueError: a pattern does not compile; the message names the rule and the pattern.
        """
        del config
        self._compiled = [_compile(rule, pattern) for rule in rules for pattern in rule.match]

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        return list(self.find(normalise(text), context))

    def find(self, text: NormalisedText, context: Context) -> Iterator[Finding]:
        """Yield a finding for each place where a pattern matches and nothing excuses it."""
        seen: set[tuple[str, int, int]] = set()
        try:
            for compiled in self._compiled:
                for finding in _search(compiled, text, context):
                    key = (finding.rule, finding.start, finding.end)
                    if key not in seen:
                        seen.add(key)
                        yield finding
        except TimeoutError as error:
            raise ValidatorError(f"a pattern of {compiled.rule.id} ran out of time") from error


def _search(
    compiled: _CompiledPattern, text: NormalisedText, context: Context
) -> Iterator[Finding]:
    pattern, rule = compiled.pattern, compiled.rule
    if not applies(rule, context):
        return
    if compiled.brief and not _matches(compiled.brief, context.brief):
        return
    if compiled.unless_brief and _matches(compiled.unless_brief, context.brief):
        return
    if compiled.near and not _matches(compiled.near, text.text):
        return
    if compiled.unless_text and _matches(compiled.unless_text, text.text):
        return
    for match in compiled.find.finditer(text.text, timeout=_SECONDS_PER_SEARCH):
        start, end = match.span("span") if "span" in match.groupdict() else match.span()
        sentence_start, sentence_end = text.sentence_at(start)
        sentence = text.text[sentence_start : max(sentence_end, end)]
        if compiled.unless and _matches(compiled.unless, sentence):
            continue
        evidence: tuple[EvidenceMatch, ...] = ()
        if rule.evidence:
            evidence = match_evidence(sentence, context.evidence, context.today)
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


def _matches(expression: regex.Pattern[str], text: str) -> bool:
    return expression.search(text, timeout=_SECONDS_PER_SEARCH) is not None


def _compile(rule: Rule, pattern: Pattern) -> _CompiledPattern:
    def compile_one(expression: str | None) -> regex.Pattern[str] | None:
        if expression is None:
            return None
        names = regex.findall(r"\\L<(\w+)>", expression)
        if unknown := [name for name in names if name not in rule.words]:
            raise ValueError(f"rule {rule.id}: no word list is named {unknown[0]!r}")
        lists = {name: list(rule.words[name]) for name in names}
        try:
            return regex.compile(expression, regex.IGNORECASE | regex.MULTILINE, **lists)
        except regex.error as error:
            raise ValueError(
                f"rule {rule.id}: {expression!r} is no expression: {error}"
            ) from error

    find = compile_one(pattern.find)
    assert find is not None
    return _CompiledPattern(
        rule,
        pattern,
        find,
        compile_one(pattern.unless),
        compile_one(pattern.unless_text),
        compile_one(pattern.near),
        compile_one(pattern.brief),
        compile_one(pattern.unless_brief),
    )
