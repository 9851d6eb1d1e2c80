"""From findings to a verdict: precedence, modes, fallbacks, overlays, strictness."""

from pathlib import Path

import pytest

from policies.catalogue import Action
from policies.decide import Inspection, Plan, apply_edits, decide, loosened, plan
from policies.load import ActivePolicy, load_policies
from policies.schema import PolicyMode
from validators.base import Channel, Context, Edit, Finding

HEADER = "name: mine\nextends: default\n"


def active(folder: Path, rules: str = "") -> ActivePolicy:
    path = folder / "mine.yaml"
    path.write_text(HEADER + rules, encoding="utf-8")
    return load_policies([path]).active["mine"]


def found(rule: str, *, edit: Edit | None = None, score: float = 0.9, start: int = 0) -> Finding:
    return Finding(rule=rule, start=start, end=start + 5, score=score, reason="Why.", edit=edit)


def inspected(policy: ActivePolicy, *findings: Finding) -> list[Inspection]:
    return [
        Inspection(guardrail, tuple(f for f in findings if f.rule.startswith(guardrail.name)), 1.0)
        for guardrail in policy.at("output")
    ]


def action_of(policy: ActivePolicy, *findings: Finding, can_reask: bool = True) -> Action | None:
    rules = plan(policy, Context())
    return decide(inspected(policy, *findings), rules, can_reask=can_reask).action


def test_nothing_found_is_no_action(tmp_path: Path) -> None:
    assert action_of(active(tmp_path)) is None


def test_the_strictest_action_wins(tmp_path: Path) -> None:
    policy = active(
        tmp_path,
        "rules: {claims.superlative: {action: flag}, claims.free: {action: review},"
        " claims.origin: {action: block}}",
    )
    superlative, free, origin = map(found, ("claims.superlative", "claims.free", "claims.origin"))
    assert action_of(policy, superlative) is Action.FLAG
    assert action_of(policy, superlative, free) is Action.REVIEW
    assert action_of(policy, superlative, free, origin) is Action.BLOCK


@pytest.mark.parametrize(("severity", "fallback"), [("high", "block"), ("medium", "flag")])
def test_a_reask_falls_back_by_severity(tmp_path: Path, severity: str, fallback: str) -> None:
    policy = active(
        tmp_path, f"rules: {{bias.socioeconomic: {{action: reask, severity: {severity}}}}}"
    )
    assert action_of(policy, found("bias.socioeconomic")) is Action.REASK
    assert action_of(policy, found("bias.socioeconomic"), can_reask=False) == fallback


def test_what_the_default_policy_cannot_settle_a_person_decides(tmp_path: Path) -> None:
    policy = active(tmp_path)
    assert action_of(policy, found("claims.superlative"), can_reask=False) is Action.REVIEW
    assert action_of(policy, found("claims.free"), can_reask=False) is Action.FLAG
    assert action_of(policy, found("claims.health.disease"), can_reask=False) is Action.BLOCK


def test_a_fix_without_an_edit_asks_again(tmp_path: Path) -> None:
    policy = active(tmp_path, "rules: {bias.age.exclusion: {action: fix}}")
    assert action_of(policy, found("bias.age.exclusion", edit=Edit(0, 5, "x"))) is Action.FIX
    assert action_of(policy, found("bias.age.exclusion")) is Action.REASK
    assert action_of(policy, found("bias.age.exclusion"), can_reask=False) is Action.BLOCK


@pytest.mark.parametrize(
    ("mode", "expected", "visible", "shadow"),
    [
        ("enforce", Action.BLOCK, 1, 0),
        ("warn", Action.FLAG, 1, 0),
        ("shadow", None, 0, 1),
        ("off", None, 0, 0),
    ],
)
def test_modes(
    tmp_path: Path, mode: str, expected: Action | None, visible: int, shadow: int
) -> None:
    policy = active(tmp_path, f"rules: {{claims.*: {{mode: '{mode}', action: block}}}}")
    rules = plan(policy, Context())
    verdict = decide(inspected(policy, found("claims.superlative")), rules, can_reask=True)
    assert (verdict.action, len(verdict.findings), len(verdict.shadow)) == (
        expected,
        visible,
        shadow,
    )


def test_monitoring_flags_and_no_more(tmp_path: Path) -> None:
    policy = active(tmp_path, "rules: {claims.*: {action: block}}")
    rules = plan(policy, Context(), PolicyMode.MONITOR)
    verdict = decide(inspected(policy, found("claims.superlative")), rules, can_reask=True)
    assert verdict.action is Action.FLAG


def test_a_score_below_the_minimum_is_not_reported(tmp_path: Path) -> None:
    policy = active(tmp_path, "rules: {claims.superlative: {min_score: 0.8}}")
    assert action_of(policy, found("claims.superlative", score=0.79)) is None


def effective(rules: Plan, rule: str) -> tuple[str, tuple[str, ...]]:
    (match,) = (r for (_, _, name), r in rules.rules.items() if name == rule)
    return match.action.value, match.sources


def test_overlays_apply_from_the_widest_to_the_closest_and_say_so(tmp_path: Path) -> None:
    policy = active(
        tmp_path,
        """
rules:
  claims.superlative: {action: review}
  claims.*: {action: flag}
jurisdictions:
  DE: {rules: {claims.superlative: {action: flag}}}
  EU: {rules: {claims.superlative: {action: block}}}
channels:
  sms: {rules: {claims.superlative: {action: reask}}}
""",
    )
    superlative = "claims.superlative"
    assert effective(plan(policy, Context()), superlative) == (
        "review",
        ("rule file: claims", "policy mine: claims.*", "policy mine: claims.superlative"),
    )
    assert effective(plan(policy, Context()), "claims.free")[0] == "flag"
    german = Context(jurisdictions=("DE",))
    assert effective(plan(policy, german), superlative)[0] == "block"
    by_sms = Context(channel=Channel(name="sms"), jurisdictions=("DE",))
    assert effective(plan(policy, by_sms), superlative)[0] == "reask"


def test_what_is_looser_is_named(tmp_path: Path) -> None:
    policies = load_policies()
    default, strict, monitor = (
        plan(policies.active[name], Context()) for name in ("default", "strict", "monitor")
    )
    assert loosened(default, default) is None
    assert loosened(strict, default) is None
    assert loosened(monitor, default) == "mode monitor"
    assert loosened(default, monitor) is None
    assert (loosened(default, strict) or "").startswith("rule ")
    lax = active(tmp_path, "rules: {claims.health.disease: {mode: 'off'}}")
    assert loosened(plan(lax, Context()), default) == "rule claims.health.disease"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], "one two"),
        ([Edit(0, 3, "1")], "1 two"),
        ([Edit(4, 7, "2"), Edit(0, 3, "1")], "1 2"),
        ([Edit(0, 0, "a "), Edit(0, 0, "b ")], "a b one two"),
        ([Edit(0, 5, "x"), Edit(4, 7, "y")], "xwo"),
    ],
)
def test_edits_apply_from_the_end_and_never_overlap(edits: list[Edit], expected: str) -> None:
    assert apply_edits("one two", edits) == expected
