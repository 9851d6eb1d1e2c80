"""What asks for a rule, by market."""

from pathlib import Path

import pytest

from policies.catalogue import (
    RULES_FOLDER,
    CatalogueRule,
    Citation,
    load_catalogue,
    read_yaml,
)
from policies.decide import Inspection, decide, plan
from policies.load import Policies, load_policies
from validators.base import Context, Finding

CUSTOM = """
name: mine
extends: default
guardrails: {house: {validator: patterns, rules: [house.hype]}}
custom_rules:
  - id: house.hype
    category: unsupported_claim
    definition: Hype.
    reason: Hype.
    severity: low
    action: flag
    basis: [House style guide, {text: UK house style, markets: [UK]}]
    match: [{find: epic}]
"""


@pytest.fixture(scope="module")
def policies() -> Policies:
    return load_policies()


def basis(policies: Policies, rule: str, *jurisdictions: str) -> tuple[str, ...]:
    """What a finding of this rule cites in these markets."""
    active = policies.active["default"]
    finding = Finding(rule=rule, start=0, end=4, score=0.9, reason="Why.")
    (guardrail,) = (g for g in active.at("output") if rule in g.rules)
    planned = plan(active, Context(jurisdictions=jurisdictions))
    verdict = decide([Inspection(guardrail, (finding,), 1.0)], planned, can_reask=False)
    return verdict.findings[0].basis


@pytest.mark.parametrize(
    ("jurisdictions", "cited", "absent"),
    [
        ((), ("FTC", "Regulation (EC)", "UK CAP"), ()),
        (("US",), ("FTC",), ("Regulation (EC)", "UK CAP")),
        (("US-CA",), ("FTC",), ("Regulation (EC)", "UK CAP")),
        (("UK",), ("UK CAP",), ("FTC", "Regulation (EC)")),
        (("EU",), ("Regulation (EC)",), ("FTC", "UK CAP")),
        (("DE",), ("Regulation (EC)",), ("FTC", "UK CAP")),
        (("UK", "US"), ("FTC", "UK CAP"), ("Regulation (EC)",)),
        # Nothing is known for Brazil: rather everything than nothing.
        (("BR",), ("FTC", "Regulation (EC)", "UK CAP"), ()),
    ],
)
def test_a_finding_cites_what_holds_in_the_markets_of_the_text(
    policies: Policies,
    jurisdictions: tuple[str, ...],
    cited: tuple[str, ...],
    absent: tuple[str, ...],
) -> None:
    texts = basis(policies, "claims.health.disease", *jurisdictions)
    for name in cited:
        assert any(text.startswith(name) for text in texts), texts
    for name in absent:
        assert not any(text.startswith(name) for text in texts), texts


def test_what_holds_everywhere_comes_after_what_holds_here() -> None:
    rule = _rule({"text": "Platform policies"}, {"text": "UK CAP Code", "markets": ["UK"]})
    assert rule.basis_in(["UK"]) == ("UK CAP Code", "Platform policies")
    assert rule.basis_in(["US"]) == ("Platform policies",)
    assert rule.basis_in([]) == rule.basis_texts == ("Platform policies", "UK CAP Code")


def test_a_state_law_is_not_cited_in_the_other_states() -> None:
    rule = _rule({"text": "FTC Act", "markets": ["US"]}, {"text": "Cal.", "markets": ["US-CA"]})
    assert rule.basis_in(["US-CA"]) == ("FTC Act", "Cal.")
    assert rule.basis_in(["US-NY"]) == rule.basis_in(["US"]) == ("FTC Act",)


def _rule(*basis: object) -> CatalogueRule:
    fields = {"id": "house.x", "category": "privacy", "severity": "low", "action": "flag"}
    return CatalogueRule.model_validate(
        {**fields, "definition": "X.", "reason": "X.", "basis": basis}
    )


@pytest.mark.parametrize(
    ("text", "markets"),
    [
        ("Directive 2005/29/EC (UCPD), art.7", ("EU",)),
        ("Regulation (EU) 2016/679 (GDPR), art.9", ("EU", "UK")),
        ("UK DMCC Act 2024", ("UK",)),
        ("16 CFR 461 Impersonation Rule (unverified)", ("US",)),
        ("39 U.S.C. 3001(k) (unverified)", ("US",)),
        ("Cal. Civ. Code 1770(a)(29) (unverified)", ("US-CA",)),
        ("Reg (EU) 2018/848 organic (unverified)", ("EU",)),
        ("Directive 2011/83 art.6(1)(ea) (unverified)", ("EU",)),
        ("UK FCA CONC 3 (unverified)", ("UK",)),
        ("Platform policies", ()),
        ("house policy", ()),
    ],
)
def test_a_shipped_citation_knows_its_markets(text: str, markets: tuple[str, ...]) -> None:
    found = {c.text: c.markets for rule in load_catalogue().rules.values() for c in rule.basis}
    assert found[text] == markets


def test_every_citation_of_the_registry_says_where_it_holds() -> None:
    for key, citation in read_yaml(RULES_FOLDER.parent / "citations.yaml").items():
        assert isinstance(citation["markets"], list), key


def test_a_policy_may_give_the_text_of_a_citation_alone(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(CUSTOM, encoding="utf-8")
    first, second = (load_policies([path]).active["mine"] for _ in range(2))
    (rule,) = first.policy.custom_rules
    assert rule.basis == (
        Citation(text="House style guide"),
        Citation(text="UK house style", markets=("UK",)),
    )
    assert first.version == second.version
