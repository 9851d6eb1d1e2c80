"""What cannot be checked or kept is not delivered: checks that fail, a database that is broken."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from policies.load import Policies
from tests.api.conftest import Proxy, serve
from tests.api.test_chat import events
from tests.fakes.upstream import FakeUpstream, text
from tests.fakes.validators import TRIGGER

ANSWER = f"Created with AI. Fresh bread, {TRIGGER}."


def key_for(proxy: Proxy, policy: str) -> str:
    body = {"name": policy, "policy": policy, "scopes": ["generate", "check"]}
    key: str = proxy.post("/v1/keys", body, proxy.admin_key).json()["key"]
    return key


@pytest.mark.parametrize("policy", ["gives_up", "breaks", "stalls", "misnames"])
def test_a_check_without_a_result_is_never_a_pass(
    proxy: Proxy, upstream: FakeUpstream, policy: str
) -> None:
    upstream.will(text(ANSWER))
    response = proxy.chat("A post for our bakery", key_for(proxy, policy))
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "guardrail_unavailable"
    assert response.headers["retry-after"]
    assert TRIGGER not in response.text
    assert "secret text" not in response.text


def test_the_sdk_sees_a_check_that_failed_as_a_server_error(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text(ANSWER))
    with pytest.raises(openai.InternalServerError) as raised:
        proxy.client(key_for(proxy, "gives_up")).chat.completions.create(
            model="fake", messages=[{"role": "user", "content": "A post"}]
        )
    assert raised.value.code == "guardrail_unavailable"


def test_where_the_policy_opens_the_text_passes_flagged_and_that_is_kept(
    proxy: Proxy, upstream: FakeUpstream
) -> None:
    upstream.will(text(ANSWER))
    response = proxy.chat("A post for our bakery", key_for(proxy, "gives_up_openly"))
    assert response.status_code == 200, response.text
    assert response.headers["x-presscheck-verdict"] == "flagged"
    (outcome,) = events(proxy, "verdict.recorded")[-1]["payload"]["outcomes"]
    assert outcome["failed_checks"] == ["failing"]


@pytest.fixture
def doomed(
    shared_upstream: FakeUpstream, policies: Policies, tmp_path: Path
) -> Iterator[tuple[Proxy, Path]]:
    """A proxy whose database the test may break."""
    path = tmp_path / "doomed.db"
    for proxy in serve(shared_upstream, policies, f"sqlite:///{path}"):
        yield proxy, path


def test_without_a_database_nothing_is_delivered(
    doomed: tuple[Proxy, Path], upstream: FakeUpstream
) -> None:
    proxy, path = doomed
    assert proxy.chat("A post for our bakery").status_code == 200
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE outcomes RENAME TO gone")
    connection.close()
    response = proxy.chat("A post for our bakery")
    assert response.status_code == 503
    assert response.json()["error"]["code"] == "store_unavailable"
    assert "bread" not in response.text
    with sqlite3.connect(path) as connection:
        connection.execute("ALTER TABLE gone RENAME TO outcomes")
    connection.close()
    assert proxy.chat("A post for our bakery").status_code == 200
