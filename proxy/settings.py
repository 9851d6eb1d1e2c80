"""The configuration: one file and the environment, read once.

The file begins with LiteLLM's own sections, so that an existing LiteLLM configuration moves over
unchanged, and goes on with ours. The environment wins over the file.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import phonenumbers
import yaml
from pydantic import BaseModel, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails

from policies.errors import PolicyError, nearest

DEFAULT_FILE = Path("presscheck.yaml")
DEMO_MODEL = "demo/copywriter"

_PREFIX = "PRESSCHECK_"
_REFERENCE = "os.environ/"
_SECRET = re.compile(
    r"(?:^|_)(?:keys?|token|secret|password|pepper|credentials?|authorization)(?:_|$)",
    re.IGNORECASE,
)
# What these hold is written as YAML where it stands in an environment variable.
_FREE_FORM = frozenset(
    {
        "model_list",
        "router_settings",
        "litellm_settings",
        "general_settings",
        "environment_variables",
        "policies",
    }
)
# The parts of a LiteLLM configuration that mean something to Presscheck, and why others do not.
APPLIED_LITELLM_SETTINGS = frozenset(
    {
        "num_retries",
        "request_timeout",
        "fallbacks",
        "default_fallbacks",
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "allowed_fails",
        "drop_params",
    }
)
UNUSED_ROUTER_SETTINGS: Mapping[str, str] = {
    **dict.fromkeys(
        ("cache_responses", "cache_kwargs", "caching_groups"),
        "answers are not cached: each one is checked and recorded",
    ),
    **dict.fromkeys(
        ("redis_url", "redis_host", "redis_port", "redis_password", "redis_db"),
        "the router keeps its counts and cooldowns in this process",
    ),
    **dict.fromkeys(("set_verbose", "debug_level"), "logs never hold text"),
    "alerting_config": "nothing is sent to third parties",
}
_UNUSED_SECTIONS: Mapping[str, str] = {
    "guardrails": "Presscheck's policies take the place of LiteLLM's guardrails",
    "callback_settings": "nothing is sent to third parties",
    "mcp_servers": "only the model endpoints are served",
    "mcp_tools": "only the model endpoints are served",
    "search_tools": "only the model endpoints are served",
    "vector_store_registry": "only the model endpoints are served",
    "files_settings": "only the model endpoints are served",
    "finetune_settings": "only the model endpoints are served",
    "assistant_settings": "only the model endpoints are served",
}
_UNSUPPORTED_SECTIONS: Mapping[str, str] = {
    "include": "other files are not included: put their model_list into this file",
    "credential_list": "credentials stand in the litellm_params of each model",
}
_UNUSED_LITELLM_SETTINGS: Mapping[str, str] = {
    **dict.fromkeys(
        ("callbacks", "success_callback", "failure_callback", "service_callback"),
        "nothing is sent to third parties",
    ),
    **dict.fromkeys(
        ("cache", "cache_params"), "answers are not cached: each one is checked and recorded"
    ),
}
_UNUSED_GENERAL_SETTINGS: Mapping[str, str] = {
    "master_key": "keys are made by `presscheck keys create`",
    "database_url": "Presscheck has its own database: set database_url at the top of the file",
}


class SettingsError(PolicyError):
    """The configuration is wrong, so the server does not start."""


class ModelEntry(BaseModel, frozen=True, extra="allow"):
    """One deployment of LiteLLM's `model_list`. Several of one name share its requests.

    `litellm_params` is not shown by `repr`, as provider keys stand in it.
    """

    model_name: str = Field(min_length=1)
    litellm_params: dict[str, Any] = Field(repr=False)
    model_info: dict[str, Any] = {}

    @field_validator("litellm_params")
    @classmethod
    def _with_model(cls, parameters: dict[str, Any]) -> dict[str, Any]:
        if not isinstance(parameters.get("model"), str):
            raise ValueError('`model` is missing, as in "openai/gpt-4.1"')
        return parameters

    @model_validator(mode="after")
    def _without_misspelling(self) -> ModelEntry:
        for name in self.model_extra or {}:
            if guess := nearest(name, list(type(self).model_fields)):
                raise ValueError(f"unknown key {name!r}{guess}")
        return self

    @property
    def target(self) -> str:
        """The provider and its model, as LiteLLM writes them."""
        return str(self.litellm_params["model"])


class Limits(BaseModel, frozen=True, extra="forbid"):
    """How large a request may be before it is refused unread."""

    max_body_bytes: int = Field(2_000_000, gt=0)
    max_body_seconds: float = Field(30, gt=0)
    max_json_depth: int = Field(64, gt=0)
    max_messages: int = Field(2000, gt=0)
    max_text_chars: int = Field(200_000, gt=0)


class Settings(BaseModel, frozen=True, extra="forbid"):
    """Everything that can be configured.

    `workers` is the number of threads that run checks. `upstream_timeout_seconds` holds for a
    call to a provider where LiteLLM's own settings name no timeout. `phone_region` is the country
    whose numbers the opt-out registry may be given without their country code, such as IE.
    """

    model_list: tuple[ModelEntry, ...] = Field(
        (ModelEntry(model_name=DEMO_MODEL, litellm_params={"model": DEMO_MODEL}),), min_length=1
    )
    router_settings: dict[str, Any] = Field({}, repr=False)
    litellm_settings: dict[str, Any] = Field({}, repr=False)
    general_settings: dict[str, Any] = Field({}, repr=False)
    environment_variables: dict[str, Any] = Field({}, repr=False)

    host: str = "127.0.0.1"
    port: int = Field(8400, ge=0, le=65535)
    home: Path = Path(".presscheck")
    # Not shown by `repr`: it may hold a password.
    database_url: str = Field(
        default_factory=lambda data: f"sqlite+aiosqlite:///{data['home']}/presscheck.db",
        repr=False,
    )
    # Keys the hashes of the opt-out registry. Unset, it is read from, or made in, `home`.
    pepper: str | None = Field(None, min_length=16, repr=False)
    phone_region: str | None = None
    default_policy: str = "default"
    policies: tuple[Path, ...] = ()
    limits: Limits = Limits()
    workers: int = Field(2, ge=1)
    check_timeout_seconds: float = Field(20, gt=0)
    upstream_timeout_seconds: float = Field(600, gt=0)
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @field_validator("policies", mode="before")
    @classmethod
    def _listed(cls, paths: Any) -> Any:
        return (paths,) if isinstance(paths, str | Path) else paths

    @field_validator("phone_region")
    @classmethod
    def _country(cls, region: str | None) -> str | None:
        code = {"UK": "GB"}.get(region or "", region)
        if code is not None and code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("names no country whose phone numbers are known; write IE, say")
        return code

    @field_validator("log_level", mode="before")
    @classmethod
    def _lower(cls, level: Any) -> Any:
        return level.lower() if isinstance(level, str) else level


@dataclass(frozen=True, slots=True)
class Reading:
    """The settings, and how they were come by.

    `references` names the environment variable behind a value; `unused` says why a part of the
    configuration has no effect. Both are by the path of the value.
    """

    settings: Settings
    source: Path | None
    references: Mapping[str, str]
    unused: Mapping[str, str]


def load_settings(
    config: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Settings:
    """Read the configuration.

    The file is `config`, else what PRESSCHECK_CONFIG names, else `presscheck.yaml` in the working
    directory if there is one. With none of them the demo model alone is configured.

    Raises:
        SettingsError: the configuration is wrong; the message says where, and what was meant.
    """
    return read_settings(config, environment).settings


def read_settings(
    config: Path | None = None, environment: Mapping[str, str] = os.environ
) -> Reading:
    """Read the configuration as `load_settings` does, and say how each part was come by."""
    draft = _Draft(_find_file(config, environment))
    draft.read_file()
    draft.read_environment(environment)
    draft.resolve_references(environment)
    settings = draft.validate()
    return Reading(
        settings,
        draft.source,
        {_dotted(path): name for path, name in draft.references.items()},
        {**draft.unused, **dict(_unused(settings))},
    )


def is_secret(name: str) -> bool:
    """Whether the value of a field of this name is not to be shown."""
    return _SECRET.search(name) is not None


def _find_file(config: Path | None, environment: Mapping[str, str]) -> Path | None:
    if config is None and (named := environment.get(f"{_PREFIX}CONFIG")):
        config = Path(named)
    if config is None and DEFAULT_FILE.is_file():
        config = DEFAULT_FILE
    return config


_Path = tuple[str | int, ...]


@dataclass
class _Draft:
    """The configuration on its way from text to settings, with the place of each value."""

    source: Path | None
    values: dict[str, Any] = field(default_factory=dict)
    lines: dict[_Path, int] = field(default_factory=dict)
    variables: dict[_Path, str] = field(default_factory=dict)
    references: dict[_Path, str] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)

    def read_file(self) -> None:
        if self.source is None:
            return
        try:
            text = self.source.read_text(encoding="utf-8")
            root = yaml.compose(text, Loader=yaml.SafeLoader)
            values = yaml.safe_load(text)
        except OSError as error:
            raise SettingsError(self.source, "", f"cannot be read: {error.strerror}") from error
        except (UnicodeDecodeError, yaml.YAMLError) as error:
            raise SettingsError(self.source, "", f"is no YAML: {error}") from error
        if root is None:
            return
        if not isinstance(values, dict):
            raise SettingsError(self.source, "line 1", "the file must hold keys and values")
        self._note_lines(root, ())
        self.values = self._sort_out(values)
        if "policies" in self.values:
            self.values["policies"] = _beside(self.source, self.values["policies"])

    def read_environment(self, environment: Mapping[str, str]) -> None:
        for name in sorted(environment):
            # An empty variable is what a compose file makes of an unset one.
            if name.startswith(_PREFIX) and name != f"{_PREFIX}CONFIG" and environment[name]:
                self._read_variable(name, environment)

    def resolve_references(self, environment: Mapping[str, str]) -> None:
        variables = self.values.get("environment_variables")
        if isinstance(variables, dict):
            self.values["environment_variables"] = self._resolve(
                variables, ("environment_variables",), environment
            )
            environment = {**environment, **self.values["environment_variables"]}
        self.values = {
            key: self._resolve(value, (key,), environment) for key, value in self.values.items()
        }

    def validate(self) -> Settings:
        try:
            return Settings.model_validate(self.values)
        except ValidationError as error:
            problem = error.errors(include_url=False)[0]
            raise self._error(problem["loc"], self._explain(problem)) from None

    def _note_lines(self, node: yaml.Node, path: _Path) -> None:
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                below = (*path, str(key.value))
                if below in self.lines:
                    again = f"stands here again, after line {self.lines[below]}"
                    raise self._error(below, again, line=key.start_mark.line + 1)
                self.lines[below] = key.start_mark.line + 1
                self._note_lines(value, below)
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self.lines[(*path, index)] = value.start_mark.line + 1
                self._note_lines(value, (*path, index))

    def _sort_out(self, values: dict[str, Any]) -> dict[str, Any]:
        """Set aside the sections that only LiteLLM's own proxy knows."""
        for name in values:
            if name in _UNSUPPORTED_SECTIONS:
                raise self._error((name,), _UNSUPPORTED_SECTIONS[name])
            if name in _UNUSED_SECTIONS:
                self.unused[name] = _UNUSED_SECTIONS[name]
        # A section without content is null in YAML, and means its default.
        return {
            str(name): value
            for name, value in values.items()
            if name not in self.unused and value is not None
        }

    def _read_variable(self, name: str, environment: Mapping[str, str]) -> None:
        value = environment[name]
        keys = name.removeprefix(_PREFIX).lower().split("__")
        if keys[-1].endswith("_file"):
            keys[-1] = keys[-1].removesuffix("_file")
            if environment.get(name.removesuffix("_FILE")):
                raise SettingsError(name, "", f"{name.removesuffix('_FILE')} is set too: keep one")
            try:
                value = Path(value).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                raise SettingsError(name, "", f"{value} cannot be read: {error}") from error
        if keys[0] not in Settings.model_fields:
            # Others may use the prefix (Kubernetes does, for a service of this name), but a
            # misspelt setting must not be ignored.
            if guess := nearest(keys[0], list(Settings.model_fields)):
                raise SettingsError(name, "", f"unknown setting {keys[0]!r}{guess}")
            self.unused[name] = "no setting has this name"
            return
        self.variables[tuple(keys)] = name
        target: dict[str, Any] = self.values
        for key in keys[:-1]:
            inner = target.get(key)
            target[key] = dict(inner) if isinstance(inner, dict) else {}
            target = target[key]
        target[keys[-1]] = _parse(name, value) if keys[0] in _FREE_FORM else value

    def _resolve(self, value: Any, path: _Path, environment: Mapping[str, Any]) -> Any:
        if isinstance(value, dict):
            return {
                key: self._resolve(item, (*path, str(key)), environment)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [
                self._resolve(item, (*path, index), environment) for index, item in enumerate(value)
            ]
        if isinstance(value, str) and value.startswith(_REFERENCE):
            name = value.removeprefix(_REFERENCE)
            if not environment.get(name):
                raise self._error(path, f"the environment variable {name} is not set")
            self.references[path] = name
            return environment[name]
        return value

    def _error(self, path: _Path, problem: str, *, line: int | None = None) -> SettingsError:
        for end in range(len(path), 0, -1):
            if path[:end] in self.variables:
                return SettingsError(self.variables[path[:end]], _dotted(path), problem)
            line = line or self.lines.get(path[:end])
        place = ", ".join(part for part in (f"line {line}" if line else "", _dotted(path)) if part)
        return SettingsError(self.source or "settings", place, problem)

    def _explain(self, problem: ErrorDetails) -> str:
        path, value = problem["loc"], problem["input"]
        if problem["type"] == "extra_forbidden":
            known = Limits.model_fields if path[0] == "limits" else Settings.model_fields
            return f"unknown key {path[-1]!r}{nearest(str(path[-1]), list(known))}"
        if problem["type"] == "value_error":
            return str(problem["ctx"]["error"])
        message = problem["msg"][0].lower() + problem["msg"][1:]
        hidden = path in self.references or any(
            is_secret(str(key)) or str(key).endswith("_url") for key in path
        )
        if hidden or not isinstance(value, str | int | float | bool):
            return message
        return f"{message}, not {value!r}"


def _beside(source: Path, paths: Any) -> Any:
    """Read relative paths as relative to the file they stand in."""
    if isinstance(paths, str):
        paths = [paths]
    if isinstance(paths, list) and all(isinstance(path, str) for path in paths):
        return [source.parent / path for path in paths]
    return paths


def _parse(name: str, value: str) -> Any:
    try:
        return yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise SettingsError(name, "", f"is no YAML: {error}") from error


def _unused(settings: Settings) -> Iterator[tuple[str, str]]:
    for name in settings.router_settings:
        if name in UNUSED_ROUTER_SETTINGS:
            yield f"router_settings.{name}", UNUSED_ROUTER_SETTINGS[name]
    for name in settings.litellm_settings:
        if name not in APPLIED_LITELLM_SETTINGS:
            reason = _UNUSED_LITELLM_SETTINGS.get(name, "Presscheck does not know this setting")
            yield f"litellm_settings.{name}", reason
    for name in settings.general_settings:
        reason = _UNUSED_GENERAL_SETTINGS.get(name, "it is about LiteLLM's own proxy")
        yield f"general_settings.{name}", reason


def _dotted(path: _Path) -> str:
    dotted = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return dotted.removeprefix(".")
