"""A reviewer's edit is checked like any other text: it cannot add a fresh violation."""

from __future__ import annotations

import datetime as dt

from policies.decide import VerdictName, plan
from policies.load import Policies
from proxy.judging import Judge
from proxy.store.records import ReviewItem
from validators.base import Context


async def recheck(judge: Judge, policies: Policies, item: ReviewItem, text: str) -> list[str]:
    """What is wrong with an edited text by the policy of its item as it is now; empty if nothing.

    What the reviewer has seen in the item may stay: to approve it is the decision.
    """
    active = policies.find(item.policy)
    context = Context(
        channel=policies.channels.find(item.channel),
        jurisdictions=item.jurisdictions,
        brief=item.brief,
        evidence=active.policy.evidence,
        today=dt.datetime.now(dt.UTC).date(),
    )
    seen = {(f["rule"], item.text[f["start"] : f["end"]]) for f in item.findings}
    judgement = await judge.judge(text, plan(active, context), context, "output")
    if judgement.verdict not in (VerdictName.BLOCKED, VerdictName.HELD):
        return []
    return [
        f"{finding.rule}: {finding.reason}"
        for finding in judgement.findings
        if finding.action.strictness >= 3
        and (finding.rule, judgement.checked[finding.start : finding.end]) not in seen
    ]
