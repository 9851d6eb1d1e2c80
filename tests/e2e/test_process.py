"""What an operator sees: the first start, the commands, a killed server, no other connection."""

import concurrent.futures
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import openai
import pytest

from tests.e2e.conftest import Server, environment_for, presscheck

pytestmark = pytest.mark.e2e
Start = Callable[..., Server]


def test_the_first_start_prints_a_key_once_and_a_curl_line_that_works(start: Start) -> None:
    server = start()
    (curl,) = re.findall(r"^curl .*$", server.said, re.M)
    answer = subprocess.run(curl, shell=True, capture_output=True, text=True, timeout=60)
    body = json.loads(answer.stdout)
    assert body["presscheck"]["verdict"] == "fixed"
    assert body["choices"][0]["message"]["content"].startswith("AI-generated.")
    client = openai.OpenAI(base_url=f"{server.url}/v1", api_key=server.key)
    with pytest.raises(openai.BadRequestError) as raised:
        client.chat.completions.create(
            model="demo/copywriter",
            messages=[{"role": "user", "content": "A post for our new eczema balm"}],
        )
    assert isinstance(raised.value.body, dict)
    review_id = raised.value.body["presscheck"]["review_id"]
    shown = server.run("reviews", "show", review_id)
    assert shown.returncode == 0, shown.stderr
    for part in ("claims.health.disease", "eczema", "Basis", "FTC"):
        assert part.lower() in shown.stdout.lower()
    assert review_id in server.run("reviews", "list", "--json").stdout
    secret = server.key
    server.kill()
    assert secret not in start().said


def test_a_killed_server_loses_no_verdict_that_a_client_has_seen(start: Start) -> None:
    requests, enough = 200, 40
    server = start()
    body = {"model": "demo/copywriter", "messages": [{"role": "user", "content": "A bakery post"}]}
    seen: list[str] = []
    cut_short: list[httpx.TransportError] = []
    has_seen_enough = threading.Event()
    all_at_once = threading.Barrier(requests, timeout=60)

    with httpx.Client(
        headers={"authorization": f"Bearer {server.key}"},
        limits=httpx.Limits(max_connections=requests),
        timeout=120,
    ) as client:

        def ask(_: int) -> None:
            all_at_once.wait()
            try:
                response = client.post(f"{server.url}/v1/chat/completions", json=body)
            except httpx.TransportError as error:
                cut_short.append(error)
                return
            assert response.headers["x-presscheck-verdict"] == "fixed", response.text
            seen.append(response.headers["x-request-id"])
            if len(seen) >= enough:
                has_seen_enough.set()

        with concurrent.futures.ThreadPoolExecutor(requests) as pool:
            answers = [pool.submit(ask, number) for number in range(requests)]
            assert has_seen_enough.wait(120)
            server.kill()
            for answer in answers:
                answer.result()
    assert len(seen) >= enough
    assert cut_short, "the server was to be killed in the middle"
    assert len(seen) + len(cut_short) == requests
    again = start()
    verified = again.run("audit", "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    exported = again.run("audit", "export", "--output", "-").stdout
    for request_id in seen:
        assert request_id in exported


def test_start_up_and_a_request_open_no_other_connection(start: Start, tmp_path: Path) -> None:
    attempts = tmp_path / "attempts.txt"
    attempts.touch()
    server = start(WITNESS_FILE=str(attempts))
    body = {
        "model": "demo/copywriter",
        "messages": [{"role": "user", "content": "Write to Laura Jiménez, laura.j@gmail.com"}],
    }
    headers = {"authorization": f"Bearer {server.key}"}
    response = httpx.post(
        f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=60
    )
    assert response.status_code == 200, response.text
    # Give a library that reports in the background the time to try.
    time.sleep(3)
    assert attempts.read_text(encoding="utf-8") == ""


def test_a_connection_to_another_machine_is_refused_and_noted(tmp_path: Path) -> None:
    attempts = tmp_path / "attempts.txt"
    asked = """
import asyncio, urllib.request, httpx, uvloop

async def ask(url):
    async with httpx.AsyncClient() as client:
        await client.get(url)

for act in (
    lambda: urllib.request.urlopen("http://by-urllib.example"),
    lambda: asyncio.run(ask("http://by-asyncio.example")),
    lambda: uvloop.run(ask("http://by-uvloop.example")),
    lambda: uvloop.run(ask("http://192.0.2.1")),
):
    try:
        act()
    except (OSError, httpx.TransportError):
        pass
"""
    subprocess.run(
        [sys.executable, "-c", asked],
        env=environment_for(WITNESS_FILE=str(attempts)),
        check=True,
        timeout=60,
    )
    noted = attempts.read_text(encoding="utf-8")
    for host in ("by-urllib.example", "by-asyncio.example", "by-uvloop.example", "192.0.2.1"):
        assert host in noted


def test_logs_and_database_hold_no_personal_data_and_no_key(start: Start) -> None:
    server = start()
    headers = {"authorization": f"Bearer {server.key}"}
    canaries = ["laura.canary@gmail.com", "+44 7911 334455", "Priya Sharma"]
    prompt = f"An eczema balm post, dear {canaries[2]}, {canaries[0]}, {canaries[1]}"
    for content in (prompt, prompt + " {"):
        body = {"model": "demo/copywriter", "messages": [{"role": "user", "content": content}]}
        httpx.post(f"{server.url}/v1/chat/completions", json=body, headers=headers, timeout=60)
    httpx.post(f"{server.url}/v1/chat/completions", content=prompt, headers=headers, timeout=60)
    metrics = httpx.get(f"{server.url}/metrics").text
    secret = server.key
    server.stop()
    logged = server.said.split("\n{", 1)[-1]
    kept = b"".join(path.read_bytes() for path in server.home.rglob("*") if path.is_file())
    assert b"eczema" in kept
    for canary in (*canaries, secret):
        assert canary not in logged
        assert canary not in metrics
        assert canary.encode() not in kept
    assert "eczema" not in logged


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("presscheck.yaml", "prot: 8400\n", ["presscheck.yaml", "prot", "port"]),
        ("presscheck.yaml", "policies: [nowhere.yaml]\n", ["nowhere.yaml"]),
        ("presscheck.yaml", "default_policy: strcit\n", ["strcit", "strict"]),
        ("presscheck.yaml", "model_list: [\n", ["presscheck.yaml", "line"]),
    ],
)
def test_a_wrong_configuration_stops_the_start_and_says_where(
    tmp_path: Path, name: str, content: str, says: list[str]
) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    result = presscheck("serve", "--config", str(path))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    flat = result.stderr.replace("\n", "")
    for part in says:
        assert part in flat, result.stderr


def test_check_reads_text_jsonl_and_csv_and_says_what_is_wrong(tmp_path: Path) -> None:
    clean = tmp_path / "clean.txt"
    clean.write_text("Created with AI. Fresh bread.", encoding="utf-8")
    assert presscheck("check", str(clean)).returncode == 0
    wrong = "Created with AI. Our balm cures eczema in three days."
    table = tmp_path / "posts.csv"
    table.write_text(f'id,copy\n1,"{wrong}"\n', encoding="utf-8")
    result = presscheck("check", str(table), "--field", "copy", "--channel", "instagram")
    assert result.returncode == 1
    assert "claims.health.disease" in result.stdout
    lines = tmp_path / "posts.jsonl"
    lines.write_text(json.dumps({"text": wrong}) + "\n", encoding="utf-8")
    result = presscheck("check", str(lines), "--json")
    assert result.returncode == 1
    assert json.loads(result.stdout)["verdict"] == "blocked"
    result = presscheck("check", str(table))
    assert result.returncode == 2
    assert "--field" in result.stderr.replace("\n", "")


def test_every_command_is_named_by_help() -> None:
    shown = presscheck("--help").stdout
    for command in ("serve", "check", "config", "policy", "keys", "reviews", "audit"):
        assert command in shown


def test_explain_says_what_would_apply_and_why() -> None:
    result = presscheck(
        "policy", "explain", "--channel", "instagram", "--jurisdiction", "UK", "--json"
    )
    rows = {row["rule"]: row for row in json.loads(result.stdout)}
    assert rows["claims.health.disease"]["action"] == "block"
    assert rows["privacy.input.secret"]["decided_by"][-1] == "policy default: privacy.input.*"
    assert "disclosure.chatbot.no_intro" not in rows
