"""The configured store, opened for one command."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from policies.errors import PolicyError
from proxy.errors import ProxyError
from proxy.store.store import Store

T = TypeVar("T")

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The configuration file, such as presscheck.yaml.")
]


def with_store(
    config: Path | None, work: Callable[[Store], Awaitable[T]], *, create: bool = False
) -> T:
    """Run the work of a command; what goes wrong becomes a sentence and exit code 1.

    The database must be there already, unless the command may `create` it: a mistyped home would
    otherwise look like one in which nothing ever happened.
    """
    # Imported here, because it reads the environment.
    from proxy.settings import load_settings

    async def run() -> T:
        store = await Store.open(load_settings(config).database_url, create=create)
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except (ProxyError, PolicyError) as error:
        typer.secho(str(error), err=True, fg="red")
        raise typer.Exit(1) from error
