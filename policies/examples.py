"""Run the examples of the rule catalogue: every `bad` fires its own rule, no `ok` does.

An `ok` example that a record makes acceptable must fire without the record.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from policies.catalogue import Catalogue, CatalogueRule
from policies.channels import Channels
from validators.base import Context, Evidence, Validator

ExampleKind = Literal["bad", "ok", "unproven"]
_MARKER = re.compile(r"\s*\{\{(?:EV|CTX:\s*(?P<brief>[^}]*))\}\}")


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """Whether one example did what its rule says."""

    rule: str
    family: str
    kind: ExampleKind
    text: str
    fired: bool

    @property
    def has_passed(self) -> bool:
        return self.fired == (self.kind != "ok")


def run_examples(
    catalogue: Catalogue, validators: Mapping[str, Validator], channels: Channels
) -> Iterator[ExampleResult]:
    """Check each example with the validator of its family, at the validators' own scores.

    `validators` maps a family to its validator, built from that family's rules. A score of 0.5 or
    more counts as fired.
    """
    for rule in catalogue.rules.values():
        for kind, example in _examples(rule):
            text, context = _prepare(rule, example, channels)
            if kind == "unproven":
                context = replace(context, evidence=())
            fired = any(
                finding.rule == rule.id and finding.score >= 0.5
                for finding in validators[rule.family].check(text, context)
            )
            yield ExampleResult(rule.id, rule.family, kind, example, fired)


def _examples(rule: CatalogueRule) -> Iterator[tuple[ExampleKind, str]]:
    yield from (("bad", text) for text in rule.examples.bad)
    yield from (("ok", text) for text in rule.examples.ok)
    # Elsewhere the marker stands for a claim that the sentence makes beside the rule's matter.
    if rule.evidence:
        yield from (("unproven", text) for text in rule.examples.ok if "{{EV}}" in text)


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
