"""Run the examples of the rule catalogue: every `bad` fires its own rule, no `ok` does."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.catalogue import Catalogue, CatalogueRule
from policies.channels import Channels
from validators.base import Context, Evidence, Validator

_MARKER = re.compile(r"\s*\{\{(?:EV|CTX:\s*(?P<brief>[^}]*))\}\}")


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """Whether one example did what its rule says."""

    rule: str
    family: str
    text: str
    expected: bool
    fired: bool

    @property
    def has_passed(self) -> bool:
        return self.expected == self.fired


def run_examples(
    catalogue: Catalogue, validators: Mapping[str, Validator], channels: Channels
) -> Iterator[ExampleResult]:
    """Check each example with the validator of its family, at the validators' own scores.

    `validators` maps a family to its validator, built from that family's rules. A score of 0.5 or
    more counts as fired.
    """
    for rule in catalogue.rules.values():
        for expected, texts in ((True, rule.examples.bad), (False, rule.examples.ok)):
            for example in texts:
                text, context = _prepare(rule, example, channels)
                fired = any(
                    finding.rule == rule.id and finding.score >= 0.5
                    for finding in validators[rule.family].check(text, context)
                )
                yield ExampleResult(rule.id, rule.family, example, expected, fired)


def _prepare(rule: CatalogueRule, example: str, channels: Channels) -> tuple[str, Context]:
    """Take the markers out: `{{EV}}` becomes a record, `{{CTX: …}}` the brief."""
    text = _MARKER.sub("", example).strip()
    brief = " ".join(m["brief"] for m in _MARKER.finditer(example) if m["brief"])
    evidence = (Evidence(id="ev-1", statement=text),) if "{{EV}}" in example else ()
    return text, Context(
        channel=channels.find(rule.channels[0] if rule.channels else "generic"),
        jurisdictions=rule.jurisdictions,
        brief=brief,
        evidence=evidence,
        today=dt.date(2026, 11, 21),
    )
