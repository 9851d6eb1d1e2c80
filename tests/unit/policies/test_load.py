"""Policy files: what is read, what is inherited, and what is said about a wrong one."""

from pathlib import Path

import pytest

from policies.errors import PolicyError
from policies.load import load_policies
from policies.schema import Mode, PolicyMode
from validators.shared_models import Models

SOCIAL = ("x", "instagram", "facebook", "linkedin", "tiktok", "youtube")


def write(folder: Path, text: str, name: str = "mine.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_policies_are_there() -> None:
    active = load_policies().active
    assert {"default", "strict", "monitor", *SOCIAL} == set(active)
    assert active["monitor"].policy.mode is PolicyMode.MONITOR
    for channel in SOCIAL:
        assert active[channel].policy.defaults.channel == channel


def test_a_policy_inherits_and_overrides(tmp_path: Path) -> None:
    write(
        tmp_path,
        "name: mine\nextends: default\nrules: {claims.superlative: {mode: warn}}\n",
    )
    mine = load_policies([tmp_path]).active["mine"].policy
    assert mine.rules["claims.superlative"].mode is Mode.WARN
    assert "privacy.input.*" in mine.rules
    assert list(mine.guardrails) == list(load_policies().active["default"].policy.guardrails)
    assert mine.description == ""


def test_the_version_changes_with_the_content_and_with_nothing_else(tmp_path: Path) -> None:
    shipped = load_policies().active["default"].version
    assert load_policies().active["default"].version == shipped
    write(tmp_path, "name: mine\nextends: default\n# a comment\n")
    first = load_policies([tmp_path]).active["mine"].version
    write(tmp_path, "name: mine\nextends: default\n# another comment\n")
    assert load_policies([tmp_path]).active["mine"].version == first
    write(tmp_path, "name: mine\nextends: default\nreask_rounds: 1\n")
    assert load_policies([tmp_path]).active["mine"].version != first


def test_a_version_can_be_pinned() -> None:
    policies = load_policies()
    version = policies.active["default"].version
    assert policies.find(f"default@{version}").version == version
    assert policies.find(f"default@{version[:20]}").version == version
    with pytest.raises(KeyError, match="is now sha256:"):
        policies.find("default@sha256:0000000000000000")


def test_an_unknown_policy_is_answered_with_the_nearest() -> None:
    with pytest.raises(KeyError, match="did you mean 'instagram'"):
        load_policies().find("instagrm")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: mine\nguardrials: {}\n", "unknown key 'guardrials'; did you mean 'guardrails'?"),
        ("name: mine\nextends: defualt\n", "extends: unknown policy 'defualt'; did you mean"),
        ("name: mine\nextends: mine\n", "extends: mine -> mine is a circle"),
        ("name: mine\nrules: {claims.superlativ: {mode: off}}\n", "claims.superlativ"),
        ("name: mine\nrules: {claims.superlative: {mode: loud}}\n", "mode"),
        ("name: mine\nchannels: {instagramm: {}}\n", "did you mean 'instagram'?"),
        ("name: mine\ndefaults: {channel: fax}\n", "defaults.channel: unknown channel 'fax'"),
        ("name: mine\nguardrails: {toxicty: {}}\n", "did you mean 'toxicity'?"),
        ("name: mine\nguardrails: {claims: {config: {x: 1}}}\n", "unknown key 'x'"),
        ("name: mine\nguardrails: {claims: {rules: [claim.*]}}\n", "no rule is named 'claim.*'"),
        ("name: mine\nguardrails: {a: {validator: 'no.such:thing'}}\n", "No module named"),
        ("- just\n- a list\n", "a policy file holds a mapping"),
        ("name: [unclosed\n", "line"),
    ],
)
def test_a_wrong_file_is_named_with_its_place_and_problem(
    tmp_path: Path, text: str, problem: str
) -> None:
    path = write(tmp_path, text)
    with pytest.raises(PolicyError) as raised:
        load_policies([path])
    assert str(path) in str(raised.value)
    assert problem in str(raised.value)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="no such file or folder"):
        load_policies([tmp_path / "nowhere"])


def test_a_house_rule_works_by_its_patterns(tmp_path: Path) -> None:
    write(
        tmp_path,
        """
name: mine
extends: default
guardrails:
  house: { validator: patterns, rules: [house.*] }
custom_rules:
  - id: house.acme
    definition: Names the former supplier.
    category: unsupported_claim
    severity: medium
    action: block
    basis: [House style guide]
    reason: Names Acme, with whom we no longer work.
    match: [{ find: '\\bacme\\b' }]
""",
    )
    (house,) = (g for g in load_policies([tmp_path]).active["mine"].guardrails if g.name == "house")
    from validators.base import Context

    findings = house.validator.check("Made by ACME.", Context())
    assert [(f.rule, f.start, f.end) for f in findings] == [("house.acme", 8, 12)]


def test_the_models_of_the_validators_are_there_for_others_too() -> None:
    models = Models()
    assert load_policies(models=models).models is models
