"""`presscheck config`: check the configuration and say what was read."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from policies.errors import PolicyError, nearest
from policies.load import Policies, load_policies
from proxy.pepper import PEPPER_FILE
from proxy.settings import (
    DEMO_MODEL,
    ModelEntry,
    Reading,
    SettingsError,
    is_secret,
    read_settings,
)

app = typer.Typer(help="Check the configuration.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `check` a command of its own; typer would fold a single one into the group."""


@app.command()
def check(
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
) -> None:
    """Read the configuration and its policies, and say what they come to."""
    # LiteLLM takes seconds to import, and other commands need none of it.
    from proxy.upstream import Upstream

    try:
        reading = read_settings(config)
        policies = load_policies(reading.settings.policies)
        _check_default(reading, policies)
        Upstream(reading.settings)
    except PolicyError as error:
        Console(stderr=True).print(f"[red]Wrong:[/red] {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from error
    console = Console(highlight=False)
    source = f"{reading.source} and the environment" if reading.source else "the environment"
    console.print(f"Read from {escape(source)}.\n")
    console.print(_models(reading))
    console.print(_values(reading, policies))
    if reading.unused:
        console.print(_unused(reading.unused))
    console.print("The configuration is fine.")


def _check_default(reading: Reading, policies: Policies) -> None:
    name = reading.settings.default_policy
    if name not in policies.active:
        problem = f"there is no policy {name!r}{nearest(name, list(policies.active))}"
        raise SettingsError(reading.source or "settings", "default_policy", problem)


def _models(reading: Reading) -> Table:
    table = _table("Models", "model", "goes to", "address", "credentials")
    for index, entry in enumerate(reading.settings.model_list):
        address = entry.litellm_params.get("api_base", "the provider's usual one")
        if entry.target == DEMO_MODEL:
            address = "this process"
        table.add_row(
            escape(entry.model_name),
            escape(entry.target),
            escape(_without_password(str(address))),
            escape(_credentials(reading, f"model_list[{index}].litellm_params", entry)),
        )
    return table


def _credentials(reading: Reading, path: str, entry: ModelEntry) -> str:
    if entry.target == DEMO_MODEL:
        return "none needed"
    said = []
    for name, value in entry.litellm_params.items():
        # A number is a price or a limit, like `input_cost_per_token`.
        if is_secret(name) and isinstance(value, str | dict):
            variable = reading.references.get(f"{path}.{name}")
            origin = f"from environment variable {variable}" if variable else "set"
            said.append(f"{name} {origin}")
    return ", ".join(said) or "the provider's usual environment variables"


def _values(reading: Reading, policies: Policies) -> Table:
    settings = reading.settings
    table = _table("Settings", "setting", "value")
    own = ", ".join(str(path) for path in settings.policies) or "none"
    rows: dict[str, Any] = {
        "address": f"{settings.host}:{settings.port}",
        "home": settings.home,
        "database": _without_password(settings.database_url),
        "pepper": "set" if settings.pepper else f"in {settings.home / PEPPER_FILE}, when needed",
        "country of phone numbers": settings.phone_region or "none",
        "default policy": settings.default_policy,
        "policies of your own": own,
        "policies in all": ", ".join(sorted(policies.active)),
        "threads for checks": settings.workers,
        "a check may take": f"{settings.check_timeout_seconds:g} s",
        "log level": settings.log_level,
        **{f"limits.{name}": value for name, value in settings.limits.model_dump().items()},
        **_shown("router_settings", settings.router_settings, reading),
        **_shown("litellm_settings", settings.litellm_settings, reading),
        **_shown("environment_variables", settings.environment_variables, reading),
    }
    timeouts = {"timeout", "request_timeout"}
    if not timeouts & {*settings.router_settings, *settings.litellm_settings}:
        rows["a provider may take"] = f"{settings.upstream_timeout_seconds:g} s"
    for name, value in rows.items():
        table.add_row(escape(name), escape(str(value)))
    return table


def _shown(section: str, values: Mapping[str, Any], reading: Reading) -> dict[str, Any]:
    shown = {}
    for name, value in values.items():
        path = f"{section}.{name}"
        if path in reading.unused:
            continue
        if variable := reading.references.get(path):
            shown[path] = f"from environment variable {variable}"
        else:
            shown[path] = "set" if section == "environment_variables" else _masked(name, value)
    return shown


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _masked(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(name, item) for item in value]
    return "set" if is_secret(name) and isinstance(value, str) else value


def _unused(reasons: Mapping[str, str]) -> Table:
    table = _table("Without effect", "not used", "because")
    for name, reason in reasons.items():
        table.add_row(escape(name), escape(reason))
    return table


def _table(title: str, *columns: str) -> Table:
    table = Table(title=title)
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def _without_password(address: str) -> str:
    try:
        parts = urlsplit(address)
        password = parts.password
    except ValueError:
        return "set"
    if password is None:
        return address
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:…@{host}").geturl()
