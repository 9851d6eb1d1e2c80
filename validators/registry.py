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
from validators.toxicity import Toxicity, ToxicityConfig


@dataclass(frozen=True, slots=True)
class Registration:
    """A validator's configuration model, and how it is built from one and from its rules."""

    config: type[BaseModel]
    create: Callable[[Any, Sequence[Rule]], Validator]


VALIDATORS: Mapping[str, Registration] = {
    "toxicity": Registration(ToxicityConfig, Toxicity),
    "bias": Registration(BiasConfig, Bias),
    "claims": Registration(ClaimsConfig, Claims),
    "disclosure": Registration(DisclosureConfig, Disclosure),
    "manipulation": Registration(PatternsConfig, Patterns),
    "targeting": Registration(PatternsConfig, Patterns),
    "privacy": Registration(PrivacyConfig, Privacy),
    # For house rules: `custom_rules` of a policy, found by their patterns alone.
    "patterns": Registration(PatternsConfig, Patterns),
    # Any installed guardrails-ai validator, named in the configuration.
    "guardrails": Registration(GuardrailsConfig, GuardrailsValidator),
}


def create_validator(name: str, config: Mapping[str, Any], rules: Sequence[Rule]) -> Validator:
    """Build a validator, models loaded.

    Raises:
        KeyError: no validator has this name.
        pydantic.ValidationError: the configuration is wrong.
        ValueError: a rule's pattern does not compile.
        ValidatorError: a model or an extra is missing.
    """
    registration = VALIDATORS[name]
    return registration.create(registration.config.model_validate(config), rules)
