"""`presscheck config check` says what was read, or what is wrong."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CONFIG = """\
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: https://eu.example.com
      api_key: os.environ/AZURE_KEY
  - model_name: "anthropic/*"
    litellm_params: {model: "anthropic/*"}
  - model_name: house
    litellm_params:
      model: openai/house
      api_base: "http://u:secret-1@127.0.0.1:1"
      api_key: secret-2
router_settings:
  num_retries: 3
  default_litellm_params: {api_key: secret-3}
general_settings:
  master_key: secret-4
database_url: postgresql://press:secret-5@db/press
"""


def check(
    folder: Path, text: str | None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    if text is not None:
        (folder / "presscheck.yaml").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-m", "proxy", "config", "check"],
        cwd=folder,
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "PYTHONPATH": str(ROOT),
            "COLUMNS": "200",
            **(environment or {}),
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_says_what_was_read_and_shows_no_secret(tmp_path: Path) -> None:
    finished = check(tmp_path, CONFIG, {"AZURE_KEY": "secret-0"})
    assert finished.returncode == 0, finished.stderr
    for part in (
        "presscheck.yaml",
        "azure/gpt-4o-eu",
        "api_key from environment variable AZURE_KEY",
        "the provider's usual environment variables",
        "api_key set",
        "router_settings.num_retries",
        "general_settings.master_key",
        "postgresql://press:…@db/press",
    ):
        assert part in finished.stdout
    assert "secret-" not in finished.stdout + finished.stderr


def test_says_that_the_demo_model_alone_is_configured(tmp_path: Path) -> None:
    finished = check(tmp_path, None)
    assert finished.returncode == 0, finished.stderr
    assert "demo/copywriter" in finished.stdout


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot: 1\n", "did you mean 'port'?"),
        ("default_policy: defalt\n", "did you mean 'default'?"),
        ("router_settings: {num_retrys: 1}\n", "did you mean 'num_retries'?"),
        ("policies: [absent]\n", "absent"),
    ],
)
def test_exits_with_a_sentence_about_what_is_wrong(tmp_path: Path, text: str, words: str) -> None:
    finished = check(tmp_path, text)
    assert finished.returncode == 1
    assert words in finished.stderr
    assert "Traceback" not in finished.stderr
