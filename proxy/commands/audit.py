"""`presscheck audit`: prove the audit log, and take it out."""

from __future__ import annotations

import json
from typing import Annotated, TextIO

import typer

from proxy.commands.database import ConfigOption, with_store
from proxy.store.records import ChainReport
from proxy.store.store import Store

app = typer.Typer(help="Verify and export the audit log.", no_args_is_help=True)


@app.command()
def verify(
    noted_head: Annotated[
        str | None, typer.Option(help="A head noted earlier, which the log must still hold.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Compute the hash chain again; exit with 1 if it is not as it was written, or empty."""

    async def work(store: Store) -> ChainReport:
        return await store.verify(noted_head)

    report = with_store(config, work)
    typer.echo(describe(report), err=not report.is_intact)
    if not report.is_intact:
        raise typer.Exit(1)


@app.command()
def export(
    output: Annotated[
        typer.FileTextWrite, typer.Option(encoding="utf-8", help="The file to write, - for stdout.")
    ],
    config: ConfigOption = None,
) -> None:
    """Write every event as a line of JSON."""

    async def work(store: Store) -> int:
        return await write_events(store, output)

    typer.echo(f"{with_store(config, work)} events exported.", err=True)


def describe(report: ChainReport) -> str:
    """The report as a person reads it."""
    if not report.events and not report.problems:
        return "There is nothing to verify: the audit log of this database holds no events."
    if report.is_intact:
        return (
            f"The audit log is intact. Events: {report.events}. Head: {report.head}\n"
            "Note the head elsewhere; --noted-head then finds a log that was replaced as a whole."
        )
    return "\n".join(["The audit log is BROKEN:", *(f"- {problem}" for problem in report.problems)])


async def write_events(store: Store, output: TextIO) -> int:
    """Write the audit events as JSON lines, and return how many there were."""
    count = 0
    async for event in store.export():
        output.write(json.dumps(event, ensure_ascii=False) + "\n")
        count += 1
    return count
