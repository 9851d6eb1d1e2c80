"""Personal data that leaks out of a model, and data in copy that is no leak."""

from __future__ import annotations

import pytest

from policies.catalogue import load_catalogue
from validators.base import Context, Evidence
from validators.privacy import Privacy, PrivacyConfig
from validators.shared_models import Models


@pytest.fixture(scope="module")
def privacy() -> Privacy:
    rules = load_catalogue().family("privacy")
    return Privacy(PrivacyConfig(), rules, Models())


def rules_of(privacy: Privacy, text: str, context: Context | None = None) -> set[str]:
    return {finding.rule for finding in privacy.check(text, context or Context())}


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("name", "Dear Karen Holt,\n\nyour box is ready."),
        ("address", "Karen Holt of 14 Elm Road, Leeds ordered twice."),
        ("birth_date", "Karen Holt, born on 12 March 1988, loves our bread."),
        ("health", "Our customer Karen Holt was diagnosed with multiple sclerosis last year."),
        ("reference", "Your order ORD-2026-88213 is on its way."),
    ],
)
def test_finds_what_nobody_gave(privacy: Privacy, rule: str, text: str) -> None:
    assert f"privacy.output.{rule}" in rules_of(privacy, text)
    asked = Context(brief=f"Shorten this: {text}")
    assert f"privacy.output.{rule}" not in rules_of(privacy, text, asked)
    proven = Context(evidence=(Evidence(id="ev-1", statement=text),))
    assert f"privacy.output.{rule}" not in rules_of(privacy, text, proven)


@pytest.mark.parametrize(
    "text",
    [
        '"I wanted bread like my grandmother\'s," says founder Ines Duarte.',
        "Dear {{FIRST_NAME}}, your order {{ORDER_NUMBER}} is on its way.",
        "Dear Karen, your box is ready.",
        "Visit our shop at 14 Elm Road, Leeds.",
        "The sale starts on 12 March 2026.",
        "Gluten-free bread for everyone with coeliac disease.",
        "Most of our paper comes from FSC-certified material (FSC-C900417).",
        "Made under GMP certificate IT-GMP-2291, valid to May 2028.",
    ],
)
def test_leaves_copy_alone(privacy: Privacy, text: str) -> None:
    assert rules_of(privacy, text) == set()
