"""One exchange, from request to reply: strip, guard, ask the upstream, judge, keep, answer."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NoReturn, ParamSpec, TypeVar

from policies.decide import VerdictName
from policies.pii import PiiPolicy
from proxy.api import ChatRequest, diff, finding_body, stored_finding
from proxy.auth import Caller
from proxy.conversation import (
    CONTENT,
    answers,
    brief,
    can_reask,
    emptied,
    newest_words,
    prompts,
    texts_by_path,
    total_usage,
    well_formed,
    with_instruction,
    with_texts,
)
from proxy.errors import BlockedError, GuardrailUnavailableError, HeldError
from proxy.inspection import Inspector
from proxy.judging import Judge, Judgement
from proxy.options import Terms
from proxy.optouts import OptOuts
from proxy.placeholders import Placeholders, Rewritten
from proxy.reask import reask_request
from proxy.redaction import EntityAt, Found, Redactor, Stripped, StrippedText
from proxy.store.records import Outcome, VerdictRecord
from proxy.store.store import Store
from proxy.telemetry import Timings
from proxy.upstream import Upstream
from proxy.wire import is_json
from validators.base import Context, TextKind, ValidatorError
from validators.pii.languages import READ
from validators.placeholders import exact
from validators.rules import Stage

# How many texts of one request are judged at a time, so that a long list leaves room for others.
_TEXTS_AT_A_TIME = 4

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class Exchange:
    """Whose request this is, and on what terms it is carried out."""

    request_id: str
    endpoint: str
    caller: Caller
    terms: Terms
    timings: Timings


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back. `review_id` is that of the first withheld text.

    `checked` is the answer that was judged, still with placeholders; a stream is restored from it.
    """

    body: dict[str, Any]
    checked: dict[str, Any]
    placeholders: Placeholders
    verdict: VerdictName
    review_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Prompt:
    """A request as it may be sent, and what it means for its answer."""

    body: dict[str, Any]
    sha256: str
    context: Context
    placeholders: Placeholders
    entities: tuple[EntityAt, ...]
    unread_languages: tuple[str, ...]
    opted_out: int


@dataclass(frozen=True, slots=True)
class _JudgedText:
    """A judged text with its place in the request, in its choice, or in the list of texts."""

    path: str
    judgement: Judgement


@dataclass(frozen=True, slots=True)
class _JudgedChoice:
    """One choice as it may be delivered, with everything that was judged in it.

    `usage` has the tokens of each further try.
    """

    choice: dict[str, Any]
    texts: tuple[_JudgedText, ...]
    usage: tuple[Mapping[str, Any], ...]

    @property
    def index(self) -> int:
        return int(self.choice["index"])

    @property
    def verdict(self) -> VerdictName:
        return _strictest(text.judgement.verdict for text in self.texts)


class Pipeline:
    """Carries exchanges through their stages."""

    def __init__(
        self,
        upstream: Upstream,
        redactors: Mapping[str, Redactor],
        keeping: Mapping[str, Redactor],
        judge: Judge,
        inspector: Inspector,
        store: Store,
        optouts: OptOuts,
    ) -> None:
        """`redactors` maps a policy's version to what strips personal data by it.

        `keeping` does the same for what goes into a review item: everything goes, whatever the
        policy sends.
        """
        self._upstream = upstream
        self._redactors = redactors
        self._keeping = keeping
        self._judge = judge
        self._inspector = inspector
        self._store = store
        self._optouts = optouts

    async def complete(self, exchange: Exchange, request: ChatRequest) -> Reply:
        """Check the request, ask the upstream, check the answer.

        Raises:
            BlockedError: the prompt or an answer is withheld; its details say why.
            GuardrailUnavailableError: a check could not run.
            UpstreamError, StoreError: the provider or the database failed.
        """
        prompt = await self._strip(exchange, request)
        asked = await self._guard(exchange, prompt)
        response = await self._ask(exchange, prompt, prompt.body)
        choices = await asyncio.gather(
            *(
                self._judge_choice(exchange, prompt, choice, request.wants_json)
                for choice in response["choices"]
            )
        )
        return await self._conclude(exchange, request, prompt, asked, response, choices)

    async def check(self, exchange: Exchange, texts: Sequence[str]) -> list[dict[str, Any]]:
        """Judge texts that somebody already has; one result for each, in their order."""
        gate = asyncio.Semaphore(_TEXTS_AT_A_TIME)

        async def judge(index: int, text: str) -> _JudgedText:
            async with gate:
                judgement = await self._judge.judge(
                    text, exchange.terms.plan, exchange.terms.context, "output"
                )
            return _JudgedText(f"texts[{index}]", judgement)

        with exchange.timings.stage("check"):
            judged = await asyncio.gather(*(judge(i, text) for i, text in enumerate(texts)))
        outcomes = [
            await self._outcome(exchange, index, text, text.judgement.text)
            for index, text in enumerate(judged)
        ]
        prompt_sha256 = _sha256("\n".join(texts))
        await self._record(exchange, "output", judged, outcomes, prompt_sha256)
        return [
            {
                "verdict": judgement.verdict.value,
                "text": None if judgement.verdict.is_withheld else judgement.text,
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
            for judgement, outcome in zip((t.judgement for t in judged), outcomes, strict=True)
        ]

    async def anonymize(self, exchange: Exchange, body: Mapping[str, Any]) -> dict[str, Any]:
        """Show what would be sent: the same shape with placeholders, and what they stand for.

        Raises:
            BlockedError: the policy lets some of the data nowhere.
        """
        with exchange.timings.stage("pii"):
            stripped = await self._take_out(exchange, body)
        unread = stripped.unread_languages
        return {
            **stripped.body,
            "entities": [dict(entity) for entity in stripped.entities],
            **({"unread_languages": list(unread)} if unread else {}),
        }

    # The request

    async def _strip(self, exchange: Exchange, request: ChatRequest) -> _Prompt:
        """Take personal data out of a request, and read what the answer will be for."""
        body = request.model_dump(mode="python", exclude={"presscheck"}, exclude_unset=True)
        # The upstream is asked for the whole text: nothing is sent on before it is checked.
        body.pop("stream", None)
        body.pop("stream_options", None)
        with exchange.timings.stage("pii"):
            stripped = await self._take_out(exchange, body)
        context = replace(
            exchange.terms.context,
            brief=brief(stripped.body),
            placeholders=frozenset(stripped.placeholders.tokens),
            awaited=exact(newest_words(stripped.body)),
            is_first_turn=all(m.get("role") != "assistant" for m in request.messages),
        )
        return _Prompt(
            stripped.body,
            _sha256(json.dumps(stripped.body, sort_keys=True, ensure_ascii=False)),
            context,
            stripped.placeholders,
            stripped.entities,
            stripped.unread_languages,
            stripped.opted_out,
        )

    async def _guard(self, exchange: Exchange, prompt: _Prompt) -> list[_JudgedText]:
        """Judge the words of the caller; what is withheld ends the exchange here."""
        plan = exchange.terms.plan
        with exchange.timings.stage("input"):
            judged = [
                _JudgedText(path, await self._judge.judge(text, plan, prompt.context, "input"))
                for path, text in prompts(prompt.body)
            ]
        verdict = _strictest(text.judgement.verdict for text in judged)
        if not verdict.is_withheld:
            return judged
        outcomes = [
            await self._outcome(exchange, index, text, text.judgement.checked, is_delivered=False)
            for index, text in enumerate(judged)
        ]
        await self._record(
            exchange,
            "input",
            judged,
            outcomes,
            prompt.sha256,
            unread_languages=prompt.unread_languages,
            opted_out=prompt.opted_out,
        )
        findings = [
            {**finding_body(f, t.judgement.checked, f.start, f.end), "path": t.path}
            for t in judged
            for f in t.judgement.findings
        ]
        raise _refusal(exchange, "prompt", verdict, outcomes, findings)

    # The answer

    async def _ask(
        self, exchange: Exchange, prompt: _Prompt, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        # The model is told what placeholders are here and nowhere else: no caller wrote it, so it
        # is neither judged nor kept.
        if told := prompt.placeholders.instruction:
            body = with_instruction(body, told)
        with exchange.timings.stage("upstream"):
            return well_formed(await self._upstream.complete(body))

    async def _judge_choice(
        self, exchange: Exchange, prompt: _Prompt, choice: dict[str, Any], wants_json: bool
    ) -> _JudgedChoice:
        """Judge a choice, and have the model try again while that may help."""
        index = choice["index"]
        usage: list[Mapping[str, Any]] = []
        while True:
            rounds_left = exchange.terms.plan.active.policy.reask_rounds - len(usage)
            may_reask = rounds_left > 0 and can_reask(choice)
            with exchange.timings.stage("check"):
                texts = await asyncio.gather(
                    *(
                        self._judge_text(exchange, prompt, path, text, kind, may_reask)
                        for path, text, kind in answers(choice, wants_json)
                    )
                )
            problems = [t.judgement for t in texts if t.judgement.needs_reask]
            if not problems:
                break
            feedback = reask_request(prompt.body, choice, problems)
            again = await self._ask(exchange, prompt, feedback)
            usage.append(again.get("usage") or {})
            choice = {**again["choices"][0], "index": index}
        edited = {
            t.path: t.judgement.text for t in texts if t.judgement.verdict is VerdictName.FIXED
        }
        return _JudgedChoice(with_texts(choice, edited), tuple(texts), tuple(usage))

    async def _judge_text(
        self,
        exchange: Exchange,
        prompt: _Prompt,
        path: str,
        text: str,
        kind: TextKind,
        may_reask: bool,
    ) -> _JudgedText:
        judgement = await self._judge.judge(
            text,
            exchange.terms.plan,
            replace(prompt.context, kind=kind),
            "output",
            can_reask=may_reask and kind != "data",
        )
        return _JudgedText(path, judgement)

    async def _conclude(
        self,
        exchange: Exchange,
        request: ChatRequest,
        prompt: _Prompt,
        asked: Sequence[_JudgedText],
        response: Mapping[str, Any],
        choices: Sequence[_JudgedChoice],
    ) -> Reply:
        """Restore, keep, and then deliver or refuse."""
        answer = {**response, "choices": [judged.choice for judged in choices]}
        if usage := total_usage(response.get("usage"), (u for j in choices for u in j.usage)):
            answer["usage"] = usage
        placeholders = prompt.placeholders
        restored = placeholders.restore_response(answer, json_content=request.wants_json)
        verdict = _strictest(judged.verdict for judged in choices)
        is_refused = verdict is VerdictName.HELD or (
            verdict is VerdictName.BLOCKED and exchange.terms.plan.active.policy.on_block == "error"
        )
        judged_texts = [*(t for t in asked if t.judgement.findings or t.judgement.failed)]
        outcomes = [
            await self._outcome(exchange, index, text, text.judgement.checked)
            for index, text in enumerate(judged_texts)
        ]
        for judged, choice in zip(choices, restored["choices"], strict=True):
            delivered = texts_by_path(choice)
            for text in judged.texts:
                placed = replace(text, path=f"choices[{judged.index}].{text.path}")
                outcome = await self._outcome(
                    exchange,
                    len(outcomes),
                    placed,
                    delivered.get(text.path, ""),
                    is_delivered=not (is_refused or judged.verdict.is_withheld),
                )
                judged_texts.append(placed)
                outcomes.append(outcome)
        await self._record(
            exchange,
            "output",
            judged_texts,
            outcomes,
            prompt.sha256,
            prompt.context.brief,
            response.get("model"),
            unread_languages=prompt.unread_languages,
            opted_out=prompt.opted_out,
        )
        findings = [
            {**finding, **({"choice": judged.index} if len(choices) > 1 else {})}
            for judged in choices
            for text in judged.texts
            if text.judgement.findings
            for finding in _findings(
                text,
                (await self._keep(exchange, text.judgement.checked)).rewritten
                if is_refused
                else _restored(text, placeholders, request.wants_json),
            )
        ]
        if is_refused:
            raise _refusal(exchange, "answer", verdict, outcomes, findings)
        for position, judged in enumerate(choices):
            if judged.verdict.is_withheld:
                answer["choices"][position] = emptied(judged.choice)
                restored["choices"][position] = emptied(judged.choice)
        if exchange.terms.wants_detail:
            restored["presscheck"] = {
                **_verdict_body(exchange, verdict, outcomes, findings),
                "diff": _diffs(choices, placeholders, request.wants_json),
                "entities": [dict(entity) for entity in prompt.entities],
                "unread_languages": list(prompt.unread_languages),
                "reasks": sum(len(judged.usage) for judged in choices),
                "timings_ms": exchange.timings.milliseconds(),
            }
        return Reply(restored, answer, placeholders, verdict, _review_id(outcomes))

    # What every stage needs

    def _redactor(self, exchange: Exchange) -> Redactor:
        return self._redactors[exchange.terms.plan.active.version]

    @staticmethod
    def _policy_of(exchange: Exchange) -> PiiPolicy:
        return exchange.terms.plan.active.policy.pii

    async def _take_out(self, exchange: Exchange, body: Mapping[str, Any]) -> Stripped:
        """Take personal data out of a body, and for good that of people who opted out."""
        redactor = self._redactor(exchange)
        found = await self._find_data(exchange, redactor.find, body)
        if found.unread_languages:
            _log.warning(
                "names cannot be found in a language of this request",
                extra={"languages": found.unread_languages, "request_id": exchange.request_id},
            )
            if self._policy_of(exchange).unread_language == "block":
                await self._refuse_data(exchange, _unread(found.unread_languages))
        opted_out = await self._opted_out(exchange, found)
        return await self._find_data(exchange, redactor.strip, found, opted_out)

    async def _opted_out(self, exchange: Exchange, found: Found) -> frozenset[str]:
        """The contacts of a request that opted out of what it is for."""
        context, policy = exchange.terms.context, self._policy_of(exchange)
        opted_out = await self._optouts.opted_out(
            found.contacts, context.channel.name, policy.purpose.value, context.jurisdictions
        )
        if opted_out and policy.opted_out == "block":
            contacts = "a contact" if len(opted_out) == 1 else f"{len(opted_out)} contacts"
            await self._refuse_data(
                exchange,
                f"The request names {contacts} of somebody who opted out, and the policy lets "
                "nothing be written about them. Take them out and send the request again.",
            )
        return opted_out

    async def _find_data(
        self, exchange: Exchange, strip: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        """Look for personal data in the pool; data that may go nowhere ends the exchange."""
        try:
            return await self._look_for_data(strip, *args, **kwargs)
        except BlockedError as error:
            await self._refuse_data(exchange, error.message)

    async def _refuse_data(self, exchange: Exchange, message: str) -> NoReturn:
        """End an exchange for its personal data.

        The data lies in no review item either: there is nothing to review but the type.
        """
        await self._record(exchange, "input", (), (), "", verdict=VerdictName.BLOCKED)
        raise BlockedError(
            message,
            param="messages",
            details=_verdict_body(exchange, VerdictName.BLOCKED, (), ()),
            headers={"x-should-retry": "false"},
        )

    async def _look_for_data(
        self, strip: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _R:
        try:
            return await self._inspector.run(strip, *args, **kwargs)
        except ValidatorError as error:
            raise GuardrailUnavailableError(
                "Personal data could not be looked for, so nothing was sent. Try again.",
                headers={"retry-after": "5"},
            ) from error

    async def _outcome(
        self,
        exchange: Exchange,
        index: int,
        judged: _JudgedText,
        delivered: str,
        *,
        is_delivered: bool = True,
    ) -> Outcome:
        """What is kept of a judged text; a withheld one becomes a review item."""
        judgement = judged.judgement
        findings = [
            {**stored_finding(f), "is_shadow": f.is_shadow}
            for f in (*judgement.findings, *judgement.shadow)
        ]
        if not judgement.verdict.is_withheld:
            return Outcome(
                index,
                judged.path,
                judgement.verdict.value,
                is_delivered,
                _sha256(delivered),
                len(delivered),
                tuple(findings),
                judgement.failed,
            )
        # A model may have made up personal data, and a text to check may hold some.
        kept = await self._keep(exchange, judgement.checked)
        for finding in findings:
            finding["start"], finding["end"] = kept.map_span(finding["start"], finding["end"])
        return Outcome(
            index,
            judged.path,
            judgement.verdict.value,
            False,
            _sha256(judgement.checked),
            len(judgement.checked),
            tuple(findings),
            judgement.failed,
            review_id=f"rv_{secrets.token_urlsafe(15)}",
            text=kept.text,
        )

    async def _keep(self, exchange: Exchange, text: str) -> StrippedText:
        """A text as it may lie in a review item."""
        keeping = self._keeping[exchange.terms.plan.active.version]
        return await self._look_for_data(keeping.strip_text, text)

    async def _kept_evidence(self, exchange: Exchange) -> list[dict[str, Any]]:
        return [
            {
                **record.model_dump(mode="json"),
                "statement": (await self._keep(exchange, record.statement)).text,
                "source": (await self._keep(exchange, record.source or "")).text or None,
            }
            for record in exchange.terms.context.evidence
        ]

    async def _record(
        self,
        exchange: Exchange,
        stage: Stage,
        judged: Sequence[_JudgedText],
        outcomes: Sequence[Outcome],
        prompt_sha256: str,
        brief: str = "",
        model: str | None = None,
        verdict: VerdictName | None = None,
        unread_languages: tuple[str, ...] = (),
        opted_out: int = 0,
    ) -> None:
        """Keep the verdict; it is durable when this returns."""
        terms = exchange.terms
        evidence: list[dict[str, Any]] = []
        if _review_id(outcomes):
            brief = (await self._keep(exchange, brief)).text
            evidence = await self._kept_evidence(exchange)
        strictest = verdict or _strictest(text.judgement.verdict for text in judged)
        with exchange.timings.stage("store"):
            await self._store.record(
                VerdictRecord(
                    request_id=exchange.request_id,
                    created_at=dt.datetime.now(dt.UTC),
                    endpoint=exchange.endpoint,
                    stage=stage,
                    key_id=exchange.caller.key_id,
                    team=exchange.caller.team,
                    model=model,
                    policy=terms.plan.active.policy.name,
                    policy_version=terms.plan.active.version,
                    channel=terms.context.channel.name,
                    jurisdictions=terms.context.jurisdictions,
                    mode=terms.plan.mode.value,
                    verdict=strictest.value,
                    prompt_sha256=prompt_sha256,
                    outcomes=tuple(outcomes),
                    brief=brief,
                    evidence=tuple(evidence),
                    unread_languages=unread_languages,
                    opted_out=opted_out,
                    timings_ms=exchange.timings.milliseconds(),
                )
            )


def _strictest(verdicts: Any) -> VerdictName:
    return max(verdicts, key=lambda verdict: verdict.strictness, default=VerdictName.PASSED)


def _review_id(outcomes: Sequence[Outcome]) -> str | None:
    """The review of the text with the strictest verdict; the first of several."""
    withheld = [outcome for outcome in outcomes if outcome.review_id]
    strictest = max(withheld, key=lambda o: VerdictName(o.verdict).strictness, default=None)
    return strictest.review_id if strictest else None


def _reviews(outcomes: Sequence[Outcome]) -> list[dict[str, str]]:
    return [
        {"path": outcome.path, "verdict": outcome.verdict, "review_id": outcome.review_id}
        for outcome in outcomes
        if outcome.review_id
    ]


def _refusal(
    exchange: Exchange,
    what: str,
    verdict: VerdictName,
    outcomes: Sequence[Outcome],
    findings: Sequence[Mapping[str, Any]],
) -> BlockedError:
    review_id = _review_id(outcomes)
    is_held = verdict is VerdictName.HELD
    decisive = "review" if is_held else "block"
    reasons = " ".join(dict.fromkeys(f["reason"] for f in findings if f["action"] == decisive))
    policy = exchange.terms.plan.active.policy.name
    message = (
        f"The {what} waits for a reviewer (review {review_id})."
        if is_held
        else f"The {what} was blocked by policy {policy!r} (review {review_id})."
    )
    return (HeldError if is_held else BlockedError)(
        f"{message} {reasons}".strip(),
        param="messages" if what == "prompt" else None,
        details=_verdict_body(exchange, verdict, outcomes, findings),
        headers={"x-should-retry": "false"},
    )


def _findings(judged: _JudgedText, told: Rewritten) -> Iterator[dict[str, Any]]:
    """The findings of a text, pointing into it as it is told to the caller.

    That is as the caller knows it; a refusal, which may be logged anywhere, has it without
    personal data, as it lies in the review item.
    """
    for finding in judged.judgement.findings:
        start, end = told.map_span(finding.start, finding.end)
        body = finding_body(finding, told.text, start, end)
        yield body if judged.path == CONTENT else {**body, "path": judged.path}


def _restored(judged: _JudgedText, placeholders: Placeholders, wants_json: bool) -> Rewritten:
    checked = judged.judgement.checked
    return placeholders.restore(checked, json=_is_json(judged, checked, wants_json))


def _diffs(
    choices: Sequence[_JudgedChoice], placeholders: Placeholders, wants_json: bool
) -> list[dict[str, Any]]:
    def restored(judged: _JudgedText, text: str) -> str:
        return placeholders.restore(text, json=_is_json(judged, text, wants_json)).text

    return [
        {
            "choice": judged.index,
            "path": text.path,
            "lines": diff(
                restored(text, text.judgement.checked), restored(text, text.judgement.text)
            ),
        }
        for judged in choices
        for text in judged.texts
        if text.judgement.verdict is VerdictName.FIXED
    ]


def _is_json(judged: _JudgedText, text: str, wants_json: bool) -> bool:
    """Whether a text is restored as JSON, like `Placeholders.restore_response` does."""
    return (judged.path == CONTENT and wants_json) or is_json(text)


def _unread(languages: Sequence[str]) -> str:
    return (
        f"The request has text in a language ({', '.join(languages)}) in which names of people "
        f"cannot be found; they are found in {', '.join(sorted(READ))}. The policy lets no such "
        "text out: write in one of these, or ask for a policy that does."
    )


def _policy_body(exchange: Exchange) -> dict[str, str]:
    active = exchange.terms.plan.active
    return {"name": active.policy.name, "version": active.version}


def _verdict_body(
    exchange: Exchange,
    verdict: VerdictName,
    outcomes: Sequence[Outcome],
    findings: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    return {
        "review_id": _review_id(outcomes),
        "reviews": _reviews(outcomes),
        "verdict": verdict.value,
        "policy": _policy_body(exchange),
        "channel": exchange.terms.context.channel.name,
        "jurisdictions": list(exchange.terms.context.jurisdictions),
        "findings": list(findings),
    }


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
