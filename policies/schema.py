"""The policy file: frozen models, unknown keys refused."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, field_validator, model_validator

from policies.catalogue import Action, CatalogueRule, Severity
from policies.pii import PiiPolicy
from validators.base import Evidence
from validators.rules import Stage

Score = Annotated[float, Field(ge=0, le=1)]


class Mode(StrEnum):
    """How seriously a rule is taken, from not at all to fully (DOMAIN.md 0.2).

    `shadow` is recorded and changes nothing that a caller sees; `warn` turns any action into a
    flag.
    """

    OFF = "off"
    SHADOW = "shadow"
    WARN = "warn"
    ENFORCE = "enforce"

    @property
    def strictness(self) -> int:
        return list(Mode).index(self)


class PolicyMode(StrEnum):
    """What a policy does with its verdicts; `monitor` delivers every byte unchanged."""

    MONITOR = "monitor"
    ENFORCE = "enforce"


class _Model(BaseModel, frozen=True, extra="forbid"):
    """A part of the policy file."""


class RuleSetting(_Model):
    """What a policy says about a rule, or about a family by `claims.*`. Unset means inherited.

    `fallback` follows where a `fix` has no edit or a `reask` did not help.
    """

    mode: Mode | None = None
    action: Action | None = None
    severity: Severity | None = None
    min_score: Score | None = None
    fallback: Literal[Action.FLAG, Action.REVIEW, Action.BLOCK] | None = None

    @field_validator("mode", mode="before")
    @classmethod
    def _off(cls, mode: Any) -> Any:
        """YAML reads a bare `off` as false."""
        return Mode.OFF if mode is False else mode


class Guardrail(_Model):
    """A validator put to work. Its name in the policy is the validator's unless it says another.

    `rules` are the rule ids it reports, `*` allowed at the end; its own family if empty.
    `on_error` says what a check that could not run means: `block` refuses the request.
    """

    validator: str
    stages: tuple[Stage, ...] = ("output",)
    rules: tuple[str, ...] = ()
    min_score: Score = 0.5
    on_error: Literal["block", "allow"] = "block"
    config: dict[str, Any] = {}


class Overlay(_Model):
    """What differs on a channel or in a jurisdiction."""

    rules: dict[str, RuleSetting] = {}


class Defaults(_Model):
    """What a request means if it does not say."""

    channel: str = "generic"
    jurisdictions: tuple[str, ...] = ()


class Policy(_Model):
    """What is checked, where, and what follows; `policies/default.yaml` is the one to read first.

    `reask_rounds` is how often the model may try again. `on_block` says whether a blocked answer
    is an error (400) or an empty choice with `finish_reason: content_filter` (200).
    """

    name: str
    description: str = ""
    extends: str | None = None
    mode: PolicyMode = PolicyMode.ENFORCE
    defaults: Defaults = Defaults()
    guardrails: dict[str, Guardrail] = {}
    custom_rules: tuple[CatalogueRule, ...] = ()
    rules: dict[str, RuleSetting] = {}
    channels: dict[str, Overlay] = {}
    jurisdictions: dict[str, Overlay] = {}
    pii: PiiPolicy = PiiPolicy()
    evidence: tuple[Evidence, ...] = ()
    reask_rounds: Annotated[int, Field(ge=0, le=2)] = 2
    on_block: Literal["error", "filter"] = "error"

    @model_validator(mode="before")
    @classmethod
    def _name_validators(cls, fields: Any) -> Any:
        """A guardrail is named after its validator unless it names one."""
        if isinstance(fields, dict) and isinstance(fields.get("guardrails"), dict):
            guardrails = {
                name: {"validator": name, **(guardrail or {})}
                if isinstance(guardrail, dict | None)
                else guardrail
                for name, guardrail in fields["guardrails"].items()
            }
            return {**fields, "guardrails": guardrails}
        return fields
