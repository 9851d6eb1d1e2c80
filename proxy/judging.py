"""One text, from inspection to judgement: decide, fix, check again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from policies.catalogue import Action
from policies.decide import (
    DecidedFinding,
    Inspection,
    Plan,
    Verdict,
    VerdictName,
    apply_edits,
    decide,
)
from proxy.errors import GuardrailUnavailableError
from proxy.inspection import Inspector
from proxy.telemetry import Telemetry
from validators.base import Context
from validators.rules import Stage

# A fix may make room for another (a label beside a replaced term); more rounds than this mean
# that the fixes chase each other, and a text that never settles is not delivered.
_MAX_FIX_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one text came to.

    `text` is what may be delivered, `checked` the text that the findings point into; they differ
    where the text was fixed. `needs_reask` says that the model should try again first. `failed`
    names checks that gave no result, where the policy lets the text pass all the same.
    """

    verdict: VerdictName
    text: str
    checked: str
    findings: tuple[DecidedFinding, ...]
    shadow: tuple[DecidedFinding, ...]
    milliseconds: Mapping[str, float]
    needs_reask: bool = False
    failed: tuple[str, ...] = ()


class Judge:
    """Judges texts by a plan."""

    def __init__(self, inspector: Inspector, telemetry: Telemetry) -> None:
        self._inspector = inspector
        self._telemetry = telemetry

    async def judge(
        self, text: str, plan: Plan, context: Context, stage: Stage, *, can_reask: bool = False
    ) -> Judgement:
        """Inspect a text, fix what can be fixed, and inspect the fixed text again.

        Raises:
            GuardrailUnavailableError: a check gave no result and its policy fails closed.
        """
        milliseconds: dict[str, float] = {}
        first = verdict = await self._decide(text, plan, context, stage, can_reask, milliseconds)
        current = text
        for _ in range(_MAX_FIX_ROUNDS):
            if verdict.action is not Action.FIX:
                break
            current = apply_edits(current, verdict.edits)
            verdict = await self._decide(current, plan, context, stage, can_reask, milliseconds)
        if verdict.action is Action.FIX:
            verdict = _withheld(verdict)
        name = _name(verdict, was_edited=current != text)
        # What withholds a text is told about the text that it was seen in; a fixed text is
        # reported with what was wrong before the fix.
        decisive = first if name is VerdictName.FIXED else verdict
        for finding in (*decisive.findings, *decisive.shadow):
            self._telemetry.found(finding.rule, finding.action.value)
        return Judgement(
            verdict=name,
            text=current,
            checked=text if decisive is first else current,
            findings=decisive.findings,
            shadow=decisive.shadow,
            milliseconds=milliseconds,
            needs_reask=verdict.action is Action.REASK,
            failed=verdict.failed,
        )

    async def _decide(
        self,
        text: str,
        plan: Plan,
        context: Context,
        stage: Stage,
        can_reask: bool,
        milliseconds: dict[str, float],
    ) -> Verdict:
        inspections = await self._inspector.inspect(text, context, plan.guardrails(stage))
        _refuse_failed(inspections)
        for inspection in inspections:
            name = inspection.guardrail.name
            milliseconds[name] = milliseconds.get(name, 0.0) + inspection.milliseconds
        return decide(inspections, plan, can_reask=can_reask)


def _withheld(verdict: Verdict) -> Verdict:
    """A text whose fixes never settle is blocked, and its findings say so."""
    findings = tuple(
        replace(f, action=Action.BLOCK) if f.action is Action.FIX else f for f in verdict.findings
    )
    return replace(verdict, action=Action.BLOCK, findings=findings)


def _name(verdict: Verdict, *, was_edited: bool) -> VerdictName:
    match verdict.action:
        case Action.REVIEW:
            return VerdictName.HELD
        case Action.BLOCK | Action.REASK | Action.FIX:
            return VerdictName.BLOCKED
        case Action.FLAG | None if was_edited:
            return VerdictName.FIXED
        case Action.FLAG:
            return VerdictName.FLAGGED
        case None:
            return VerdictName.FLAGGED if verdict.failed else VerdictName.PASSED


def _refuse_failed(inspections: Sequence[Inspection]) -> None:
    for inspection in inspections:
        if inspection.error is not None and inspection.guardrail.guardrail.on_error == "block":
            raise GuardrailUnavailableError(
                f"The check {inspection.guardrail.name!r} could not run, and the policy refuses "
                "what was not checked. Try again; if it stays, ask the operator.",
                headers={"retry-after": "5"},
            )
