"""What happens to personal data in a request."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, model_validator

from policies.errors import nearest
from validators.pii import NATIONAL_IDS, EntityType
from validators.pii.custom import Recognizer
from validators.pii.keeping import Keep


class Operator(StrEnum):
    """What becomes of personal data, by how much of it the upstream still learns.

    `generalise` leaves what is coarse enough to be nobody's (an age band, a city), for good.
    `hash` puts a pseudonym there, for good, that is the same in every request: for a number or an
    identifier always, for a person where the request has the same full name. A first name alone
    has its own pseudonym, and so has a phone number without its country code.
    `replace` puts a numbered placeholder there, which an answer is restored from.
    `redact` puts the type there, for good; `block` refuses the request.
    """

    GENERALISE = "generalise"
    HASH = "hash"
    REPLACE = "replace"
    REDACT = "redact"
    BLOCK = "block"

    @property
    def strictness(self) -> int:
        return list(Operator).index(self)


class Purpose(StrEnum):
    """What a text is written for: how much of a person it needs (DOMAIN.md 5.4)."""

    GENERAL = "general"
    SOCIAL_POST = "social_post"
    EMAIL_CAMPAIGN = "email_campaign"
    REPLY = "reply"
    AD_COPY = "ad_copy"
    PERSONALISATION = "personalisation"
    CASE_STUDY = "case_study"
    JOB_AD = "job_ad"
    CHATBOT = "chatbot"
    SUMMARY = "summary"


class EntitySetting(BaseModel, frozen=True, extra="forbid"):
    """What a policy says about one type. Unset means that the purpose decides."""

    operator: Operator | None = None
    min_score: Annotated[float, Field(ge=0, le=1)] | None = None


class EntityRule(EntitySetting):
    """What happens to one type, from which score on."""

    operator: Operator = Operator.REPLACE
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.5


# Nobody needs these back in a text, and an upstream needs them even less (DOMAIN.md 5.1).
_FOR_GOOD = {
    EntityType.CREDIT_CARD,
    EntityType.IBAN_CODE,
    EntityType.IP_ADDRESS,
    EntityType.URL_TOKEN,
    EntityType.API_KEY,
    EntityType.MEDICAL,
    *NATIONAL_IDS,
}
_GENERAL: Mapping[str, Operator] = {
    **dict.fromkeys(_FOR_GOOD, Operator.REDACT),
    EntityType.DATE_OF_BIRTH: Operator.GENERALISE,
}
# Whose value can be made coarser: to an age band, to a city.
_GENERALISED = frozenset({EntityType.DATE_OF_BIRTH.value, EntityType.LOCATION.value})
# What a purpose asks for beyond the general rules.
_PROFILES: Mapping[Purpose, Mapping[str, Operator]] = {
    Purpose.REPLY: {
        EntityType.CREDIT_CARD: Operator.BLOCK,
        EntityType.DATE_OF_BIRTH: Operator.REDACT,
    },
    Purpose.PERSONALISATION: {EntityType.MEDICAL: Operator.BLOCK},
    Purpose.CASE_STUDY: {EntityType.MEDICAL: Operator.BLOCK},
    Purpose.JOB_AD: {EntityType.MEDICAL: Operator.BLOCK},
    Purpose.CHATBOT: {EntityType.API_KEY: Operator.BLOCK},
    Purpose.SUMMARY: {EntityType.LOCATION: Operator.GENERALISE},
}
# Purposes that have no use for anybody's data, of whatever type, not even in the answer: a mail
# tool merges the recipient in, and a literal one has no business in the prompt.
_NAMING_NOBODY = {
    Purpose.SOCIAL_POST,
    Purpose.EMAIL_CAMPAIGN,
    Purpose.AD_COPY,
    Purpose.PERSONALISATION,
    Purpose.JOB_AD,
}
# From which score on a finding counts: from the middle on.
_MIN_SCORE = 0.5


class PiiPolicy(BaseModel, frozen=True, extra="forbid"):
    """Which personal data is taken out of a request, and how.

    The general rules are those of DOMAIN.md 5.1; `purpose` makes them stricter and `entities` says
    otherwise for a type. `keep` are names that stay: brands, products, public figures.
    `recognizers` find what only this house has, and may declare types of their own. `restore` puts
    the originals back into the answer. `opted_out` says what becomes of a request that names
    somebody of the opt-out registry, and `unread_language` of one in a language whose names
    nothing here can find.
    """

    purpose: Purpose = Purpose.GENERAL
    entities: dict[str, EntitySetting] = {}
    keep: tuple[Keep, ...] = ()
    recognizers: tuple[Recognizer, ...] = ()
    restore: bool = True
    opted_out: Literal["redact", "block"] = "redact"
    unread_language: Literal["send", "block"] = "send"

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [recognizer.name for recognizer in self.recognizers]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"recognizers: two are named {twice[0]!r}")
        known = sorted(self.types)
        if unknown := sorted(set(self.entities) - self.types):
            raise ValueError(
                f"entities: unknown type {unknown[0]!r}{nearest(unknown[0], known)}; "
                f"known are {', '.join(known)} and what `recognizers` declare"
            )
        for type, setting in self.entities.items():
            if setting.operator is Operator.GENERALISE and type not in _GENERALISED:
                raise ValueError(
                    f"entities: {type} cannot be generalised, only "
                    f"{' and '.join(sorted(_GENERALISED))} can; redact it instead"
                )
        for recognizer in self.recognizers:
            if recognizer.score < (least := self.rule(recognizer.type).min_score):
                raise ValueError(
                    f"recognizers: {recognizer.name!r} finds nothing, as its score "
                    f"{recognizer.score} is below the min_score {least} of {recognizer.type}"
                )
        return self

    def rule(self, type: str) -> EntityRule:
        """What happens to a type: what `entities` says, and for the rest what the purpose asks."""
        said = self.entities.get(type, EntitySetting())
        return EntityRule(
            operator=said.operator or self._operator(type),
            min_score=_MIN_SCORE if said.min_score is None else said.min_score,
        )

    def _operator(self, type: str) -> Operator:
        asked = _PROFILES.get(self.purpose, {}).get(type)
        if asked is None and self.purpose in _NAMING_NOBODY:
            return Operator.REDACT
        return asked or _GENERAL.get(type, Operator.REPLACE)

    @property
    def types(self) -> set[str]:
        """Every type that can be found under this policy."""
        return {
            *(type.value for type in EntityType),
            *(recognizer.type for recognizer in self.recognizers),
        }

    def for_keeping(self) -> PiiPolicy:
        """The policy of what goes into a review item: nobody's data, whatever is sent upstream.

        It finds what this policy finds, and what this one takes for too unsure.
        """
        min_scores = {
            type: EntitySetting(min_score=min(self.rule(type).min_score, _MIN_SCORE))
            for type in self.entities
        }
        return PiiPolicy(entities=min_scores, keep=self.keep, recognizers=self.recognizers)

    def loosened_by(self, candidate: PiiPolicy) -> str | None:
        """Say what another policy lets out that this one does not, or None if nothing."""
        for type in sorted(self.types | candidate.types):
            mine, other = self.rule(type), candidate.rule(type)
            if other.operator.strictness < mine.operator.strictness:
                return f"pii.entities.{type}.operator {other.operator}"
            if other.min_score > mine.min_score:
                return f"pii.entities.{type}.min_score {other.min_score}"
        if missing := [r for r in self.recognizers if r not in candidate.recognizers]:
            return f"pii.recognizers without {missing[0].name!r}"
        if added := [entry for entry in candidate.keep if entry not in self.keep]:
            return f"pii.keep {added[0]!r}"
        if candidate.restore and not self.restore:
            return "pii.restore"
        if self.opted_out == "block" and candidate.opted_out == "redact":
            return "pii.opted_out redact"
        if self.unread_language == "block" and candidate.unread_language == "send":
            return "pii.unread_language send"
        return None
