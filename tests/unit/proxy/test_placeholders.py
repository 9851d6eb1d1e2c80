import json
from collections.abc import Sequence

import pytest

from proxy.placeholders import Placeholders, Written

LAURA = "Laura Jiménez"


def placeholders(**values: str | Sequence[str]) -> Placeholders:
    """Placeholders of one value for each type, in one way of writing or in several."""
    made = Placeholders()
    for type, ways in values.items():
        made.add(type, [Written.plain(way) for way in ([ways] if isinstance(ways, str) else ways)])
    return made


@pytest.fixture(scope="module")
def given() -> Placeholders:
    return placeholders(
        PERSON=[LAURA, "Ms Jiménez"],
        EMAIL_ADDRESS="laura@mail.example",
        ORDER_ID="#88213",
        LOCATION="12 Elm St",
        EMPLOYEE_ID="E-77",
        STAFF2_ID="K123",
    )


@pytest.mark.parametrize(
    ("echo", "expected"),
    [
        ("{{PERSON_1}}", LAURA),
        ("{{PERSON_1|2}}", "Ms Jiménez"),
        ("{{PERSON_1\\|2}}", "Ms Jiménez"),
        ("{{ PERSON_1 | 2 }}", "Ms Jiménez"),
        ("{{PERSON_1|9}}", LAURA),
        ("{{PERSON_1|short}}", LAURA),
        # Case, space, separators.
        ("{{person_1}}", LAURA),
        ("{{ Person_1 }}", LAURA),
        ("{{PERSON 1}}", LAURA),
        ("{{PERSON-1}}", LAURA),
        ("{{PERSON1}}", LAURA),
        ("{{PERSON_01}}", LAURA),
        ("{{EMAIL ADDRESS 1}}", "laura@mail.example"),
        ("{{EMAILADDRESS_1}}", "laura@mail.example"),
        # Brackets.
        ("{ {PERSON_1} }", LAURA),
        ("{PERSON_1}", LAURA),
        ("{{PERSON_1}", LAURA),
        ("[PERSON_1]", LAURA),
        ("[[PERSON_1]]", LAURA),
        ("[Person 1]", LAURA),
        ("<PERSON_1>", LAURA),
        ("<<person_1>>", LAURA),
        ("\uff5b\uff5bPERSON_1\uff5d\uff5d", LAURA),
        ("{{PERSON\uff3f1}}", LAURA),
        ("(PERSON_1)", f"({LAURA})"),
        ("(person_1)", f"({LAURA})"),
        ("(PERSON 1)", f"({LAURA})"),
        ("(KUNDE_1)", f"({LAURA})"),
        ("PERSON_1", LAURA),
        ("PERSON_1_2", "Ms Jiménez"),
        # Markdown.
        ("{{PERSON\\_1}}", LAURA),
        ("\\{\\{PERSON\\_1\\}\\}", LAURA),
        ("PERSON\\_1", LAURA),
        ("`{{PERSON_1}}`", f"`{LAURA}`"),
        ("{{`PERSON_1`}}", LAURA),
        ("**{{PERSON_1}}**", f"**{LAURA}**"),
        ("{{**PERSON_1**}}", LAURA),
        ("[PERSON_1](https://a.example)", f"[{LAURA}](https://a.example)"),
        # Grammar.
        ("{{PERSON_1}}s", f"{LAURA}s"),
        ("{{PERSON_1s}}", f"{LAURA}s"),
        ("{{PERSON_1's}}", f"{LAURA}'s"),
        # Translated, also with its accents.
        ("{{PERSONA_1}}", LAURA),
        ("{{PERSONNE_1}}", LAURA),
        ("{{PESSOA_1}}", LAURA),
        ("{{PERSOON_1}}", LAURA),
        ("{{KUNDE_1}}", LAURA),
        ("{{BESTELLUNG_1}}", "#88213"),
        ("{{Numéro de commande 1}}", "#88213"),
        ("{{E-Mail-Adresse_1}}", "laura@mail.example"),
        ("{{Dirección_1}}", "12 Elm St"),
        ("{{ENDEREÇO_1}}", "12 Elm St"),
        ("[PERSONA_1]", LAURA),
        # One edit off.
        ("{{PERSN_1}}", LAURA),
        ("{{PRESON_1}}", LAURA),
        ("{{PERSONS_1}}", LAURA),
        ("{{ORDER_IT_1}}", "#88213"),
        ("{{EMPLOYE_ID_1}}", "E-77"),
        # A type of a policy's own, with a digit in it.
        ("{{STAFF2_ID_1}}", "K123"),
        ("{{STAFF2_ID_1|2}}", "K123"),
        ("{{ staff2 id 1 }}", "K123"),
        ("[STAFF2_ID_1]", "K123"),
        ("STAFF2\\_ID\\_1", "K123"),
        ("{{STAF2_ID_1}}", "K123"),
    ],
)
def test_restores_a_placeholder_as_models_write_it(
    given: Placeholders, echo: str, expected: str
) -> None:
    assert given.restore(f"Hi {echo}, hello.").text == f"Hi {expected}, hello."


@pytest.mark.parametrize(
    "text",
    [
        "Hi {{FIRST_NAME}}",
        "{{PERSON_7}}",
        "{{ user.name | title }}",
        "{{product_1}}",
        "XPERSON_1",
        "PERSON_10",
        "PERSON_1st",
        "person_1 and Person 1",
        "(order 7)",
        # The sentence's own words, though there is a placeholder of that number.
        "gold (place 1), silver (Place 1)",
        "the first buyer (customer 1) and the first (person 1)",
        "(order 1)",
        "{{PEARSONS_1}}",
        "{{PERSON_1",
        "[person]",
        "{ } {{ }} {{}} [] <> () \\{",
    ],
)
def test_restores_nothing_that_is_no_placeholder_of_this_request(
    given: Placeholders, text: str
) -> None:
    assert given.restore(text).text == text


def test_restores_nothing_where_two_would_fit() -> None:
    made = placeholders(ORDER_ID="#88213", CUSTOMER_ID="WG-3307", US_SSN="x", UK_NHS="y")
    assert made.restore("{{NUMMER_1}} {{UK_NHZ_1}}").text == "{{NUMMER_1}} y"
    two = placeholders(DE_ID="a", DK_ID="b", DEP_ID="c")
    assert two.restore("{{DX_ID_1}}").text == "{{DX_ID_1}}"


def test_restores_in_one_pass() -> None:
    made = placeholders(PERSON="{{EMAIL_ADDRESS_1}}", EMAIL_ADDRESS="laura@mail.example")
    assert made.restore("{{PERSON_1}}").text == "{{EMAIL_ADDRESS_1}}"


def test_gives_out_no_name_that_the_request_uses_itself() -> None:
    made = Placeholders({"PERSON_1", "PERSON_3"})
    names = [made.add("PERSON", [Written.plain(value)])[0] for value in ("a", "b")]
    assert names == ["PERSON_2", "PERSON_4"]


def test_shows_no_value() -> None:
    assert repr(placeholders(PERSON=LAURA)) == "Placeholders(PERSON_1)"
    assert LAURA not in repr(Written.plain(LAURA))


@pytest.mark.parametrize(
    "value",
    [
        'Laura "Lau" Jiménez',
        "a\\b",
        "line\nbreak",
        "tab\t\u2028",
        "🙂",
        "\\u00e9",
        "{}",
        "</script>",
    ],
)
def test_a_restored_value_leaves_json_valid(value: str) -> None:
    restored = placeholders(PERSON=value).restore('{"name": "{{PERSON_1}}"}', json=True)
    assert json.loads(restored.text) == {"name": value}


def test_half_a_character_stays_an_escape_in_json_and_is_marked_in_text() -> None:
    made = placeholders(PERSON="Lau\ud83dra")
    assert made.restore('"{{PERSON_1}}"', json=True).text == '"Lau\\ud83dra"'
    assert made.restore("{{PERSON_1}}").text == "Lau\ufffdra"


def test_a_value_out_of_json_comes_back_as_it_was_escaped_there() -> None:
    made = Placeholders()
    made.add("PERSON", [Written.in_json('Jim\\u00e9nez \\"Lau\\"')])
    assert made.restore("{{PERSON_1}}", json=True).text == 'Jim\\u00e9nez \\"Lau\\"'
    assert made.restore("{{PERSON_1}}").text == 'Jiménez "Lau"'


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("447700900123", 447700900123),
        ("-7", -7),
        ("51.5", 51.5),
        # No number of JSON.
        ("07700900123", "07700900123"),
        ("+44 7700 900123", "+44 7700 900123"),
        ("٤٤٧٧٠٠٩٠٠١٢٣", "٤٤٧٧٠٠٩٠٠١٢٣"),
        ('Laura "Lau"', 'Laura "Lau"'),
    ],
)
def test_a_bare_placeholder_in_json_becomes_a_number_or_else_a_string(
    value: str, expected: object
) -> None:
    made = placeholders(PHONE_NUMBER=value)
    restored = made.restore('{"a": {{PHONE_NUMBER_1}}, "b": "{{PHONE_NUMBER_1}}"}', json=True)
    assert json.loads(restored.text) == {"a": expected, "b": value}
    in_list = made.restore('["x", [{{PHONE_NUMBER_1}}], "{{PHONE_NUMBER_1}}"]', json=True)
    assert json.loads(in_list.text) == ["x", [expected], value]


@pytest.mark.parametrize(
    "value", ['Laura "Lau" Jiménez', "a\\b", "line\nbreak", "\u2028", "🙂", "\\u00e9"]
)
def test_json_in_a_string_of_json_stays_valid(value: str) -> None:
    made = placeholders(PERSON=value, CUSTOMER_ID="123456789012")
    inner = '{"name": "Dear {{PERSON_1}},", "id": {{CUSTOMER_ID_1}}, "of": {{PERSON_1}}}'
    middle = json.dumps({"deep": inner, "near": "{{PERSON_1}}"})
    restored = made.restore(
        json.dumps({"payload": middle, "{{PERSON_1}}": '"{{PERSON_1}}"', "{{CUSTOMER_ID_1}}": 1}),
        json=True,
    )
    outer = json.loads(restored.text)
    assert outer.pop(value) == f'"{value}"'
    assert outer.pop("123456789012") == 1
    deep = json.loads(json.loads(outer["payload"])["deep"])
    assert json.loads(outer["payload"])["near"] == value
    assert deep == {"name": f"Dear {value},", "id": 123456789012, "of": value}


@pytest.mark.parametrize(
    "copy",
    [
        "{{FIRST_NAME}}, meet {{PERSON_1}}",
        "[{{PERSON_1}}](https://a.example)",
        "[{{PERSON_1}}]",
        "{ see {{PERSON_1}} }",
        'He said "{{PERSON_1}}"',
        '{"half": "{{PERSON_1}}',
    ],
)
def test_copy_in_json_is_no_json_for_its_brackets(copy: str) -> None:
    value = 'Laura "Lau" Jiménez'
    restored = placeholders(PERSON=value).restore(json.dumps({"body": copy}), json=True)
    assert json.loads(restored.text) == {"body": copy.replace("{{PERSON_1}}", value)}


def test_what_is_nested_beyond_reason_is_escaped_no_more_and_no_less_than_its_text() -> None:
    text = json.dumps({"x": "{{PERSON_1}}"})
    for _ in range(8):
        text = json.dumps({"x": text})
    restored = placeholders(PERSON='"').restore(text, json=True).text
    assert len(restored) < len(text) + 40
    for _ in range(4):
        restored = json.loads(restored)["x"]


def test_restores_every_part_of_a_response() -> None:
    value = 'Laura "Lau" Jiménez'
    call = {"id": "c", "function": {"name": "f", "arguments": '{"name": "{{PERSON_1}}"}'}}
    response = {
        "choices": [
            {"index": 0, "message": {"role": "assistant", "content": "Hi {{PERSON_1}}"}},
            {"index": 1, "message": {"refusal": "no, {{PERSON_1}}", "reasoning": "PERSON_1?"}},
            {"index": 2, "message": {"content": '{"to": "{{PERSON_1}}"}', "tool_calls": [call]}},
        ]
    }
    restored = placeholders(PERSON=value).restore_response(response)
    first, second, third = (choice["message"] for choice in restored["choices"])
    assert first["content"] == f"Hi {value}"
    assert (second["refusal"], second["reasoning"]) == (f"no, {value}", f"{value}?")
    assert json.loads(third["content"]) == {"to": value}
    assert json.loads(third["tool_calls"][0]["function"]["arguments"]) == {"name": value}


def test_structured_output_that_was_cut_off_is_restored_as_json() -> None:
    response = {"choices": [{"message": {"content": '{"to": "{{PERSON_1}}", "te'}}]}
    restored = placeholders(PERSON='"Lau"').restore_response(response, json_content=True)
    assert restored["choices"][0]["message"]["content"] == '{"to": "\\"Lau\\"", "te'


def test_a_span_of_the_text_with_placeholders_is_found_in_the_restored_text() -> None:
    text = "{{PERSON_1}}: cures acne, says {{PERSON_1}}!"
    restored = placeholders(PERSON=LAURA).restore(text)
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


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Fresh bread, {name} and {{FIRST_NAME}}.", ""),
        ("Hello", ""),
        ("Please", ""),
        ("A {", "{"),
        ("A {{", "{{"),
        ("A {{PERSON", "{{PERSON"),
        ("A {{PERSON_1}", "{{PERSON_1}"),
        # One more brace would belong to it.
        ("A {{PERSON_1}}", "{{PERSON_1}}"),
        ("A {{PERSON_1}}, b", ""),
        ("A [link", ""),
        ("A [per", "[per"),
        ("A PERS", "PERS"),
        ("A PERSONAL", ""),
        ("A {" + "word " * 20, ""),
    ],
)
def test_holds_back_what_may_become_a_placeholder_and_nothing_else(
    given: Placeholders, text: str, held: str
) -> None:
    restorer = given.restorer()
    said = restorer.feed(text)
    assert said == given.restore(text.removesuffix(held)).text
    assert said + restorer.finish() == given.restore(text).text


def test_a_model_is_told_of_placeholders_only_where_there_are_some() -> None:
    assert Placeholders().instruction is None
    assert "{{PERSON_1}}" in (placeholders(PERSON=LAURA).instruction or "")
