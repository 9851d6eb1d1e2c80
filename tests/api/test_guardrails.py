"""guardrails-ai's validators in a policy of a running proxy."""

from pathlib import Path
from typing import Any

import pytest

from policies.errors import PolicyError
from policies.load import load_policies
from tests.api.conftest import Proxy
from tests.fakes.upstream import FakeUpstream, text

HYPE = "Created with AI. A revolutionary drill."
PLAIN = "Created with AI. A drill with two speeds."
OPTIONS = {"policy": "ban_list", "detail": "full"}

COMPETITORS = """\
name: rivals
extends: default
guardrails:
  rivals:
    validator: guardrails
    rules: [house.rival]
    config:
      validator: guardrails/competitor_check
      args: { competitors: [Acme] }
      rule: house.rival
custom_rules:
  - id: house.rival
    definition: Names a competitor.
    category: unsupported_claim
    severity: high
    action: block
    basis: [House style guide]
    reason: Names a competitor.
"""


def check(proxy: Proxy, checked: str) -> Any:
    response = proxy.post("/v1/check", {"text": checked, "policy": "ban_list"})
    assert response.status_code == 200, response.text
    return response.json()


def test_a_banned_word_blocks_a_text_that_no_model_can_write_again(proxy: Proxy) -> None:
    result = check(proxy, HYPE)
    assert (result["verdict"], result["text"]) == ("blocked", None)
    (finding,) = result["findings"]
    assert (finding["rule"], finding["validator"]) == ("tests.banned", "banned")
    assert finding["text"] == HYPE[finding["start"] : finding["end"]] == "revolutionary"
    assert finding["reason"] == "The house does not use this word."
    assert finding["basis"] == ["House style guide"]


def test_a_text_without_a_banned_word_passes(proxy: Proxy) -> None:
    assert check(proxy, PLAIN)["verdict"] == "passed"


def test_a_fix_of_a_guardrails_validator_is_made_and_checked_again(proxy: Proxy) -> None:
    result = check(proxy, "Created with AI. In every colour, even grey.")
    assert result["verdict"] == "fixed"
    assert result["text"] == "Created with AI. In every color, even gray."
    assert [finding["rule"] for finding in result["findings"]] == ["tests.american"]


def test_a_chat_has_the_model_write_again_without_the_banned_word(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text(HYPE), text(PLAIN))
    response = proxy.chat("A post about our drill", presscheck=OPTIONS)
    assert response.status_code == 200, response.text
    assert response.json()["choices"][0]["message"]["content"] == PLAIN
    assert response.json()["presscheck"]["reasks"] == 1
    (_, again) = upstream.bodies
    said = again["messages"][-1]["content"]
    assert "'revolutionary': The house does not use this word." in said


def test_a_chat_whose_model_insists_on_the_banned_word_is_blocked(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text(HYPE))
    response = proxy.chat("A post about our drill", presscheck=OPTIONS)
    assert response.status_code == 400
    error = response.json()["error"]
    assert error["code"] == "content_filter"
    assert [finding["rule"] for finding in error["presscheck"]["findings"]] == ["tests.banned"]
    assert len(upstream.requests) == 3


def test_a_chat_gets_the_fix_of_a_guardrails_validator(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text("Created with AI. In every colour, even grey."))
    response = proxy.chat("A post about our paint", presscheck=OPTIONS)
    assert response.headers["x-presscheck-verdict"] == "fixed"
    content = response.json()["choices"][0]["message"]["content"]
    assert content == "Created with AI. In every color, even gray."


@pytest.mark.parametrize(
    ("replaced", "by", "says"),
    [
        # Its model is a download of its own that we do not make.
        ("[Acme]", "[Acme]", ["guardrails/competitor_check", "en_core_web_trf"]),
        ("competitor_check", "no_such_check", ["guardrails/no_such_check", "cannot be built"]),
    ],
)
def test_a_validator_that_cannot_run_is_refused_when_its_policy_loads(
    tmp_path: Path, replaced: str, by: str, says: list[str]
) -> None:
    path = tmp_path / "rivals.yaml"
    path.write_text(COMPETITORS.replace(replaced, by), encoding="utf-8")
    with pytest.raises(PolicyError) as raised:
        load_policies([path])
    for part in (str(path), "guardrails.rivals", *says):
        assert part in str(raised.value)
