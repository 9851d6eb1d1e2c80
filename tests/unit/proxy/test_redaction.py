import json
import threading
from typing import Any

import pytest

from policies.pii import EntityRule, Operator, PiiPolicy
from proxy.errors import BlockedError
from proxy.redaction import Placeholders, Redactor
from validators.entities import EntityType
from validators.pii import PersonalData

# Sixty values of every type; `test_no_planted_value_leaves_and_every_one_comes_back` puts each at
# every place of a request.
PLANTED = """
Laura Jiménez|Tom Baker|Priyanka Raghunathan|Callum Reid-Forsyth|Maria Rossi|Hans Müller
Chloé Dubois|Anna de la Cruz|Otto von Trott|Siobhán O'Neill|James Carter|Fatima Al-Rashidi
laura.j@gmail.com|TOM.BAKER+news@mail.example|priyanka.raghu@mailbox.example|h.mueller@firma.de
o'neill_s@post.ie|a@b.co|first.last@sub.domain.co.uk|jean-luc@exämple.fr|j.doe99@yahoo.com
john at example dot com|maria (at) rossi (dot) it
+44 7700 900123|07700 900456|(415) 555-0132|+49 30 901820|+34 612 884 907|0131 496 0338
+1 415-555-0188|+33 6 12 34 56 78|+91 98765 43210|415-555-0143|020 7946 0821
12 Elm St|221 Rideau Terrace|9 Quarry Bank|Calle Embajadores 41|Fraunhoferstraße 29
4111 1111 1111 1111|5555-5555-5555-4444|378282246310005|6011111111111117
GB82 WEST 1234 5698 7654 32|DE89370400440532013000|NL02 ABNA 0123 4567 89
123-45-6789|QQ123456C|834.943.148-29
203.0.113.87|2001:db8:77::5|198.51.100.201
ORD-2026-88213|INV-20931|cus_Nf83KqLw02
https://shop.example/reset?token=8f1c77ad|https://a.example/u?e=tom@mail.example
sk-proj-Qm7vT2xLr9bNf4KdHs81WzPaYc03EuJg|AKIAIOSFODNN7EXAMPLE|ghp_x8Lm2ZvT4bNcR7yKd1PwAh5Gf0JsUe9EiOaX
psk_51MqL8xKz0VtRbYw7PnE3dHs
"""


@pytest.fixture(scope="module")
def personal_data() -> PersonalData:
    return PersonalData()


@pytest.fixture(scope="module")
def redactor(personal_data: PersonalData) -> Redactor:
    return Redactor(personal_data, PiiPolicy())


def user(content: str) -> dict[str, Any]:
    return {"model": "m", "messages": [{"role": "user", "content": content}]}


def content(body: dict[str, Any]) -> str:
    text: str = body["messages"][0]["content"]
    return text


def decoded(value: Any) -> Any:
    """A body with the JSON inside its strings decoded."""
    if isinstance(value, dict):
        return {key: decoded(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [decoded(entry) for entry in value]
    if isinstance(value, str) and value.startswith("{") and value.endswith("}"):
        return json.loads(value)
    return value


def everywhere(value: str) -> dict[str, Any]:
    """A request with a value in every position that a request has."""
    arguments = json.dumps({"to": {"who": [f"for {value}."]}, "note": f'say "{value}"\nthanks'})
    description = f"Ask for {value}, please."
    schema = {
        "type": "object",
        "properties": {"who": {"type": "string", "description": description, "enum": [value]}},
    }
    return {
        "model": "gpt-4o-mini",
        "messages": [
            {"role": "system", "content": f"You write to {value}, kindly."},
            {"role": "user", "content": f"Write about {value}."},
            {"role": "user", "content": [{"type": "text", "text": f"Remember {value}, please"}]},
            {
                "role": "assistant",
                "content": f"I asked {value}: fine.",
                "refusal": f"I will not tell {value}.",
                "tool_calls": [
                    {
                        "id": "call_1",
                        "type": "function",
                        "function": {"name": "send", "arguments": arguments},
                    },
                    {
                        "id": "call_2",
                        "type": "function",
                        "function": {"name": "send", "arguments": f'{{"broken": "{value}'},
                    },
                ],
            },
            {"role": "tool", "tool_call_id": "call_1", "content": json.dumps({"who": value})},
        ],
        "tools": [
            {
                "type": "function",
                "function": {"name": "send", "description": description, "parameters": schema},
            }
        ],
        "metadata": {"customer": value, f"seen {value}": "yes"},
        "user": value,
        "stop": [value],
        "instructions": f"Thank {value}.",
        "input": [f"Hello, it's for {value}"],
        "a_field_of_next_year": {"deep": [f"about {value}"]},
    }


@pytest.mark.parametrize("value", PLANTED.strip().replace("\n", "|").split("|"))
def test_no_planted_value_leaves_and_every_one_comes_back(redactor: Redactor, value: str) -> None:
    body = everywhere(value)
    before = json.dumps(body)
    stripped = redactor.strip(body)

    sent = json.dumps(stripped.body, ensure_ascii=False)
    assert value.casefold() not in sent.casefold()
    assert json.dumps(value)[1:-1] not in sent.replace("\\\\", "\\")
    assert value not in repr(stripped.placeholders)
    assert value not in json.dumps(stripped.entities, ensure_ascii=False)
    assert json.dumps(body) == before
    # A request that comes back as it went out holds what it held.
    assert decoded(stripped.placeholders.restore_response(stripped.body)) == decoded(body)


def test_numbers_the_values_of_a_request_in_order_and_once(redactor: Redactor) -> None:
    stripped = redactor.strip_text(
        "Dear Laura Jiménez, cc Tom Baker. Laura Jiménez wrote from l.j@mail.example "
        "(L.J@Mail.Example)"
    )
    assert stripped.text == (
        "Dear {{PERSON_1}}, cc {{PERSON_2}}. {{PERSON_1}} wrote from {{EMAIL_ADDRESS_1}} "
        "({{EMAIL_ADDRESS_1}})"
    )


def test_the_same_value_has_one_placeholder_through_the_whole_request(redactor: Redactor) -> None:
    body = {
        "messages": [
            {"role": "system", "content": "The customer is Laura Jiménez."},
            {"role": "user", "content": "What should I tell Laura Jiménez? Is Laura angry?"},
        ]
    }
    stripped = redactor.strip(body)
    assert [message["content"] for message in stripped.body["messages"]] == [
        "The customer is {{PERSON_1}}.",
        "What should I tell {{PERSON_1}}? Is {{PERSON_2}} angry?",
    ]


def test_tells_what_it_took_and_never_the_value(redactor: Redactor) -> None:
    text = "Mail laura@mail.example"
    stripped = redactor.strip(user(text))
    [entity] = stripped.entities
    assert (entity["type"], entity["placeholder"], entity["path"]) == (
        "EMAIL_ADDRESS",
        "{{EMAIL_ADDRESS_1}}",
        "messages[0].content",
    )
    assert text[entity["start"] : entity["end"]] == "laura@mail.example"


@pytest.mark.parametrize(
    "echo",
    [
        "{{PERSON_1}}",
        "{{ person_1 }}",
        "{{Person_1}}",
        "{{PERSON 1}}",
        "{{PERSON\\_1}}",
        "PERSON_1",
    ],
)
def test_restores_a_placeholder_as_models_write_it(redactor: Redactor, echo: str) -> None:
    placeholders = redactor.strip_text("Write to Laura Jiménez.").placeholders
    assert placeholders.restore(f"Hi {echo}, hello.").text == "Hi Laura Jiménez, hello."


@pytest.mark.parametrize(
    "text",
    ["Hi {{FIRST_NAME}}", "{{PERSON_7}}", "{{ user.name | title }}", "XPERSON_1", "PERSON_10"],
)
def test_restores_nothing_that_is_no_placeholder_of_this_request(
    redactor: Redactor, text: str
) -> None:
    assert redactor.strip_text("Write to Laura Jiménez.").placeholders.restore(text).text == text


def test_merge_fields_stay_as_they_are(redactor: Redactor) -> None:
    text = "Hi {{FIRST_NAME}}, {{ customer.email }} and {{ name | title }}: 20% off."
    assert redactor.strip_text(text).text == text


def test_a_placeholder_of_the_user_is_never_restored_to_something_else(redactor: Redactor) -> None:
    stripped = redactor.strip(user("Explain {{PERSON_1}} and {{ person_2 }} to Laura Jiménez."))
    assert content(stripped.body) == "Explain {{PERSON_1}} and {{ person_2 }} to {{PERSON_3}}."
    assert stripped.placeholders.restore("{{PERSON_1}}").text == "{{PERSON_1}}"


def test_restores_in_one_pass() -> None:
    placeholders = Placeholders()
    placeholders.name(EntityType.PERSON, "{{EMAIL_ADDRESS_1}}")
    placeholders.name(EntityType.EMAIL_ADDRESS, "laura@mail.example")
    assert placeholders.restore("{{PERSON_1}}").text == "{{EMAIL_ADDRESS_1}}"


@pytest.mark.parametrize("value", ['Laura "Lau" Jiménez', "a\\b", "line\nbreak", "tab\t\u2028"])
def test_a_restored_value_leaves_json_valid(value: str) -> None:
    placeholders = Placeholders()
    placeholders.name(EntityType.PERSON, value)
    restored = placeholders.restore('{"name": "{{PERSON_1}}"}', json=True)
    assert json.loads(restored.text) == {"name": value}


def test_restores_every_part_of_a_response() -> None:
    placeholders = Placeholders()
    value = 'Laura "Lau" Jiménez'
    placeholders.name(EntityType.PERSON, value)
    call = {"id": "c", "function": {"name": "f", "arguments": '{"name": "{{PERSON_1}}"}'}}
    response = {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hi {{PERSON_1}}"}},
            {"index": 1, "message": {"refusal": "no, {{PERSON_1}}", "reasoning": "PERSON_1?"}},
            {"index": 2, "message": {"content": '{"to": "{{PERSON_1}}"}', "tool_calls": [call]}},
        ]
    }
    restored = placeholders.restore_response(response, json_content=True)
    first, second, third = (choice["message"] for choice in restored["choices"])
    assert first["content"] == f"Hi {json.dumps(value, ensure_ascii=False)[1:-1]}"
    assert (second["refusal"], second["reasoning"]) == (f"no, {value}", f"{value}?")
    assert json.loads(third["content"]) == {"to": value}
    assert json.loads(third["tool_calls"][0]["function"]["arguments"]) == {"name": value}


def test_a_span_of_the_text_with_placeholders_is_found_in_the_restored_text() -> None:
    placeholders = Placeholders()
    placeholders.name(EntityType.PERSON, "Laura Jiménez")
    text = "{{PERSON_1}}: cures acne, says {{PERSON_1}}!"
    restored = placeholders.restore(text)
    for part, expected in [
        ("cures acne", "cures acne"),
        ("{{PERSON_1}}: cures", "Laura Jiménez: cures"),
        ("PERSON_1}}: cures", "Laura Jiménez: cures"),
        ("says {{PER", "says Laura Jiménez"),
        ("!", "!"),
    ]:
        start = text.index(part)
        mapped = restored.map_span(start, start + len(part))
        assert restored.text[slice(*mapped)] == expected
    assert restored.map_span(0, 0) == (0, 0)
    assert restored.map_span(len(text), len(text)) == (len(restored.text),) * 2


def test_a_span_of_the_original_is_found_in_the_stripped_text(redactor: Redactor) -> None:
    text = "Laura Jiménez says it cures acne, laura@mail.example!"
    stripped = redactor.strip_text(text)
    for part, expected in [("cures acne", "cures acne"), ("Jiménez says", "{{PERSON_1}} says")]:
        start = text.index(part)
        assert stripped.text[slice(*stripped.map_span(start, start + len(part)))] == expected


def test_the_name_of_a_participant_stays_a_valid_name(redactor: Redactor) -> None:
    body = {"messages": [{"role": "user", "name": "Laura_Jimenez", "content": "hi"}]}
    stripped = redactor.strip(body)
    assert stripped.body["messages"][0]["name"] == "PERSON_1"
    assert stripped.placeholders.restore("Hi PERSON_1").text == "Hi Laura_Jimenez"


def test_redacts_for_good_where_the_policy_says_so(personal_data: PersonalData) -> None:
    rule = EntityRule(operator=Operator.REDACT)
    policy = PiiPolicy(entities={EntityType.CREDIT_CARD: rule})
    stripped = Redactor(personal_data, policy).strip_text("Charge 4242 4242 4242 4242 today")
    assert stripped.text == "Charge [CREDIT_CARD] today"
    assert stripped.placeholders.restore(stripped.text).text == stripped.text


def test_blocks_where_the_policy_says_so_and_names_the_type_only(
    personal_data: PersonalData,
) -> None:
    rule = EntityRule(operator=Operator.BLOCK)
    policy = PiiPolicy(entities={EntityType.CREDIT_CARD: rule})
    with pytest.raises(BlockedError, match="CREDIT_CARD") as blocked:
        Redactor(personal_data, policy).strip(user("Charge 4242 4242 4242 4242"))
    assert "4242" not in str(blocked.value)


def test_restores_nothing_where_the_policy_says_so(personal_data: PersonalData) -> None:
    stripped = Redactor(personal_data, PiiPolicy(restore=False)).strip_text("Ask Laura Jiménez.")
    assert stripped.text == "Ask {{PERSON_1}}."
    assert stripped.placeholders.restore("Hi {{PERSON_1}}").text == "Hi {{PERSON_1}}"


def test_keeps_the_names_that_the_policy_keeps(personal_data: PersonalData) -> None:
    text = "Compare Laura Jiménez candles with Laura Jiménez-Ortiz."
    stripped = Redactor(personal_data, PiiPolicy(keep=("Laura Jiménez",))).strip_text(text)
    assert stripped.text == "Compare Laura Jiménez candles with {{PERSON_1}}."


def test_fifty_requests_at_once_never_see_the_values_of_another(redactor: Redactor) -> None:
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        stripped = redactor.strip(user(f"Write to laura{number}@mail.example."))
        answers[number] = stripped.placeholders.restore(content(stripped.body)).text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: f"Write to laura{n}@mail.example." for n in range(50)}
