"""Privacy: what its rules say, and personal data in a text that no placeholder stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex
from pydantic import BaseModel

from validators.base import Context, Finding
from validators.entities import NATIONAL_IDS, Entity, EntityType
from validators.jurisdictions import applies
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Rule
from validators.shared_models import Models
from validators.text import normalise

_LEAK = "privacy.output.leak"
# Never fit to print, whoever they belong to. Names, places and dates are, so they are left out.
_STRONG = NATIONAL_IDS | {
    EntityType.EMAIL_ADDRESS,
    EntityType.CREDIT_CARD,
    EntityType.IBAN_CODE,
    EntityType.API_KEY,
}
_MIN_SCORE = 0.8
# Numbers that are free to call belong to companies and services: 800-…, 0800 …, +800 ….
_FREE_TO_CALL = regex.compile(
    r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]?\d{3}[ .-]?\d{4}"
    r"|(?:\+44[ .-]?(?:\(0\))?|0)80[08][ .\d-]+|(?:\+|00)800[ .\d-]+"
)
# What makes a number one to publish, whoever answers it: "contact 906-555-0155".
_PUBLISHED = regex.compile(r"\b(?:contact|enquiries|inquiries)\b[^\w\n]{0,3}$", regex.IGNORECASE)
_PLACEHOLDER_NAME = regex.compile(r"[\p{L}_]+_\d+")


class PrivacyConfig(BaseModel, frozen=True, extra="forbid"):
    """`role_mailboxes` are the local parts of addresses that belong to a desk, not to a person."""

    role_mailboxes: frozenset[str] = frozenset(
        [
            *(
                "hello",
                "hi",
                "info",
                "contact",
                "support",
                "help",
                "care",
                "sales",
                "team",
                "office",
            ),
            *("press", "media", "pr", "shop", "store", "orders", "bookings", "booking", "events"),
            *("reservations", "returns", "service", "services", "customerservice", "feedback"),
            *("jobs", "careers", "hr", "privacy", "dpo", "legal", "billing", "accounts", "news"),
            *("newsletter", "unsubscribe", "noreply", "no-reply", "marketing", "enquiries"),
            *("kontakt", "datenschutz", "hallo", "hola", "bonjour", "ciao", "contacto", "contatti"),
        ]
    )


class Privacy:
    """The rules' patterns, plus `privacy.output.leak` by the detection of personal data.

    No leak is a placeholder of this request, which will be restored, nor what the brief or the
    evidence holds: that was left there on purpose, like a shop's own number.
    """

    def __init__(self, config: PrivacyConfig, rules: Sequence[Rule], models: Models) -> None:
        self._patterns = Patterns(PatternsConfig(), rules)
        self._role_mailboxes = config.role_mailboxes
        self._leak = next((rule for rule in rules if rule.id == _LEAK), None)
        self._personal_data = models.personal_data if self._leak else None

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        findings = [
            finding
            for finding in self._patterns.check(text, context)
            if finding.rule != _LEAK
            or not _is_placeholder(text[finding.start : finding.end], context)
        ]
        if self._leak and applies(self._leak, context):
            findings += self._find_leaks(text, context, self._leak)
        return findings

    def _find_leaks(self, text: str, context: Context, rule: Rule) -> Iterator[Finding]:
        if self._personal_data is None:
            return
        entities = self._personal_data.find(text)
        known = " ".join([context.brief, *(record.statement for record in context.evidence)])
        for entity in entities:
            value = text[entity.start : entity.end]
            if value not in known and self._is_leak(entity, entities, text):
                kind = entity.type.lower().replace("_", " ")
                yield Finding(
                    rule.id,
                    entity.start,
                    entity.end,
                    entity.score,
                    f"{rule.reason} Here: {kind}.",
                    rule.suggestion,
                )

    def _is_leak(self, entity: Entity, entities: Sequence[Entity], text: str) -> bool:
        if entity.score < _MIN_SCORE:
            return False
        if entity.type is EntityType.EMAIL_ADDRESS:
            mailbox = text[entity.start : entity.end].split("@")[0].casefold()
            return mailbox not in self._role_mailboxes
        if entity.type is EntityType.PHONE_NUMBER:
            return not _is_public(entity, text) and _names_a_person(entity, entities, text)
        return entity.type in _STRONG


def _is_placeholder(text: str, context: Context) -> bool:
    """Whether a text is a placeholder of this request, which will be restored."""
    name = _PLACEHOLDER_NAME.search(text)
    return name is not None and f"{{{{{name.group().upper()}}}}}" in context.placeholders


def _is_public(phone: Entity, text: str) -> bool:
    """Whether a number is there to be called by everybody."""
    is_free = _FREE_TO_CALL.fullmatch(text, phone.start, phone.end) is not None
    return is_free or _PUBLISHED.search(text[max(0, phone.start - 40) : phone.start]) is not None


def _names_a_person(phone: Entity, entities: Sequence[Entity], text: str) -> bool:
    """Whether the sentence of a phone number names whose it is; a shop's number stands alone."""
    sentences = normalise(text)
    spans = [sentences.original_span(*span) for span in sentences.sentences]
    return any(
        start <= phone.start < end and start <= person.start < end
        for start, end in spans
        for person in entities
        if person.type is EntityType.PERSON
    )
