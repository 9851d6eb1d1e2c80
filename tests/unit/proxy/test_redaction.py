import datetime as dt
import json
import threading
from typing import Any

import pytest

from policies.pii import EntityRule, Operator, PiiPolicy
from proxy.errors import BlockedError
from proxy.redaction import Redactor, Stripped
from tests.fakes.finder import KnownData
from validators.pii import EntityType, PersonalData

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


# Who and what the other tests are about, so that they tell nothing of how it is found.
KNOWN = {
    "Laura Jiménez": EntityType.PERSON,
    "LAURA JIMENEZ": EntityType.PERSON,
    "Laura's": EntityType.PERSON,
    "Laura": EntityType.PERSON,
    "Jiménez": EntityType.PERSON,
    "Laura_Jimenez": EntityType.PERSON,
    "Tom Baker": EntityType.PERSON,
    "laura@mail.example": EntityType.EMAIL_ADDRESS,
    "LAURA@Mail.Example": EntityType.EMAIL_ADDRESS,
    "tom@mail.example": EntityType.EMAIL_ADDRESS,
    "+44 7700 900123": EntityType.PHONE_NUMBER,
    "07700 900 123": EntityType.PHONE_NUMBER,
    "4242 4242 4242 4242": EntityType.CREDIT_CARD,
    "12 Mill Lane, Hebden Bridge HX7 6DG": EntityType.LOCATION,
    "221 Rideau Terrace": EntityType.LOCATION,
    "3 March 1981": EntityType.DATE_OF_BIRTH,
    "some day": EntityType.DATE_OF_BIRTH,
    "#88213": EntityType.ORDER_ID,
}
TODAY = dt.date(2026, 11, 22)


def redactor_of(
    policy: PiiPolicy | None = None, pepper: bytes | None = None, **operators: Operator
) -> Redactor:
    """A redactor that finds what is KNOWN; `operators` are those of single types."""
    rules = {type: EntityRule(operator=operator) for type, operator in operators.items()}
    return Redactor(
        KnownData(KNOWN), policy or PiiPolicy(entities=rules), pepper, today=lambda: TODAY
    )


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    return redactor_of()


@pytest.fixture(scope="module")
def searching() -> Redactor:
    """One that searches for itself, and from which everything can be restored."""
    rule = EntityRule(operator=Operator.REPLACE)
    return Redactor(PersonalData(), PiiPolicy(entities=dict.fromkeys(EntityType, rule)))


def strip(redactor: Redactor, body: dict[str, Any], *opted_out: str) -> Stripped:
    return redactor.strip(redactor.find(body), frozenset(opted_out))


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
def test_no_planted_value_leaves_and_every_one_comes_back(searching: Redactor, value: str) -> None:
    body = everywhere(value)
    before = json.dumps(body)
    stripped = strip(searching, body)

    sent = json.dumps(stripped.body, ensure_ascii=False)
    assert value.casefold() not in sent.casefold()
    assert json.dumps(value)[1:-1] not in sent.replace("\\\\", "\\")
    assert value not in repr(stripped.placeholders)
    assert value not in json.dumps(stripped.entities, ensure_ascii=False)
    assert json.dumps(body) == before
    # A request that comes back as it went out holds what it held.
    assert decoded(stripped.placeholders.restore_response(stripped.body)) == decoded(body)


def test_numbers_the_values_of_a_request_in_order(redactor: Redactor) -> None:
    text = "Dear Laura Jiménez, cc Tom Baker. Laura Jiménez wrote from laura@mail.example"
    assert redactor.strip_text(text).text == (
        "Dear {{PERSON_1}}, cc {{PERSON_2}}. {{PERSON_1}} wrote from {{EMAIL_ADDRESS_1}}"
    )


def test_the_same_person_has_one_number_and_every_way_of_writing_its_own_form(
    redactor: Redactor,
) -> None:
    body = {
        "messages": [
            {"role": "system", "content": "LAURA JIMENEZ is angry. Laura's order is late."},
            {"role": "user", "name": "Laura_Jimenez", "content": "Tell Laura Jiménez so."},
            {"role": "user", "content": "Ms Jiménez; laura@mail.example, LAURA@Mail.Example"},
            {"role": "user", "content": "07700 900 123 or +44 7700 900123"},
        ]
    }
    stripped = strip(redactor, body)
    assert [message["content"] for message in stripped.body["messages"]] == [
        "{{PERSON_1|2}} is angry. {{PERSON_1|3}}'s order is late.",
        "Tell {{PERSON_1}} so.",
        "Ms {{PERSON_1|5}}; {{EMAIL_ADDRESS_1}}, {{EMAIL_ADDRESS_1|2}}",
        "{{PHONE_NUMBER_1}} or {{PHONE_NUMBER_1|2}}",
    ]
    assert stripped.body["messages"][1]["name"] == "PERSON_1_4"
    assert stripped.placeholders.restore_response(stripped.body) == body
    assert stripped.placeholders.restore("Hi {{PERSON_1}}").text == "Hi Laura Jiménez"


def test_tells_what_it_took_and_never_the_value(redactor: Redactor) -> None:
    text = "Mail laura@mail.example"
    [entity] = strip(redactor, user(text)).entities
    assert (entity["type"], entity["placeholder"], entity["path"]) == (
        "EMAIL_ADDRESS",
        "{{EMAIL_ADDRESS_1}}",
        "messages[0].content",
    )
    assert text[entity["start"] : entity["end"]] == "laura@mail.example"


def test_what_was_found_shows_no_value(redactor: Redactor) -> None:
    found = redactor.find(user("Laura Jiménez, laura@mail.example, +44 7700 900123"))
    assert repr(found) == "Found(3 entities in 1 texts)"
    assert found.contacts == {
        ("EMAIL_ADDRESS", "laura@mail.example"),
        ("PHONE_NUMBER", "+44 7700 900123"),
    }


def test_merge_fields_stay_as_they_are(searching: Redactor) -> None:
    text = "Hi {{FIRST_NAME}}, {{ customer.email }} and {{ name | title }}: 20% off."
    assert searching.strip_text(text).text == text


@pytest.mark.parametrize(
    "written", ["{{PERSON_1}}", "{{ person_1 }}", "[PERSON_1]", "PERSON_1", "{{PERSONA_1}}"]
)
def test_a_placeholder_of_the_user_is_never_restored_to_something_else(
    redactor: Redactor, written: str
) -> None:
    stripped = strip(redactor, user(f"Explain {written} and {{{{person_2}}}} to Laura Jiménez."))
    assert content(stripped.body) == f"Explain {written} and {{{{person_2}}}} to {{{{PERSON_3}}}}."
    assert stripped.placeholders.restore(written).text == written


def test_a_span_of_the_original_is_found_in_the_stripped_text(redactor: Redactor) -> None:
    text = "Laura Jiménez says it cures acne, laura@mail.example!"
    stripped = redactor.strip_text(text)
    for part, expected in [("cures acne", "cures acne"), ("Jiménez says", "{{PERSON_1}} says")]:
        start = text.index(part)
        assert stripped.text[slice(*stripped.map_span(start, start + len(part)))] == expected


def test_the_name_of_a_participant_stays_a_valid_name(redactor: Redactor) -> None:
    body = {"messages": [{"role": "user", "name": "the_Laura_2", "content": "hi"}]}
    stripped = strip(redactor, body)
    assert stripped.body["messages"][0]["name"] == "PERSON_1"
    assert stripped.placeholders.restore("Hi PERSON_1").text == "Hi the_Laura_2"


@pytest.mark.parametrize(
    ("operator", "text", "expected"),
    [
        (Operator.REPLACE, "Ask Laura Jiménez", "Ask {{PERSON_1}}"),
        (Operator.REDACT, "Ask Laura Jiménez", "Ask [PERSON]"),
        (Operator.GENERALISE, "born 3 March 1981.", "born 45\u201354 years old."),
        (Operator.GENERALISE, "born some day", "born [DATE_OF_BIRTH]"),
        (
            Operator.GENERALISE,
            "lives at 12 Mill Lane, Hebden Bridge HX7 6DG, alone",
            "lives at Hebden Bridge, alone",
        ),
        (Operator.GENERALISE, "lives at 221 Rideau Terrace", "lives at [LOCATION]"),
        (Operator.REDACT, "Charge 4242 4242 4242 4242 today", "Charge [CREDIT_CARD] today"),
    ],
)
def test_does_with_each_type_what_the_policy_says(
    operator: Operator, text: str, expected: str
) -> None:
    coarse = (EntityType.DATE_OF_BIRTH, EntityType.LOCATION)
    types = coarse if operator is Operator.GENERALISE else EntityType
    stripped = redactor_of(**dict.fromkeys(types, operator)).strip_text(text)
    assert stripped.text == expected
    if operator is not Operator.REPLACE:
        assert stripped.placeholders.restore(stripped.text).text == stripped.text
        assert stripped.placeholders.instruction is None


RUSSIAN = "Клиентка ждёт ответа с понедельника и очень недовольна курьером"  # noqa: RUF001


@pytest.mark.parametrize(
    "document",
    [
        {"note": RUSSIAN},
        {"notes": ["ok", {"of": RUSSIAN}]},
        [RUSSIAN],
    ],
)
def test_a_language_that_is_not_read_is_told_in_data_too(
    searching: Redactor, document: object
) -> None:
    result = {"role": "tool", "tool_call_id": "1", "content": json.dumps(document)}
    pasted = {"role": "user", "content": f"Answer this in English: {json.dumps(document)}"}
    for message in (result, pasted):
        assert searching.find({"messages": [message]}).unread_languages == ("ru",)


def test_a_name_or_an_address_in_data_is_of_no_language(searching: Redactor) -> None:
    customer = {"name": "Владимир Ильин", "street": "вул. Антоновича 44", "sku": "ЖК-7719"}
    result = {"role": "tool", "tool_call_id": "1", "content": json.dumps(customer)}
    assert searching.find({"messages": [result]}).unread_languages == ()


def test_hashes_to_the_same_pseudonym_in_every_request() -> None:
    hashing = redactor_of(pepper=b"pepper", PERSON=Operator.HASH, EMAIL_ADDRESS=Operator.HASH)
    other = redactor_of(pepper=b"salt", PERSON=Operator.HASH, EMAIL_ADDRESS=Operator.HASH)
    first = hashing.strip_text("Laura Jiménez, Laura, laura@mail.example")
    name, again, address = first.text.split(", ")
    assert name == again
    assert name.startswith("PERSON_")
    assert len(name) == len("PERSON_") + 12
    assert hashing.strip_text("To LAURA@Mail.Example").text == f"To {address}"
    assert other.strip_text("To LAURA@Mail.Example").text != f"To {address}"
    assert first.placeholders.restore(first.text).text == first.text


@pytest.mark.parametrize(
    ("alone", "beside"),
    [
        ("Tom Baker", "Tom Baker, Laura Jiménez, Laura"),
        ("Laura Jiménez", "Laura Jiménez, Laura, Tom Baker"),
        ("07700 900 123", "07700 900 123, +44 7700 900123"),
        ("+44 7700 900123", "+44 7700 900123, 07700 900 123"),
    ],
)
def test_a_pseudonym_does_not_depend_on_who_else_is_in_the_request(alone: str, beside: str) -> None:
    hashing = redactor_of(pepper=b"pepper", PERSON=Operator.HASH, PHONE_NUMBER=Operator.HASH)
    pseudonym = hashing.strip_text(alone).text
    assert hashing.strip_text(beside).text.split(", ")[0] == pseudonym


def test_a_first_name_has_the_pseudonym_of_the_full_name_where_that_stands_too() -> None:
    hashing = redactor_of(pepper=b"pepper", PERSON=Operator.HASH)
    full, first = hashing.strip_text("Laura Jiménez, Laura").text.split(", ")
    assert full == first
    assert hashing.strip_text("Laura").text not in ("Laura", full)


def test_a_policy_that_hashes_needs_a_pepper() -> None:
    with pytest.raises(ValueError, match="the policy hashes PERSON, which needs a pepper"):
        redactor_of(PERSON=Operator.HASH)


def test_blocks_where_the_policy_says_so_and_names_the_type_only() -> None:
    blocking = redactor_of(CREDIT_CARD=Operator.BLOCK)
    with pytest.raises(BlockedError, match="CREDIT_CARD") as blocked:
        strip(blocking, user("Charge 4242 4242 4242 4242"))
    assert "4242" not in str(blocked.value)


def test_restores_nothing_where_the_policy_says_so() -> None:
    stripped = redactor_of(PiiPolicy(restore=False)).strip_text("Ask Laura Jiménez.")
    assert stripped.text == "Ask {{PERSON_1}}."
    assert stripped.placeholders.restore("Hi {{PERSON_1}}").text == "Hi {{PERSON_1}}"


def test_whoever_opted_out_goes_for_good_with_everybody_on_the_same_line(
    redactor: Redactor,
) -> None:
    rows = "Laura Jiménez; laura@mail.example; #88213\nTom Baker; tom@mail.example\nLaura"
    stripped = strip(redactor, user(rows), "laura@mail.example")
    assert content(stripped.body) == (
        "[PERSON]; [EMAIL_ADDRESS]; {{ORDER_ID_1}}\n{{PERSON_1}}; {{EMAIL_ADDRESS_1}}\n[PERSON]"
    )
    assert "Laura" not in stripped.placeholders.restore(content(stripped.body)).text
    assert stripped.opted_out == 1


def test_whoever_opted_out_goes_with_the_names_of_the_same_json_object(redactor: Redactor) -> None:
    rows = [
        {"name": "Laura Jiménez", "mail": "LAURA@Mail.Example"},
        {"name": "Tom Baker", "mail": "tom@mail.example"},
    ]
    body = {"messages": [{"role": "tool", "tool_call_id": "c", "content": json.dumps(rows)}]}
    stripped = strip(redactor, body, "LAURA@Mail.Example")
    assert json.loads(content(stripped.body)) == [
        {"name": "[PERSON]", "mail": "[EMAIL_ADDRESS]"},
        {"name": "{{PERSON_1}}", "mail": "{{EMAIL_ADDRESS_1}}"},
    ]


LAURA, TOM = "Laura Jiménez", "Tom Baker"
HERS, HIS = "laura@mail.example", "tom@mail.example"
HER_NUMBER = "+44 7700 900123"


@pytest.mark.parametrize(
    "record",
    [
        {"name": LAURA, "emails": [HERS]},
        {"name": LAURA, "emails": [HERS, HIS]},
        {"name": LAURA, "contact": {"email": HERS}},
        {"name": LAURA, "contact": {"email": HERS, "phone": HER_NUMBER}},
        {"name": LAURA, "contact": {"email": HERS, "assistant": TOM}},
        {"email": HERS, "person": {"name": LAURA, "phone": HER_NUMBER}},
        {"person": {"name": {"full": LAURA}}, "reach": [{"by": "email", "at": HERS}]},
        {"name": LAURA, "note": f"Ask {TOM} at {HERS}"},
        [LAURA, HERS],
        {LAURA: HERS, TOM: HIS},
        {HERS: {"name": LAURA}, HIS: {"name": TOM}},
        [{"name": TOM, "email": HIS}, {"name": LAURA, "emails": [HERS]}],
        {"names": [LAURA, TOM], "emails": [HERS, HIS]},
    ],
)
def test_whoever_opted_out_goes_with_the_names_of_the_same_record(
    redactor: Redactor, record: Any
) -> None:
    written = json.dumps(record, ensure_ascii=False, indent=2)
    message = {"role": "tool", "tool_call_id": "c", "content": written}
    for body in (
        {"messages": [message]},
        {"messages": [{"role": "user", "content": f"Write to this customer:\n{written}\nThanks"}]},
        {"metadata": {"customer": record}},
        {"metadata": {"customer": written}},
        {"customer": record},
    ):
        stripped = strip(redactor, body, HERS)
        restored = stripped.placeholders.restore_response(stripped.body)
        assert LAURA not in json.dumps(restored, ensure_ascii=False)


def test_whoever_opted_out_goes_with_the_name_beside_them_in_metadata(redactor: Redactor) -> None:
    body = {"metadata": {"name": LAURA, "email": HERS}, "messages": [{"content": f"Hi {LAURA}"}]}
    stripped = strip(redactor, body, HERS)
    assert stripped.body["metadata"] == {"name": "[PERSON]", "email": "[EMAIL_ADDRESS]"}
    assert content(stripped.body) == "Hi [PERSON]"


@pytest.mark.parametrize(
    "document",
    [
        [{"name": LAURA, "emails": [HERS]}, {"name": TOM, "emails": [HIS]}],
        [{"name": LAURA, "emails": [HERS]}, {"name": TOM, "phone": HER_NUMBER}],
        {"all": [{"name": LAURA, "contact": {"email": HERS}}, {"name": TOM}]},
        {"buyer": {"name": LAURA, "email": HERS}, "seller": {"name": TOM, "email": HIS}},
        {"from": TOM, "to": [{"name": LAURA, "email": HERS}, {"email": HIS}]},
        {HERS: {"name": LAURA, "notes": [HERS]}, HIS: {"name": TOM}},
    ],
)
def test_who_is_in_another_record_stays(redactor: Redactor, document: Any) -> None:
    written = json.dumps(document, ensure_ascii=False, indent=2)
    for body in (
        {"messages": [{"role": "tool", "tool_call_id": "c", "content": written}]},
        {"metadata": {"customers": document}},
    ):
        stripped = strip(redactor, body, HERS)
        restored = json.dumps(
            stripped.placeholders.restore_response(stripped.body), ensure_ascii=False
        )
        assert LAURA not in restored
        assert TOM in restored


def test_a_name_on_another_line_of_prose_stays(redactor: Redactor) -> None:
    stripped = strip(redactor, user(f"Dear {TOM} (see [1]),\nwrite to {LAURA}, {HERS}!"), HERS)
    assert content(stripped.body) == (
        "Dear {{PERSON_1}} (see [1]),\nwrite to [PERSON], [EMAIL_ADDRESS]!"
    )


def test_reads_records_that_nest_without_measure(redactor: Redactor) -> None:
    hostile = f"{'[{' * 20_000}{f'{TOM} ' * 2_000}{HERS}\n{LAURA}{'}]' * 20_000}"
    assert strip(redactor, user(hostile), HERS).opted_out == 1


def test_opting_out_beats_a_milder_operator() -> None:
    hashing = redactor_of(pepper=b"pepper", EMAIL_ADDRESS=Operator.HASH)
    stripped = strip(hashing, user("To laura@mail.example"), "laura@mail.example")
    assert content(stripped.body) == "To [EMAIL_ADDRESS]"


def test_a_key_twice_in_one_object_hides_nothing(redactor: Redactor) -> None:
    rows = '{"name": "Laura Jiménez", "name": "x"}'
    body = {"messages": [{"role": "tool", "tool_call_id": "c", "content": rows}]}
    stripped = strip(redactor, body)
    assert content(stripped.body) == '{"name": "{{PERSON_1}}", "name": "x"}'
    assert stripped.placeholders.restore_response(stripped.body) == body


def test_ten_thousand_entities_in_one_text_are_taken_out_and_come_back() -> None:
    text = "; ".join(f"Laura Jiménez #88213 {number}" for number in range(5_000))
    stripped = redactor_of().strip_text(text)
    assert len(stripped.entities) == 10_000
    assert "Laura" not in stripped.text
    assert stripped.placeholders.restore(stripped.text).text == text


def test_keeps_the_names_that_the_policy_keeps() -> None:
    text = "Compare Laura Jiménez candles with Laura Jiménez-Ortiz."
    keeping = Redactor(PersonalData(), PiiPolicy(keep=("Laura Jiménez",)))
    assert keeping.strip_text(text).text == "Compare Laura Jiménez candles with {{PERSON_1}}."


def test_fifty_requests_at_once_never_see_the_values_of_another(searching: Redactor) -> None:
    answers: dict[int, str] = {}

    def ask(number: int) -> None:
        stripped = strip(searching, user(f"Write to laura{number}@mail.example."))
        answers[number] = stripped.placeholders.restore(content(stripped.body)).text

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {n: f"Write to laura{n}@mail.example." for n in range(50)}
