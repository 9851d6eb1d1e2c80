"""The command line: `presscheck --help` names every command."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from proxy.commands import audit, check, config, keys, optouts, policy, reviews, serve
from proxy.commands import eval as evaluate
from proxy.commands.offline import OfflineDesk

app = typer.Typer(
    name="presscheck",
    help="The last look before AI-written marketing copy goes out.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("serve")(serve.serve)
app.command("check")(check.check)
app.add_typer(config.app, name="config")
app.add_typer(policy.app, name="policy")
app.add_typer(keys.app, name="keys")
app.add_typer(reviews.reviews_app(OfflineDesk), name="reviews")
app.add_typer(optouts.app, name="optouts")
app.add_typer(audit.app, name="audit")
app.add_typer(evaluate.app, name="eval")


def main() -> None:
    """Run the command line."""
    # A policy may name a validator of the customer's own as `module:name`. Last on the path, so
    # that nothing in the working directory can stand in for a library.
    sys.path.append(str(Path.cwd()))
    app(prog_name="presscheck")


if __name__ == "__main__":
    main()
