"""LiteLLM's Router behind our interface, against a provider that speaks HTTP on loopback."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest

from proxy.errors import ModelNotFoundError, ProxyError, UpstreamError
from proxy.settings import Settings, SettingsError
from proxy.upstream import Upstream
from tests.fakes import upstream as fake
from tests.fakes.upstream import FakeUpstream, Reply

KEY = "provider-credential-0123456789"
REQUEST: Mapping[str, Any] = {
    "model": "copy",
    "messages": [{"role": "user", "content": "Write a line about bread."}],
}


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
        answer = await upstream.complete(REQUEST)
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
    assert "did you mean 'copy'?" in error.message
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
