"""Where a rule applies: its channels, and the markets that a jurisdiction stands for."""

from __future__ import annotations

from collections.abc import Iterable

from validators.base import Context
from validators.rules import Rule

EU_MEMBERS = frozenset(
    [
        *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
        *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    ]
)


def applies(rule: Rule, context: Context) -> bool:
    """Whether a rule speaks about the channel and a market of a text."""
    if rule.channels and context.channel.name not in rule.channels:
        return False
    return not rule.jurisdictions or covers(rule.jurisdictions, context.jurisdictions)


def covers(wanted: Iterable[str], actual: Iterable[str]) -> bool:
    """Whether any actual jurisdiction is one of the wanted, or lies inside one.

    "DE" lies inside "EU", "US-CA" inside "US"; "EU" also reaches its members, as a text for the
    EU is published in each of them.
    """
    return any(_lies_in(here, there) for there in wanted for here in actual)


def _lies_in(here: str, there: str) -> bool:
    if here == there or here.startswith(f"{there}-"):
        return True
    return (there == "EU" and here in EU_MEMBERS) or (here == "EU" and there in EU_MEMBERS)
