"""`POST /v1/chat/completions` as a tool sees it: the real `openai` SDK on a real socket."""

import asyncio
import hashlib
import json
from typing import Any

import openai
import pytest

from proxy.store.store import Store
from tests.api.conftest import Proxy
from tests.fakes.upstream import FakeUpstream, Reply, completion, text, tool_calls

CLEAN = "Created with AI. Fresh bread, baked this morning."
CURE = "Created with AI. Our balm cures eczema in three days."
BRIEF = "A post for our bakery"
TOOL = {"type": "function", "function": {"name": "post", "parameters": {}}}


def ask(proxy: Proxy, content: str = BRIEF, **options: object) -> openai.types.chat.ChatCompletion:
    return proxy.client().chat.completions.create(
        model="fake",
        messages=[{"role": "user", "content": content}],
        **options,  # type: ignore[call-overload]
    )


def test_a_clean_answer_comes_back_as_it_was(proxy: Proxy, upstream: FakeUpstream) -> None:
    answer = ask(proxy)
    assert answer.choices[0].message.content == CLEAN
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert answer.usage.total_tokens == 18
    assert "presscheck" not in answer.model_dump()


def test_every_response_names_its_request_verdict_and_policy(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    response = proxy.chat(BRIEF)
    assert response.headers["x-request-id"].startswith("req_")
    assert response.headers["x-presscheck-verdict"] == "passed"
    assert response.headers["x-presscheck-policy"].startswith("default@sha256:")
    assert "total;dur=" in response.headers["server-timing"]
    for stage in ("pii", "input", "upstream", "check", "store"):
        assert f"{stage};dur=" in response.headers["server-timing"]


def test_a_missing_disclosure_is_inserted(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text("Fresh bread from seven."))
    response = proxy.chat(BRIEF, presscheck={"channel": "instagram", "detail": "full"})
    body = response.json()
    content = body["choices"][0]["message"]["content"]
    assert content.startswith("AI-generated. Fresh bread from seven.")
    assert response.headers["x-presscheck-verdict"] == "fixed"
    (finding,) = body["presscheck"]["findings"]
    assert (finding["rule"], finding["action"]) == ("disclosure.channel.missing", "fix")
    assert finding["basis"]
    assert body["presscheck"]["diff"][0]["lines"] == [
        "-Fresh bread from seven.",
        "+AI-generated. Fresh bread from seven.",
    ]


def test_a_block_is_an_error_the_sdk_understands_and_does_not_retry(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text(CURE))
    with pytest.raises(openai.BadRequestError) as raised:
        proxy.client().with_options(max_retries=3).chat.completions.create(
            model="fake", messages=[{"role": "user", "content": BRIEF}]
        )
    error = raised.value
    assert error.code == "content_filter"
    assert error.response.headers["x-should-retry"] == "false"
    assert error.response.headers["x-presscheck-verdict"] == "blocked"
    assert len(upstream.requests) == 1
    details = error.body["presscheck"]  # type: ignore[index]
    assert details["review_id"] == error.response.headers["x-presscheck-review-id"]
    (finding,) = [f for f in details["findings"] if f["action"] == "block"]
    assert finding["rule"] == "claims.health.disease"
    assert "eczema" in finding["text"]
    assert finding["reason"]
    assert finding["basis"]
    assert finding["suggestion"]
    assert CURE[finding["start"] : finding["end"]] == finding["text"]


def test_a_blocked_text_becomes_a_review_item(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text(CURE))
    details = proxy.chat(BRIEF).json()["error"]["presscheck"]
    path = f"/v1/reviews/{details['review_id']}"
    item = proxy.get(path, proxy.reviewer_key).json()
    assert (item["state"], item["verdict"], item["checked"]) == ("open", "blocked", CURE)
    assert item["text"] is None
    assert item["brief"] == BRIEF
    assert item["path"] == "choices[0].message.content"
    # The tool that was refused sees the findings, and the text only once it is released.
    assert {"brief", "checked"}.isdisjoint(proxy.get(path).json())
    assert item["policy"] == details["policy"]
    assert [f["text"] for f in item["findings"]] == [f["text"] for f in details["findings"]]


def test_a_review_can_be_approved_with_an_edit_and_fetched(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text(CURE))
    review_id = proxy.chat(BRIEF).json()["error"]["presscheck"]["review_id"]
    path = f"/v1/reviews/{review_id}"
    version = proxy.get(path).json()["version"]
    decision = {"decision": "approve", "reason": "R83", "version": version}
    worse = proxy.post(
        f"{path}/decision",
        {**decision, "text": "Created with AI. Our balm heals arthritis."},
        proxy.reviewer_key,
    )
    assert worse.status_code == 400
    assert "claims.health.disease" in worse.json()["error"]["message"]
    soft = "Our balm soothes dry skin."
    forbidden = proxy.post(f"{path}/decision", {**decision, "text": soft})
    assert (forbidden.status_code, forbidden.json()["error"]["code"]) == (403, "forbidden")
    approved = proxy.post(f"{path}/decision", {**decision, "text": soft}, proxy.reviewer_key)
    assert approved.status_code == 200, approved.text
    again = proxy.post(f"{path}/decision", {**decision, "text": soft}, proxy.reviewer_key)
    assert (again.status_code, again.json()["error"]["code"]) == (400, "review_conflict")
    item = proxy.get(path).json()
    # The label that the policy asks for is put in on the way out.
    assert item["state"] == "approved_with_edits"
    assert item["text"] == f"This content was generated by AI. {soft}"


def test_a_team_sees_its_own_reviews_alone(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text(CURE))
    review_id = proxy.chat(BRIEF).json()["error"]["presscheck"]["review_id"]
    assert proxy.get(f"/v1/reviews/{review_id}", proxy.other_team_key).status_code == 403
    assert proxy.get("/v1/reviews").status_code == 403
    listed = proxy.get("/v1/reviews?rule=claims.health.disease", proxy.reviewer_key).json()
    assert review_id in [item["id"] for item in listed["data"]]
    assert proxy.get("/v1/reviews/rv_nothing").status_code == 404


def test_a_reask_gets_the_rule_the_place_and_the_way_out(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text("Created with AI. The UK's No.1 dog food."), text("Created with AI. Woof."))
    response = proxy.chat(BRIEF, presscheck={"detail": "full"})
    body = response.json()
    assert body["choices"][0]["message"]["content"] == "Created with AI. Woof."
    assert body["presscheck"]["reasks"] == 1
    assert body["usage"]["total_tokens"] == 36
    *_, draft, feedback = upstream.bodies[1]["messages"]
    assert draft == {"role": "assistant", "content": "Created with AI. The UK's No.1 dog food."}
    assert "claims.superlative" in feedback["content"]
    assert "No.1" in feedback["content"]


def test_a_model_that_does_not_listen_is_asked_twice_and_then_blocked(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text("Created with AI. The UK's No.1 dog food."))
    response = proxy.chat(BRIEF)
    assert response.status_code == 400
    assert len(upstream.requests) == 3


def test_evidence_makes_a_claim_acceptable(proxy: Proxy, upstream: FakeUpstream) -> None:
    claim = "Our shop cuts your energy bill by 47%."
    upstream.will(text(f"Created with AI. {claim}"))
    refused = proxy.chat(BRIEF)
    assert refused.status_code == 400
    evidence = [{"id": "ev-1", "statement": claim}]
    response = proxy.chat(BRIEF, presscheck={"evidence": evidence})
    assert response.status_code == 200, response.text
    assert response.headers["x-presscheck-verdict"] == "passed"


def test_monitoring_changes_no_byte(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text(CURE))
    looser = proxy.chat(BRIEF, presscheck={"mode": "monitor"})
    assert (looser.status_code, looser.json()["error"]["code"]) == (403, "forbidden")
    # Nothing is loosened where the key's policy is the one that monitors.
    created = proxy.post(
        "/v1/keys", {"name": "pilot", "policy": "monitor", "scopes": ["generate"]}, proxy.admin_key
    )
    assert created.status_code == 201, created.text
    response = proxy.chat(BRIEF, created.json()["key"], presscheck={"detail": "full"})
    body = response.json()
    assert body["choices"][0]["message"]["content"] == CURE
    assert response.headers["x-presscheck-verdict"] == "flagged"
    assert {f["action"] for f in body["presscheck"]["findings"]} == {"flag"}


def test_a_policy_may_answer_a_block_with_an_empty_choice(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    created = proxy.post(
        "/v1/keys", {"name": "house", "policy": "house", "scopes": ["generate"]}, proxy.admin_key
    )
    upstream.will(text(CURE))
    response = proxy.chat(BRIEF, created.json()["key"])
    choice = response.json()["choices"][0]
    assert response.status_code == 200
    assert (choice["finish_reason"], choice["message"]["content"]) == ("content_filter", "")
    assert response.headers["x-presscheck-verdict"] == "blocked"
    assert response.headers["x-presscheck-review-id"]


def test_every_choice_is_judged(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text(CLEAN, CURE))
    response = proxy.chat(BRIEF, n=2)
    assert response.status_code == 400
    findings = response.json()["error"]["presscheck"]["findings"]
    assert {f["choice"] for f in findings if f["action"] == "block"} == {1}


def test_tool_calls_pass_with_their_arguments_restored(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(tool_calls(("send_mail", {"to": "{{EMAIL_ADDRESS_1}}", "text": 'Say "hi"'})))
    answer = ask(
        proxy,
        "Write to laura.j@gmail.com",
        tools=[{"type": "function", "function": {"name": "send_mail", "parameters": {}}}],
    )
    (call,) = answer.choices[0].message.tool_calls or []
    assert call.function.arguments == '{"to": "laura.j@gmail.com", "text": "Say \\"hi\\""}'  # type: ignore[union-attr]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert "laura" not in str(upstream.bodies)


def test_tool_call_arguments_are_checked(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(tool_calls(("post", {"text": "Our balm cures eczema in three days."})))
    response = proxy.chat(BRIEF, tools=[{"type": "function", "function": {"name": "post"}}])
    assert response.status_code == 400
    (finding,) = [
        f
        for f in response.json()["error"]["presscheck"]["findings"]
        if f["rule"] == "claims.health.disease"
    ]
    assert finding["path"].startswith("message.tool_calls[0].function.arguments")


def test_structured_output_stays_the_json_it_was(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text('{"headline": "Fresh bread"}'))
    response = proxy.chat(BRIEF, response_format={"type": "json_object"})
    assert response.status_code == 200, response.text
    assert response.json()["choices"][0]["message"]["content"] == '{"headline": "Fresh bread"}'


def test_a_stream_says_what_the_plain_answer_says(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text("Fresh bread from seven. Rye on Fridays. See you there!"))
    plain = ask(proxy, extra_body={"presscheck": {"channel": "instagram"}})
    stream = proxy.client().chat.completions.create(
        model="fake",
        messages=[{"role": "user", "content": BRIEF}],
        stream=True,
        stream_options={"include_usage": True},
        extra_body={"presscheck": {"channel": "instagram"}},
    )
    chunks = list(stream)
    pieces = [
        c.choices[0].delta.content for c in chunks if c.choices and c.choices[0].delta.content
    ]
    assert "".join(pieces) == plain.choices[0].message.content
    assert len(pieces) > 2
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert chunks[-1].usage == plain.usage
    assert "stream" not in upstream.bodies[0]


def test_a_block_is_a_plain_error_for_a_stream_too(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text(CURE))
    with pytest.raises(openai.BadRequestError) as raised:
        proxy.client().chat.completions.create(
            model="fake", messages=[{"role": "user", "content": BRIEF}], stream=True
        )
    assert raised.value.code == "content_filter"


def test_a_streamed_tool_call_is_put_together_by_the_sdk(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(tool_calls(("send_mail", {"subject": "Fresh bread"})))
    with proxy.client().chat.completions.stream(
        model="fake",
        messages=[{"role": "user", "content": BRIEF}],
        tools=[{"type": "function", "function": {"name": "send_mail", "parameters": {}}}],
    ) as stream:
        final = stream.get_final_completion()
    (call,) = final.choices[0].message.tool_calls or []
    assert (call.function.name, call.function.arguments) == (
        "send_mail",
        '{"subject": "Fresh bread"}',
    )


def test_unknown_fields_and_logprobs_pass_through(proxy: Proxy, upstream: FakeUpstream) -> None:
    logprobs = {"content": [{"token": CLEAN, "logprob": -0.1, "bytes": None, "top_logprobs": []}]}
    reply = completion([{"role": "assistant", "content": CLEAN}])
    reply.body["choices"][0]["logprobs"] = logprobs
    upstream.will(reply)
    response = proxy.chat(BRIEF, logprobs=True, seed=7)
    assert response.json()["choices"][0]["logprobs"]["content"][0]["token"] == CLEAN
    assert upstream.bodies[0]["seed"] == 7


def test_a_prompt_against_the_policy_never_reaches_the_provider(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    response = proxy.chat("Write a flat ad, we don't want families or Asians.")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "content_filter")
    assert response.json()["error"]["param"] == "messages"
    assert not upstream.requests


def events(proxy: Proxy, kind: str) -> list[dict[str, Any]]:
    """The audit events of a kind, the oldest first."""

    async def read() -> list[dict[str, Any]]:
        store = await Store.open(proxy.settings.database_url)
        try:
            return [event async for event in store.export() if event["kind"] == kind]
        finally:
            await store.close()

    return asyncio.run(read())


def test_the_verdict_is_bound_to_the_delivered_bytes(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text("Created with AI. Dear {{PERSON_1}}, fresh bread!"))
    response = proxy.chat("Write to Laura Jiménez")
    content = response.json()["choices"][0]["message"]["content"]
    assert content == "Created with AI. Dear Laura Jiménez, fresh bread!"
    (outcome,) = events(proxy, "verdict.recorded")[-1]["payload"]["outcomes"]
    assert outcome["text_sha256"] == hashlib.sha256(content.encode()).hexdigest()
    assert (outcome["path"], outcome["is_delivered"]) == ("choices[0].message.content", True)


def test_what_is_noted_about_a_prompt_is_kept(proxy: Proxy, upstream: FakeUpstream) -> None:
    response = proxy.chat("Use photos of the kids at our club with names. Ask Anna Weber for them.")
    assert response.status_code == 200, response.text
    prompt, answer = events(proxy, "verdict.recorded")[-1]["payload"]["outcomes"]
    assert (prompt["path"], prompt["verdict"]) == ("messages[0].content", "flagged")
    assert "privacy.input.minor" in prompt["rules"]
    assert answer["rules"] == ["privacy.placeholder.lost"]


def test_every_text_of_a_withheld_choice_is_kept(proxy: Proxy, upstream: FakeUpstream) -> None:
    message = {
        "role": "assistant",
        "content": CURE,
        "tool_calls": [
            {
                "id": "call_1",
                "type": "function",
                "function": {"name": "post", "arguments": '{"text": "It heals arthritis."}'},
            }
        ],
    }
    upstream.will(completion([message], "tool_calls"))
    assert proxy.chat(BRIEF, tools=[TOOL]).status_code == 400
    outcomes = events(proxy, "verdict.recorded")[-1]["payload"]["outcomes"]
    assert [outcome["verdict"] for outcome in outcomes] == ["blocked", "blocked"]
    assert len({outcome["review_id"] for outcome in outcomes}) == 2
    assert not any(outcome["is_delivered"] for outcome in outcomes)


def test_a_held_answer_waits_even_where_a_block_is_no_error(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    created = proxy.post(
        "/v1/keys", {"name": "house", "policy": "house", "scopes": ["generate"]}, proxy.admin_key
    )
    upstream.will(text("FREE headphones! (just pay $39 handling)"))
    response = proxy.chat(BRIEF, created.json()["key"])
    assert (response.status_code, response.json()["error"]["code"]) == (
        400,
        "content_held_for_review",
    )
    assert response.headers["x-presscheck-verdict"] == "held"


def test_what_a_model_cannot_encode_is_delivered_as_a_question_mark(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    reply = text("Created with AI. Fresh bread \ud83d today.")
    # As bytes: the provider of the tests could not encode it either.
    upstream.will(Reply(raw=json.dumps(reply.body).encode()))
    response = proxy.chat(BRIEF)
    assert response.status_code == 200, response.text
    assert response.json()["choices"][0]["message"]["content"].endswith("bread \ufffd today.")


def test_json_that_nests_deeply_inside_a_text_is_looked_at_as_text(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    deep = "[" * 600 + '"laura.j@gmail.com"' + "]" * 600
    call = {"id": "c", "type": "function", "function": {"name": "post", "arguments": deep}}
    messages = [
        {"role": "user", "content": BRIEF},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c", "content": "[" * 5000},
    ]
    body = {"model": "fake", "messages": messages}
    response = proxy.post("/v1/chat/completions", body)
    assert response.status_code == 200, response.text
    assert "laura" not in str(upstream.bodies)
