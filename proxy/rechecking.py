"""A reviewer's edit is checked like any other text: it cannot add a fresh violation."""

from __future__ import annotations

import datetime as dt
import re

from policies.catalogue import Action
from policies.decide import plan
from policies.load import Policies
from proxy.judging import Judge
from proxy.store.records import ReviewItem
from validators.base import Context
from validators.rules import Stage

_PLACEHOLDER = re.compile(r"\{\{[A-Z_]+_\d+\}\}")


async def recheck(judge: Judge, policies: Policies, item: ReviewItem, text: str) -> list[str]:
    """What is wrong with an edited text by the policy of its item as it is now; empty if nothing.

    What the reviewer has seen in the item may stay: to approve it is the decision. A missing label
    counts: nobody puts it in after this.
    """
    try:
        active = policies.find(item.policy)
    except KeyError as error:
        return [f"It cannot be checked: {error.args[0]}"]
    context = Context(
        channel=policies.channels.find(item.channel),
        jurisdictions=item.jurisdictions,
        brief=item.brief,
        evidence=active.policy.evidence,
        placeholders=frozenset(_PLACEHOLDER.findall(item.text)),
        today=dt.datetime.now(dt.UTC).date(),
    )
    stage: Stage = "input" if item.stage == "input" else "output"
    seen = {(f["rule"], item.text[f["start"] : f["end"]]) for f in item.findings}
    judgement = await judge.judge(text, plan(active, context), context, stage)
    return [
        f"{finding.rule}: {finding.reason} Instead: {finding.suggestion or 'leave it out.'}"
        for finding in judgement.findings
        if finding.action is not Action.FLAG
        and (finding.rule, judgement.checked[finding.start : finding.end]) not in seen
    ]
