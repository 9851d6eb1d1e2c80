"""`presscheck check FILE`: validate text, JSONL or CSV offline."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from policies.decide import VerdictName, plan
from proxy.api import finding_body
from proxy.commands.offline import offline_judge
from proxy.commands.policy import read_policies
from proxy.judging import Judgement
from proxy.settings import load_settings
from validators.base import Context

_COLOURS = {
    VerdictName.PASSED: "green",
    VerdictName.FLAGGED: "yellow",
    VerdictName.FIXED: "cyan",
    VerdictName.HELD: "magenta",
    VerdictName.BLOCKED: "red",
}


def check(
    file: Annotated[Path, typer.Argument(help="A .txt, .md, .jsonl or .csv file.")],
    config: Annotated[Path | None, typer.Option(help="The configuration file.")] = None,
    policy: Annotated[str, typer.Option(help="The policy's name.")] = "default",
    channel: Annotated[str | None, typer.Option(help="Where the text is published.")] = None,
    jurisdiction: Annotated[
        list[str] | None, typer.Option(help="A market, such as UK; may be given again.")
    ] = None,
    field: Annotated[str, typer.Option(help="The column or key that holds the text.")] = "text",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a text.")] = False,
) -> None:
    """Check texts offline; exits with 1 where one is blocked or held."""
    policies = read_policies(config)
    problems = Console(stderr=True)
    try:
        active = policies.find(policy)
        profile = policies.channels.find(channel or active.policy.defaults.channel)
        texts = list(_read(file, field))
    except (KeyError, OSError, ValueError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        problems.print(f"[red]Wrong:[/red] {message}", highlight=False)
        raise typer.Exit(2) from error
    context = Context(
        channel=profile,
        jurisdictions=tuple(jurisdiction or active.policy.defaults.jurisdictions),
        evidence=active.policy.evidence,
        today=dt.datetime.now(dt.UTC).date(),
    )
    rules = plan(active, context)

    async def judge_all() -> list[Judgement]:
        with offline_judge(load_settings(config)) as (judge, _):
            return [await judge.judge(text, rules, context, "output") for _, text in texts]

    judgements = asyncio.run(judge_all())
    console = Console()
    for (place, _), judgement in zip(texts, judgements, strict=True):
        if as_json:
            typer.echo(_line(place, judgement))
        else:
            _print(console, place, judgement)
    counts = Counter(judgement.verdict for judgement in judgements)
    if not as_json:
        total = ", ".join(f"{counts[name]} {name.value}" for name in VerdictName if counts[name])
        console.print(f"{len(texts)} texts: {total}", highlight=False)
    if any(name.is_withheld for name in counts):
        raise typer.Exit(1)


def _read(file: Path, field: str) -> Iterator[tuple[str, str]]:
    """Yield each text with its place in the file."""
    content = file.read_text(encoding="utf-8-sig")
    match file.suffix:
        case ".jsonl":
            for number, line in enumerate(content.splitlines(), start=1):
                if line.strip():
                    yield _of_row(json.loads(line), field, f"{file.name}:{number}")
        case ".csv":
            for number, row in enumerate(csv.DictReader(content.splitlines(keepends=True)), 2):
                yield _of_row(row, field, f"{file.name}:{number}")
        case ".txt" | ".md" | "":
            yield file.name, content
        case suffix:
            raise ValueError(f"{file.name}: {suffix!r} is none of .txt, .md, .jsonl, .csv")


def _of_row(row: object, field: str, place: str) -> tuple[str, str]:
    text = row.get(field) if isinstance(row, dict) else row
    if not isinstance(text, str):
        known = f"; it has {', '.join(map(str, row))}" if isinstance(row, dict) else ""
        raise ValueError(f"{place}: there is no text under {field!r}{known} (--field names it)")
    return place, text


def _line(place: str, judgement: Judgement) -> str:
    return json.dumps(
        {
            "place": place,
            "verdict": judgement.verdict.value,
            "text": None if judgement.verdict.is_withheld else judgement.text,
            "findings": [
                finding_body(f, judgement.checked, f.start, f.end) for f in judgement.findings
            ],
        },
        ensure_ascii=False,
    )


def _print(console: Console, place: str, judgement: Judgement) -> None:
    colour = _COLOURS[judgement.verdict]
    console.print(f"[{colour}]{judgement.verdict.value:8}[/{colour}] {escape(place)}")
    for finding in judgement.findings:
        quoted = judgement.checked[finding.start : finding.end]
        where = f" “{escape(quoted)}”" if quoted else ""
        console.print(f"  [bold]{finding.rule}[/bold] ({finding.action.value}){where}")
        console.print(f"    {escape(finding.reason)}", highlight=False)
        if finding.suggestion:
            console.print(f"    Instead: {escape(finding.suggestion)}", highlight=False)
        console.print(f"    Basis: {escape('; '.join(finding.basis))}", style="dim")
    if judgement.verdict is VerdictName.FIXED:
        console.print("  [cyan]To publish:[/cyan]", escape(judgement.text), highlight=False)
