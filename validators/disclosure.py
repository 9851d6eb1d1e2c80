"""Disclosure, by the patterns of its rules."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from validators.base import Context, Finding
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Rule


class DisclosureConfig(BaseModel, frozen=True, extra="forbid"):
    pass


class Disclosure:
    def __init__(self, config: DisclosureConfig, rules: Sequence[Rule]) -> None:
        self._patterns = Patterns(PatternsConfig(), rules)

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        return self._patterns.check(text, context)
