"""Privacy: what its rules say, and personal data in a text that no placeholder stands for."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from validators.base import Context, Finding
from validators.leaks import Leaks
from validators.patterns import Patterns, PatternsConfig
from validators.placeholder_use import PlaceholderUse
from validators.rules import Rule
from validators.shared_models import Models

_LEAK = "privacy.output.leak"


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
    """The rules' patterns, how the text uses its placeholders, and what leaked out of a model."""

    def __init__(self, config: PrivacyConfig, rules: Sequence[Rule], models: Models) -> None:
        self._patterns = Patterns(PatternsConfig(), rules)
        self._placeholders = PlaceholderUse(rules)
        self._leaks = Leaks(rules, models, config.role_mailboxes)

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        placeholders = self._placeholders.check(text, context)
        findings = [
            finding
            for finding in self._patterns.check(text, context)
            if finding.rule != _LEAK or not placeholders.covers(finding.start, finding.end)
        ]
        return [*findings, *placeholders.findings, *self._leaks.check(text, context)]
