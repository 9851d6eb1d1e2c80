"""From findings to a verdict, by pure functions: validators find, this decides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from policies.catalogue import Action, CatalogueRule, Severity
from policies.load import ActiveGuardrail, ActivePolicy
from policies.schema import Mode, PolicyMode, RuleSetting
from validators.base import Context, Edit, EvidenceMatch, Finding
from validators.jurisdictions import applies, covers
from validators.rules import Stage


class VerdictName(StrEnum):
    """What a text came to, from the mildest to the strictest."""

    PASSED = "passed"
    FLAGGED = "flagged"
    FIXED = "fixed"
    HELD = "held"
    BLOCKED = "blocked"

    @property
    def strictness(self) -> int:
        return list(VerdictName).index(self)


@dataclass(frozen=True, slots=True)
class EffectiveRule:
    """A rule as it applies to one channel and one set of markets; `sources` says why."""

    rule: CatalogueRule
    guardrail: str
    stage: Stage
    mode: Mode
    action: Action
    severity: Severity
    min_score: float
    fallback: Action
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a policy asks of a text on a channel in its markets, rule by rule."""

    active: ActivePolicy
    mode: PolicyMode
    rules: Mapping[tuple[str, Stage, str], EffectiveRule]

    def guardrails(self, stage: Stage) -> tuple[ActiveGuardrail, ...]:
        return self.active.at(stage)


@dataclass(frozen=True, slots=True)
class Inspection:
    """One guardrail's look at one text. `error` says why it gave no result."""

    guardrail: ActiveGuardrail
    findings: tuple[Finding, ...]
    milliseconds: float
    error: str | None = None


@dataclass(frozen=True, slots=True)
class DecidedFinding:
    """A finding with what follows from it."""

    id: str
    validator: str
    rule: str
    category: str
    severity: Severity
    score: float
    action: Action
    start: int
    end: int
    reason: str
    basis: tuple[str, ...]
    suggestion: str | None
    edit: Edit | None
    evidence: tuple[EvidenceMatch, ...]
    is_shadow: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a stage's inspections add up to.

    `action` is the strictest that follows, or None; `findings` are those a caller sees, `shadow`
    those that are recorded alone.
    """

    action: Action | None
    findings: tuple[DecidedFinding, ...]
    shadow: tuple[DecidedFinding, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def edits(self) -> tuple[Edit, ...]:
        return tuple(f.edit for f in self.findings if f.action is Action.FIX and f.edit)


def plan(active: ActivePolicy, context: Context, mode: PolicyMode | None = None) -> Plan:
    """Resolve every rule of a policy for a channel and its markets.

    A rule's own file speaks first, then the policy's `rules` (a family before a single rule),
    then its jurisdictions (the strictest of several wins), then its channel.
    """
    rules = {}
    for guardrail in active.guardrails:
        for rule in guardrail.rules.values():
            if applies(rule, context):
                key = (guardrail.name, guardrail.stage, rule.id)
                rules[key] = _effective(active, guardrail, rule, context)
    return Plan(active, mode or active.policy.mode, rules)


def decide(inspections: Sequence[Inspection], plan: Plan, *, can_reask: bool) -> Verdict:
    """Turn findings into actions; the strictest of them is the verdict's."""
    visible: list[DecidedFinding] = []
    shadow: list[DecidedFinding] = []
    for inspection in inspections:
        guardrail = inspection.guardrail
        for finding in inspection.findings:
            key = (guardrail.name, guardrail.stage, finding.rule)
            effective = plan.rules.get(key)
            if effective is None or finding.score < effective.min_score:
                continue
            decided = _decide_finding(finding, effective, plan.mode, can_reask)
            if effective.mode is Mode.SHADOW:
                shadow.append(replace(decided, is_shadow=True))
            elif effective.mode is not Mode.OFF:
                visible.append(decided)
    visible.sort(key=lambda f: (f.start, f.end))
    strictest = max((f.action for f in visible), key=lambda a: a.strictness, default=None)
    failed = tuple(i.guardrail.name for i in inspections if i.error is not None)
    return Verdict(strictest, tuple(visible), tuple(shadow), failed)


def apply_edits(text: str, edits: Sequence[Edit]) -> str:
    """Apply edits from the end; of two that overlap the earlier one counts.

    Insertions at one place are kept in their order.
    """
    kept: list[Edit] = []
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        if not kept or edit.start >= kept[-1].end:
            kept.append(edit)
    for edit in reversed(kept):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def loosened(candidate: Plan, baseline: Plan) -> str | None:
    """Say what a plan takes more lightly than another, or None if it is as strict everywhere."""
    if candidate.mode is PolicyMode.MONITOR and baseline.mode is PolicyMode.ENFORCE:
        return "mode monitor"
    strictest: dict[tuple[Stage, str], EffectiveRule] = {}
    for (_, stage, rule), effective in candidate.rules.items():
        key = (stage, rule)
        if key not in strictest or _rank(effective) > _rank(strictest[key]):
            strictest[key] = effective
    for (_, stage, rule), wanted in baseline.rules.items():
        found = strictest.get((stage, rule))
        if wanted.mode is Mode.OFF:
            continue
        if found is None or _rank(found) < _rank(wanted) or found.min_score > wanted.min_score:
            return f"rule {rule}"
    return baseline.active.policy.pii.loosened_by(candidate.active.policy.pii)


def _rank(rule: EffectiveRule) -> tuple[int, int]:
    return rule.mode.strictness, rule.action.strictness


def _effective(
    active: ActivePolicy, guardrail: ActiveGuardrail, rule: CatalogueRule, context: Context
) -> EffectiveRule:
    policy = active.policy
    steps = _matching(policy.rules, rule.id, f"policy {policy.name}")
    by_market = [
        _matching(overlay.rules, rule.id, f"jurisdiction {name}")
        for name, overlay in policy.jurisdictions.items()
        if covers((name,), context.jurisdictions)
    ]
    channel = policy.channels.get(context.channel.name)
    last = _matching(channel.rules, rule.id, f"channel {context.channel.name}") if channel else []
    candidates = [_lay(guardrail, rule, [*steps, *market, *last]) for market in by_market or [[]]]
    return max(candidates, key=_rank)


def _matching(
    settings: Mapping[str, RuleSetting], rule: str, place: str
) -> list[tuple[str, RuleSetting]]:
    """The settings that speak of a rule, from the widest to the most precise."""
    found = [(name, setting) for name, setting in settings.items() if fnmatchcase(rule, name)]
    found.sort(key=lambda item: (item[0] == rule, len(item[0])))
    return [(f"{place}: {name}", setting) for name, setting in found]


def _lay(
    guardrail: ActiveGuardrail, rule: CatalogueRule, steps: Sequence[tuple[str, RuleSetting]]
) -> EffectiveRule:
    merged: dict[str, object] = {}
    for _, setting in steps:
        merged |= setting.model_dump(exclude_none=True)
    settled = RuleSetting.model_validate(merged)
    severity = settled.severity or rule.severity
    serious = severity in (Severity.HIGH, Severity.CRITICAL)
    min_score = settled.min_score
    return EffectiveRule(
        rule=rule,
        guardrail=guardrail.name,
        stage=guardrail.stage,
        mode=settled.mode or Mode.ENFORCE,
        action=settled.action or rule.action,
        severity=severity,
        min_score=guardrail.guardrail.min_score if min_score is None else min_score,
        fallback=settled.fallback or (Action.BLOCK if serious else Action.FLAG),
        sources=(f"rule file: {rule.family}", *(place for place, _ in steps)),
    )


def _decide_finding(
    finding: Finding, effective: EffectiveRule, mode: PolicyMode, can_reask: bool
) -> DecidedFinding:
    action = effective.action
    if effective.mode is not Mode.ENFORCE or mode is PolicyMode.MONITOR:
        action = Action.FLAG
    if action is Action.FIX and finding.edit is None:
        action = Action.REASK
    if action is Action.REASK and not can_reask:
        action = effective.fallback
    return DecidedFinding(
        id=_finding_id(finding),
        validator=effective.guardrail,
        rule=finding.rule,
        category=effective.rule.category,
        severity=effective.severity,
        score=round(finding.score, 4),
        action=action,
        start=finding.start,
        end=finding.end,
        reason=finding.reason,
        basis=effective.rule.basis if finding.basis is None else finding.basis,
        suggestion=finding.suggestion,
        edit=finding.edit,
        evidence=finding.evidence,
    )


def _finding_id(finding: Finding) -> str:
    """The same finding in the same place has the same id, so that a re-check can be compared."""
    seed = f"{finding.rule}:{finding.start}:{finding.end}"
    return f"f_{hashlib.sha256(seed.encode()).hexdigest()[:12]}"
