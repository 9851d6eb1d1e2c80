"""The demo model: its drafts, and its answers through LiteLLM's own router."""

from __future__ import annotations

import json
from typing import Any

import pytest
from litellm.router import Router

from policies.catalogue import load_catalogue
from policies.channels import load_channels
from proxy.demo import MODEL, REASK_OPENING, register_demo, write_draft
from proxy.reask import reask_request
from validators.base import Context
from validators.registry import create_validator

# LiteLLM's own types, which pydantic remarks on when the first Router is built.
pytestmark = pytest.mark.filterwarnings("ignore:.*`ReadOnly` qualifier:UserWarning")

REASK = f"{REASK_OPENING}. Write it again without them.\n- claims.health.disease: 'cures eczema'"
TOOL = {
    "type": "function",
    "function": {
        "name": "publish",
        "parameters": {
            "type": "object",
            "properties": {
                "title": {"type": "string"},
                "body": {"type": "string"},
                "channel": {"enum": ["email", "sms"]},
                "tags": {"type": "array", "items": {"type": "string"}},
                "draft_only": {"type": "boolean"},
            },
        },
    },
}


def ask(brief: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": brief}]


def draft_for(brief: str) -> str:
    return write_draft(ask(brief))


@pytest.fixture
def router() -> Router:
    register_demo()
    return Router(model_list=[{"model_name": MODEL, "litellm_params": {"model": MODEL}}])


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Post about our bakery", "loaves"),
        ("Caption for our bakery's cream cakes", "loaves"),
        ("Landing page for an eczema cream", "cures eczema in three days"),
        ("Write a job ad for a barista at our bakery", "under 30"),
        ("Text about the new espresso beans", "Huila"),
        ("An ad for the gym's evening classes", "only 3 places left"),
        ("A flat to let in Leeds", "64 square metres"),
        ("Launch text for our invoicing app", "receipt"),
        ("Write something nice", "on the shelf"),
        ("", "on the shelf"),
    ],
)
def test_a_draft_fits_the_business_of_the_brief(brief: str, expected: str) -> None:
    assert expected in draft_for(brief)


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Email about our bakery called Corner Bakery", "Subject: Fresh from the oven\n\nHello,"),
        ("Email about our bakery called Corner Bakery", "\n\nCorner Bakery\nUnsubscribe"),
        ("SMS for our bakery called Corner Bakery", "Corner Bakery: Fresh from the oven."),
        ("SMS for our bakery", "Reply STOP to opt out"),
        ("Instagram caption for the bakery", "#bakery"),
        ("Bakery tweet, on Saturday", "When: on Saturday."),
    ],
)
def test_a_draft_is_laid_out_for_its_channel(brief: str, expected: str) -> None:
    assert expected in draft_for(brief)


@pytest.mark.parametrize(
    ("brief", "expected"),
    [
        ("Bakery news for {{PERSON_1}}", "Hi {{PERSON_1}}, "),
        ("Bakery email for {{FIRST_NAME}}", "Hi {{FIRST_NAME}},\n\n"),
        ("Write to {{PERSON_1}} about order {{ORDER_ID_2}}", "your order {{ORDER_ID_2}}."),
        ("Bakery post, contact {{EMAIL_ADDRESS_1}}", "questions is {{EMAIL_ADDRESS_1}}."),
        ("Bakery post, phone {{PHONE_NUMBER_1}}", "ring {{PHONE_NUMBER_1}}."),
        ("Bakery post, we are at {{LOCATION_3}}", "address is {{LOCATION_3}}."),
    ],
)
def test_a_draft_uses_the_placeholders_of_its_brief(brief: str, expected: str) -> None:
    assert expected in draft_for(brief)


@pytest.mark.parametrize(
    "brief",
    [
        "Bakery post. Disclose that AI wrote it.",
        "Bakery post, add an AI label",
        "Mention AI: bread",
    ],
)
def test_a_draft_says_that_ai_wrote_it_when_the_brief_asks(brief: str) -> None:
    assert "written by AI" in draft_for(brief)


def test_a_draft_carries_no_disclosure_of_its_own_accord() -> None:
    assert "AI" not in draft_for("Post about our bakery")


@pytest.mark.parametrize("business", ["eczema cream", "barista job", "gym", "invoicing app"])
@pytest.mark.parametrize("channel", ["Email", "SMS", "Tweet", "Landing page"])
def test_a_second_try_leaves_the_broken_rule_out(business: str, channel: str) -> None:
    first = draft_for(f"{channel} for our {business}")
    second = write_draft(
        [
            *ask(f"{channel} for our {business}"),
            {"role": "assistant", "content": first},
            {"role": "user", "content": REASK},
        ]
    )
    flaws = ("cures", "under 30", "only 3 places", "number one")
    assert any(flaw in first for flaw in flaws)
    assert not any(flaw in second for flaw in flaws)


def test_knows_the_message_in_which_the_proxy_asks_again() -> None:
    request = {"messages": ask("Landing page for an eczema cream")}
    again = reask_request(request, {"message": {"content": "x"}}, [])
    assert "cures" not in write_draft(again["messages"])


def test_a_follow_up_is_about_the_brief_before() -> None:
    messages = [*ask("Post about our bakery"), {"role": "assistant", "content": "Fresh."}]
    assert "loaves" in write_draft([*messages, *ask("Now a little warmer, please")])


def test_reads_a_brief_made_of_parts() -> None:
    parts = [{"type": "text", "text": "Our bakery"}, {"type": "image_url", "image_url": {}}]
    assert "loaves" in write_draft([{"role": "user", "content": parts}])


def test_nine_variants_differ_and_each_is_always_the_same() -> None:
    variants = [write_draft(ask("Our bakery"), variant) for variant in range(9)]
    assert len(set(variants)) == 9
    assert variants == [write_draft(ask("Our bakery"), variant) for variant in range(9)]


@pytest.mark.parametrize("business", ["bakery", "espresso", "flat to let", "shop"])
@pytest.mark.parametrize("family", ["manipulation", "targeting", "privacy"])
def test_an_innocent_brief_gets_a_clean_draft(business: str, family: str) -> None:
    validator = create_validator(family, {}, load_catalogue().family(family))
    for channel in ("email", "sms", "instagram", "blog"):
        context = Context(channel=load_channels().find(channel))
        for variant in range(9):
            draft = write_draft(ask(f"{channel} for our {business}"), variant)
            assert [f.rule for f in validator.check(draft, context)] == []


async def test_answers_through_the_router(router: Router) -> None:
    response = await router.acompletion(model=MODEL, messages=ask("Our bakery"))
    assert response.model == MODEL
    assert response.choices[0].message.content == draft_for("Our bakery")
    assert response.choices[0].finish_reason == "stop"
    assert response.usage.prompt_tokens == 2
    assert response.usage.completion_tokens == len(draft_for("Our bakery").split())


def test_answers_a_plain_call_through_the_router(router: Router) -> None:
    response = router.completion(model=MODEL, messages=ask("Our bakery"))
    assert response.choices[0].message.content == draft_for("Our bakery")


async def test_gives_as_many_different_choices_as_asked_for(router: Router) -> None:
    response = await router.acompletion(model=MODEL, messages=ask("Our bakery"), n=3)
    texts = [choice.message.content for choice in response.choices]
    assert [choice.index for choice in response.choices] == [0, 1, 2]
    assert len(set(texts)) == 3


async def test_streams_word_by_word(router: Router) -> None:
    stream = await router.acompletion(
        model=MODEL,
        messages=ask("Our bakery"),
        stream=True,
        stream_options={"include_usage": True},
    )
    chunks = [chunk async for chunk in stream]
    deltas = [chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices]
    assert "".join(deltas) == draft_for("Our bakery")
    assert len(deltas) > 20
    assert "stop" in [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices]
    assert chunks[-1].usage.prompt_tokens == 2


@pytest.mark.parametrize(
    "tool_choice", ["required", {"type": "function", "function": {"name": "publish"}}]
)
async def test_calls_a_tool_that_must_be_called(router: Router, tool_choice: Any) -> None:
    response = await router.acompletion(
        model=MODEL,
        messages=ask("Our bakery"),
        tools=[TOOL],
        tool_choice=tool_choice,
    )
    choice = response.choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert choice.message.tool_calls[0].function.name == "publish"
    assert json.loads(choice.message.tool_calls[0].function.arguments) == {
        "title": "Fresh from the oven",
        "body": draft_for("Our bakery"),
        "channel": "email",
        "tags": [draft_for("Our bakery")],
        "draft_only": False,
    }


async def test_answers_in_words_where_a_tool_may_be_left_out(router: Router) -> None:
    response = await router.acompletion(model=MODEL, messages=ask("Our bakery"), tools=[TOOL])
    assert response.choices[0].message.content == draft_for("Our bakery")


async def test_streams_a_tool_call(router: Router) -> None:
    stream = await router.acompletion(
        model=MODEL,
        messages=ask("Our bakery"),
        tools=[TOOL],
        tool_choice="required",
        stream=True,
    )
    calls = [
        call
        async for chunk in stream
        for choice in chunk.choices
        for call in choice.delta.tool_calls or []
    ]
    assert json.loads(calls[0].function.arguments)["title"] == "Fresh from the oven"


async def test_answers_with_a_json_object(router: Router) -> None:
    response = await router.acompletion(
        model=MODEL, messages=ask("Our bakery"), response_format={"type": "json_object"}
    )
    assert json.loads(response.choices[0].message.content) == {
        "headline": "Fresh from the oven",
        "text": draft_for("Our bakery"),
    }


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (
            {
                "type": "object",
                "properties": {"headline": {"type": "string"}, "note": {"type": "string"}},
                "required": ["headline"],
            },
            {"headline": "Fresh from the oven"},
        ),
        (
            {
                "$defs": {"Post": {"properties": {"title": {"type": ["string", "null"]}}}},
                "properties": {"post": {"$ref": "#/$defs/Post"}},
            },
            {"post": {"title": "Fresh from the oven"}},
        ),
        (
            {
                "properties": {
                    "title": {"type": "string"},
                    "next": {"anyOf": [{"$ref": "#"}, {"type": "null"}]},
                    "parts": {"type": "array", "items": {"$ref": "#"}},
                },
            },
            {
                "title": "Fresh from the oven",
                "next": {"title": "Fresh from the oven", "next": None, "parts": []},
                "parts": [{"title": "Fresh from the oven", "next": None, "parts": []}],
            },
        ),
        (
            {"properties": {"words": {"type": "integer"}, "brief": {}, "kind": {"const": "post"}}},
            {"words": 1, "brief": "Our bakery", "kind": "post"},
        ),
    ],
)
async def test_answers_in_the_shape_of_a_schema(
    router: Router, schema: dict[str, Any], expected: dict[str, Any]
) -> None:
    response = await router.acompletion(
        model=MODEL,
        messages=ask("Our bakery"),
        response_format={"type": "json_schema", "json_schema": {"name": "post", "schema": schema}},
    )
    assert json.loads(response.choices[0].message.content) == expected


def test_registering_twice_leaves_one_provider() -> None:
    import litellm

    register_demo()
    before = list(litellm.custom_provider_map)
    register_demo()
    assert litellm.custom_provider_map == before
