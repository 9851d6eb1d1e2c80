"""One configuration file and the environment become settings, or an error that says where."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.errors import PolicyError
from proxy.settings import Settings, SettingsError, load_settings, read_settings

LITELLM_CONFIG = """\
model_list:
  - model_name: gpt-4o
    litellm_params:
      model: azure/gpt-4o-eu
      api_base: os.environ/AZURE_API_BASE
      api_key: os.environ/AZURE_API_KEY
      api_version: "2025-01-01-preview"
      rpm: 6
    model_info:
      mode: chat
  - model_name: "anthropic/*"
    litellm_params:
      model: "anthropic/*"
      api_key: os.environ/ANTHROPIC_API_KEY
    tpm: 20000

litellm_settings:
  drop_params: True
  num_retries: 3
  request_timeout: 10
  fallbacks: [{"gpt-4o": ["anthropic/claude"]}]
  callbacks: ["langfuse"]
  cache: True
  json_logs: true

router_settings:
  routing_strategy: least-busy
  num_retries: 2
  redis_host: os.environ/REDIS_HOST

general_settings:
  master_key: sk-1234
  alerting: ["slack"]

guardrails:
  - guardrail_name: pii

environment_variables:
  REDIS_HOST: "127.0.0.1"
"""
PROVIDERS = {
    "AZURE_API_BASE": "https://example.openai.azure.com",
    "AZURE_API_KEY": "azure-secret-0001",
    "ANTHROPIC_API_KEY": "anthropic-secret-0002",
}


def write(folder: Path, text: str) -> Path:
    path = folder / "presscheck.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def load(folder: Path, text: str, environment: Mapping[str, str] | None = None) -> Settings:
    return load_settings(write(folder, text), environment or {})


def test_serves_the_demo_model_when_nothing_is_configured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load_settings(None, {})
    assert [model.model_name for model in settings.model_list] == ["demo/copywriter"]
    assert (settings.host, settings.port) == ("127.0.0.1", 8400)
    assert settings.home == Path(".presscheck")
    assert settings.database_url == "sqlite+aiosqlite:///.presscheck/presscheck.db"
    assert settings.default_policy == "default"


def test_takes_the_file_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "port: 9000\n")
    assert load_settings(None, {}).port == 9000


def test_takes_the_file_that_the_environment_names(tmp_path: Path) -> None:
    path = write(tmp_path, "port: 9000\n")
    assert load_settings(None, {"PRESSCHECK_CONFIG": str(path)}).port == 9000


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "limits:\nmodel_list:\n"])
def test_takes_an_empty_file_for_the_defaults(tmp_path: Path, text: str) -> None:
    assert load(tmp_path, text) == load_settings(write(tmp_path, ""), {})


def test_takes_a_litellm_configuration_unchanged(tmp_path: Path) -> None:
    settings = load(tmp_path, LITELLM_CONFIG, PROVIDERS)
    first, second = settings.model_list
    assert first.litellm_params["api_key"] == "azure-secret-0001"
    assert first.litellm_params["rpm"] == 6
    assert first.model_info == {"mode": "chat"}
    assert (second.model_name, second.target) == ("anthropic/*", "anthropic/*")
    assert settings.router_settings["redis_host"] == "127.0.0.1"
    assert settings.litellm_settings["fallbacks"] == [{"gpt-4o": ["anthropic/claude"]}]


def test_says_which_part_of_a_litellm_configuration_has_no_effect(tmp_path: Path) -> None:
    reading = read_settings(write(tmp_path, LITELLM_CONFIG), PROVIDERS)
    assert set(reading.unused) == {
        "guardrails",
        "router_settings.redis_host",
        "litellm_settings.callbacks",
        "litellm_settings.cache",
        "litellm_settings.json_logs",
        "general_settings.master_key",
        "general_settings.alerting",
    }
    assert all(reading.unused.values())


def test_remembers_which_environment_variable_a_value_came_from(tmp_path: Path) -> None:
    reading = read_settings(write(tmp_path, LITELLM_CONFIG), PROVIDERS)
    assert reading.references["model_list[0].litellm_params.api_key"] == "AZURE_API_KEY"


@pytest.mark.parametrize(
    ("variable", "value", "field", "expected"),
    [
        ("PRESSCHECK_PORT", "9100", "port", 9100),
        ("PRESSCHECK_HOME", "/srv/presscheck", "home", Path("/srv/presscheck")),
        ("PRESSCHECK_DEFAULT_POLICY", "no", "default_policy", "no"),
        ("PRESSCHECK_CHECK_TIMEOUT_SECONDS", "1.5", "check_timeout_seconds", 1.5),
        ("PRESSCHECK_LOG_LEVEL", "DEBUG", "log_level", "debug"),
        ("PRESSCHECK_POLICIES", "mine.yaml", "policies", (Path("mine.yaml"),)),
        ("PRESSCHECK_POLICIES", "[a, b.yaml]", "policies", (Path("a"), Path("b.yaml"))),
        ("PRESSCHECK_ROUTER_SETTINGS__NUM_RETRIES", "5", "router_settings", {"num_retries": 5}),
        ("PRESSCHECK_PORT", "", "port", 8401),
    ],
)
def test_the_environment_wins_over_the_file(
    tmp_path: Path, variable: str, value: str, field: str, expected: object
) -> None:
    settings = load(tmp_path, "port: 8401\nlog_level: info\n", {variable: value})
    assert getattr(settings, field) == expected


def test_a_nested_variable_leaves_the_rest_of_its_section(tmp_path: Path) -> None:
    text = "limits:\n  max_messages: 7\n  max_json_depth: 9\n"
    limits = load(tmp_path, text, {"PRESSCHECK_LIMITS__MAX_MESSAGES": "3"}).limits
    assert (limits.max_messages, limits.max_json_depth) == (3, 9)


def test_reads_models_from_the_environment() -> None:
    models = (
        '[{"model_name": "a", "litellm_params": {"model": "openai/a", "api_key": "os.environ/K"}}]'
    )
    settings = load_settings(None, {"PRESSCHECK_MODEL_LIST": models, "K": "secret-0003"})
    assert settings.model_list[0].litellm_params["api_key"] == "secret-0003"


def test_reads_a_secret_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql+asyncpg://press:hunter2@db/press\n", encoding="utf-8")
    settings = load(tmp_path, "", {"PRESSCHECK_DATABASE_URL_FILE": str(secret)})
    assert settings.database_url == "postgresql+asyncpg://press:hunter2@db/press"


def test_resolves_references_in_our_part_of_the_file_too(tmp_path: Path) -> None:
    settings = load(tmp_path, "database_url: os.environ/DB\n", {"DB": "sqlite+aiosqlite://"})
    assert settings.database_url == "sqlite+aiosqlite://"


def test_reads_policies_beside_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path, "policies: [house, /etc/press/law.yaml]\n")
    assert settings.policies == (tmp_path / "house", Path("/etc/press/law.yaml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("prot: 9000\n", ["line 1", "unknown key 'prot'", "did you mean 'port'?"]),
        (
            "port: 9000\nlimits:\n  max_body_byte: 5\n",
            ["line 3", "limits.max_body_byte", "did you mean 'max_body_bytes'?"],
        ),
        ("\nport: high\n", ["line 2, port", "valid integer", "not 'high'"]),
        ("port: 70000\n", ["line 1, port", "not 70000"]),
        ("port: 1\nhost: h\nport: 2\n", ["line 3, port", "again, after line 1"]),
        ("limits: 5\n", ["line 1, limits"]),
        ("model_list: []\n", ["line 1, model_list"]),
        (
            "model_list:\n  - model_name: a\n",
            ["line 2", "model_list[0].litellm_params", "required"],
        ),
        (
            "model_list:\n  - model_name: a\n    litellm_params: {api_key: x}\n",
            ["line 3", "`model` is missing"],
        ),
        (
            "model_list:\n  - model_nam: a\n    model_name: a\n    litellm_params: {model: b}\n",
            ["line 2", "'model_nam'", "did you mean 'model_name'?"],
        ),
        (
            "port: 1\nmodel_list:\n  - model_name: a\n    litellm_params:\n"
            "      model: openai/a\n      api_key: os.environ/MISSING\n",
            ["line 6, model_list[0].litellm_params.api_key", "MISSING is not set"],
        ),
        ("include: [other.yaml]\n", ["line 1, include", "model_list"]),
        ("port: [1\n", ["is no YAML", "line 2"]),
        ("- a\n- b\n", ["keys and values"]),
    ],
)
def test_refuses_a_wrong_file_and_says_where(tmp_path: Path, text: str, words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, text)
    assert isinstance(caught.value, PolicyError)
    message = str(caught.value)
    assert message.startswith(str(tmp_path / "presscheck.yaml"))
    for part in words:
        assert part in message


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"PRESSCHECK_PROT": "1"}, ["PRESSCHECK_PROT", "did you mean 'port'?"]),
        ({"PRESSCHECK_PORT": "x"}, ["PRESSCHECK_PORT: port", "not 'x'"]),
        ({"PRESSCHECK_LIMITS__MAX_MESAGES": "1"}, ["did you mean 'max_messages'?"]),
        ({"PRESSCHECK_MODEL_LIST": "[1"}, ["PRESSCHECK_MODEL_LIST", "is no YAML"]),
        ({"PRESSCHECK_HOME_FILE": "/nowhere/at/all"}, ["/nowhere/at/all cannot be read"]),
        (
            {"PRESSCHECK_HOME": "a", "PRESSCHECK_HOME_FILE": "b"},
            ["PRESSCHECK_HOME is set too: keep one"],
        ),
    ],
)
def test_refuses_a_wrong_environment_and_names_the_variable(
    tmp_path: Path, environment: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, "", environment)
    for part in words:
        assert part in str(caught.value)


def test_leaves_variables_of_others_alone_and_says_so(tmp_path: Path) -> None:
    environment = {"PRESSCHECK_SERVICE_HOST": "10.0.0.7"}
    assert set(read_settings(write(tmp_path, ""), environment).unused) == set(environment)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "absent.yaml", {})


def test_secrets_are_neither_shown_nor_repeated_in_errors(tmp_path: Path) -> None:
    text = LITELLM_CONFIG + "database_url: postgresql://u:database-secret-0004@h/d\n"
    shown = repr(load(tmp_path, text, PROVIDERS))
    for secret in (*PROVIDERS.values(), "database-secret-0004", "sk-1234"):
        assert secret not in shown

    wrong = "model_list:\n  - model_name: a\n    api_key: key-secret-0005\n"
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, wrong)
    assert "key-secret-0005" not in str(caught.value)
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, "port: os.environ/P\n", {"P": "port-secret-0006"})
    assert "port-secret-0006" not in str(caught.value)
