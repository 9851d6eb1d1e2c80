"""`presscheck optouts`: who may be written to.

Contacts come from a file, standard input or a prompt, never from the command line: other users of
the machine see it, and the shell keeps it.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from policies.channels import load_channels
from proxy.api import parse
from proxy.commands.database import ConfigOption, with_store
from proxy.contacts import Contact, read_contact
from proxy.errors import InvalidRequestError
from proxy.optout_entries import (
    COLUMNS,
    EntryRequest,
    Erasure,
    FileProblemsError,
    Use,
    csv_rows,
    read_csv,
)
from proxy.optouts import OptOuts, Standing
from proxy.settings import Settings, load_settings
from proxy.store.store import Store

T = TypeVar("T")

app = typer.Typer(help="Keep the opt-out registry: who may be written to.", no_args_is_help=True)

ContactsArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[FILE]",
        exists=True,
        dir_okay=False,
        allow_dash=True,
        help="Contacts, one a line; - for standard input. Asked for if left out.",
    ),
]
ChannelOption = Annotated[str, typer.Option(help="Such as email; * for all.")]
PurposeOption = Annotated[str, typer.Option(help="Such as newsletter; * for all.")]


@app.command()
def add(
    contacts: ContactsArgument = None,
    channel: ChannelOption = "*",
    purpose: PurposeOption = "*",
    source: Annotated[str | None, typer.Option(help="Where they said so: a plain name.")] = None,
    config: ConfigOption = None,
) -> None:
    """Note that people opted out."""
    given = _lines(contacts)

    async def work(optouts: OptOuts, settings: Settings) -> int:
        pepper = await optouts.hasher()
        channels = _channels(channel)
        entries = [
            parse(
                EntryRequest,
                {
                    "hash": pepper.hash(contact.canonical),
                    "kind": contact.kind,
                    "channel": channel,
                    "purpose": purpose,
                    "source": source,
                },
            ).entry(pepper, None, channels)
            for contact in _read(given, settings).values()
        ]
        return await optouts.save(entries)

    typer.echo(f"{_with_registry(config, work, create=True)} opt-outs noted.")


@app.command("import")
def import_(
    file: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            allow_dash=True,
            help="A CSV file whose first line names its columns: "
            f"{', '.join(EntryRequest.model_fields)}. All but contact may be left out.",
        ),
    ],
    config: ConfigOption = None,
) -> None:
    """Take in a list of opt-outs and opt-ins: all of it, or nothing if a line is wrong."""

    async def work(optouts: OptOuts, settings: Settings) -> tuple[int, int]:
        pepper = await optouts.hasher()
        channels = load_channels().profiles
        try:
            with typer.open_file(str(file), encoding="utf-8-sig") as lines:
                entries = read_csv(lines, pepper, settings.phone_region, channels)
        except FileProblemsError as error:
            raise InvalidRequestError(f"Nothing was imported:\n{error}") from error
        return len(entries), await optouts.save(entries)

    read, changed = _with_registry(config, work, create=True)
    typer.echo(f"{read} entries read, {changed} of them new or newer than what was known.")


@app.command()
def export(
    output: Annotated[
        typer.FileTextWrite, typer.Option(encoding="utf-8", help="The file to write, - for stdout.")
    ],
    config: ConfigOption = None,
) -> None:
    """Write the registry as CSV, with hashes in place of contacts; `import` takes it back."""

    async def work(store: Store) -> int:
        writer = csv.writer(output)
        writer.writerow(COLUMNS)
        count, after = 0, None
        while entries := await store.list_optouts(after=after):
            writer.writerows(csv_rows(entries))
            count, after = count + len(entries), entries[-1].id
        return count

    typer.echo(f"{with_store(config, work)} entries exported.", err=True)


@app.command()
def check(
    channel: Annotated[str, typer.Option(help="What they would be written to on.")],
    purpose: Annotated[str, typer.Option(help="What for, such as newsletter.")],
    contacts: ContactsArgument = None,
    config: ConfigOption = None,
) -> None:
    """Say by line who may be written to; exit with 1 if somebody opted out."""
    given = _lines(contacts)

    async def work(optouts: OptOuts, settings: Settings) -> dict[int, Standing]:
        _channels(channel)
        use = parse(Use, {"channel": channel, "purpose": purpose})
        read = _read(given, settings)
        found = await optouts.check_contacts(list(read.values()), use.channel, use.purpose)
        return dict(zip(read, found, strict=True))

    standings = _with_registry(config, work)
    for number, found in standings.items():
        typer.echo(f"{number}: {found}")
    if Standing.BLOCKED in standings.values():
        raise typer.Exit(1)


@app.command()
def erase(
    contacts: ContactsArgument = None,
    reason: Annotated[
        str, typer.Option(help="A word or a ticket number; it is kept with what must remain.")
    ] = "art17",
    config: ConfigOption = None,
) -> None:
    """Erase what is known of people; an opt-out remains, as a hash that says not to write."""
    given = _lines(contacts)

    async def work(optouts: OptOuts, settings: Settings) -> tuple[int, int]:
        people = list(_read(given, settings).values())
        label = parse(Erasure, {"reason": reason}).reason
        return await optouts.erase(people, (), label)

    removed, kept = _with_registry(config, work)
    typer.echo(f"{removed} entries erased, {kept} opt-outs kept as bare hashes.")


def _with_registry(
    config: Path | None,
    work: Callable[[OptOuts, Settings], Awaitable[T]],
    *,
    create: bool = False,
) -> T:
    async def run(store: Store) -> T:
        settings = load_settings(config)
        return await work(OptOuts(store, settings), settings)

    return with_store(config, run, create=create)


def _lines(path: Path | None) -> dict[int, str]:
    """What was given, by line number; empty lines are left out."""
    if path is None and sys.stdin.isatty():
        return {1: typer.prompt("E-mail address or phone number", hide_input=True)}
    try:
        with typer.open_file(str(path or "-"), encoding="utf-8-sig") as file:
            lines = [line.strip() for line in file]
    except UnicodeDecodeError:
        typer.secho("The contacts are no UTF-8 text.", err=True, fg="red")
        raise typer.Exit(1) from None
    return {number: line for number, line in enumerate(lines, 1) if line}


def _read(lines: Mapping[int, str], settings: Settings) -> dict[int, Contact]:
    read: dict[int, Contact] = {}
    problems: list[str] = []
    for number, line in lines.items():
        try:
            read[number] = read_contact(line, settings.phone_region)
        except ValueError as error:
            problems.append(f"line {number} {error}")
    if problems:
        raise InvalidRequestError(f"Nothing was done:\n{FileProblemsError(problems)}")
    return read


def _channels(named: str) -> Collection[str]:
    channels = load_channels().profiles
    if named not in ("*", *channels):
        raise InvalidRequestError(f"Channel is none of: *, {', '.join(sorted(channels))}.")
    return channels
