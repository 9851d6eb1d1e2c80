"""The validators by the name that a policy uses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from validators.base import Validator
from validators.bias import Bias, BiasConfig
from validators.claims import Claims, ClaimsConfig
from validators.disclosure import Disclosure, DisclosureConfig
from validators.guardrails import GuardrailsConfig, GuardrailsValidator
from validators.patterns import Patterns, PatternsConfig
from validators.privacy import Privacy, PrivacyConfig
from validators.rules import Rule
from validators.shared_models import Models
from validators.toxicity import Toxicity, ToxicityConfig


@dataclass(frozen=True, slots=True)
class Registration:
    """A validator's configuration model, and how it is built from one and from its rules.

    `create` takes the two; where it `shares_models`, it takes the `Models` of the process too.
    """

    config: type[BaseModel]
    create: Callable[..., Validator]
    shares_models: bool = False

    def build(self, config: BaseModel, rules: Sequence[Rule], models: Models) -> Validator:
        """Build the validator; raises what `create_validator` names, but for the first two."""
        if self.shares_models:
            return self.create(config, rules, models)
        return self.create(config, rules)


VALIDATORS: Mapping[str, Registration] = {
    "toxicity": Registration(ToxicityConfig, Toxicity),
    "bias": Registration(BiasConfig, Bias),
    "claims": Registration(ClaimsConfig, Claims),
    "disclosure": Registration(DisclosureConfig, Disclosure),
    "manipulation": Registration(PatternsConfig, Patterns),
    "targeting": Registration(PatternsConfig, Patterns),
    "privacy": Registration(PrivacyConfig, Privacy, shares_models=True),
    # For house rules: `custom_rules` of a policy, found by their patterns alone.
    "patterns": Registration(PatternsConfig, Patterns),
    # Any installed guardrails-ai validator, named in the configuration.
    "guardrails": Registration(GuardrailsConfig, GuardrailsValidator),
}


def create_validator(
    name: str, config: Mapping[str, Any], rules: Sequence[Rule], models: Models | None = None
) -> Validator:
    """Build a validator, models loaded; those of `models` are shared with whoever has them too.

    Raises:
        KeyError: no validator has this name.
        pydantic.ValidationError: the configuration is wrong.
        ValueError: a rule's pattern does not compile.
        ValidatorError: a model or an extra is missing.
    """
    registration = VALIDATORS[name]
    return registration.build(registration.config.model_validate(config), rules, models or Models())
