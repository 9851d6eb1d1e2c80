"""Nothing phones home: what the libraries do while they are imported, built and used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Python reports every look-up and connection to this hook, whoever makes it.
WATCH = """
import sys

def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        print("CALLED", event, arguments[-1], flush=True)

sys.addaudithook(watch)
"""

PROXY = """
from proxy.settings import Settings
from proxy.upstream import Upstream

models = [
    {"model_name": "openai/*", "litellm_params": {"model": "openai/*", "api_key": "k" * 20}},
    {"model_name": "claude", "litellm_params": {"model": "anthropic/claude-sonnet-4-5"}},
    {"model_name": "demo/copywriter", "litellm_params": {"model": "demo/copywriter"}},
]
upstream = Upstream(Settings.model_validate({"model_list": models}))

import litellm
litellm.Router(model_list=models)
"""

GUARDRAILS = """
from validators.base import Context
from validators.guardrails import GuardrailsConfig, GuardrailsValidator, export_validators
from validators.rules import Rule

rule = Rule(id="guardrails.ban_list", definition="-", reason="-")
config = GuardrailsConfig(validator="guardrails/ban_list", args={"banned_words": ["best"]})
assert GuardrailsValidator(config, [rule]).check("The best bread.", Context())

from guardrails import Guard
exported = export_validators()["manipulation"]
assert Guard().use(exported([])).validate("Bread.").validation_passed
"""

PRESIDIO = """
import proxy
import tldextract
assert tldextract.extract("press.example.co.uk").suffix == "co.uk"
"""


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(PROXY, id="the upstream"),
        pytest.param(PROXY + GUARDRAILS, id="the upstream and guardrails-ai"),
        pytest.param(GUARDRAILS, id="guardrails-ai without the proxy"),
        pytest.param(PRESIDIO, id="the public suffix list"),
    ],
)
def test_looks_up_no_name_connects_nowhere_and_leaves_the_home_folder_alone(
    tmp_path: Path, program: str
) -> None:
    # An environment without our switches, and with one that asks for reporting.
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANGSMITH_TRACING": "true"}
    finished = subprocess.run(
        [sys.executable, "-c", WATCH + program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    assert "CALLED" not in finished.stdout
    assert list(tmp_path.iterdir()) == []
