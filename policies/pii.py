"""What happens to personal data in a request."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from validators.entities import EntityType


class Operator(StrEnum):
    """What becomes of personal data, from the mildest to the strictest.

    `replace` puts a numbered placeholder in its place, which an answer is restored from;
    `redact` puts the type there, for good; `block` refuses the request.
    """

    REPLACE = "replace"
    REDACT = "redact"
    BLOCK = "block"

    @property
    def strictness(self) -> int:
        return list(Operator).index(self)


class EntityRule(BaseModel, frozen=True, extra="forbid"):
    """What happens to one type, from which score on."""

    operator: Operator = Operator.REPLACE
    min_score: Annotated[float, Field(ge=0, le=1)] = 0.5


class PiiPolicy(BaseModel, frozen=True, extra="forbid"):
    """Which personal data is taken out of a request, and how.

    Every type is replaced unless `entities` says otherwise. `keep` are names that stay: brands,
    products, public figures. `restore` puts the originals back into the answer.
    """

    entities: dict[EntityType, EntityRule] = {}
    keep: tuple[str, ...] = ()
    restore: bool = True

    def rule(self, type: EntityType) -> EntityRule:
        return self.entities.get(type, EntityRule())

    def loosened_by(self, candidate: PiiPolicy) -> str | None:
        """Say what another policy lets out that this one does not, or None if nothing."""
        for type in EntityType:
            mine, other = self.rule(type), candidate.rule(type)
            if other.operator.strictness < mine.operator.strictness:
                return f"pii.entities.{type}.operator {other.operator}"
            if other.min_score > mine.min_score:
                return f"pii.entities.{type}.min_score {other.min_score}"
        if added := sorted(set(candidate.keep) - set(self.keep)):
            return f"pii.keep {added[0]!r}"
        if candidate.restore and not self.restore:
            return "pii.restore"
        return None
