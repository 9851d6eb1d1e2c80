"""Where the text is in the bodies of OpenAI's APIs: one walk, for requests and for responses.

Every string of a body is text unless its position is in the closed list below, so a field that
we have never heard of is checked like any other. Numbers inside JSON text and free-form maps
count as text too once they are long enough to be somebody's number.

Two positions carry content that this walk cannot read and leaves as it is: base64 data (images,
sound, files), and the address of an image, which would no longer load after a change.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from enum import Enum
from typing import Any

# JSON inside a string that nests deeper is looked at as one text; the walk is recursive.
_MAX_DEPTH = 64


class Form(Enum):
    """What a text must stay after a change."""

    PLAIN = "plain"
    # Part of a JSON document, perhaps a malformed one: new text is escaped as in a JSON string.
    JSON = "json"
    # The `name` of a participant: no spaces, no braces.
    NAME = "name"


@dataclass(frozen=True, slots=True)
class TextAt:
    """A text and its place, like `messages[2].tool_calls[0].function.arguments#/customer/name`.

    `label` is the name of the field in data that the caller shaped ("name", "phone"), and says
    something about the text; it is empty where the API names the field. A path never repeats a
    key that could itself be somebody's data: such a key is given by its number.
    """

    path: str
    text: str
    form: Form = Form.PLAIN
    label: str = ""


def walk(body: Mapping[str, Any]) -> Iterator[TextAt]:
    """Yield every text of a body in order; of JSON text, every value by itself and decoded."""
    found: list[TextAt] = []

    def see(at: TextAt) -> str:
        found.append(at)
        return at.text

    _Rewriting(see, enters_json=True).body(body)
    return iter(found)


def replace_texts(body: Mapping[str, Any], texts: Mapping[str, str]) -> dict[str, Any]:
    """Copy a body with the texts at the given paths replaced; all else stays as it is.

    JSON text is only written anew where something inside it changed.
    """
    return _Rewriting(lambda at: texts.get(at.path, at.text), enters_json=True).body(body)


def rewrite(
    body: Mapping[str, Any], change: Callable[[TextAt], str], *, json_content: bool = False
) -> dict[str, Any]:
    """Copy a body with every text replaced by what `change` makes of it.

    JSON text is given whole, as `Form.JSON`, so that it keeps its bytes around the change.
    `json_content` says that the content of a response is JSON text too, because the request
    asked for structured output.
    """
    json_positions = _JSON_TEXT | _JSON_CONTENT if json_content else _JSON_TEXT
    return _Rewriting(change, enters_json=False, json_positions=json_positions).body(body)


def is_json(text: str) -> bool:
    """Whether a text is a JSON document, as structured output is."""
    return _parse(text) is not None


def _fields(text: str) -> list[str]:
    return text.split()


# A message with the result of a tool, whose `name` is that of a function and not a participant's.
_TOOL_RESULT = "messages[result]"
_TOOL_ROLES = ("tool", "function")
# `message` and `delta` alone are those of one choice.
_MESSAGES = (
    *("messages[]", _TOOL_RESULT, "choices[].message", "choices[].delta"),
    *("message", "delta"),
)

_PART = _fields(
    "type detail id file_id image_url image_url.url image_url.detail input_audio.data "
    "input_audio.format file.file_id file.file_data file_data cache_control.type"
)
_CALL = _fields("id type function.name custom.name")
_MESSAGE = [
    *_fields("role tool_call_id function_call.name audio.id audio.data cache_control.type"),
    *_fields("thinking_blocks[].type thinking_blocks[].signature"),
    *(f"content[].{field}" for field in _PART),
    *(f"tool_calls[].{field}" for field in _CALL),
]
_ITEM = [
    *_fields("type id role status call_id name server_label encrypted_content result"),
    *(f"content[].{field}" for field in _PART),
    *(f"output[].{field}" for field in _PART),
    *_fields("summary[].type content[].annotations[].type content[].annotations[].file_id"),
]
_TOOL = _fields(
    "type name function.name custom.name custom.format.type custom.format.grammar.syntax "
    "format.type format.syntax search_context_size server_label require_approval size quality"
)
_REQUEST = _fields(
    "model service_tier reasoning_effort reasoning.effort reasoning.summary verbosity "
    "text.verbosity text.format.type text.format.name response_format.type "
    "response_format.json_schema.name modalities[] audio.voice audio.format encoding_format "
    "truncation include[] previous_response_id conversation conversation.id prompt.id "
    "prompt.version prompt_cache_retention prediction.type tool_choice tool_choice.type "
    "tool_choice.name tool_choice.mode tool_choice.function.name function_call "
    "function_call.name functions[].name"
)
_RESPONSE = _fields(
    "id object system_fingerprint status choices[].finish_reason data[].object data[].id "
    "data[].embedding incomplete_details.reason"
)

_STRUCTURAL = frozenset(
    [
        *_REQUEST,
        *_RESPONSE,
        *(f"tools[].{field}" for field in _TOOL),
        *(f"{message}.{field}" for message in _MESSAGES for field in _MESSAGE),
        f"{_TOOL_RESULT}.name",
        *(f"{item}.{field}" for item in ("input[]", "output[]") for field in _ITEM),
        *(f"prediction.content[].{field}" for field in _PART),
    ]
)
# A structural position holds a setting or an identifier, or encoded content. Whatever looks
# otherwise is read as text after all: nothing hides behind the name of a field.
_SETTING = re.compile(r"[\w./:+~-]{0,256}")
_ENCODED_POSITIONS = (
    *("image_url", "image_url.url", "input_audio.data", "audio.data", "file_data"),
    *("encrypted_content", "result", "signature", "embedding"),
)
_ENCODED = re.compile(r"data:[\w./+-]+[;,]\S*|https?://\S*|[\w+/=\r\n-]*")

_JSON_TEXT = frozenset(
    [
        *(
            f"{message}.{call}"
            for message in _MESSAGES
            for call in ("tool_calls[].function.arguments", "function_call.arguments")
        ),
        f"{_TOOL_RESULT}.content",
        f"{_TOOL_RESULT}.content[].text",
        "input[].arguments",
        "input[].output",
        "output[].arguments",
    ]
)
_JSON_CONTENT = frozenset(
    [
        "choices[].message.content",
        "choices[].message.content[].text",
        "message.content",
        "output[].content[].text",
    ]
)
_SCHEMAS = frozenset(
    [
        "tools[].function.parameters",
        "tools[].parameters",
        "tools[].input_schema",
        "functions[].parameters",
        "response_format.json_schema.schema",
        "text.format.schema",
    ]
)
_SCHEMA_WORDS = frozenset(_fields("type format $ref $schema $id contentEncoding contentMediaType"))
# Below these keywords of JSON Schema lies data, which may look like a schema and is none.
_SCHEMA_DATA = frozenset(_fields("default enum const examples"))
# What the caller shaped: keys may be anything.
_DATA = frozenset(["metadata", "prompt.variables"])

# The API's own fields for words: their names say nothing about what is written there.
_PROSE = frozenset(
    _fields("content text input prompt instructions output refusal reasoning_content thinking")
)

_PLAIN_KEY = re.compile(r"[A-Za-z_$][A-Za-z_$-]{0,39}")
# As long as the shortest card number; shorter numbers are amounts, times and counts.
_DIGITS_OF_A_NUMBER = 12


class _Rewriting:
    """One walk over one body; `change` sees each text and says what stands there from now on.

    A position is a path without the list indices. What the API names is walked by position
    (`_value`), JSON Schema by keyword (`_schema`), the caller's own data as it comes (`_data`).
    """

    def __init__(
        self,
        change: Callable[[TextAt], str],
        *,
        enters_json: bool,
        json_positions: Set[str] = _JSON_TEXT,
    ) -> None:
        self._change = change
        self._enters_json = enters_json
        self._json_positions = json_positions

    def body(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {
            self._key(key, f"{step}~key"): self._value(value, step, step, step)
            for index, (key, value) in enumerate(body.items())
            for step in [_step(index, key)]
        }

    def _value(self, value: Any, path: str, position: str, label: str) -> Any:
        if position in _SCHEMAS:
            return self._schema(value, path, "")
        if position in _DATA:
            return self._data(value, path, "", ".")
        if isinstance(value, Mapping):
            if position == "messages[]" and value.get("role") in _TOOL_ROLES:
                position = _TOOL_RESULT
            return {
                self._key(key, f"{path}.{step}~key"): self._value(
                    entry, f"{path}.{step}", f"{position}.{step}", step
                )
                for index, (key, entry) in enumerate(value.items())
                for step in [_step(index, key)]
            }
        if isinstance(value, list):
            return [
                self._value(entry, f"{path}[{index}]", f"{position}[]", label)
                for index, entry in enumerate(value)
            ]
        if not isinstance(value, str) or _is_structural(position, value):
            return value
        if position in self._json_positions:
            return self._json(value, path)
        if position == "messages[].name":
            return self._change(TextAt(path, value, Form.NAME))
        return self._change(TextAt(path, value, label="" if label in _PROSE else label))

    def _schema(self, value: Any, path: str, keyword: str) -> Any:
        if keyword in _SCHEMA_DATA:
            return self._data(value, path, "", ".")
        if keyword == "required" or (keyword in _SCHEMA_WORDS and _are_settings(value)):
            return value
        if isinstance(value, Mapping):
            return {
                self._key(key, f"{path}.{step}~key"): self._schema(entry, f"{path}.{step}", key)
                for index, (key, entry) in enumerate(value.items())
                for step in [_step(index, key)]
            }
        if isinstance(value, list):
            return [
                self._schema(entry, f"{path}[{index}]", "") for index, entry in enumerate(value)
            ]
        return self._change(TextAt(path, value)) if isinstance(value, str) else value

    def _json(self, text: str, path: str) -> str:
        """Rewrite the values inside a JSON document; a malformed one is one text."""
        document = _parse(text) if self._enters_json else None
        if document is None:
            return self._change(TextAt(path, text, Form.JSON))
        changed = self._data(document, f"{path}#", "", "/")
        return text if changed == document else _dump(changed)

    def _data(self, value: Any, path: str, label: str, separator: str) -> Any:
        if isinstance(value, Mapping):
            return {
                self._key(key, f"{path}{separator}{step}~key"): self._data(
                    entry, f"{path}{separator}{step}", step, separator
                )
                for index, (key, entry) in enumerate(value.items())
                for step in [_step(index, key)]
            }
        if isinstance(value, list):
            return [
                self._data(entry, f"{path}{separator}{index}", label, separator)
                for index, entry in enumerate(value)
            ]
        if isinstance(value, str):
            return self._change(TextAt(path, value, label=label))
        if type(value) is int and len(str(abs(value))) >= _DIGITS_OF_A_NUMBER:
            text = self._change(TextAt(path, str(value), label=label))
            return value if text == str(value) else text
        return value

    def _key(self, key: str, path: str) -> str:
        return key if _PLAIN_KEY.fullmatch(key) else self._change(TextAt(path, key))


def _step(index: int, key: str) -> str:
    """What stands for a key in a path: itself, or its number if it could be somebody's data."""
    return key if _PLAIN_KEY.fullmatch(key) else f"~{index}"


def _is_structural(position: str, value: str) -> bool:
    if position not in _STRUCTURAL:
        return False
    if position.endswith(_ENCODED_POSITIONS):
        return _ENCODED.fullmatch(value) is not None
    return _SETTING.fullmatch(value) is not None


def _parse(text: str) -> dict[str, Any] | list[Any] | None:
    """Read a JSON document that can be walked, and written again without a loss."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        document: dict[str, Any] | list[Any] = json.loads(
            text, object_pairs_hook=_unique, parse_float=_finite, parse_constant=_finite
        )
    except (ValueError, RecursionError):
        return None
    return document if _depth(document) <= _MAX_DEPTH else None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; of two values under one key the first would be sent unseen."""
    if len(found := dict(pairs)) < len(pairs):
        raise ValueError("a key twice in one object")
    return found


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError("a number that JSON cannot write")
    return value


def _dump(document: Any) -> str:
    text = json.dumps(document, ensure_ascii=False)
    # Half a character, which only an escape can say, has to stay one.
    return text if _is_encodable(text) else json.dumps(document)


def _is_encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


def _depth(document: Any) -> int:
    """How deeply a document nests, found without recursion."""
    deepest = 0
    pending = [(document, 1)]
    while pending:
        value, depth = pending.pop()
        deepest = max(deepest, depth)
        inner = value.values() if isinstance(value, dict) else value
        pending += [(entry, depth + 1) for entry in inner if isinstance(entry, dict | list)]
    return deepest


def _are_settings(value: Any) -> bool:
    values = value if isinstance(value, list) else [value]
    return all(isinstance(entry, str) and _SETTING.fullmatch(entry) for entry in values)
