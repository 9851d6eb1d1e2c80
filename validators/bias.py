"""Bias, by the patterns and the term list of its rules."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from validators.base import Context, Finding
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Rule


class BiasConfig(BaseModel, frozen=True, extra="forbid"):
    """Nothing to set: the rules say it all."""


class Bias:
    """Find stereotypes, exclusion and terms that leave people out.

    Patterns take the list of all groups of an attribute, never one group, so that the same
    sentence about another group gets the same verdict (DOMAIN.md 0.1, position 6). What is implied
    and not said is beyond them: they find about a fifth of what people call biased.
    """

    def __init__(self, config: BiasConfig, rules: Sequence[Rule]) -> None:
        del config
        self._patterns = Patterns(PatternsConfig(), rules)

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        return self._patterns.check(text, context)
