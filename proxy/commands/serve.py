"""`presscheck serve`: run the proxy."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from policies.errors import PolicyError
from policies.load import load_policies
from proxy.errors import StoreError
from proxy.optouts import OptOuts
from proxy.settings import Settings, load_settings
from proxy.store.store import Store
from proxy.telemetry import configure_logging


def serve(
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    """Serve the proxy; the first time, make an API key and print it once."""
    # LiteLLM takes seconds to import, and the other commands are listed without it.
    import uvicorn

    from proxy.app import create_app

    problems = Console(stderr=True)
    try:
        settings = load_settings(config)
        policies = load_policies(settings.policies)
        policies.find(settings.default_policy)
        app = create_app(settings, policies)
        first_key = asyncio.run(_first_key(settings))
    except (PolicyError, StoreError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        problems.print(f"[red]Presscheck does not start:[/red] {escape(str(message))}")
        raise typer.Exit(1) from error
    configure_logging(settings.log_level)
    address = (host or settings.host, port or settings.port)
    if first_key:
        _welcome(problems, settings, address, first_key)
    uvicorn.run(
        app,
        host=address[0],
        port=address[1],
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
    )


async def _first_key(settings: Settings) -> str | None:
    """Make a key if there is none yet; there is no well-known default one.

    Raises:
        StoreError: the database does not answer, or was used with another pepper.
    """
    store = await Store.open(settings.database_url)
    try:
        await OptOuts(store, settings).verify()
        if await store.list_keys():
            return None
        _, secret = await store.create_key(
            "first key", "default", None, ("generate", "check", "review")
        )
        return secret
    finally:
        await store.close()


def _welcome(console: Console, settings: Settings, address: tuple[str, int], secret: str) -> None:
    base = f"http://{address[0]}:{address[1]}"
    model = settings.model_list[0].model_name
    body = (
        '{"model": "' + model + '", "messages": [{"role": "user", "content": '
        '"An Instagram post for our bakery\'s new sourdough"}], "presscheck": '
        '{"channel": "instagram", "detail": "full"}}'
    ).replace("'", "'\\''")
    console.print("\nPresscheck made your first API key. It is shown this once:\n")
    for line in (
        f"export OPENAI_BASE_URL={base}/v1",
        f"export OPENAI_API_KEY={secret}",
        "",
        f"curl {base}/v1/chat/completions -H 'Authorization: Bearer {secret}' "
        f"-H 'Content-Type: application/json' -d '{body}'",
        "",
    ):
        console.out(line, highlight=False)
