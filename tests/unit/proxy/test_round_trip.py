"""What leaves without personal data comes back with it, byte for byte, wherever it stood."""

import codecs
import itertools
import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.pii import EntityRule, Operator, PiiPolicy
from proxy.placeholders import Placeholders
from proxy.redaction import Redactor
from proxy.wire import Form, is_json, walk
from tests.fakes.finder import KnownData
from validators.pii import EntityType

TYPES = (
    EntityType.PERSON,
    EntityType.EMAIL_ADDRESS,
    EntityType.PHONE_NUMBER,
    EntityType.LOCATION,
    EntityType.ORDER_ID,
)
REPLACE_ALL = PiiPolicy(
    entities={type: EntityRule(operator=Operator.REPLACE) for type in EntityType}
)
VALUES = st.one_of(
    st.sampled_from(
        [
            *("Laura", "Jiménez", "LAURA", "laura", "Ms Jiménez", "Jiménez, Laura", "O'Neill"),
            *(
                "Nguyễn Thị Mai",
                "Наталья",
                "محمد",
                "王伟",
                "山田 太郎",
                "🙂 Zoë",
                "Müller-Lüdenscheidt",
            ),
            *('Lau "L" J', "Anna\\Bo", "Tom\nBaker", "D{{o}}e", "{Max}", "Lau\u200bra"),
            *("a@b.co", "L.J@Mail.Example", "+44 7700 900123", "07700 900 123", "#88213"),
            *("12 Elm St\nLeeds", "Hauptstraße 5 {hinten}"),
            *("{{PERSON_1}}", "PERSON_2", "[Person 1]"),
        ]
    ),
    # At least three characters and a letter: a brace alone is nobody's data, but much of JSON.
    st.text(min_size=3, max_size=12).filter(
        lambda text: any(map(str.isalpha, text)) and "\0" not in text
    ),
).filter(lambda value: value.encode("utf-8", "ignore").decode() == value)
FILLERS = st.one_of(
    st.sampled_from(
        [
            *("{", "}", "{{", "}}", "{{PERSON", "{{PERSON_", "{{PERSON_1", "PERSON_1", "[", "(1)"),
            *("{{PERSON_1}}", "{{ person_2 }}", "[PERSON_1]", "<PERSON_3>", "(Person 1)", "\\{"),
            *("{{FIRST_NAME}}", "{{PERSONA_1}}", "{{ORDER_ID_1|2}}", "|2}}", "_1}}", "\\", '"'),
            *(" and ", "Dear ", ", ", "'s ", "s", "\n", "*", "**", "`", "# ", "1", "é", "🙂"),
        ]
    ),
    st.text(max_size=8).filter(lambda text: "\0" not in text),
).filter(lambda text: text.encode("utf-8", "ignore").decode() == text)


@st.composite
def requests(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, EntityType]]:
    """A request with texts in all positions, and the values in it that are personal."""
    values = draw(st.dictionaries(VALUES, st.sampled_from(TYPES), min_size=1, max_size=4))
    pieces = st.one_of(st.sampled_from(sorted(values)), FILLERS)
    texts = st.lists(pieces, min_size=1, max_size=6).map("".join)
    # A few texts, which stand at many places each.
    following = itertools.cycle(draw(st.lists(texts, min_size=1, max_size=5)))

    def text() -> str:
        return next(following)

    document = json.dumps(
        {"to": {"who": text()}, "notes": [text(), 7]}, ensure_ascii=draw(st.booleans())
    )
    function = {"name": "send", "description": text()}
    schema = {"type": "object", "properties": {"who": {"description": text(), "enum": [text()]}}}
    calls = [
        {"id": "c1", "type": "function", "function": {"name": "send", "arguments": document}},
        {"id": "c2", "type": "function", "function": {"name": "send", "arguments": document[:-2]}},
    ]
    body = {
        "model": "m",
        "messages": [
            {"role": "system", "content": text()},
            {"role": "developer", "content": [{"type": "text", "text": text()}]},
            {"role": "user", "name": text(), "content": text()},
            {"role": "user", "content": [{"type": "text", "text": text()}]},
            {"role": "user", "content": json.dumps({"who": text()})},
            {"role": "assistant", "content": text(), "refusal": text(), "tool_calls": calls},
            {"role": "tool", "tool_call_id": "c1", "content": json.dumps([{"who": text()}])},
        ],
        "tools": [{"type": "function", "function": {**function, "parameters": schema}}],
        "metadata": {"customer": text(), f"seen {text()}": text()},
        "user": text(),
        "stop": [text()],
    }
    return body, values


def echoes(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Answers of a model that repeats everything, in every position that an answer has."""
    texts = plain_texts(body)
    yield {
        "choices": [
            {
                "index": index,
                "message": {
                    "content": text,
                    "refusal": text,
                    "reasoning_content": text,
                    "tool_calls": [
                        {"function": {"name": "f", "arguments": json.dumps({"a": text})}},
                        {
                            "function": {
                                "name": "f",
                                "arguments": json.dumps({"a": [text]}, ensure_ascii=False),
                            }
                        },
                    ],
                },
            }
            for index, text in enumerate(texts)
        ]
    }
    # JSON text as it was sent, which a model may also have as its content.
    calls = body["messages"][5]["tool_calls"]
    document = body["messages"][4]["content"]
    yield {"choices": [{"index": 0, "message": {"content": document, "tool_calls": calls}}]}


def plain_texts(body: dict[str, Any]) -> list[str]:
    """The different texts of a body, in order, without those that are JSON."""
    found = (at.text for at in walk(body) if at.form is Form.PLAIN and not is_json(at.text))
    return list(dict.fromkeys(found))


def read(value: Any) -> Any:
    """A body with the JSON text in it decoded, for it may be escaped in another way."""
    if isinstance(value, dict):
        return {key: read(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [read(entry) for entry in value]
    return json.loads(value) if isinstance(value, str) and is_json(value) else value


@settings(
    max_examples=1000, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(requests(), st.data())
def test_everything_comes_back_as_it_was_from_every_position_and_in_every_stream(
    made: tuple[dict[str, Any], dict[str, EntityType]], data: st.DataObject
) -> None:
    body, values = made
    redactor = Redactor(KnownData(values), REPLACE_ALL)
    stripped = redactor.strip(redactor.find(body))
    restore = stripped.placeholders.restore_response
    assert read(restore(stripped.body)) == read(body)
    for sent, original in zip(echoes(stripped.body), echoes(body), strict=True):
        assert read(restore(sent)) == read(original)
    for text in plain_texts(stripped.body):
        cuts = data.draw(st.lists(st.integers(0, len(text)), max_size=4))
        assert streamed(stripped.placeholders, text, cuts) == whole(stripped.placeholders, text)


def whole(placeholders: Placeholders, text: str) -> str:
    return placeholders.restore(text).text


def streamed(placeholders: Placeholders, text: str, cuts: list[int]) -> str:
    restorer = placeholders.restorer()
    ends = [0, *sorted(cuts), len(text)]
    pieces = [restorer.feed(text[start:end]) for start, end in itertools.pairwise(ends)]
    return "".join(pieces) + restorer.finish()


def test_a_stream_cut_at_any_byte_is_restored_like_the_whole_text() -> None:
    values = {
        "Laura Jiménez": EntityType.PERSON,
        "LAURA": EntityType.PERSON,
        'Lau "L" 王伟 🙂': EntityType.PERSON,
        "laura@mail.example": EntityType.EMAIL_ADDRESS,
    }
    text = (
        'Liebe Laura Jiménez, {{ FIRST_NAME }} {{PERSON {x: {y: LAURA}} "Lau "L" 王伟 🙂"s Ziel: '
        "{laura@mail.example} {{{LAURA}}} P PERSON PERSONAL_ E-Mail [x](PERSON) \\{ é {{"
    )
    stripped = Redactor(KnownData(values), REPLACE_ALL).strip_text(text)
    altered = (
        " {{PERSON_1's}} \uff5b\uff5bperson_1\uff5d\uff5d [PERSON_1] <email 1> (Person 2) "
        "PERSON\\_1 {{PERSONA_1}} {{ **PERSON_1** }} {{PERSON_1\\|2}} PERSON_1_2 "
        "{PERSON_1} {{PERSON_1} [PERSON_1](x) {{PERSON_1"
    )
    sent = stripped.text + altered
    expected = whole(stripped.placeholders, sent)
    assert expected.startswith(text)
    encoded = sent.encode()
    for cut in range(len(encoded) + 1):
        decode = codecs.getincrementaldecoder("utf-8")().decode
        pieces = [decode(encoded[:cut]), decode(encoded[cut:], True)]
        restorer = stripped.placeholders.restorer()
        assert "".join(map(restorer.feed, pieces)) + restorer.finish() == expected, cut
    decode = codecs.getincrementaldecoder("utf-8")().decode
    restorer = stripped.placeholders.restorer()
    byte_by_byte = [restorer.feed(decode(encoded[i : i + 1])) for i in range(len(encoded))]
    assert "".join(byte_by_byte) + restorer.finish() == expected
