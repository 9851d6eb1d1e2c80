"""The opt-out registry over HTTP: kept, asked, erased, and heeded by every request."""

import csv
import io
import json
from typing import Any

import httpx
import pytest

from tests.api.conftest import Proxy
from tests.api.test_chat import events
from tests.fakes.upstream import FakeUpstream, text


@pytest.fixture(scope="module")
def registrar(proxy: Proxy) -> str:
    """A key for the registry alone."""
    made = proxy.post("/v1/keys", {"name": "crm", "scopes": ["optouts"]}, proxy.admin_key)
    key: str = made.json()["key"]
    return key


def save(proxy: Proxy, registrar: str, *entries: dict[str, Any]) -> httpx.Response:
    return proxy.post("/v1/optouts", {"entries": list(entries)}, registrar)


def check(proxy: Proxy, registrar: str, **asked: Any) -> dict[str, Any]:
    body = {"channel": "email", "purpose": "newsletter", **asked}
    answer = proxy.post("/v1/consent/check", body, registrar)
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def test_answers_by_place_who_may_be_written_to(proxy: Proxy, registrar: str) -> None:
    out, agreed, silent = "out@one.example", "agreed@one.example", "silent@one.example"
    saved = save(
        proxy,
        registrar,
        {"contact": out, "channel": "email"},
        {"contact": agreed, "status": "opt_in", "captured_at": "2026-05-01", "basis": "consent"},
    )
    assert saved.status_code == 201
    assert saved.json()["changed"] == 2
    said = check(proxy, registrar, contacts=[silent, out.upper(), agreed])
    assert (said["allowed"], said["blocked"], said["unknown"]) == ([2], [1], [0])
    assert said["reason"].startswith("1 opted out of newsletter by email; 1 never said")
    hashes = [entry["hash"] for entry in saved.json()["data"]]
    by_hash = check(proxy, registrar, hashes=[*hashes, "0" * 64])
    assert (by_hash["allowed"], by_hash["blocked"], by_hash["unknown"]) == ([1], [0], [2])
    assert check(proxy, registrar, contacts=[out], channel="sms")["unknown"] == [0]
    for answer in (saved.text, json.dumps(said), json.dumps(by_hash)):
        assert "one.example" not in answer


def test_exports_hashes_by_the_page_and_takes_them_back(proxy: Proxy, registrar: str) -> None:
    save(proxy, registrar, *({"contact": f"p{i}@two.example"} for i in range(5)))
    seen: list[dict[str, Any]] = []
    while True:
        after = f"&after={seen[-1]['id']}" if seen else ""
        page = proxy.get(f"/v1/optouts?limit=2{after}", registrar).json()
        seen += page["data"]
        if not page["has_more"]:
            break
    assert len({entry["id"] for entry in seen}) == len(seen) >= 5
    table = proxy.get("/v1/optouts?format=csv&limit=5000", registrar)
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert [row["hash"] for row in rows] == [entry["hash"] for entry in seen]
    assert "two.example" not in table.text
    again = [{name: value for name, value in row.items() if value} for row in rows]
    assert save(proxy, registrar, *again).json()["changed"] == 0


def test_erases_all_but_the_refusal_to_be_written_to(proxy: Proxy, registrar: str) -> None:
    person = "erased@three.example"
    save(
        proxy,
        registrar,
        {"contact": person, "channel": "email", "source": "form-7"},
        {"contact": person, "channel": "sms", "status": "opt_in", "captured_at": "2026-05-01"},
    )
    erased = proxy.post(
        "/v1/optouts/erase", {"contacts": [person], "reason": "ticket-9"}, registrar
    )
    assert erased.json() == {
        "object": "erasure",
        "removed": 1,
        "kept": 1,
        "reason": "ticket-9",
    }
    assert check(proxy, registrar, contacts=[person])["blocked"] == [0]
    assert check(proxy, registrar, contacts=[person], channel="sms")["unknown"] == [0]
    listed = proxy.get("/v1/optouts?limit=5000", registrar).json()["data"]
    (kept,) = [entry for entry in listed if entry["erased_because"] == "ticket-9"]
    assert (kept["source"], kept["status"]) == (None, "opt_out")


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("optouts", {"entries": [{"contact": "secret.example"}]}, "entries[0]: contact is neither"),
        ("optouts", {"entries": [{"contact": "0151 secret 23456789"}]}, "country code"),
        ("optouts", {"entries": [{"contact": "s@x.example", "channel": "secret"}]}, "channel"),
        ("optouts", {"entries": [{"contact": "s@x.example", "purpose": "SECRET!"}]}, "purpose"),
        ("optouts", {"entries": [{"contact": "s@x.example", "source": "s@secret"}]}, "source"),
        ("optouts", {"entries": [{"contact": "s@x.example", "captured_at": "secret"}]}, "date"),
        (
            "optouts",
            {"entries": [{"contact": "s@x.example", "captured_at": "2126-01-01"}]},
            "future",
        ),
        ("optouts", {"entries": [{"contact": "s@x.example", "status": "opt_in"}]}, "captured_at"),
        ("optouts", {"entries": [{"hash": "0" * 64}]}, "kind"),
        ("optouts", {"entries": [{"channel": "sms"}]}, "either a contact or a hash"),
        ("optouts", {"entries": []}, "at least 1"),
        (
            "consent/check",
            {"contacts": ["s@x.example", "secret"], "channel": "sms", "purpose": "ads"},
            "contacts[1] is neither",
        ),
        ("consent/check", {"channel": "sms", "purpose": "ads"}, "either contacts or hashes"),
        (
            "consent/check",
            {"contacts": ["s@x.example"], "channel": "secret", "purpose": "ads"},
            "channel is none of",
        ),
        ("optouts/erase", {"contacts": ["secret"]}, "contacts[0]"),
        (
            "optouts/erase",
            {"contacts": ["s@x.example"], "reason": "because secret asked"},
            "reason",
        ),
    ],
)
def test_says_what_is_wrong_and_repeats_nothing(
    proxy: Proxy, registrar: str, path: str, body: dict[str, Any], words: str
) -> None:
    refused = proxy.post(f"/v1/{path}", body, registrar)
    assert refused.status_code == 400, refused.text
    assert words in refused.json()["error"]["message"]
    assert "secret" not in refused.text.lower()


def test_one_wrong_entry_keeps_all_out(proxy: Proxy, registrar: str) -> None:
    person = "fine@four.example"
    assert save(proxy, registrar, {"contact": person}, {"contact": "?"}).status_code == 400
    assert check(proxy, registrar, contacts=[person])["unknown"] == [0]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/optouts"),
        ("GET", "/v1/optouts"),
        ("POST", "/v1/optouts/erase"),
        ("POST", "/v1/consent/check"),
    ],
)
def test_needs_its_own_scope(proxy: Proxy, method: str, path: str) -> None:
    for key in (proxy.key, proxy.reviewer_key, proxy.admin_key):
        answer = httpx.request(
            method, proxy.url + path, headers={"authorization": f"Bearer {key}"}, json={}
        )
        assert answer.status_code == 403
        assert "'optouts'" in answer.json()["error"]["message"]


def test_takes_out_for_good_whoever_opted_out(
    proxy: Proxy, registrar: str, upstream: FakeUpstream
) -> None:
    out, known = "gone.away@five.example", "still.here@five.example"
    save(proxy, registrar, {"contact": out})
    upstream.will(text("Created with AI. Write to {{EMAIL_ADDRESS_1}} and {{EMAIL_ADDRESS_2}}."))
    answer = proxy.chat(f"Write a mail to {known}.\nAnother one to {out}.")
    sent = json.dumps(upstream.requests[-1].body)
    assert out not in sent
    assert known not in sent
    assert out not in answer.text
    kept = events(proxy, "verdict.recorded")[-1]["payload"]
    assert kept["opted_out"] == 1
    assert out not in json.dumps(kept)


def test_leaves_alone_who_opted_out_of_something_else(
    proxy: Proxy, registrar: str, upstream: FakeUpstream
) -> None:
    out = "no.sms@six.example"
    save(proxy, registrar, {"contact": out, "channel": "sms"})
    upstream.will(text("Created with AI. Write to {{EMAIL_ADDRESS_1}}. Unsubscribe"))
    by_mail = proxy.chat(f"Write a mail to {out}.", presscheck={"channel": "email"})
    assert by_mail.status_code == 200, by_mail.text
    assert out in by_mail.text
    assert "opted_out" not in events(proxy, "verdict.recorded")[-1]["payload"]


@pytest.mark.parametrize(
    ("contact", "written"),
    [
        ("refuses.mail@seven.example", "Refuses.Mail@seven.example"),
        ("+44 7700 900876", "+44 7700 900876"),
    ],
)
def test_refuses_where_the_policy_says_so_and_never_says_who(
    proxy: Proxy, registrar: str, upstream: FakeUpstream, contact: str, written: str
) -> None:
    save(proxy, registrar, {"contact": contact})
    upstream.requests.clear()
    refused = proxy.chat(
        f"Write a birthday text for our customer, {written}.", presscheck={"policy": "keeps_away"}
    )
    assert refused.status_code == 400
    error = refused.json()["error"]
    assert error["code"] == "content_filter"
    assert "a contact of somebody who opted out" in error["message"]
    assert written not in refused.text
    assert upstream.requests == []
