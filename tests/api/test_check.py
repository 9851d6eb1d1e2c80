"""`POST /v1/check`, `POST /v1/anonymize`, `GET /v1/models`, options and paths."""

import httpx
import pytest

from tests.api.conftest import Proxy
from tests.fakes.upstream import FakeUpstream, text


def test_a_text_is_fixed_and_the_finding_says_why(proxy: Proxy) -> None:
    response = proxy.post("/v1/check", {"text": "Fresh bread from seven.", "channel": "instagram"})
    body = response.json()
    assert body["verdict"] == "fixed"
    assert body["text"] == "AI-generated. Fresh bread from seven."
    assert body["policy"]["name"] == "default"
    assert body["timings_ms"]["total"] > 0
    assert set(body["timings_ms"]) >= {"toxicity", "bias", "claims", "disclosure"}
    (finding,) = body["findings"]
    assert set(finding) == {
        *("id", "validator", "rule", "category", "severity", "score", "action", "start", "end"),
        *("text", "reason", "basis", "suggestion", "evidence"),
    }
    assert response.headers["x-presscheck-verdict"] == "fixed"


def test_the_fixed_text_passes_unchanged(proxy: Proxy) -> None:
    for channel in ("x", "instagram", "email", "sms", "tiktok", "blog", "chatbot"):
        body = {"text": "Fresh bread from seven.", "channel": channel}
        fixed = proxy.post("/v1/check", body).json()
        again = proxy.post("/v1/check", {**body, "text": fixed["text"]}).json()
        assert again["verdict"] in ("passed", "flagged"), channel
        assert again["text"] == fixed["text"], channel


def test_several_texts_get_one_result_each(proxy: Proxy) -> None:
    texts = ["Created with AI. Hello.", "Created with AI. Our balm cures eczema in three days."]
    body = proxy.post("/v1/check", {"texts": texts}).json()
    assert [r["verdict"] for r in body["results"]] == ["passed", "blocked"]
    assert body["results"][1]["text"] is None
    assert body["results"][1]["review_id"]


@pytest.mark.parametrize(
    "text",
    [
        "Created with AI. Our balm cures eczema in three days.",
        "Cr\u0435ated with AI. 🎉 Our b​alm cures ecz​ema in three days! 🎉",
        "A drill so easy even a woman can use it.\r\n\r\nCreated with AI.",
    ],
)
def test_offsets_are_code_points_into_the_text(proxy: Proxy, text: str) -> None:
    body = proxy.post("/v1/check", {"text": text}).json()
    assert body["findings"]
    for finding in body["findings"]:
        assert text[finding["start"] : finding["end"]] == finding["text"]


def test_personal_data_in_a_text_to_check_is_not_kept(proxy: Proxy) -> None:
    text = "Created with AI. Loved by Karen Holt (karen.holt@outlook.com)."
    body = proxy.post("/v1/check", {"text": text}).json()
    assert body["verdict"] == "blocked"
    assert "privacy.output.leak" in [f["rule"] for f in body["findings"]]
    item = proxy.get(f"/v1/reviews/{body['review_id']}", proxy.reviewer_key)
    assert "karen" not in item.text.lower()
    for finding in item.json()["findings"]:
        start, end = finding["start"], finding["end"]
        assert item.json()["checked"][start:end] == finding["text"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({}, "text or texts"),
        ({"text": "a", "texts": ["b"]}, "text or texts"),
        ({"texts": []}, "texts"),
        ({"text": 7}, "text"),
        ({"text": "a", "chanel": "x"}, "did you mean 'channel'?"),
    ],
)
def test_a_wrong_check_is_refused(proxy: Proxy, body: object, says: str) -> None:
    response = proxy.post("/v1/check", body)
    assert response.status_code == 400
    assert says in response.json()["error"]["message"]


def test_anonymize_shows_what_would_be_sent(proxy: Proxy) -> None:
    text = "Write a win-back mail to Laura Jiménez, laura.j@gmail.com. Laura ordered twice."
    body = proxy.post("/v1/anonymize", {"text": text}).json()
    assert "{{PERSON_1}}, {{EMAIL_ADDRESS_1}}" in body["text"]
    for entity in body["entities"]:
        assert set(entity) == {"type", "placeholder", "path", "start", "end", "score"}
    assert "laura" not in str(body).lower()
    messages = [{"role": "user", "content": "Call +44 7700 900123"}]
    answer = proxy.post("/v1/anonymize", {"messages": messages}).json()
    assert answer["messages"] == [{"role": "user", "content": "Call {{PHONE_NUMBER_1}}"}]


def test_models_are_those_of_the_configuration(proxy: Proxy) -> None:
    client = proxy.client()
    assert [model.id for model in client.models.list()] == ["fake"]
    assert client.models.retrieve("fake").object == "model"
    assert proxy.get("/v1/models/nothing").status_code == 404


def test_a_policy_can_stand_in_the_path(proxy: Proxy, upstream: FakeUpstream) -> None:
    upstream.will(text("Created with AI. Fresh bread."))
    answer = proxy.client(path="/p/instagram/v1").chat.completions.with_raw_response.create(
        model="fake", messages=[{"role": "user", "content": "A post"}]
    )
    assert answer.headers["x-presscheck-policy"].startswith("instagram@sha256:")
    response = proxy.post("/p/nothing/v1/check", {"text": "Hello"})
    assert response.status_code == 400
    assert "'nothing'" in response.json()["error"]["message"]


def test_body_wins_over_header_over_key_over_path(proxy: Proxy) -> None:
    def policy(path: str, body: dict[str, object], key: str, **headers: str) -> str:
        response = proxy.post(f"{path}/check", {"text": "Hello", **body}, key, **headers)
        assert response.status_code == 200, response.text
        return response.headers["x-presscheck-policy"].split("@")[0]

    header = {"x_presscheck_policy": "tiktok"}
    assert policy("/p/x/v1", {"policy": "instagram"}, proxy.key, **header) == "instagram"
    assert policy("/p/x/v1", {}, proxy.key, **header) == "tiktok"
    assert policy("/p/x/v1", {}, proxy.strict_key) == "strict"
    assert policy("/p/x/v1", {}, proxy.key) == "x"
    assert policy("/v1", {}, proxy.key) == "default"


def test_metrics_count_and_hold_no_text(proxy: Proxy) -> None:
    proxy.post("/v1/check", {"text": "Our balm cures eczema in three days."})
    metrics = httpx.get(f"{proxy.url}/metrics").text
    assert 'presscheck_requests_total{endpoint="check",status="200",verdict="blocked"}' in metrics
    assert 'presscheck_findings_total{action="block",rule="claims.health.disease"}' in metrics
    assert 'presscheck_check_seconds_count{guardrail="claims"}' in metrics
    assert "eczema" not in metrics
