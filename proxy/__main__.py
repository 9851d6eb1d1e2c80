"""The command line: `presscheck --help` names every command."""

from __future__ import annotations

import typer

from proxy.commands import audit, check, config, keys, policy, reviews, serve
from proxy.commands.offline import OfflineRecheck

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
app.add_typer(reviews.reviews_app(OfflineRecheck), name="reviews")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """Run the command line."""
    app(prog_name="presscheck")


if __name__ == "__main__":
    main()
