"""`presscheck keys`: who may call."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from proxy.commands.database import ConfigOption, with_store
from proxy.store.keys import DEFAULT_SCOPES, SCOPES
from proxy.store.records import ApiKey
from proxy.store.store import Store

app = typer.Typer(help="Create, list and revoke API keys.", no_args_is_help=True)


@app.command()
def create(
    team: Annotated[str, typer.Option(help="The team that will use the key.")],
    policy: Annotated[
        str | None, typer.Option(help="The policy of its requests; the default one if left out.")
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help=f"What it may do, repeatable: {', '.join(SCOPES)}."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What you call the key; its team if left out.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Create a key and print its secret, this once."""
    scopes = scope or list(DEFAULT_SCOPES)

    async def work(store: Store) -> tuple[ApiKey, str]:
        return await store.create_key(name or team, team, policy, scopes)

    key, secret = with_store(config, work, create=True)
    # The secret alone on standard output, so that a script can take it from there.
    typer.echo(
        f"Key {key.id} for team {key.team}, policy {key.policy or '(default)'}, "
        f"scopes {', '.join(key.scopes)}. Keep the secret: it is not shown again.",
        err=True,
    )
    typer.echo(secret)


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """List all keys, revoked ones too."""
    show_keys(with_store(config, Store.list_keys), Console())


@app.command()
def revoke(
    key_id: Annotated[str, typer.Argument(metavar="ID", help="As `keys list` shows it.")],
    config: ConfigOption = None,
) -> None:
    """Take a key out of use for good."""

    async def work(store: Store) -> ApiKey:
        return await store.revoke_key(key_id)

    key = with_store(config, work)
    typer.echo(
        f"Key {key.id} of team {key.team} is revoked since {key.revoked_at:%Y-%m-%d %H:%M} UTC."
    )


def show_keys(keys: list[ApiKey], console: Console) -> None:
    if not keys:
        console.print("There are no keys yet. Create one: presscheck keys create --team marketing")
        return
    table = Table(box=None, padding=(0, 1, 0, 0))
    # `keys revoke` takes an id, so it is never cut.
    table.add_column("id", no_wrap=True)
    for column in ("name", "team", "policy", "scopes", "created", "revoked"):
        table.add_column(column, overflow="fold")
    for key in keys:
        table.add_row(
            key.id,
            Text(key.name),
            Text(key.team),
            Text(key.policy or "(default)"),
            ", ".join(key.scopes),
            f"{key.created_at:%Y-%m-%d %H:%M}",
            f"{key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "",
        )
    console.print(table)
