"""No personal data leaves unstripped, and everything comes back."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.api.conftest import Proxy
from tests.fakes.upstream import FakeUpstream, completion, text, tool_calls

PEOPLE = ["Laura Jiménez", "Tom Baker", "Priya Sharma", "Hans Müller", "Aoife Brennan"]
EMAILS = [f"{name}@gmail.com" for name in ("laura.j", "tom.baker", "p.sharma", "hans", "aoife")]
PHONES = ["+44 7700 900123", "+1 415 555 0132", "+49 1512 3456789", "+33 6 12 34 56 78"]
CARDS = ["4111 1111 1111 1111", "5500 0000 0000 0004"]
IBANS = ["DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19"]


def planted() -> tuple[dict[str, Any], list[str]]:
    """A request with personal data in every position, and what was planted."""
    items: list[str] = []

    def plant(value: str) -> str:
        items.append(value)
        return value

    def everything() -> Iterator[str]:
        yield from (f"Write to {plant(p)}." for p in PEOPLE)
        yield from (f"The address is {plant(e)}." for e in EMAILS)
        yield from (f"Call {plant(p)}." for p in PHONES)
        yield from (f"The card is {plant(c)}." for c in CARDS)
        yield from (f"The account is {plant(i)}." for i in IBANS)

    user = " ".join(everything())
    call = {
        "id": "call_1",
        "type": "function",
        "function": {
            "name": "find_customer",
            "arguments": json.dumps(
                {
                    "customer": {"email": plant("grace.otieno@outlook.com")},
                    "note": f'"Call" {plant("+44 7911 123456")}\nSSN {plant("536-90-4399")}',
                    "cards": [plant("4012 8888 8888 1881")],
                }
            ),
        },
    }
    result = json.dumps(
        {
            "name": plant("Grace Otieno"),
            "mail": plant("grace@work.example"),
            "ip": plant("203.0.113.77"),
            "phone": plant("+353 87 123 4567"),
        }
    )
    body = {
        "model": "fake",
        "messages": [
            {
                "role": "system",
                "content": f"Write for {plant('Marta Kowalska')}, {plant('marta.k@firma.example')}",
            },
            {"role": "user", "name": plant("oliver.twist@mail.example"), "content": user},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "call_1", "content": result},
            {
                "role": "user",
                "content": [
                    {
                        "type": "text",
                        "text": f"Dear {plant('Sofia Rossi')}, {plant('sofia.r@libero.example')}",
                    },
                    {"type": "text", "text": f"IBAN {plant('FR14 2004 1010 0505 0001 3M02 606')}"},
                ],
            },
            {"role": "developer", "content": f"Escalate to {plant('dev.lead@corp.example')}"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "find_customer",
                    "description": f"Ask {plant('support.jane@corp.example')} if it fails",
                    "parameters": {
                        "type": "object",
                        "properties": {
                            "email": {
                                "type": "string",
                                "description": f"such as {plant('max.power@mail.example')}",
                                "default": plant("default.user@mail.example"),
                            }
                        },
                    },
                },
            }
        ],
        "metadata": {
            "customer": plant("meta.person@mail.example"),
            "phone": plant("+34 612 345 678"),
        },
        "user": plant("end.user@mail.example"),
        "prediction": {"type": "content", "content": f"Hi {plant('predicted@mail.example')}"},
        "x_campaign": {
            "owner": plant("owner@mail.example"),
            "deep": [{"mail": plant("deep@mail.example")}],
        },
    }
    # Every item is planted once more under a second position, so that the numbering is seen.
    body["messages"].append(  # type: ignore[attr-defined]
        {"role": "user", "content": "Again: " + "; ".join(EMAILS + PHONES)}
    )
    return body, items


def test_none_of_fifty_planted_items_reaches_the_provider_and_who_and_where_come_back(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    body, items = planted()
    assert len(set(items)) + len(EMAILS + PHONES) >= 50
    response = proxy.post("/v1/chat/completions", body)
    assert response.status_code == 200, response.text
    (seen,) = upstream.bodies
    wire = json.dumps(seen, ensure_ascii=False) + json.dumps(seen)
    for item in items:
        assert item not in wire, item
        assert item.replace(" ", "") not in wire.replace(" ", ""), item
    # Now the provider repeats all of it.
    echo = "Created with AI. " + " ".join(_strings(seen["messages"]))
    upstream.requests.clear()
    upstream.will(
        completion(
            [
                {
                    "role": "assistant",
                    "content": echo,
                    "tool_calls": seen["messages"][2]["tool_calls"],
                }
            ]
        )
    )
    monitor = proxy.post(
        "/v1/keys", {"name": "pilot", "policy": "monitor", "scopes": ["generate"]}, proxy.admin_key
    ).json()["key"]
    answer = proxy.post("/v1/chat/completions", body, monitor)
    assert answer.status_code == 200, answer.text
    message = answer.json()["choices"][0]["message"]
    assert "{{" not in message["content"]
    for item in (*PEOPLE, *EMAILS, *PHONES, "Marta Kowalska", "Sofia Rossi"):
        assert item in message["content"], item
    # Nobody needs the number of a card or an account in a text: it is gone for good.
    for item in (*CARDS, *IBANS):
        assert item not in message["content"], item
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {
        "customer": {"email": "grace.otieno@outlook.com"},
        "note": '"Call" +44 7911 123456\nSSN [US_SSN]',
        "cards": ["[CREDIT_CARD]"],
    }


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def test_parallel_requests_never_see_each_others_data(proxy: Proxy, upstream: FakeUpstream) -> None:
    import concurrent.futures

    upstream.will(
        completion([{"role": "assistant", "content": "Created with AI. Hi {{EMAIL_ADDRESS_1}}!"}])
    )

    def ask(number: int) -> tuple[str, httpx.Response]:
        address = f"customer{number}@mail.example"
        return address, proxy.chat(f"Write to {address}")

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        for address, response in pool.map(ask, range(50)):
            assert response.status_code == 200, response.text
            content = response.json()["choices"][0]["message"]["content"]
            assert content == f"Created with AI. Hi {address}!"


ADDRESS = "laura@mail.example"


def test_a_model_is_told_of_placeholders_behind_what_its_system_message_says(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    messages = [
        {"role": "system", "content": "You write for a bakery."},
        {"role": "user", "content": f"Write to {ADDRESS}"},
    ]
    proxy.post("/v1/chat/completions", {"model": "fake", "messages": messages})
    proxy.chat(f"Write to {ADDRESS}")
    proxy.chat("Write about bread")
    with_system, without_system, without_data = (body["messages"] for body in upstream.bodies)
    assert [message["role"] for message in with_system] == ["system", "user"]
    assert with_system[0]["content"].startswith("You write for a bakery.\n\nPlaceholders such as ")
    assert "{{EMAIL_ADDRESS_1}}" in with_system[0]["content"]
    assert [message["role"] for message in without_system] == ["system", "user"]
    assert without_system[1]["content"] == "Write to {{EMAIL_ADDRESS_1}}"
    assert without_data == [{"role": "user", "content": "Write about bread"}]


def test_what_would_be_sent_is_shown_without_what_the_model_is_told(proxy: Proxy) -> None:
    messages = [{"role": "user", "content": f"Write to {ADDRESS}"}]
    shown = proxy.post("/v1/anonymize", {"messages": messages}).json()
    assert shown["messages"] == [{"role": "user", "content": "Write to {{EMAIL_ADDRESS_1}}"}]


def test_a_stream_says_what_a_plain_answer_says_and_restores_what_the_model_altered(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    altered = "{{email_address_1}}! {{ EMAIL\\_ADDRESS\\_1 }}, [EMAIL_ADDRESS_1]. {Bye}"
    said = f"Created with AI. Hi {altered}"
    upstream.will(text(said))
    plain = proxy.chat(f"Write to {ADDRESS}").json()["choices"][0]["message"]["content"]
    assert plain == f"Created with AI. Hi {ADDRESS}! {ADDRESS}, {ADDRESS}. {{Bye}}"
    messages: Any = [{"role": "user", "content": f"Write to {ADDRESS}"}]
    with proxy.client() as client:
        stream = client.chat.completions.create(model="fake", messages=messages, stream=True)
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert "".join(pieces) == plain


def test_streamed_tool_calls_hold_what_was_replaced(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(tool_calls(("send", {"to": "{{EMAIL_ADDRESS_1}}", "note": 'say "hi"'})))
    messages: Any = [{"role": "user", "content": f"Write to {ADDRESS}"}]
    tools: Any = [{"type": "function", "function": {"name": "send", "parameters": {}}}]
    with proxy.client() as client:
        stream = client.chat.completions.create(
            model="fake", messages=messages, tools=tools, stream=True
        )
        calls = [call for c in stream if c.choices for call in c.choices[0].delta.tool_calls or ()]
    arguments = "".join(call.function.arguments or "" for call in calls if call.function)
    assert json.loads(arguments) == {"to": ADDRESS, "note": 'say "hi"'}


def test_the_arguments_of_a_tool_stay_json_and_a_number_comes_back_as_a_number(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    known = json.dumps({"phone": 447700900123, "mail": "laura.j@gmail.com"})
    call = {
        "id": "call_1",
        "type": "function",
        "function": {
            "name": "send",
            "arguments": '{"phone": {{PHONE_NUMBER_1}}, "mail": {{EMAIL_ADDRESS_1}}, '
            + f'"body": {json.dumps(json.dumps({"said": "{{PHONE_NUMBER_1}}"}))}}}',
        },
    }
    upstream.will(completion([{"role": "assistant", "content": None, "tool_calls": [call]}]))
    messages: Any = [
        {"role": "user", "content": "Tell our customer that the bread is ready."},
        {
            "role": "assistant",
            "tool_calls": [{**call, "function": {"name": "send", "arguments": "{}"}}],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": known},
    ]
    tools = [{"type": "function", "function": {"name": "send", "parameters": {}}}]
    response = proxy.post(
        "/v1/chat/completions", {"model": "fake", "messages": messages, "tools": tools}
    )
    assert response.status_code == 200, response.text
    assert "447700900123" not in json.dumps(upstream.bodies)
    (answered,) = response.json()["choices"][0]["message"]["tool_calls"]
    arguments = json.loads(answered["function"]["arguments"])
    assert json.loads(arguments.pop("body")) == {"said": "447700900123"}
    assert arguments == {"phone": 447700900123, "mail": "laura.j@gmail.com"}


def test_structured_output_comes_back_as_json_also_as_a_stream(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    said = '{"text": "Created with AI. Bread for you. And cake.", "to": {{EMAIL_ADDRESS_1}}}'
    upstream.will(text(said))
    messages: Any = [{"role": "user", "content": f"Write to {ADDRESS}"}]
    asked: Any = {"model": "fake", "messages": messages, "response_format": {"type": "json_object"}}
    with proxy.client() as client:
        plain = client.chat.completions.create(**asked).choices[0].message.content
        stream = client.chat.completions.create(**asked, stream=True)
        pieces = [chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices]
    assert "".join(pieces) == plain
    assert json.loads(plain or "")["to"] == ADDRESS


def test_an_invented_placeholder_is_written_again_or_waits_for_a_person(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(
        text("Created with AI. Hi {{PERSON_9}}!"), text("Created with AI. Hi {{EMAIL_ADDRESS_1}}!")
    )
    again = proxy.chat(f"Write to {ADDRESS}")
    assert again.json()["choices"][0]["message"]["content"] == f"Created with AI. Hi {ADDRESS}!"
    assert "privacy.placeholder.invented" in upstream.bodies[1]["messages"][-1]["content"]
    upstream.will(text("Created with AI. Hi {{PERSON_9}}!"))
    held = proxy.chat(f"Write to {ADDRESS}")
    assert held.headers["x-presscheck-verdict"] == "held"
    (finding,) = held.json()["error"]["presscheck"]["findings"]
    assert (finding["rule"], finding["text"]) == ("privacy.placeholder.invented", "{{PERSON_9}}")


def test_copy_that_lost_the_person_of_its_brief_is_flagged(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text("Created with AI. Thank you so much!"))
    answer = proxy.chat("Write a thank-you note to Laura Jiménez", presscheck={"detail": "full"})
    assert answer.headers["x-presscheck-verdict"] == "flagged"
    (finding,) = answer.json()["presscheck"]["findings"]
    assert (finding["rule"], finding["text"]) == ("privacy.placeholder.lost", "")
