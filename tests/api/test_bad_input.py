"""Bad input gets a clear 4xx in OpenAI's shape, and the server keeps serving."""

import json
import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.api.conftest import Proxy
from tests.api.test_chat import events
from tests.fakes.upstream import FakeUpstream, error, hang_up, malformed

CHAT = "/v1/chat/completions"
MESSAGES = [{"role": "user", "content": "A post for our bakery"}]


@pytest.fixture(autouse=True)
def _still_serving(proxy: Proxy, upstream: FakeUpstream) -> Iterator[None]:
    """Whatever was sent, the next caller is served."""
    yield
    assert httpx.get(f"{proxy.url}/healthz", timeout=5).json() == {"status": "alive"}
    assert httpx.get(f"{proxy.url}/readyz", timeout=5).json()["status"] == "ready"


def send(proxy: Proxy, content: bytes, path: str = CHAT) -> httpx.Response:
    headers = {"authorization": f"Bearer {proxy.key}", "content-type": "application/json"}
    return httpx.post(proxy.url + path, content=content, headers=headers, timeout=30)


def refused(response: httpx.Response, status: int, code: str) -> str:
    """The message, after the shape was looked at."""
    assert response.status_code == status, response.text
    body = response.json()["error"]
    assert set(body) >= {"message", "type", "param", "code"}
    assert body["code"] == code
    assert response.headers["x-request-id"]
    assert "Traceback" not in response.text
    message: str = body["message"]
    return message


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b"{", "no valid JSON"),
        (b"[]", "no JSON object"),
        (b"null", "no JSON object"),
        (b'{"model": "fake", "messages": [{"role": "user", "content": "\xff\xfe"}]}', "JSON"),
        (b'{"model": "fake", "messages": [{"role": "user", "content": "\\ud800"}]}', "JSON"),
        (b'{"model": "fake", "messages": [{"role": "user", "content": "a\\u0000b"}]}', "NUL"),
        (b'{"model": "fake", "messages": []}', "messages"),
        (b'{"model": "fake"}', "messages"),
        (b'{"messages": [{"role": "user", "content": "x"}]}', "model"),
        (b'{"model": 7, "messages": [{"role": "user", "content": "x"}]}', "model"),
        (b'{"model": "fake", "messages": "x"}', "messages"),
        (b'{"model": "fake", "messages": ["x"]}', "messages"),
        (b'{"model": "fake", "messages": [{"content": "x"}]}', "role"),
        (b'{"model": "fake", "messages": [{"role": "user", "content": 7}]}', "content"),
        (b'{"model": "fake", "messages": [{"role": "user", "content": "x"}], "n": 0}', "n"),
        (
            b'{"model": "fake", "messages": [{"role": "user", "content": "x"}], "stream": 7}',
            "stream",
        ),
        (b"[" * 100_000, "JSON"),
        (b'{"a":' * 100 + b"1" + b"}" * 100, "nests deeper"),
    ],
)
def test_a_malformed_body_is_refused_with_what_is_wrong(
    proxy: Proxy, upstream: FakeUpstream, content: bytes, says: str
) -> None:
    assert says in refused(send(proxy, content), 400, "invalid_request")
    assert not upstream.requests


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"polcy": "default"}, "Unknown option 'polcy'; did you mean 'policy'?"),
        ({"policy": "instagrm"}, "did you mean 'instagram'?"),
        ({"policy": "default@sha256:00000000"}, "is now sha256:"),
        ({"channel": "fax"}, "unknown channel 'fax'"),
        ({"jurisdiction": "Germany"}, "'Germany' is no market code"),
        ({"mode": "silent"}, "mode"),
        ({"detail": "more"}, "detail"),
        ({"evidence": [{"id": "e"}]}, "statement"),
        ("strict", "presscheck"),
    ],
)
def test_a_wrong_option_is_named(
    proxy: Proxy, upstream: FakeUpstream, options: object, says: str
) -> None:
    body = {"model": "fake", "messages": MESSAGES, "presscheck": options}
    assert says in refused(proxy.post(CHAT, body), 400, "invalid_request")
    assert not upstream.requests


def test_a_wrong_header_is_named_too(proxy: Proxy) -> None:
    body = {"model": "fake", "messages": MESSAGES}
    response = proxy.post(CHAT, body, x_presscheck_channel="fax")
    assert "fax" in refused(response, 400, "invalid_request")
    misspelt = proxy.post(CHAT, body, x_presscheck_jurisdictions="DE")
    message = refused(misspelt, 400, "invalid_request")
    assert "did you mean 'x-presscheck-jurisdiction'?" in message


def test_an_unknown_model_is_named_with_those_there_are(proxy: Proxy) -> None:
    response = proxy.post(CHAT, {"model": "fke", "messages": MESSAGES})
    assert "did you mean 'fake'" in refused(response, 404, "model_not_found")


def test_a_looser_option_is_forbidden_and_kept(proxy: Proxy, upstream: FakeUpstream) -> None:
    body = {"model": "fake", "messages": MESSAGES, "presscheck": {"policy": "default"}}
    message = refused(proxy.post(CHAT, body, proxy.strict_key), 403, "forbidden")
    assert "'strict'" in message
    assert not upstream.requests
    assert events(proxy, "option.refused")[-1]["payload"]["endpoint"] == "chat.completions"


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer psk_wrong", "Basic psk_x"])
def test_without_a_good_key_nothing_is_served(proxy: Proxy, authorization: str | None) -> None:
    headers = {} if authorization is None else {"authorization": authorization}
    for path in (CHAT, "/v1/check", "/v1/anonymize", "/v1/keys"):
        response = httpx.post(proxy.url + path, json={}, headers=headers)
        refused(response, 401, "invalid_api_key")
    refused(httpx.get(f"{proxy.url}/v1/models", headers=headers), 401, "invalid_api_key")


def test_a_key_without_the_scope_is_refused(proxy: Proxy) -> None:
    message = refused(proxy.post("/v1/keys", {"name": "x"}), 403, "forbidden")
    assert "'admin'" in message


def test_a_revoked_key_stops_at_once(proxy: Proxy, upstream: FakeUpstream) -> None:
    made = proxy.post("/v1/keys", {"name": "short"}, proxy.admin_key).json()
    assert proxy.chat("Hello", made["key"]).status_code == 200
    listed = proxy.get("/v1/keys", proxy.admin_key).json()["data"]
    assert made["id"] in [key["id"] for key in listed]
    assert made["key"] not in json.dumps(listed)
    headers = {"authorization": f"Bearer {proxy.admin_key}"}
    httpx.delete(f"{proxy.url}/v1/keys/{made['id']}", headers=headers).raise_for_status()
    refused(proxy.chat("Hello", made["key"]), 401, "invalid_api_key")


def test_a_large_prompt_is_refused_before_it_is_read(proxy: Proxy) -> None:
    body = {"model": "fake", "messages": [{"role": "user", "content": "x" * 5_000_000}]}
    refused(proxy.post(CHAT, body), 413, "request_too_large")


def test_a_large_body_without_a_length_is_refused(proxy: Proxy) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 100_000

    headers = {"authorization": f"Bearer {proxy.key}"}
    try:
        response = httpx.post(proxy.url + CHAT, content=endless(), headers=headers, timeout=30)
    except httpx.WriteError:
        return  # The server closed the connection while we were still sending.
    refused(response, 413, "request_too_large")


def test_a_body_that_never_ends_is_given_up(proxy: Proxy) -> None:
    address = urlsplit(proxy.url)
    with socket.create_connection((address.hostname or "", address.port or 0), 10) as connection:
        connection.sendall(
            f"POST {CHAT} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {proxy.key}\r\n"
            "content-length: 1000\r\n\r\n{".encode()
        )
        connection.settimeout(10)
        started = time.monotonic()
        answer = connection.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 408")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("path", ["/v1/nothing", "/", "/v1/chat", "/console"])
def test_an_unknown_path_is_a_404_in_openais_shape(proxy: Proxy, path: str) -> None:
    refused(proxy.get(path), 404, "not_found")


def test_a_wrong_method_is_a_405(proxy: Proxy) -> None:
    refused(proxy.get(CHAT), 405, "method_not_allowed")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
def test_a_failed_upstream_keeps_its_status(
    proxy: Proxy, upstream: FakeUpstream, status: int
) -> None:
    upstream.will(error(status, "The provider says no."))
    response = proxy.post(CHAT, {"model": "fake", "messages": MESSAGES})
    assert response.status_code == status
    assert "sk-provider-secret" not in response.text
    assert isinstance(response.json()["error"]["message"], str)


@pytest.mark.parametrize("reply", [hang_up(), malformed()])
def test_a_broken_upstream_is_a_bad_gateway(
    proxy: Proxy, upstream: FakeUpstream, reply: object
) -> None:
    upstream.will(reply)  # type: ignore[arg-type]
    response = proxy.post(CHAT, {"model": "fake", "messages": MESSAGES})
    assert response.status_code == 502
    assert response.json()["error"]["message"]
