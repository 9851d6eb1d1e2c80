import json
from typing import Any

import pytest

from proxy.wire import Form, TextAt, replace_texts, rewrite, walk


def body_with(**fields: Any) -> dict[str, Any]:
    return {"model": "gpt-4o-mini", **fields}


def texts(body: dict[str, Any]) -> dict[str, str]:
    return {at.path: at.text for at in walk(body)}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"messages": [{"role": "system", "content": "TEXT"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": "TEXT"}]}, "messages[0].content"),
        ({"messages": [{"role": "assistant", "content": None, "refusal": "TEXT"}]},
         "messages[0].refusal"),
        ({"messages": [{"role": "tool", "tool_call_id": "call_1", "content": "TEXT"}]},
         "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "TEXT"}]}]},
         "messages[0].content[0].text"),
        ({"messages": [{"role": "user", "name": "TEXT"}]}, "messages[0].name"),
        ({"messages": [{"role": "assistant", "reasoning_content": "TEXT"}]},
         "messages[0].reasoning_content"),
        ({"prompt": "TEXT"}, "prompt"),
        ({"prompt": ["a b", "TEXT"]}, "prompt[1]"),
        ({"prompt": {"id": "pmpt_1", "variables": {"customer": "TEXT"}}},
         "prompt.variables.customer"),
        ({"input": "TEXT"}, "input"),
        ({"input": ["TEXT"]}, "input[0]"),
        ({"input": [{"role": "user", "content": [{"type": "input_text", "text": "TEXT"}]}]},
         "input[0].content[0].text"),
        ({"input": [{"type": "function_call_output", "call_id": "c1", "output": "TEXT"}]},
         "input[0].output"),
        ({"instructions": "TEXT"}, "instructions"),
        ({"tools": [{"type": "function", "function": {"name": "f", "description": "TEXT"}}]},
         "tools[0].function.description"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {
            "type": "object", "properties": {"who": {"type": "string", "enum": ["TEXT"]}}}}}]},
         "tools[0].function.parameters.properties.who.enum.0"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {
            "type": "object", "properties": {"who": {"type": "string", "default": "TEXT"}}}}}]},
         "tools[0].function.parameters.properties.who.default"),
        ({"tools": [{"type": "function", "function": {"name": "f", "parameters": {
            "type": "object", "properties": {"who": {"examples": [{"type": "TEXT"}]}}}}}]},
         "tools[0].function.parameters.properties.who.examples.0.type"),
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "schema": {
            "type": "object", "description": "TEXT"}}}},
         "response_format.json_schema.schema.description"),
        ({"metadata": {"customer": "TEXT"}}, "metadata.customer"),
        ({"metadata": {"x@y.example": "TEXT"}}, "metadata.~0"),
        ({"user": "TEXT"}, "user"),
        ({"safety_identifier": "TEXT"}, "safety_identifier"),
        ({"prediction": {"type": "content", "content": "TEXT"}}, "prediction.content"),
        ({"stop": ["TEXT"]}, "stop[0]"),
        ({"a_field_of_next_year": {"deep": ["TEXT"]}}, "a_field_of_next_year.deep[0]"),
        ({"choices": [{"message": {"role": "assistant", "content": "a"}},
                      {"message": {"role": "assistant", "content": "TEXT"}}]},
         "choices[1].message.content"),
        ({"output": [{"type": "message", "content": [{"type": "output_text", "text": "TEXT"}]}]},
         "output[0].content[0].text"),
    ],
)  # fmt: skip
def test_every_position_with_text_is_walked(body: dict[str, Any], path: str) -> None:
    assert texts(body)[path] == "TEXT"
    assert "TEXT" not in json.dumps(replace_texts(body, {path: "new"}))


@pytest.mark.parametrize(
    "body",
    [
        body_with(messages=[{"role": "user", "content": None}]),
        body_with(messages=[{"role": "tool", "tool_call_id": "call_9", "name": "get_weather"}]),
        body_with(tool_choice={"type": "function", "function": {"name": "get_weather"}}),
        body_with(reasoning_effort="low", service_tier="auto", seed=7, temperature=0.5),
        body_with(
            messages=[
                {
                    "role": "user",
                    "content": [
                        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBO"}},
                        {"type": "image_url", "image_url": {"url": "https://a.example/b?c=d"}},
                        {"type": "input_audio", "input_audio": {"data": "aGk=", "format": "wav"}},
                    ],
                }
            ]
        ),
    ],
)
def test_settings_identifiers_and_encoded_files_are_no_text(body: dict[str, Any]) -> None:
    assert texts(body) == {}


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"model": "for Laura Jiménez"}, "model"),
        ({"messages": [{"role": "user: call 07700 900123"}]}, "messages[0].role"),
        ({"messages": [{"role": "tool", "tool_call_id": "laura@mail.example"}]},
         "messages[0].tool_call_id"),
        ({"messages": [{"content": [{"image_url": {"url": "see Laura Jiménez"}}]}]},
         "messages[0].content[0].image_url.url"),
    ],
)  # fmt: skip
def test_text_in_a_structural_position_is_text_all_the_same(
    body: dict[str, Any], path: str
) -> None:
    assert path in texts(body)


def call(arguments: str) -> dict[str, Any]:
    function = {"name": "send_mail", "arguments": arguments}
    message = {"role": "assistant", "tool_calls": [{"id": "c1", "function": function}]}
    return {"messages": [message]}


ARGUMENTS = "messages[0].tool_calls[0].function.arguments"


def test_arguments_are_walked_value_by_value_and_seen_decoded() -> None:
    body = call('{"to": {"name": "Jim\\u00e9nez \\"Lau\\""}, "tags": ["a", 5], "n": 12}')
    assert list(walk(body)) == [
        TextAt(f"{ARGUMENTS}#/to/name", 'Jiménez "Lau"', label="name"),
        TextAt(f"{ARGUMENTS}#/tags/0", "a", label="tags"),
    ]


def test_changed_arguments_stay_json_whatever_the_new_text_holds() -> None:
    body = call('{"name": "Laura", "n": 1.50}')
    new = 'quote " backslash \\ newline \n'
    changed = replace_texts(body, {f"{ARGUMENTS}#/name": new})
    arguments = changed["messages"][0]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(arguments) == {"name": new, "n": 1.5}


def test_unchanged_arguments_keep_their_bytes() -> None:
    body = call('{ "n":1.50,   "name":"Jim\\u00e9nez" }')
    assert replace_texts(body, {}) == body


def test_malformed_arguments_are_one_text_that_is_part_of_json() -> None:
    assert list(walk(call('{"name": "Lau'))) == [TextAt(ARGUMENTS, '{"name": "Lau', Form.JSON)]


def test_a_long_number_inside_arguments_is_text() -> None:
    body = call('{"card": 4111111111111111, "amount": 1999}')
    assert texts(body) == {f"{ARGUMENTS}#/card": "4111111111111111"}
    changed = replace_texts(body, {f"{ARGUMENTS}#/card": "gone"})
    assert '"card": "gone"' in changed["messages"][0]["tool_calls"][0]["function"]["arguments"]


def test_a_key_that_could_be_data_is_walked_and_kept_out_of_every_path() -> None:
    body = call('{"laura@mail.example": {"note": "x"}}')
    assert list(walk(body)) == [
        TextAt(f"{ARGUMENTS}#/~0~key", "laura@mail.example"),
        TextAt(f"{ARGUMENTS}#/~0/note", "x", label="note"),
    ]


def test_the_result_of_a_tool_is_walked_value_by_value() -> None:
    body = {"messages": [{"role": "tool", "name": "f", "content": '{"name": "Jim\\u00e9nez"}'}]}
    assert texts(body) == {"messages[0].content#/name": "Jiménez"}


@pytest.mark.parametrize(("json_content", "form"), [(False, Form.PLAIN), (True, Form.JSON)])
def test_structured_content_is_json_when_the_request_asked_for_it(
    json_content: bool, form: Form
) -> None:
    seen: list[TextAt] = []

    def see(at: TextAt) -> str:
        seen.append(at)
        return at.text.replace("1.50", "2.50")

    body = {"choices": [{"message": {"content": '{ "price":"1.50" }'}}]}
    changed = rewrite(body, see, json_content=json_content)
    assert [at.form for at in seen] == [form]
    assert changed["choices"][0]["message"]["content"] == '{ "price":"2.50" }'


def test_replacing_leaves_the_input_untouched() -> None:
    body = {"messages": [{"role": "user", "content": [{"type": "text", "text": "old"}]}]}
    before = json.dumps(body)
    assert replace_texts(body, {"messages[0].content[0].text": "new"}) != body
    assert json.dumps(body) == before


def test_paths_are_unique_so_that_no_text_is_missed_when_replacing() -> None:
    body = body_with(
        metadata={"a b": "1", "a c": "2", "d": {"e f": "3"}},
        **call('{"a b": "1", "~0": "2", "l": [["3"], ["4"]]}'),
    )
    paths = [at.path for at in walk(body)]
    assert len(paths) == len(set(paths))
    assert all(at.text == "gone" for at in walk(rewrite(body, lambda _: "gone")))
