"""One exchange, from request to reply: strip, guard, ask the upstream, judge, keep, answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.decide import VerdictName
from proxy.api import ChatRequest, diff, finding_body, stored_finding
from proxy.auth import Caller
from proxy.conversation import (
    CONTENT,
    answers,
    brief,
    can_reask,
    delivered_text,
    emptied,
    prompts,
    total_usage,
    with_texts,
)
from proxy.errors import BlockedError, GuardrailUnavailableError, HeldError
from proxy.inspection import Inspector
from proxy.judging import Judge, Judgement
from proxy.options import Terms
from proxy.reask import reask_request
from proxy.redaction import Placeholders, Redactor
from proxy.store.records import Outcome, VerdictRecord
from proxy.store.store import Store
from proxy.telemetry import Timings
from proxy.upstream import Upstream
from validators.base import Context, TextKind, ValidatorError

_WITHHELD = (VerdictName.BLOCKED, VerdictName.HELD)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with its caller and its terms."""

    request_id: str
    endpoint: str
    caller: Caller
    terms: Terms
    timings: Timings


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. `review_id` is that of the first withheld text."""

    body: dict[str, Any]
    verdict: VerdictName
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class _JudgedText:
    """A judged text with its place in the request or the answer."""

    path: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class _JudgedChoice:
    """One choice as it may be delivered, with everything that was judged in it."""

    index: int
    choice: dict[str, Any]
    texts: tuple[_JudgedText, ...]
    usage: tuple[Mapping[str, Any], ...] = ()
    rounds: int = 0

    @property
    def decisive(self) -> _JudgedText | None:
        """The text whose verdict is the strictest; the first of several."""
        return max(self.texts, key=lambda t: t.judgement.verdict.strictness, default=None)

    @property
    def verdict(self) -> VerdictName:
        return self.decisive.judgement.verdict if self.decisive else VerdictName.PASSED


class Pipeline:
    """Carries exchanges through their stages."""

    def __init__(
        self,
        upstream: Upstream,
        redactors: Mapping[str, Redactor],
        keeping: Redactor,
        judge: Judge,
        inspector: Inspector,
        store: Store,
    ) -> None:
        """`redactors` maps a policy's version to what strips personal data by it.

        `keeping` strips what goes into a review item: everything, whatever the policy sends.
        """
        self._upstream = upstream
        self._redactors = redactors
        self._keeping = keeping
        self._judge = judge
        self._inspector = inspector
        self._store = store

    async def complete(self, exchange: Exchange, request: ChatRequest) -> Reply:
        """Check the request, ask the upstream, check the answer.

        Raises:
            BlockedError: the prompt or an answer is withheld; its details say why.
            GuardrailUnavailableError: a check could not run.
            UpstreamError, StoreError: the provider or the database failed.
        """
        body = request.model_dump(mode="python", exclude={"presscheck"}, exclude_unset=True)
        # The upstream is asked for the whole text: nothing is sent on before it is checked.
        body.pop("stream", None)
        body.pop("stream_options", None)
        redactor = self._redactor(exchange)
        with exchange.timings.stage("pii"):
            try:
                stripped = await self._run(redactor.strip, body)
            except BlockedError as error:
                await self._record(exchange, "input", VerdictName.BLOCKED, (), "")
                raise self._refused_data(exchange, error) from error
        asked = brief(stripped.body)
        context = replace(
            exchange.terms.context,
            brief=asked,
            placeholders=stripped.placeholders.names,
            is_first_turn=all(m.get("role") != "assistant" for m in request.messages),
        )
        prompt_sha256 = _sha256(json.dumps(stripped.body, sort_keys=True, ensure_ascii=False))
        await self._guard_prompt(exchange, stripped.body, context, prompt_sha256)
        with exchange.timings.stage("upstream"):
            response = await self._upstream.complete(stripped.body)
        judged = await asyncio.gather(
            *(
                self._judge_choice(exchange, stripped.body, context, choice, request.wants_json)
                for choice in response["choices"]
            )
        )
        answer = {**response, "choices": [j.choice for j in judged]}
        if usage := total_usage(response.get("usage"), (u for j in judged for u in j.usage)):
            answer["usage"] = usage
        restored = self._restore(exchange, stripped.placeholders, answer, request.wants_json)
        outcomes = [
            await self._outcome(exchange, j.index, j.decisive, delivered_text(choice))
            for j, choice in zip(judged, restored["choices"], strict=True)
        ]
        verdict = max((j.verdict for j in judged), key=lambda v: v.strictness)
        await self._record(exchange, "output", verdict, outcomes, prompt_sha256, asked, response)
        findings = [
            {**finding, **({"choice": j.index} if len(judged) > 1 else {})}
            for j in judged
            for finding in _findings(j.texts, stripped.placeholders, request.wants_json)
        ]
        review_id = next((o.review_id for o in outcomes if o.review_id), None)
        policy = exchange.terms.plan.active.policy
        if verdict in _WITHHELD:
            if policy.on_block == "error":
                raise self._refusal(exchange, "answer", verdict, review_id, findings)
            restored["choices"] = [
                emptied(choice) if j.verdict in _WITHHELD else choice
                for j, choice in zip(judged, restored["choices"], strict=True)
            ]
        if exchange.terms.wants_detail:
            restored["presscheck"] = {
                **_verdict_body(exchange, verdict, review_id, findings),
                "diff": _diffs(judged, stripped.placeholders),
                "entities": [dict(entity) for entity in stripped.entities],
                "reasks": sum(j.rounds for j in judged),
                "timings_ms": exchange.timings.milliseconds(),
            }
        return Reply(restored, verdict, review_id)

    async def check(self, exchange: Exchange, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Judge texts that somebody already has; one result for each, in their order."""
        terms = exchange.terms
        with exchange.timings.stage("check"):
            judgements = await asyncio.gather(
                *(self._judge.judge(t, terms.plan, terms.context, "output") for t in texts)
            )
        outcomes = [
            await self._outcome(exchange, index, _JudgedText("", judgement), judgement.text)
            for index, judgement in enumerate(judgements)
        ]
        verdict = max((j.verdict for j in judgements), key=lambda v: v.strictness)
        await self._record(exchange, "output", verdict, outcomes, _sha256("\n".join(texts)))
        return [
            {
                "verdict": judgement.verdict.value,
                "text": None if judgement.verdict in _WITHHELD else judgement.text,
                "findings": [
                    finding_body(f, judgement.checked, f.start, f.end) for f in judgement.findings
                ],
                "policy": _policy_body(exchange),
                "review_id": outcome.review_id,
                "timings_ms": {
                    **{name: round(ms, 2) for name, ms in judgement.milliseconds.items()},
                    "total": round(sum(judgement.milliseconds.values()), 2),
                },
            }
            for judgement, outcome in zip(judgements, outcomes, strict=True)
        ]

    async def anonymize(self, exchange: Exchange, body: Mapping[str, Any]) -> dict[str, Any]:
        """Show what would be sent: the same shape with placeholders, and what they stand for."""
        with exchange.timings.stage("pii"):
            stripped = await self._run(self._redactor(exchange).strip, body)
        return {**stripped.body, "entities": [dict(entity) for entity in stripped.entities]}

    def _redactor(self, exchange: Exchange) -> Redactor:
        return self._redactors[exchange.terms.plan.active.version]

    async def _run(self, function: Any, *args: Any) -> Any:
        try:
            return await self._inspector.run(function, *args)
        except ValidatorError as error:
            raise GuardrailUnavailableError(
                "Personal data could not be looked for, so nothing was sent. Try again.",
                headers={"retry-after": "5"},
            ) from error

    async def _guard_prompt(
        self, exchange: Exchange, body: Mapping[str, Any], context: Context, prompt_sha256: str
    ) -> None:
        plan = exchange.terms.plan
        with exchange.timings.stage("input"):
            judged = [
                _JudgedText(path, await self._judge.judge(text, plan, context, "input"))
                for path, text in prompts(body)
            ]
        withheld = [t for t in judged if t.judgement.verdict in _WITHHELD]
        if not withheld:
            return
        outcomes = [
            await self._outcome(exchange, index, text, text.judgement.checked)
            for index, text in enumerate(withheld)
        ]
        verdict = max((t.judgement.verdict for t in withheld), key=lambda v: v.strictness)
        await self._record(exchange, "input", verdict, outcomes, prompt_sha256)
        findings = [
            {**finding_body(f, t.judgement.checked, f.start, f.end), "path": t.path}
            for t in withheld
            for f in t.judgement.findings
        ]
        raise self._refusal(exchange, "prompt", verdict, outcomes[0].review_id, findings)

    async def _judge_choice(
        self,
        exchange: Exchange,
        prompt: Mapping[str, Any],
        context: Context,
        choice: dict[str, Any],
        wants_json: bool,
    ) -> _JudgedChoice:
        """Judge a choice, and have the model try again while that may help."""
        plan = exchange.terms.plan
        usage: list[Mapping[str, Any]] = []
        index = choice["index"]
        rounds = 0
        while True:
            may_reask = rounds < plan.active.policy.reask_rounds and can_reask(choice)
            with exchange.timings.stage("check"):
                texts = await asyncio.gather(
                    *(
                        self._judge_text(exchange, context, path, text, kind, may_reask)
                        for path, text, kind in answers(choice, wants_json)
                    )
                )
            problems = [t.judgement for t in texts if t.judgement.needs_reask]
            if not problems:
                break
            rounds += 1
            with exchange.timings.stage("upstream"):
                again = await self._upstream.complete(reask_request(prompt, choice, problems))
            usage.append(again.get("usage") or {})
            choice = {**again["choices"][0], "index": index}
        edited = {
            t.path: t.judgement.text for t in texts if t.judgement.verdict is VerdictName.FIXED
        }
        return _JudgedChoice(index, with_texts(choice, edited), tuple(texts), tuple(usage), rounds)

    async def _judge_text(
        self,
        exchange: Exchange,
        context: Context,
        path: str,
        text: str,
        kind: TextKind,
        may_reask: bool,
    ) -> _JudgedText:
        judgement = await self._judge.judge(
            text,
            exchange.terms.plan,
            replace(context, kind=kind),
            "output",
            can_reask=may_reask and kind != "data",
        )
        return _JudgedText(path, judgement)

    def _restore(
        self,
        exchange: Exchange,
        placeholders: Placeholders,
        answer: dict[str, Any],
        wants_json: bool,
    ) -> dict[str, Any]:
        if not exchange.terms.plan.active.policy.pii.restore:
            return answer
        return placeholders.restore_response(answer, json_content=wants_json)

    async def _outcome(
        self, exchange: Exchange, index: int, judged: _JudgedText | None, delivered: str
    ) -> Outcome:
        """What is kept of a judged text; a withheld one becomes a review item."""
        if judged is None:
            passed = VerdictName.PASSED.value
            return Outcome(index, passed, _sha256(delivered), len(delivered), ())
        judgement = judged.judgement
        findings = [
            {**stored_finding(f), "is_shadow": f.is_shadow}
            for f in (*judgement.findings, *judgement.shadow)
        ]
        if judgement.verdict not in _WITHHELD:
            return Outcome(
                index,
                judgement.verdict.value,
                _sha256(delivered),
                len(delivered),
                tuple(findings),
            )
        # A model may have made up personal data, and a text to check may hold some.
        kept = await self._run(self._keeping.strip_text, judgement.checked)
        for finding in findings:
            finding["start"], finding["end"] = kept.map_span(finding["start"], finding["end"])
        return Outcome(
            index,
            judgement.verdict.value,
            _sha256(judgement.checked),
            len(judgement.checked),
            tuple(findings),
            review_id=f"rv_{secrets.token_urlsafe(15)}",
            text=kept.text,
        )

    async def _record(
        self,
        exchange: Exchange,
        stage: str,
        verdict: VerdictName,
        outcomes: Sequence[Outcome],
        prompt_sha256: str,
        brief: str = "",
        response: Mapping[str, Any] | None = None,
    ) -> None:
        """Keep the verdict; it is durable when this returns."""
        terms = exchange.terms
        with exchange.timings.stage("store"):
            await self._store.record(
                VerdictRecord(
                    request_id=exchange.request_id,
                    created_at=dt.datetime.now(dt.UTC),
                    endpoint=exchange.endpoint,
                    stage=stage,
                    key_id=exchange.caller.key_id,
                    team=exchange.caller.team,
                    model=response.get("model") if response else None,
                    policy=terms.plan.active.policy.name,
                    policy_version=terms.plan.active.version,
                    channel=terms.context.channel.name,
                    jurisdictions=terms.context.jurisdictions,
                    mode=terms.plan.mode.value,
                    verdict=verdict.value,
                    prompt_sha256=prompt_sha256,
                    outcomes=tuple(outcomes),
                    brief=brief,
                    timings_ms=exchange.timings.milliseconds(),
                )
            )

    def _refused_data(self, exchange: Exchange, error: BlockedError) -> BlockedError:
        """A request with data that the policy lets nowhere, not even into a review item."""
        return BlockedError(
            error.message,
            param="messages",
            details=_verdict_body(exchange, VerdictName.BLOCKED, None, ()),
            headers={"x-should-retry": "false"},
        )

    def _refusal(
        self,
        exchange: Exchange,
        what: str,
        verdict: VerdictName,
        review_id: str | None,
        findings: Sequence[Mapping[str, Any]],
    ) -> BlockedError:
        is_held = verdict is VerdictName.HELD
        worst = [f for f in findings if f["action"] == ("review" if is_held else "block")]
        reasons = " ".join(dict.fromkeys(f["reason"] for f in worst))
        message = (
            f"The {what} waits for a reviewer (review {review_id})."
            if is_held
            else f"The {what} was blocked by policy {exchange.terms.plan.active.policy.name!r}"
            f" (review {review_id})."
        )
        kind = HeldError if is_held else BlockedError
        return kind(
            f"{message} {reasons}".strip(),
            param="messages" if what == "prompt" else None,
            details=_verdict_body(exchange, verdict, review_id, findings),
            headers={"x-should-retry": "false"},
        )


def _findings(
    texts: Sequence[_JudgedText], placeholders: Placeholders, wants_json: bool
) -> list[dict[str, Any]]:
    """The findings of a choice, pointing into the text as the caller knows it."""
    found = []
    for judged in texts:
        is_content = judged.path == CONTENT
        restored = placeholders.restore(judged.judgement.checked, json=is_content and wants_json)
        for finding in judged.judgement.findings:
            start, end = restored.map_span(finding.start, finding.end)
            body = finding_body(finding, restored.text, start, end)
            found.append(body if is_content else {**body, "path": judged.path})
    return found


def _diffs(judged: Sequence[_JudgedChoice], placeholders: Placeholders) -> list[dict[str, Any]]:
    return [
        {
            "choice": choice.index,
            "lines": diff(
                placeholders.restore(text.judgement.checked).text,
                placeholders.restore(text.judgement.text).text,
            ),
        }
        for choice in judged
        for text in choice.texts
        if text.judgement.verdict is VerdictName.FIXED
    ]


def _policy_body(exchange: Exchange) -> dict[str, str]:
    active = exchange.terms.plan.active
    return {"name": active.policy.name, "version": active.version}


def _verdict_body(
    exchange: Exchange,
    verdict: VerdictName,
    review_id: str | None,
    findings: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    return {
        "review_id": review_id,
        "verdict": verdict.value,
        "policy": _policy_body(exchange),
        "channel": exchange.terms.context.channel.name,
        "jurisdictions": list(exchange.terms.context.jurisdictions),
        "findings": list(findings),
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
