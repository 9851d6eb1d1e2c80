"""What a reviewer's approval releases: the labels put in, an edit checked like any other text."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from policies.catalogue import Action
from policies.decide import DecidedFinding, VerdictName, apply_edits, plan
from policies.load import Policies
from proxy.inspection import Inspector
from proxy.judging import Judge, Judgement
from proxy.redaction import Redactor
from proxy.store.records import ReviewItem
from validators.base import Context, Evidence
from validators.placeholders import exact
from validators.rules import Stage


@dataclass(frozen=True, slots=True)
class Release:
    """What may be released, and what stands against it.

    `text` has the fixes that the policy asks for, such as a missing label; `note` has personal
    data replaced.
    """

    text: str
    note: str
    problems: tuple[str, ...]


class ReleaseDesk:
    """Prepares approvals by the policies as they are now."""

    def __init__(
        self, judge: Judge, inspector: Inspector, policies: Policies, keeping: Redactor
    ) -> None:
        """`keeping` strips what a reviewer writes about an item."""
        self._judge = judge
        self._inspector = inspector
        self._policies = policies
        self._keeping = keeping

    async def prepare(self, text: str, item: ReviewItem, note: str) -> Release:
        """Check the text that a reviewer wants to release, and put in what is missing.

        What the reviewer has seen in the item may stay: to approve it is the decision. Anything
        new is a problem, also the same words once more.
        """
        kept = await self.keep_note(note)
        try:
            active = self._policies.find(item.policy)
        except KeyError as error:
            return Release(text, kept, (f"It cannot be checked: {error.args[0]}",))
        context = Context(
            channel=self._policies.channels.find(item.channel),
            jurisdictions=item.jurisdictions,
            brief=item.brief,
            evidence=(
                *active.policy.evidence,
                *(Evidence.model_validate(record) for record in item.evidence),
            ),
            placeholders=exact(item.text),
            today=dt.datetime.now(dt.UTC).date(),
        )
        stage: Stage = "input" if item.stage == "input" else "output"
        judgement = await self._judge.judge(text, plan(active, context), context, stage)
        return Release(_fixed(judgement), kept, tuple(_problems(judgement, item)))

    async def keep_note(self, note: str) -> str:
        """A reviewer's note as it may be kept: without personal data."""
        return (await self._inspector.run(self._keeping.strip_text, note)).text


def _fixed(judgement: Judgement) -> str:
    if judgement.verdict is VerdictName.FIXED:
        return judgement.text
    edits = [f.edit for f in judgement.findings if f.action is Action.FIX and f.edit]
    return apply_edits(judgement.checked, edits)


def _problems(judgement: Judgement, item: ReviewItem) -> list[str]:
    seen = Counter((f["rule"], item.text[f["start"] : f["end"]]) for f in item.findings)
    problems = []
    for finding in judgement.findings:
        if finding.action in (Action.FLAG, Action.FIX):
            continue
        place = (finding.rule, judgement.checked[finding.start : finding.end])
        if seen[place]:
            seen[place] -= 1
        else:
            problems.append(_sentence(finding))
    return problems


def _sentence(finding: DecidedFinding) -> str:
    return f"{finding.rule}: {finding.reason} Instead: {finding.suggestion or 'leave it out.'}"
