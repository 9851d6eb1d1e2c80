"""Disclosure: AI origin, advertising, synthetic media, and who a chatbot says it is.

Four things that patterns cannot see alone are decided here: whether an AI disclosure is due,
whether one stands where readers see it, whether an ad label comes first, and which wording
repairs what is missing. AI origin and advertising are two disclosures; neither stands for the
other (DOMAIN.md 0.1, position 2).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

from pydantic import BaseModel, field_validator

from validators.base import Context, Finding
from validators.disclosure_copy import is_published, structured_values
from validators.disclosure_duty import Profile, duty
from validators.disclosure_labels import (
    Insertion,
    has_ad_label,
    head_offset,
    insert_ad_label,
    insert_chat_introduction,
    insert_credit_warning,
    insert_label,
)
from validators.disclosure_visibility import place_mentions
from validators.disclosure_wordings import find_mentions
from validators.jurisdictions import applies
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Rule
from validators.text import NormalisedText, normalise

MISSING = "disclosure.channel.missing"
BURIED = "disclosure.placement.buried"
STRUCTURED = "disclosure.structured"
NO_INTRODUCTION = "disclosure.chatbot.no_intro"
COMMERCIAL = "disclosure.commercial.missing"
CREDIT_WARNING = "disclosure.credit_warning"

# A denial in a sentence that also discloses ("written by people with help from AI") is not plain.
_DOUBTFUL = 0.4
_CERTAIN = 0.95


class DisclosureConfig(BaseModel, frozen=True, extra="forbid"):
    """When an AI disclosure is due (DOMAIN.md 2.3), and in whose words.

    `wording` is a house wording, inserted in place of ours wherever it fits.
    """

    profile: Profile = "label_everything"
    wording: str | None = None

    @field_validator("wording")
    @classmethod
    def _is_accepted(cls, wording: str | None) -> str | None:
        if wording is not None and not find_mentions(normalise(wording)):
            raise ValueError(
                f"{wording!r} does not say that AI wrote the text; "
                "say so, for example 'Written with AI, reviewed by our team.'"
            )
        return wording


class Disclosure:
    """The disclosure family: patterns where they can tell, code where they cannot.

    Structured output is read value by value and gets no edits: an inserted label would break it.
    """

    def __init__(self, config: DisclosureConfig, rules: Sequence[Rule]) -> None:
        """Compile the patterns of the rules.

        Raises:
            ValueError: a pattern does not compile.
        """
        self._config = config
        self._rules = {rule.id: rule for rule in rules}
        self._patterns = Patterns(PatternsConfig(), rules)

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        """Report what is missing, buried, denied or misleading.

        Findings that insert at the same offset come in the order in which the labels must stand.
        """
        if not text.strip():
            return []
        reading = _Reading(normalise(text), context, self._config.profile)
        seen = list(self._patterns.find(reading.copy, context))
        if not is_published(text, context.channel):
            seen = [finding for finding in seen if finding.rule not in (COMMERCIAL, CREDIT_WARNING)]
        # What is put in front moves what stands behind it, perhaps past the fold.
        advertising = self._check_advertising(seen, reading)
        warning = _check_credit(seen, reading, _inserted(advertising))
        if pending := _inserted(advertising, warning):
            reading = _Reading(reading.copy, context, self._config.profile, pending)
        origin = self._check_origin(reading)
        others = _judge_wordings(seen, reading)
        findings = [found for found in (advertising, origin, warning, *others) if found]
        if reading.is_structured:
            return [replace(finding, edit=None) for finding in findings]
        return findings

    def _check_advertising(self, seen: Sequence[Finding], reading: _Reading) -> Finding | None:
        """The first sign of advertising, if the text does not say in time that it is."""
        found = next((finding for finding in seen if finding.rule == COMMERCIAL), None)
        channel = reading.context.channel
        if found is None:
            return None
        if has_ad_label(reading.copy, channel, pending=_inserted(self._check_origin(reading))):
            return None
        return _with_insertion(found, insert_ad_label(reading.copy.original, channel))

    def _check_origin(self, reading: _Reading) -> Finding | None:
        """AI authorship that readers are not told, or not in time."""
        if reading.duty is None or reading.discloses:
            return None
        text, channel = reading.copy.original, reading.context.channel
        start = end = head_offset(text)
        if reading.is_structured:
            return self._find_rule(STRUCTURED, reading, start, end)
        if channel.name == "chatbot":
            if not reading.context.is_first_turn:
                return None
            rule_id = NO_INTRODUCTION
            insertion = insert_chat_introduction(text, reading.context, pending=reading.pending)
        else:
            rule_id = BURIED if reading.placement.buried else MISSING
            insertion = insert_label(
                text, reading.context, wording=self._config.wording, pending=reading.pending
            )
        if rule_id == BURIED:
            mention = reading.placement.buried[0]
            start, end = reading.copy.original_span(mention.start, mention.end)
        finding = self._find_rule(rule_id, reading, start, end)
        return _with_insertion(finding, insertion) if finding else None

    def _find_rule(self, rule_id: str, reading: _Reading, start: int, end: int) -> Finding | None:
        rule = self._rules.get(rule_id)
        if rule is None or not applies(rule, reading.context):
            return None
        basis = ("house policy",) if reading.duty == "house" else None
        return Finding(rule.id, start, end, _CERTAIN, rule.reason, rule.suggestion, basis=basis)


class _Reading:
    """A text with what several rules ask about it, each found once.

    `pending` is what other edits will put in front of it.
    """

    def __init__(
        self, copy: NormalisedText, context: Context, profile: Profile, pending: str = ""
    ) -> None:
        self.copy = copy
        self.context = context
        self.pending = pending
        self.duty = duty(copy.original, context, profile)
        values = structured_values(copy.original)
        self.is_structured = context.kind == "structured" or values is not None
        self.placement = place_mentions(copy, context.channel, pending=pending)
        is_chat = context.channel.name == "chatbot"
        self.discloses = bool(self.placement.visible) or any(
            find_mentions(normalise(value), is_chat=is_chat) for value in values or ()
        )

    def discloses_at(self, offset: int) -> bool:
        """Whether the sentence at an offset of the original also discloses."""
        return any(start <= offset < end for start, end in self._disclosing_sentences)

    @cached_property
    def _disclosing_sentences(self) -> frozenset[tuple[int, int]]:
        spans = {self.copy.sentence_at(mention.start) for mention in self.placement.visible}
        return frozenset(self.copy.original_span(*span) for span in spans)


def _check_credit(seen: Sequence[Finding], reading: _Reading, pending: str) -> Finding | None:
    """The first offer of credit that comes without the standard warning."""
    found = next((finding for finding in seen if finding.rule == CREDIT_WARNING), None)
    if found is None:
        return None
    insertion = insert_credit_warning(reading.copy.original, reading.context, pending=pending)
    return _with_insertion(found, insertion)


def _judge_wordings(seen: Sequence[Finding], reading: _Reading) -> Iterator[Finding]:
    """What the other patterns saw, where the rest of the text does not excuse it."""
    for finding in seen:
        match finding.rule:
            case "disclosure.commercial.missing" | "disclosure.credit_warning":
                continue
            case "disclosure.wording.misleading":
                if reading.duty and not reading.discloses:
                    yield finding
            case "disclosure.negation_false":
                if reading.context.generated:
                    is_doubtful = reading.discloses_at(finding.start)
                    yield replace(finding, score=_DOUBTFUL) if is_doubtful else finding
            case _:
                yield finding


def _inserted(*findings: Finding | None) -> str:
    return "".join(found.edit.replacement for found in findings if found and found.edit)


def _with_insertion(finding: Finding, insertion: Insertion) -> Finding:
    reason = finding.reason
    if insertion.edit is None:
        reason += f" There is no room for it: shorten the text by {insertion.shortage} characters."
    return replace(finding, reason=reason, suggestion=insertion.wording, edit=insertion.edit)
