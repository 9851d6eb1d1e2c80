"""From findings to a verdict, by pure functions: validators find, this decides."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from fnmatch import fnmatchcase

from policies.catalogue import Action, CatalogueRule, Severity
from policies.load import ActiveGuardrail, ActivePolicy
from policies.schema import Guardrail, Mode, PolicyMode, RuleSetting
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

    @property
    def is_withheld(self) -> bool:
        return self in (VerdictName.HELD, VerdictName.BLOCKED)


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
    markets: tuple[str, ...]
    rules: Mapping[tuple[str, Stage, str], EffectiveRule]

    def guardrails(self, stage: Stage) -> tuple[ActiveGuardrail, ...]:
        return self.active.at(stage)

    def guardrail(self, rule: EffectiveRule) -> Guardrail:
        """The guardrail that a rule is looked for by."""
        return self.active.policy.guardrails[rule.guardrail]


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
    return Plan(active, mode or active.policy.mode, context.jurisdictions, rules)


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
            decided = _decide_finding(finding, effective, plan, can_reask)
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
    """Say what a plan takes more lightly than another, or None if it is as strict everywhere.

    A guardrail that is configured otherwise counts as looser: nothing here can tell that it is not.
    """
    if candidate.mode is PolicyMode.MONITOR and baseline.mode is PolicyMode.ENFORCE:
        return "mode monitor"
    found = {(rule.stage, rule.rule.id): rule for rule in candidate.rules.values()}
    for wanted in baseline.rules.values():
        if wanted.mode is Mode.OFF:
            continue
        mine = found.get((wanted.stage, wanted.rule.id))
        if mine is None or _rank(mine) < _rank(wanted) or mine.min_score > wanted.min_score:
            return f"rule {wanted.rule.id}"
        before, after = baseline.guardrail(wanted), candidate.guardrail(mine)
        if after.config != before.config:
            return f"guardrails.{wanted.guardrail}.config"
        if after.on_error == "allow" and before.on_error == "block":
            return f"guardrails.{wanted.guardrail}.on_error"
    return baseline.active.policy.pii.loosened_by(candidate.active.policy.pii)


def _rank(rule: EffectiveRule) -> tuple[int, int, int]:
    may_fall_back = rule.action in (Action.FIX, Action.REASK)
    fallback = rule.fallback.strictness if may_fall_back else rule.action.strictness
    return rule.mode.strictness, rule.action.strictness, fallback


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
    finding: Finding, effective: EffectiveRule, plan: Plan, can_reask: bool
) -> DecidedFinding:
    action = effective.action
    # A prompt is refused or sent as it is; nobody expects it to be reworded.
    edit = finding.edit if effective.stage == "output" else None
    if effective.mode is not Mode.ENFORCE or plan.mode is PolicyMode.MONITOR:
        action = Action.FLAG
    if action is Action.FIX and edit is None:
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
        basis=effective.rule.basis_in(plan.markets) if finding.basis is None else finding.basis,
        suggestion=finding.suggestion,
        edit=edit,
        evidence=finding.evidence,
    )


def _finding_id(finding: Finding) -> str:
    """The same finding in the same place has the same id, so that a re-check can be compared."""
    seed = f"{finding.rule}:{finding.start}:{finding.end}"
    return f"f_{hashlib.sha256(seed.encode()).hexdigest()[:12]}"
