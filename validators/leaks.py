"""Personal data in an answer that its request did not hold: remembered by the model, or made up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import regex

from validators.base import Context, Finding
from validators.jurisdictions import applies
from validators.pii.entities import NATIONAL_IDS, Entity, EntityType
from validators.rules import Rule
from validators.shared_models import Models
from validators.text import normalise

# Never fit to print, whoever they belong to. Names, places and dates are, so other rules say when
# they are personal.
_STRONG = NATIONAL_IDS | {
    EntityType.EMAIL_ADDRESS,
    EntityType.CREDIT_CARD,
    EntityType.IBAN_CODE,
    EntityType.API_KEY,
}
_RULES: Mapping[str, str] = {
    **dict.fromkeys((*_STRONG, EntityType.PHONE_NUMBER), "privacy.output.leak"),
    EntityType.PERSON: "privacy.output.name",
    EntityType.LOCATION: "privacy.output.address",
    EntityType.DATE_OF_BIRTH: "privacy.output.birth_date",
    EntityType.MEDICAL: "privacy.output.health",
    EntityType.ORDER_ID: "privacy.output.reference",
    EntityType.CUSTOMER_ID: "privacy.output.reference",
}
_MIN_SCORE = 0.8
# Numbers that are free to call belong to companies and services: 800-…, 0800 …, +800 ….
_FREE_TO_CALL = regex.compile(
    r"(?:\+?1[ .-]?)?\(?8(?:00|33|44|55|66|77|88)\)?[ .-]?\d{3}[ .-]?\d{4}"
    r"|(?:\+44[ .-]?(?:\(0\))?|0)80[08][ .\d-]+|(?:\+|00)800[ .\d-]+"
)
# What makes a number one to publish, whoever answers it: "contact 906-555-0155".
_PUBLISHED = regex.compile(r"\b(?:contact|enquiries|inquiries)\b[^\w\n]{0,3}$", regex.IGNORECASE)
_OWNED = regex.compile(r"\p{Lu}\p{L}+['\u2019]s (?:\p{L}+ ){1,3}$")
# Copy quotes people and names founders; whom it greets, it is written to.
_GREETING = regex.compile(
    r"(?:^|\n)\W*(?:dear|hi|hello|hey|thank you|thanks|liebe[rs]?|hallo|cher|chère"
    r"|sehr geehrte[rs]?|bonjour|querid[oa]|estimad[oa]|hola|gentile|car[oa]|ciao|beste|geachte"
    r"|olá|prezad[oa]),? "
    r"(?:(?:mr|mrs|ms|dr|herr|frau|madame|monsieur|señora?|sra?|signora?|mevrouw|meneer)\.? )?$",
    regex.IGNORECASE,
)
_LONGEST_GREETING = 40
# Whose number it is; certificates, licences and lots look just like it, and are there to be read.
_NUMBERED = regex.compile(
    r"\b(?:order|booking|reservation|ticket|invoice|parcel|tracking|customer|client|member(?:ship)?"
    r"|loyalty|account|case|bestell|auftrag|kunden|mitglied|rechnung|commande|client|facture|pedido"
    r"|reserva|cliente|socio|factura|ordine|fattura|bestelling|klant|encomenda|fatura)"
    r"[^.!?\n]{0,25}$",
    regex.IGNORECASE,
)
_FULL_NAME = regex.compile(
    r"\p{Lu}[\p{L}\p{M}'\u2019.-]*(?:\s+[\p{L}\p{M}'\u2019.-]+)*\s+\p{Lu}[\p{L}\p{M}'\u2019-]+"
)


class Leaks:
    """Find personal data that neither the brief nor the evidence holds.

    What those hold was left there on purpose, like a shop's own number; and a placeholder, which
    will be restored, is not personal data.
    """

    def __init__(
        self, rules: Sequence[Rule], models: Models, role_mailboxes: frozenset[str]
    ) -> None:
        self._rules = {rule.id: rule for rule in rules if rule.id in _RULES.values()}
        self._personal_data = models.personal_data if self._rules else None
        self._role_mailboxes = role_mailboxes

    def check(self, text: str, context: Context) -> Iterator[Finding]:
        rules = {id: rule for id, rule in self._rules.items() if applies(rule, context)}
        if self._personal_data is None or not rules:
            return
        page = _Page(text, self._personal_data.find(text))
        known = " ".join([context.brief, *(record.statement for record in context.evidence)])
        for entity in page.entities:
            rule = rules.get(_RULES.get(entity.type, ""))
            if rule and page.value(entity) not in known and self._is_leak(entity, page):
                kind = entity.type.lower().replace("_", " ")
                yield Finding(
                    rule.id,
                    entity.start,
                    entity.end,
                    entity.score,
                    f"{rule.reason} Here: {kind}.",
                    rule.suggestion,
                )

    def _is_leak(self, entity: Entity, page: _Page) -> bool:
        value = page.value(entity)
        if entity.score < _MIN_SCORE:
            return False
        match entity.type:
            case EntityType.EMAIL_ADDRESS:
                return value.split("@")[0].casefold() not in self._role_mailboxes
            case EntityType.PHONE_NUMBER:
                return not page.is_published(entity) and (
                    page.is_owned(entity) or page.has_owner(entity)
                )
            case EntityType.PERSON:
                return _is_full_name(value) and page.is_greeted(entity)
            case EntityType.LOCATION:
                has_number = any(character.isdigit() for character in value)
                return has_number and not page.is_in_a_footer(entity) and page.has_owner(entity)
            case EntityType.ORDER_ID | EntityType.CUSTOMER_ID:
                return page.is_numbered(entity)
            case EntityType.DATE_OF_BIRTH | EntityType.MEDICAL:
                # A company was founded on a date, and a cream is for eczema.
                return page.has_owner(entity)
        return True


class _Page:
    """A text with what was found in it."""

    def __init__(self, text: str, entities: Sequence[Entity]) -> None:
        self._text = text
        self.entities = entities

    def value(self, entity: Entity) -> str:
        return self._text[entity.start : entity.end]

    def is_published(self, phone: Entity) -> bool:
        """Whether a number is there to be called by everybody."""
        is_free = _FREE_TO_CALL.fullmatch(self._text, phone.start, phone.end) is not None
        before = self._text[max(0, phone.start - 40) : phone.start]
        return is_free or _PUBLISHED.search(before) is not None

    def is_numbered(self, reference: Entity) -> bool:
        """Whether the text says that a number is one of an order or a customer."""
        before = self._text[max(0, reference.start - 40) : reference.start]
        return _NUMBERED.search(before) is not None

    def is_in_a_footer(self, entity: Entity) -> bool:
        """Whether this stands in the line with which a mailing ends: sender | address | way out."""
        start = self._text.rfind("\n", 0, entity.start) + 1
        return "|" in self._text[start:].partition("\n")[0]

    def is_greeted(self, person: Entity) -> bool:
        """Whether the text is written to this person."""
        start = self._text.rfind("\n", 0, person.start) + 1
        before = self._text[start : person.start]
        return len(before) <= _LONGEST_GREETING and _GREETING.search(before) is not None

    def is_owned(self, phone: Entity) -> bool:
        """Whether a number is somebody's by grammar: "John's mobile"."""
        return _OWNED.search(self._text[max(0, phone.start - 40) : phone.start]) is not None

    def has_owner(self, entity: Entity) -> bool:
        """Whether the sentence of some data names somebody in full, whose it must be.

        A first name alone is that of whoever answers: "Rosa is behind the bar, at 312-555-0147".
        """
        return any(start <= entity.start < end for start, end in self._sentences_with_names)

    @cached_property
    def _sentences_with_names(self) -> list[tuple[int, int]]:
        names = [
            entity.start
            for entity in self.entities
            if entity.type is EntityType.PERSON and _is_full_name(self.value(entity))
        ]
        if not names:
            return []
        sentences = normalise(self._text)
        spans = [sentences.original_span(*span) for span in sentences.sentences]
        return [(start, end) for start, end in spans if any(start <= n < end for n in names)]


def _is_full_name(value: str) -> bool:
    return _FULL_NAME.fullmatch(value) is not None
