"""What is meant to stop the server is refused or answered, and the next request is served."""

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.conftest import Server, presscheck, start_server
from tests.fakes.upstream import FakeUpstream, text

pytestmark = pytest.mark.e2e

LIMIT = 200_000
MEGABYTE = 1_000_000
# Three times the default: it counts by the clock, and other tests run beside these.
DEADLINE = 60
# A client that has waited for longer than the deadline has met a hang.
PATIENCE = 120
GREETING = "Created with AI. Dear {{PERSON_1}}, we wrote to {{EMAIL_ADDRESS_1}}."


@dataclass
class Scene:
    """A running server, its key, and the provider behind it."""

    server: Server
    upstream: FakeUpstream
    key: str

    def send(self, message: dict[str, Any], policy: str = "nested") -> httpx.Response:
        """Ask for a completion after one message."""
        return httpx.post(
            f"{self.server.url}/v1/chat/completions",
            json={"model": "fake", "messages": [message], "presscheck": {"policy": policy}},
            headers={"authorization": f"Bearer {self.key}"},
            timeout=PATIENCE,
        )

    def ask(self, content: str, policy: str = "nested") -> httpx.Response:
        return self.send({"role": "user", "content": content}, policy)

    def assert_serves(self) -> None:
        """A normal request is stripped, answered and restored."""
        self.upstream.will(text(GREETING))
        response = self.ask("Write to Laura Jiménez, laura.j@gmail.com, about fresh bread.")
        assert response.status_code == 200, response.text
        answer = response.json()["choices"][0]["message"]["content"]
        assert answer == "Created with AI. Dear Laura Jiménez, we wrote to laura.j@gmail.com."
        sent = json.dumps(self.upstream.bodies[-1], ensure_ascii=False)
        assert "Laura" not in sent
        assert "laura.j" not in sent


def _recognizer(pattern: str, **more: Any) -> dict[str, Any]:
    return {"name": "staff", "type": "EMPLOYEE_ID", "pattern": pattern, **more}


POLICIES = {
    # Expressions that RE2 takes, and that would keep a backtracking engine busy for ever.
    "nested": {
        "extends": "default",
        "pii": {
            "keep": [{"regex": "(a+)+$"}, {"regex": "(a|aa)+$"}],
            "recognizers": [_recognizer("((x+x+)+y|(a+)+b)$")],
        },
    },
    # Every match fails its check sum, and the search begins anew one letter later.
    "begins_anew": {
        "extends": "nested",
        "pii": {
            "recognizers": [
                _recognizer("((x+x+)+y|(a+)+b)$"),
                {**_recognizer("a+", checksum="luhn"), "name": "anew"},
            ],
        },
    },
}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("hostile")
    policies = folder / "policies"
    policies.mkdir()
    for name, document in POLICIES.items():
        content = yaml.safe_dump({"name": name, **document})
        (policies / f"{name}.yaml").write_text(content, encoding="utf-8")
    with FakeUpstream() as upstream:
        settings = {
            "model_list": [
                {
                    "model_name": "fake",
                    "litellm_params": {
                        "model": "openai/fake",
                        "api_key": "sk-provider",
                        "api_base": upstream.url,
                        "max_retries": 0,
                    },
                }
            ],
            "policies": [str(policies)],
            "default_policy": "nested",
            "check_timeout_seconds": DEADLINE,
        }
        config = folder / "presscheck.yaml"
        config.write_text(yaml.safe_dump(settings), encoding="utf-8")
        server = start_server(folder, PRESSCHECK_CONFIG=str(config))
        yield Scene(server, upstream, server.key)
        server.stop()
    assert "Traceback" not in server.said


def refused(response: httpx.Response, status: int, code: str) -> str:
    """The message of an error in OpenAI's shape."""
    assert response.status_code == status, response.text[:1000]
    error = response.json()["error"]
    assert error["code"] == code
    assert isinstance(error["message"], str)
    return str(error["message"])


# Policies


def test_a_policy_with_a_regex_bomb_does_not_load(tmp_path: Path) -> None:
    bomb = "|".join(["((a?){99}){99}"] * 300)
    document = {"name": "bomb", "extends": "default", "pii": {"keep": [{"regex": bomb}]}}
    (tmp_path / "bomb.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    config = tmp_path / "presscheck.yaml"
    config.write_text("policies: [bomb.yaml]\n", encoding="utf-8")
    result = presscheck("serve", "--config", str(config))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    # The message is wrapped at the width of the terminal, also in the middle of a word.
    flat = re.sub(r"\s", "", result.stderr)
    for part in ("bomb.yaml", "pii.keep", "1,000maybe", "makeseveralofit"):
        assert part in flat, result.stderr


def test_nested_quantifiers_take_no_longer_than_others(scene: Scene) -> None:
    scene.upstream.will(text("Created with AI. Fresh bread."))
    assert scene.ask("a" * (LIMIT - 1) + "!").status_code == 200
    scene.assert_serves()


def test_a_search_that_begins_anew_is_given_up(scene: Scene) -> None:
    message = refused(scene.ask("a" * LIMIT, "begins_anew"), 503, "guardrail_unavailable")
    assert "nothing was sent" in message
    scene.assert_serves()


# Long texts


@pytest.mark.parametrize(
    "content",
    ["a" * MEGABYTE, "fresh bread and warm rolls " * 37_037, "a" * (LIMIT + 1)],
    ids=["one line", "words", "one too many"],
)
def test_a_text_over_the_limit_is_refused_with_the_limit(scene: Scene, content: str) -> None:
    asked = len(scene.upstream.requests)
    message = refused(scene.ask(content), 400, "invalid_request")
    assert f"{len(content):,}" in message
    assert "limits.max_text_chars" in message
    assert len(scene.upstream.requests) == asked
    scene.assert_serves()


def test_a_body_over_the_limit_is_refused_unread(scene: Scene) -> None:
    message = refused(scene.ask("a" * 3 * MEGABYTE), 413, "request_too_large")
    assert "limits.max_body_bytes" in message
    scene.assert_serves()


def test_a_text_at_the_limit_is_sent_as_it_is(scene: Scene) -> None:
    content = ("fresh bread and warm rolls " * 7_408)[:LIMIT]
    scene.upstream.will(text("Created with AI. Fresh bread."))
    assert scene.ask(content).status_code == 200
    assert scene.upstream.bodies[-1]["messages"][-1]["content"] == content
    scene.assert_serves()


# Many entities


def test_10_000_entities_are_all_taken_out_and_come_back(scene: Scene) -> None:
    addresses = [f"a{number}@b.de" for number in range(4_000)]
    phones = [f"+49 151 2{number:07}" for number in range(3_000)]
    letters = "abcdefghijklmno"
    names = [f"Maria L{a}{b}{c}owska" for a in letters for b in letters for c in letters][:3_000]
    scene.upstream.will(text("Created with AI. Call {{PHONE_NUMBER_3000}}, {{EMAIL_ADDRESS_9}}."))
    response = scene.ask("\n".join([*addresses, *phones, *(f"Dear {name}," for name in names)]))
    assert response.status_code == 200, response.text
    sent = scene.upstream.bodies[-1]["messages"][-1]["content"]
    assert not re.findall(r".*(?:@|\+49|owska).*", sent)
    assert len(set(re.findall(r"\{\{\w+\}\}", sent))) == 10_000
    answer = response.json()["choices"][0]["message"]["content"]
    assert answer == f"Created with AI. Call {phones[-1]}, {addresses[8]}."
    scene.assert_serves()


# Signs in great numbers


def _base64(rounds: int, size: int) -> str:
    encoded = "laura.j@gmail.com " * size
    for _ in range(rounds):
        encoded = base64.b64encode(encoded.encode()).decode()
    return encoded


MANY = {
    "braces": "{" * LIMIT,
    "brackets": "[" * LIMIT,
    "marks on one letter": "a" + "\u0301" * 100_000,
    "marks of two classes": "a" + "\u0301\u0316" * 50_000,
    "at signs": "a@" * 40_000,
    "entities of HTML": "&#x26;amp;" * 20_000,
    "zero-width characters": "\u200b" * LIMIT,
    "zero-width characters in words": "a\u200b" * (LIMIT // 2),
    "base64 in base64": _base64(5, 1_000),
    "base64 in many layers": _base64(24, 1),
    "a table of nothing": ",".join(["first name of customer"] * 60) + ("\n" + "," * 59) * 3_000,
    "two scripts in one word": "a\u0430" * (LIMIT // 2),
}


@pytest.mark.parametrize("content", MANY.values(), ids=MANY)
def test_signs_in_great_numbers_are_answered(scene: Scene, content: str) -> None:
    scene.upstream.will(text("Created with AI. Fresh bread."))
    response = scene.ask(content)
    assert response.status_code == 200, response.text
    scene.assert_serves()


def test_a_text_that_grows_with_its_escapes_is_refused(scene: Scene) -> None:
    message = refused(scene.ask("&#x26;amp;" * 50_000), 400, "invalid_request")
    assert "limits.max_text_chars" in message
    scene.assert_serves()


# JSON in tool calls


ARGUMENTS = {
    "open lists": "[" * LIMIT,
    "closed lists": "[" * 99_000 + "]" * 99_000,
    "open objects": '{"a":' * 39_000,
    "lists to the depth": "[" * 64 + '"laura.j@gmail.com"' + "]" * 64,
    "many values": json.dumps(["a"] * 5_000),
    "odd keys": json.dumps({f"k {number}": "v" for number in range(3_000)}),
    "escapes of escapes": "\\" * LIMIT,
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_deep_json_in_tool_arguments_is_answered(scene: Scene, arguments: str) -> None:
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": arguments}}
    scene.upstream.will(text("Created with AI. Fresh bread."))
    response = scene.send({"role": "assistant", "content": None, "tool_calls": [call]})
    assert response.status_code == 200, response.text
    assert "laura.j" not in json.dumps(scene.upstream.bodies[-1])
    scene.assert_serves()


def test_a_body_that_nests_too_deeply_is_refused(scene: Scene) -> None:
    deep: Any = "a"
    for _ in range(100):
        deep = [deep]
    message = refused(
        scene.send({"role": "user", "content": "Fresh bread", "deep": deep}), 400, "invalid_request"
    )
    assert "limits.max_json_depth" in message
    scene.assert_serves()
