"""Find broken rules by their patterns and terms; the validator of families that need no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex
from pydantic import BaseModel

from validators.base import Context, EvidenceMatch, Finding, ValidatorError
from validators.evidence import match_evidence
from validators.expressions import (
    SECONDS_PER_SEARCH,
    compile_expression,
    compile_optional,
    occurs,
)
from validators.jurisdictions import applies
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
            ValidatorError: an expression of a rule ran out of time.
        """
        seen: set[tuple[str, int, int]] = set()
        topics = _Topics(text.text, context.brief)
        for compiled in self._compiled:
            try:
                for finding in _search(compiled, text, context, topics):
                    key = (finding.rule, finding.start, finding.end)
                    if key not in seen:
                        seen.add(key)
                        yield finding
            except TimeoutError as error:
                raise ValidatorError(f"a pattern of {compiled.rule.id} ran out of time") from error
        try:
            yield from self._terms.find(text, context)
        except TimeoutError as error:
            raise ValidatorError("an expression of a term ran out of time") from error


class _Topics:
    """What a text is about. Many patterns ask for the same topic, so each is looked for once."""

    def __init__(self, text: str, brief: str) -> None:
        self._texts = (text, brief)
        self._found: dict[tuple[str, str], bool] = {}

    def include(self, rule: Rule, topic: regex.Pattern[str]) -> bool:
        # Rules of one family share their word lists, so there the same words mean the same topic.
        key = (rule.id.split(".", 1)[0], topic.pattern)
        if key not in self._found:
            self._found[key] = any(occurs(topic, text) for text in self._texts)
        return self._found[key]


def _search(
    compiled: _CompiledPattern, text: NormalisedText, context: Context, topics: _Topics
) -> Iterator[Finding]:
    pattern, rule = compiled.pattern, compiled.rule
    if not _is_in_scope(compiled, context):
        return
    if compiled.topic and not topics.include(rule, compiled.topic):
        return
    # The pattern itself first: it rarely matches, and then the text around it need not be read.
    matches = list(compiled.find.finditer(text.text, timeout=SECONDS_PER_SEARCH))
    if not matches or not _is_in_place(compiled, text.text):
        return
    for match in matches:
        start, end = match.span("span") if "span" in match.groupdict() else match.span()
        sentence_start, sentence_end = text.sentence_at(start)
        sentence = text.text[sentence_start : max(sentence_end, end)]
        if compiled.unless and occurs(compiled.unless, sentence):
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


def _is_in_scope(compiled: _CompiledPattern, context: Context) -> bool:
    """Whether a pattern speaks about a text with this channel, market and brief."""
    if not applies(compiled.rule, context):
        return False
    if compiled.brief and not occurs(compiled.brief, context.brief):
        return False
    return not (compiled.unless_brief and occurs(compiled.unless_brief, context.brief))


def _is_in_place(compiled: _CompiledPattern, text: str) -> bool:
    """Whether the rest of the text leaves a match standing."""
    if compiled.near and not occurs(compiled.near, text):
        return False
    return not (compiled.unless_text and occurs(compiled.unless_text, text))


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
