"""LiteLLM's Router behind our interface, against a provider that speaks HTTP on loopback."""

from __future__ import annotations

import asyncio
import gc
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from proxy.errors import InvalidRequestError, ModelNotFoundError, ProxyError, UpstreamError
from proxy.settings import Settings, SettingsError
from proxy.upstream import Upstream
from tests.fakes import upstream as fake
from tests.fakes.upstream import FakeUpstream, Reply

KEY = "provider-credential-0123456789"
REQUEST: Mapping[str, Any] = {
    "model": "copy",
    "messages": [{"role": "user", "content": "Write a line about bread."}],
}

FIND_PRICE = {"type": "function", "function": {"name": "find_price", "parameters": {}}}
UNCHECKED = "It cures eczema in three days."


@pytest.fixture
def provider() -> Iterator[FakeUpstream]:
    with FakeUpstream() as running:
        yield running


def deployment(
    provider: FakeUpstream, name: str = "copy", model: str = "openai/gpt-4o", **parameters: Any
) -> dict[str, Any]:
    return {
        "model_name": name,
        "litellm_params": {
            "model": model,
            "api_key": KEY,
            "api_base": provider.url,
            **parameters,
        },
    }


def settings(*deployments: Mapping[str, Any], **values: Any) -> Settings:
    router = {"num_retries": 0, **values.pop("router_settings", {})}
    return Settings.model_validate(
        {"model_list": list(deployments), "router_settings": router, **values}
    )


@asynccontextmanager
async def running(configured: Settings) -> AsyncIterator[Upstream]:
    upstream = Upstream(configured)
    try:
        yield upstream
    finally:
        await upstream.close()


async def failure(configured: Settings, request: Mapping[str, Any] = REQUEST) -> ProxyError:
    async with running(configured) as upstream:
        with pytest.raises(ProxyError) as caught:
            await upstream.complete(request)
    return caught.value


async def test_returns_a_completion_in_openai_shape_with_exact_usage(
    provider: FakeUpstream,
) -> None:
    provider.will(fake.text("Crisp crust, soft heart."))
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete(REQUEST)
    assert answer == {
        "id": "chatcmpl-fake-1",
        "object": "chat.completion",
        "created": 1_790_000_000,
        "model": "fake-model-2026-01-01",
        "choices": [
            {
                "index": 0,
                "message": {
                    "role": "assistant",
                    "content": "Crisp crust, soft heart.",
                    "refusal": None,
                },
                "logprobs": None,
                "finish_reason": "stop",
            }
        ],
        "usage": fake.USAGE,
    }


async def test_keeps_every_choice_its_finish_reason_refusal_and_reasoning(
    provider: FakeUpstream,
) -> None:
    extra = {"reasoning_content": "A thought.", "refusal": "Not that."}
    provider.will(fake.text("One.", "Two.", finish_reason="length", **extra))
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete({**REQUEST, "n": 2})
    assert [choice["index"] for choice in answer["choices"]] == [0, 1]
    assert [choice["finish_reason"] for choice in answer["choices"]] == ["length", "length"]
    assert [choice["message"]["content"] for choice in answer["choices"]] == ["One.", "Two."]
    for choice in answer["choices"]:
        assert choice["message"]["reasoning_content"] == "A thought."
        assert choice["message"]["refusal"] == "Not that."


async def test_keeps_tool_calls_as_they_are(provider: FakeUpstream) -> None:
    provider.will(fake.tool_calls(("find_price", {"product": "rye", "größe": 2})))
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete({**REQUEST, "tools": [FIND_PRICE]})
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["content"] is None
    (call,) = choice["message"]["tool_calls"]
    sent = fake.tool_calls(("find_price", {"product": "rye", "größe": 2})).body
    assert call == sent["choices"][0]["message"]["tool_calls"][0]


async def test_drops_what_only_one_provider_knows(provider: FakeUpstream) -> None:
    message = {"role": "assistant", "content": "Bread.", "inner_notes": "unchecked text"}
    provider.will(fake.completion([message], secret_sauce="unchecked text"))
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete(REQUEST)
    assert "unchecked text" not in repr(answer)


def answering(
    choice: Mapping[str, Any] | None = None,
    message: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Reply:
    """A completion that differs from an ordinary one in some fields; bytes, as providers write."""
    body = {**fake.text("Bread.").body, **fields}
    ordinary = body["choices"][0]
    body["choices"] = [{**ordinary, **(choice or {})}]
    body["choices"][0]["message"] = {**ordinary["message"], **(message or {})}
    return Reply(raw=json.dumps(body).encode())


def call(**fields: Any) -> dict[str, Any]:
    function = {"name": "find_price", "arguments": "{}"}
    return {"tool_calls": [{"id": "call_1", "type": "function", "function": function, **fields}]}


@pytest.mark.parametrize(
    "reply",
    [
        answering(id=UNCHECKED),
        answering(id=[UNCHECKED]),
        answering(model=UNCHECKED),
        answering(object=UNCHECKED),
        answering(created=UNCHECKED),
        answering(system_fingerprint=UNCHECKED, service_tier=UNCHECKED),
        answering(choice={"finish_reason": UNCHECKED}),
        answering(choice={"index": UNCHECKED}),
        answering(choice={"logprobs": UNCHECKED}),
        answering(message=call(id=UNCHECKED)),
        answering(message=call(type=UNCHECKED)),
        answering(
            message={
                "audio": {"id": "a", "data": "UklGRg==", "expires_at": 1, "transcript": UNCHECKED}
            }
        ),
    ],
)
async def test_words_of_the_provider_stay_where_they_are_checked(
    provider: FakeUpstream, reply: Reply
) -> None:
    provider.will(reply)
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete({**REQUEST, "tools": [FIND_PRICE]})
    assert UNCHECKED not in json.dumps(answer)
    assert re.fullmatch(r"chatcmpl-[\w-]+", answer["id"])
    assert answer["model"] in ("fake-model-2026-01-01", "copy")
    (choice,) = answer["choices"]
    assert choice["finish_reason"] in ("stop", "tool_calls")
    assert choice["message"]["content"] == "Bread."
    assert "audio" not in choice["message"]
    for tool_call in choice["message"].get("tool_calls", ()):
        assert re.fullmatch(r"call_\w+", tool_call["id"])
        assert tool_call["type"] == "function"


@pytest.mark.parametrize("name", [UNCHECKED, "delete_shop", "", None])
@pytest.mark.parametrize("tools", [[], [FIND_PRICE]])
async def test_a_tool_that_was_not_offered_cannot_be_called(
    provider: FakeUpstream, name: str | None, tools: list[dict[str, Any]]
) -> None:
    function = {"name": name, "arguments": "{}"}
    request = {**REQUEST, **({"tools": tools} if tools else {})}
    for message in (call(function=function), {"function_call": function}):
        provider.will(answering(message=message))
        error = await failure(settings(deployment(provider)), request)
        assert isinstance(error, UpstreamError)
        assert (error.status, UNCHECKED in error.message) == (502, False)


async def test_functions_and_custom_tools_are_tools_too(provider: FakeUpstream) -> None:
    custom = {"name": "write", "input": "Rye."}
    asked = {**REQUEST, "tools": [{"type": "custom", "custom": {"name": "write"}}]}
    legacy = {"name": "find_price", "arguments": "{}"}
    provider.will(
        answering(message={"tool_calls": [{"id": "call_1", "type": "custom", "custom": custom}]}),
        answering(message={"function_call": legacy}),
    )
    async with running(settings(deployment(provider))) as upstream:
        first = await upstream.complete(asked)
        second = await upstream.complete({**REQUEST, "functions": [{"name": "find_price"}]})
    (written,) = first["choices"][0]["message"]["tool_calls"]
    assert written == {"id": "call_1", "type": "custom", "custom": custom}
    assert second["choices"][0]["message"]["function_call"] == legacy


def token(text: str, *alternatives: str, **fields: Any) -> dict[str, Any]:
    others = [{"token": other, "logprob": -2.5, "bytes": None} for other in alternatives]
    return {"token": text, "logprob": -0.5, "bytes": None, "top_logprobs": others, **fields}


@pytest.mark.parametrize(
    ("logprobs", "are_kept"),
    [
        ({"content": [token("Bre", "Ba"), token("ad.")], "refusal": None}, True),
        ({"content": [token("Bread. "), token(UNCHECKED)], "refusal": None}, False),
        ({"content": [token("Bread")], "refusal": None}, False),
        ({"content": None, "refusal": [token(UNCHECKED)]}, False),
        ({"content": [token("Bread.", UNCHECKED * 5)], "refusal": None}, False),
        ({"content": [token("Bread.", "\ud83d")], "refusal": None}, False),
        ({"content": [token("Bread.", logprob=float("nan"))], "refusal": None}, False),
        ({"content": [token("Bread.", bytes=list(UNCHECKED.encode()))], "refusal": None}, True),
    ],
)
async def test_log_probabilities_say_nothing_but_the_content(
    provider: FakeUpstream, logprobs: dict[str, Any], are_kept: bool
) -> None:
    provider.will(answering(choice={"logprobs": logprobs}))
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete({**REQUEST, "logprobs": True})
    kept = answer["choices"][0]["logprobs"]
    assert (kept is not None) == are_kept
    if are_kept:
        tokens = kept["content"]
        assert "".join(token["token"] for token in tokens) == "Bread."
        assert b"".join(bytes(token["bytes"]) for token in tokens) == b"Bread."


@pytest.mark.parametrize(
    "reply",
    [
        answering(message={"tool_calls": UNCHECKED}),
        answering(message={"tool_calls": [UNCHECKED]}),
        answering(message={"tool_calls": [{"id": "call_1", "type": "function"}]}),
        answering(message={"function_call": UNCHECKED}),
        answering(message={"content": [{"type": "text", "text": UNCHECKED}]}),
        answering(message={"refusal": [UNCHECKED]}),
        answering(message={"reasoning_content": [UNCHECKED]}),
        answering(message={"role": UNCHECKED}),
        answering(choice={"finish_reason": {"why": UNCHECKED}}),
        answering(usage={"prompt_tokens": UNCHECKED}),
        answering(usage=UNCHECKED),
        Reply({**fake.text("Bread.").body, "choices": UNCHECKED}),
        Reply({**fake.text("Bread.").body, "choices": [{"message": UNCHECKED}]}),
    ],
)
async def test_a_malformed_answer_is_502_and_is_quoted_nowhere(
    provider: FakeUpstream, capfd: pytest.CaptureFixture[str], reply: Reply
) -> None:
    provider.will(reply)
    error = await failure(settings(deployment(provider)))
    assert (error.status, error.code) == (502, "upstream_error")
    assert UNCHECKED not in error.message + "".join(capfd.readouterr())


async def test_half_a_character_in_an_answer_is_no_failure(provider: FakeUpstream) -> None:
    provider.will(answering(message={"content": "Bread \ud83d!"}))
    async with running(settings(deployment(provider))) as upstream:
        answer = await upstream.complete(REQUEST)
    assert answer["choices"][0]["message"]["content"] == "Bread \ud83d!"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("temperature", 0.3),
        ("n", 2),
        ("user", "team-7"),
        ("seed", 7),
        ("response_format", {"type": "json_object"}),
        ("metadata", {"campaign": "spring"}),
        ("top_k", 40),
        ("a_field_of_tomorrow", {"deep": [1]}),
        # LiteLLM would take these for itself and send the provider's key elsewhere, answer
        # without asking, or change the request.
        ("api_base", "http://127.0.0.1:9/elsewhere"),
        ("base_url", "http://127.0.0.1:9/elsewhere"),
        ("mock_response", "made up"),
        ("fallbacks", ["other"]),
        ("extra_body", {"messages": []}),
        ("extra_headers", {"x-injected": "1"}),
        ("num_retries", 50),
        ("timeout", 0.0001),
    ],
)
async def test_passes_a_field_of_the_request_to_the_provider_and_to_nobody_else(
    provider: FakeUpstream, field: str, value: Any
) -> None:
    async with running(settings(deployment(provider))) as upstream:
        await upstream.complete({**REQUEST, field: value})
    (body,) = provider.bodies
    assert body == {**REQUEST, "model": "gpt-4o", field: value}
    assert provider.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert "x-injected" not in provider.requests[0].headers


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reasoning_effort", "low"),
        ("verbosity", "low"),
        ("prediction", {"type": "content", "content": "Rye."}),
        ("safety_identifier", "team-7"),
        ("max_completion_tokens", 9),
    ],
)
@pytest.mark.parametrize("model", ["openai/our-own-model", "openai/gpt-4o", "openai/*"])
async def test_leaves_it_to_the_provider_which_fields_a_model_takes(
    provider: FakeUpstream, model: str, field: str, value: Any
) -> None:
    configured = settings(deployment(provider, name="*" if "*" in model else "copy", model=model))
    async with running(configured) as upstream:
        await upstream.complete({**REQUEST, field: value})
    assert provider.bodies[0][field] == value


async def test_drops_fields_that_a_model_does_not_take_where_that_is_configured(
    provider: FakeUpstream,
) -> None:
    configured = settings(deployment(provider), litellm_settings={"drop_params": True})
    async with running(configured) as upstream:
        await upstream.complete({**REQUEST, "reasoning_effort": "low"})
    assert "reasoning_effort" not in provider.bodies[0]


async def test_a_field_that_another_api_does_not_have_is_named(provider: FakeUpstream) -> None:
    error = await failure(settings(anthropic(provider)), {**REQUEST, "logit_bias": {"5": 1}})
    assert error.status == 400
    assert "'logit_bias'" in error.message
    assert "drop_params" not in error.message


@pytest.mark.parametrize(
    "malformed",
    [
        {"tools": "find_price"},
        {"tools": [5]},
        {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
    ],
)
@pytest.mark.parametrize("model", ["openai/gpt-4o", "anthropic/claude-sonnet-4-5"])
async def test_a_request_that_no_call_can_be_made_of_is_400(
    provider: FakeUpstream, model: str, malformed: dict[str, Any]
) -> None:
    error = await failure(settings(deployment(provider, model=model)), {**REQUEST, **malformed})
    assert isinstance(error, InvalidRequestError)
    assert (error.status, error.code) == (400, "invalid_request")
    assert "`tools`" in error.message
    assert provider.requests == []


async def test_the_demo_model_refuses_what_it_cannot_read() -> None:
    request = {
        "model": "demo/copywriter",
        "messages": [{"role": "user", "content": [{"type": "text"}]}],
    }
    error = await failure(Settings(), request)
    assert (error.status, error.code) == (400, "invalid_request")


async def test_asks_without_streaming_whatever_the_caller_asked(provider: FakeUpstream) -> None:
    request = {**REQUEST, "stream": True, "stream_options": {"include_usage": True}}
    async with running(settings(deployment(provider))) as upstream:
        await upstream.complete(request)
    assert provider.bodies == [{**REQUEST, "model": "gpt-4o"}]


async def test_keeps_the_configured_extra_body_beside_the_fields_of_a_request(
    provider: FakeUpstream,
) -> None:
    configured = settings(deployment(provider, extra_body={"guided": 5}))
    async with running(configured) as upstream:
        await upstream.complete({**REQUEST, "guided": 99, "min_p": 0.1})
    assert provider.bodies[0]["guided"] == 5
    assert provider.bodies[0]["min_p"] == 0.1


async def test_sends_a_wildcard_model_under_the_name_that_was_asked_for(
    provider: FakeUpstream,
) -> None:
    configured = settings(deployment(provider, name="openai/*", model="openai/*"))
    async with running(configured) as upstream:
        await upstream.complete({**REQUEST, "model": "openai/gpt-nano"})
        assert [model.id for model in upstream.models()] == ["openai/*"]
    assert provider.bodies[0]["model"] == "gpt-nano"


async def test_knows_a_model_by_its_alias(provider: FakeUpstream) -> None:
    aliases = {"gpt-4": "copy", "quiet": {"model": "copy", "hidden": True}}
    configured = settings(deployment(provider), router_settings={"model_group_alias": aliases})
    async with running(configured) as upstream:
        await upstream.complete({**REQUEST, "model": "gpt-4"})
        assert [(model.id, model.owned_by) for model in upstream.models()] == [
            ("copy", "openai"),
            ("gpt-4", "openai"),
        ]
        await upstream.complete({**REQUEST, "model": "quiet"})
    assert provider.bodies[0]["model"] == "gpt-4o"


ANTHROPIC_ANSWER = Reply(
    {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [
            {"type": "thinking", "thinking": "Which bread?", "signature": "x"},
            {"type": "text", "text": "Rye, of course."},
        ],
        "stop_reason": "max_tokens",
        "usage": {"input_tokens": 3, "output_tokens": 4},
    }
)


def anthropic(provider: FakeUpstream) -> dict[str, Any]:
    base = provider.url.removesuffix("/v1")
    return deployment(provider, model="anthropic/claude-sonnet-4-5", api_base=base)


async def test_answers_of_other_apis_come_in_openai_shape(provider: FakeUpstream) -> None:
    provider.will(ANTHROPIC_ANSWER)
    async with running(settings(anthropic(provider))) as upstream:
        answer = await upstream.complete(REQUEST)
    (choice,) = answer["choices"]
    assert choice["finish_reason"] == "length"
    assert choice["message"]["content"] == "Rye, of course."
    assert choice["message"]["reasoning_content"] == "Which bread?"
    usage = answer["usage"]
    assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (3, 4, 7)
    assert set(usage) <= {
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
    }


async def test_unknown_fields_are_kept_from_apis_that_would_refuse_them(
    provider: FakeUpstream,
) -> None:
    provider.will(ANTHROPIC_ANSWER)
    async with running(settings(anthropic(provider))) as upstream:
        await upstream.complete({**REQUEST, "top_k": 5, "metadata": {"campaign": "spring"}})
    (body,) = provider.bodies
    assert body["top_k"] == 5
    assert not {"metadata", "extra_body"} & set(body)


@pytest.mark.parametrize("status", [400, 404, 429, 500, 529])
async def test_a_failure_of_another_api_keeps_its_status_and_words(
    provider: FakeUpstream, status: int
) -> None:
    refusal = {"type": "error", "error": {"type": "some_error", "message": "Not in the mood."}}
    provider.will(Reply(refusal, status, {"retry-after": "5"}))
    error = await failure(settings(anthropic(provider)))
    assert (error.status, error.headers) == (status, {"Retry-After": "5"})
    assert error.message.endswith("Not in the mood.")
    assert "{" not in error.message


async def test_the_demo_model_needs_no_provider() -> None:
    async with running(Settings()) as upstream:
        answer = await upstream.complete({**REQUEST, "model": "demo/copywriter"})
    assert answer["choices"][0]["message"]["content"]


async def test_an_unknown_model_is_404_with_the_names_that_are_known(
    provider: FakeUpstream,
) -> None:
    error = await failure(settings(deployment(provider)), {**REQUEST, "model": "copi"})
    assert isinstance(error, ModelNotFoundError)
    assert (error.status, error.code, error.param) == (404, "model_not_found", "model")
    assert error.message == ("There is no model 'copi'; did you mean 'copy'? Configured are: copy.")
    assert provider.requests == []


@pytest.mark.parametrize(
    ("reply", "status", "code"),
    [
        (fake.error(400, code="invalid_value", param="temperature"), 400, "invalid_value"),
        (fake.error(400, code="context_length_exceeded"), 400, "context_length_exceeded"),
        (fake.error(400, code="content_filter"), 400, "content_filter"),
        (fake.error(401, code="invalid_api_key"), 401, "invalid_api_key"),
        (fake.error(403), 403, "upstream_error"),
        (fake.error(404, code="model_not_found"), 404, "model_not_found"),
        (fake.error(429, code="rate_limit_exceeded"), 429, "rate_limit_exceeded"),
        (fake.error(429), 429, "rate_limit_exceeded"),
        (fake.error(500), 500, "upstream_error"),
        (fake.error(503, code="overloaded"), 503, "overloaded"),
        (Reply(raw=b"<html>Bad gateway</html>", status=502), 502, "upstream_error"),
        (fake.hang_up(), 502, "upstream_error"),
        (fake.malformed(), 502, "upstream_error"),
        (Reply(raw=b"[]"), 502, "upstream_error"),
        (Reply({"id": "x", "choices": []}), 502, "upstream_error"),
    ],
)
async def test_a_failing_provider_becomes_an_error_with_its_status_and_code(
    provider: FakeUpstream, reply: Reply, status: int, code: str
) -> None:
    provider.will(reply)
    error = await failure(settings(deployment(provider)))
    assert isinstance(error, UpstreamError)
    assert (error.status, error.code) == (status, code)
    body = error.body()["error"]
    assert all(value is None or isinstance(value, str) for value in body.values())
    assert "litellm" not in error.message.lower()


async def test_a_refused_request_is_explained_in_the_words_of_the_provider(
    provider: FakeUpstream,
) -> None:
    provider.will(fake.error(400, "Temperature must be below 2.", param="temperature"))
    error = await failure(settings(deployment(provider)))
    assert error.message == "Temperature must be below 2."
    assert (error.type, error.param) == ("invalid_request_error", "temperature")


async def test_a_refused_provider_key_is_not_taken_for_the_key_of_the_caller(
    provider: FakeUpstream,
) -> None:
    provider.will(fake.error(401, f"Incorrect API key provided: {KEY}."))
    error = await failure(settings(deployment(provider)))
    assert "Your Presscheck key is fine" in error.message
    assert KEY not in error.message


@pytest.mark.parametrize(
    "leak", [KEY, "sk-proj-abcdefghijklmnop", "Bearer abcdefghijklmnop", "sk-abc***************xyz"]
)
async def test_a_provider_key_is_never_repeated(provider: FakeUpstream, leak: str) -> None:
    for status in (400, 403, 500):
        provider.will(fake.error(status, f"Something about {leak} went wrong."))
        error = await failure(settings(deployment(provider)))
        assert leak not in str(error.body())


async def test_a_rate_limit_keeps_the_time_to_wait(provider: FakeUpstream) -> None:
    provider.will(fake.error(429, headers={"Retry-After": "7"}))
    error = await failure(settings(deployment(provider)))
    assert error.headers == {"Retry-After": "7"}


async def test_a_slow_provider_is_504(provider: FakeUpstream) -> None:
    provider.will(fake.slow(5, fake.text("Too late.")))
    error = await failure(settings(deployment(provider), upstream_timeout_seconds=0.3))
    assert (error.status, error.code) == (504, "upstream_timeout")


async def test_a_provider_that_is_not_there_is_502() -> None:
    with FakeUpstream() as gone:
        configured = settings(deployment(gone))
    error = await failure(configured)
    assert (error.status, error.code) == (502, "upstream_error")


async def test_retries_as_often_as_configured(provider: FakeUpstream) -> None:
    provider.will(fake.error(500), fake.error(500), fake.text("At last."))
    configured = settings(deployment(provider), router_settings={"num_retries": 2})
    async with running(configured) as upstream:
        answer = await upstream.complete(REQUEST)
    assert answer["choices"][0]["message"]["content"] == "At last."
    assert len(provider.requests) == 3


async def test_does_not_retry_unless_configured(provider: FakeUpstream) -> None:
    provider.will(fake.error(500))
    await failure(settings(deployment(provider)))
    assert len(provider.requests) == 1


@pytest.mark.parametrize("section", ["router_settings", "litellm_settings"])
async def test_falls_back_to_another_model(provider: FakeUpstream, section: str) -> None:
    with FakeUpstream() as broken:
        broken.will(fake.error(500))
        configured = settings(
            deployment(broken),
            deployment(provider, name="spare"),
            **{section: {"fallbacks": [{"copy": ["spare"]}]}},
        )
        async with running(configured) as upstream:
            answer = await upstream.complete(REQUEST)
    assert answer["choices"][0]["message"]["content"] == "Fresh bread, baked this morning."
    assert len(provider.requests) == 1


@pytest.mark.parametrize("status", [401, 404, 408, 429, 500])
@pytest.mark.parametrize("name", ["copy", "*"])
async def test_the_only_deployment_of_a_model_never_rests(
    provider: FakeUpstream, status: int, name: str
) -> None:
    failures = [fake.error(status, headers={"Retry-After": "9"})] * 4
    provider.will(*failures, fake.text("Here again."))
    configured = settings(
        deployment(provider, name=name), *(deployment(provider, name="pair") for _ in range(2))
    )
    async with running(configured) as upstream:
        for _ in failures:
            with pytest.raises(UpstreamError) as caught:
                await upstream.complete(REQUEST)
            assert (caught.value.status, "cooling" in caught.value.message) == (status, False)
        answer = await upstream.complete(REQUEST)
    assert answer["choices"][0]["message"]["content"] == "Here again."


@pytest.mark.parametrize(
    "values",
    [
        {"router_settings": {"allowed_fails": 0}},
        {"litellm_settings": {"allowed_fails": 0}},
    ],
)
async def test_a_configured_cooldown_is_kept(
    provider: FakeUpstream, values: dict[str, Any]
) -> None:
    provider.will(fake.error(401))
    async with running(settings(deployment(provider), **values)) as upstream:
        for _ in range(3):
            with pytest.raises(UpstreamError) as caught:
                await upstream.complete(REQUEST)
    assert (caught.value.status, "cooling down" in caught.value.message) == (429, True)


async def test_one_of_several_deployments_rests_while_another_answers(
    provider: FakeUpstream,
) -> None:
    with FakeUpstream() as broken:
        broken.will(fake.error(401))
        configured = settings(deployment(broken), deployment(provider))
        async with running(configured) as upstream:
            failures = 0
            for _ in range(30):
                try:
                    await upstream.complete(REQUEST)
                except UpstreamError:
                    failures += 1
    assert failures <= 1
    assert len(provider.requests) == 30 - failures


async def test_says_when_to_come_back_while_every_provider_cools_down(
    provider: FakeUpstream,
) -> None:
    provider.will(fake.error(429))
    configured = settings(
        deployment(provider),
        deployment(provider, model="openai/gpt-other"),
        router_settings={"allowed_fails": 0, "cooldown_time": 30},
    )
    async with running(configured) as upstream:
        for _ in range(4):
            with pytest.raises(UpstreamError) as caught:
                await upstream.complete(REQUEST)
    assert caught.value.status == 429
    assert 1 <= int(caught.value.headers["Retry-After"]) <= 30


async def test_cancelling_hangs_up_on_the_provider(provider: FakeUpstream) -> None:
    provider.will(fake.slow(30, fake.text("Never read.")))
    async with running(settings(deployment(provider))) as upstream:
        call = asyncio.create_task(upstream.complete(REQUEST))
        await asyncio.to_thread(provider.asked.wait, 5)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await asyncio.to_thread(provider.abandoned.wait, 5)


async def test_fifty_calls_at_once_get_their_own_answers(provider: FakeUpstream) -> None:
    async with running(settings(deployment(provider))) as upstream:
        await asyncio.gather(
            *(upstream.complete({**REQUEST, "user": f"caller-{number}"}) for number in range(50))
        )
    assert sorted(body["user"] for body in provider.bodies) == sorted(
        f"caller-{number}" for number in range(50)
    )


async def test_works_again_after_another_upstream_was_closed(provider: FakeUpstream) -> None:
    for _ in range(2):
        async with running(settings(deployment(provider))) as upstream:
            await upstream.complete(REQUEST)
    gc.collect()
    assert len(provider.requests) == 2


async def test_gives_providers_the_environment_variables_of_the_configuration(
    provider: FakeUpstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "to be restored after the test")
    configured = settings(
        {
            "model_name": "copy",
            "litellm_params": {"model": "openai/gpt-4o", "api_base": provider.url},
        },
        environment_variables={"OPENAI_API_KEY": "from-the-configuration"},
    )
    async with running(configured) as upstream:
        await upstream.complete(REQUEST)
    assert provider.requests[0].headers["authorization"] == "Bearer from-the-configuration"


@pytest.mark.parametrize(
    ("router_settings", "words"),
    [
        ({"num_retrys": 2}, "did you mean 'num_retries'?"),
        ({"routing_strategy": "by-the-moon"}, "routing_strategy"),
    ],
)
def test_refuses_router_settings_that_litellm_does_not_have(
    provider: FakeUpstream, router_settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(SettingsError, match=words.replace("?", r"\?")):
        Upstream(settings(deployment(provider), router_settings=router_settings))


async def test_writes_no_text_to_the_logs(
    provider: FakeUpstream, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    provider.will(fake.text("CANARY-ANSWER"), fake.error(400, "CANARY-ERROR"), fake.error(500))
    request = {"model": "copy", "messages": [{"role": "user", "content": "CANARY-PROMPT"}]}
    async with running(settings(deployment(provider))) as upstream:
        await upstream.complete(request)
        for _ in range(2):
            with pytest.raises(UpstreamError):
                await upstream.complete(request)
    written = "\n".join(
        record.getMessage() for record in caplog.records if not record.name.startswith("openai")
    ) + "".join(capfd.readouterr())
    assert "CANARY" not in written
    assert KEY not in written
