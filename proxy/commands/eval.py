"""`presscheck eval`: measure the checks on labelled data."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import track
from rich.table import Table

from policies.load import load_policies
from proxy.evaluation import (
    OTHER,
    Comparison,
    DataError,
    Part,
    Tally,
    compare,
    find_with_presidio,
    find_with_presscheck,
    read_data_sets,
    vanilla_analyzer,
)
from proxy.redaction import Redactor
from validators.base import ValidatorError
from validators.pii import EntityType

app = typer.Typer(help="Measure the checks on labelled data.", no_args_is_help=True)

_OURS, _THEIRS = "presscheck", "presidio"
_RATES = ("precision", "recall", "F2")
_MODELS = (
    "Presidio runs with the model en_core_web_sm. Its default one, en_core_web_lg, is on no "
    "package index, and may do better.\n"
)


@app.callback()
def _group() -> None:
    """Keep `pii` a command of its own; typer would fold a single one into the group."""


@app.command()
def pii(
    data: Annotated[
        Path, typer.Option(help="The folder that holds domain/, train/ and eval_only/.")
    ] = Path("../shared/data"),
    part: Annotated[Part, typer.Option(help="`train` while building; `test` to know.")] = Part.TEST,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Measure how personal data is found, beside vanilla Presidio; takes minutes.

    Presscheck strips each request as it does under the shipped default policy. Presidio is
    AnalyzerEngine with its default recognizers and threshold, and with the small English model,
    en_core_web_sm: its default one, en_core_web_lg, is on no package index. It reads the same
    texts, all of them as English.

    Found: every letter and digit of an occurrence is covered by entities of any type. Recall is
    the share found, by the type in the data. Precision is the share of entities that overlap
    an occurrence of any type, by the type that was found. F2 is 5PR/(4P+R).

    Untouched: no entity overlaps a kept string anywhere in its request, outside personal data.
    Small letters: the same texts with every letter small.

    National ids are one type; types that only Presidio has are "other" and count in the total.
    Persons of WNUT-17 include public figures, which Presscheck means to leave alone. The
    templates are those that no training sees, in both parts. Exits with 2 where the data or
    the model of Presidio is missing.
    """
    try:
        data_sets = read_data_sets(data, part)
        analyzer = vanilla_analyzer()
        policies = load_policies()
        redactor = Redactor(policies.models.personal_data, policies.find("default").policy.pii)
    except (DataError, ValidatorError) as error:
        Console(stderr=True).print(f"[red]Wrong:[/red] {escape(str(error))}", highlight=False)
        raise typer.Exit(2) from error
    finders = {_OURS: find_with_presscheck(redactor), _THEIRS: find_with_presidio(analyzer)}
    progress = Console(stderr=True)
    comparisons = [
        compare(data_set, finders)
        for data_set in track(
            data_sets,
            "Measuring",
            console=progress,
            transient=True,
            disable=not progress.is_terminal,
        )
    ]
    if as_json:
        report = {"part": part.value, "data_sets": [_body(each) for each in comparisons]}
        typer.echo(json.dumps(report, indent=2))
        return
    console = Console(highlight=False)
    console.print(_MODELS)
    for comparison in comparisons:
        console.print(_by_type(comparison))
        console.print(_beside(comparison))
        console.print()


def _by_type(comparison: Comparison) -> Table:
    table = Table(title=comparison.data_set, title_justify="left")
    table.add_column("type", no_wrap=True)
    table.add_column("number", justify="right")
    for name in ("Presscheck", "Presidio"):
        for index, rate in enumerate(_RATES):
            table.add_column(f"{'' if index else name}\n{rate}", justify="right")
    ours, theirs = comparison.tallies[_OURS], comparison.tallies[_THEIRS]
    types = _types(comparison)
    for type in types:
        table.add_row(type, str(ours.known[type]), *_rates(ours, type), *_rates(theirs, type))
    if len(types) > 1:
        table.add_section()
        table.add_row("total", str(ours.known.total()), *_rates(ours), *_rates(theirs))
    return table


def _beside(comparison: Comparison) -> Table:
    """The figures that are no type's."""
    table = Table(box=None)
    table.add_column("", no_wrap=True, min_width=34)
    for name in ("number", "Presscheck", "Presidio"):
        table.add_column(name, justify="right")
    person = EntityType.PERSON.value
    ours, theirs = comparison.tallies[_OURS], comparison.tallies[_THEIRS]
    lowered = comparison.lowered
    table.add_row(
        "persons found, as written",
        str(ours.known[person]),
        _rate(ours.recall(person)),
        _rate(theirs.recall(person)),
    )
    table.add_row(
        "persons found, in small letters",
        str(lowered[_OURS].known[person]),
        _rate(lowered[_OURS].recall(person)),
        _rate(lowered[_THEIRS].recall(person)),
    )
    if ours.kept:
        table.add_row(
            "kept strings untouched",
            str(ours.kept.total()),
            _rate(ours.untouched),
            _rate(theirs.untouched),
        )
    return table


def _types(comparison: Comparison) -> list[str]:
    """The types to show, in the order of `EntityType`."""
    present = {type for tally in comparison.tallies.values() for type in tally.types}
    return [type for type in (*(type.value for type in EntityType), OTHER) if type in present]


def _rates(tally: Tally, type: str | None = None) -> Iterable[str]:
    return map(_rate, (tally.precision(type), tally.recall(type), tally.f2(type)))


def _rate(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _body(comparison: Comparison) -> dict[str, Any]:
    person = EntityType.PERSON.value
    ours = comparison.tallies[_OURS]

    def by_finder(figures: Mapping[str, Any]) -> dict[str, Any]:
        return {name: figures[name] for name in (_OURS, _THEIRS)}

    def rates(type: str | None = None) -> dict[str, Any]:
        return {
            "number": ours.known.total() if type is None else ours.known[type],
            **by_finder(
                {
                    name: {
                        "precision": tally.precision(type),
                        "recall": tally.recall(type),
                        "f2": tally.f2(type),
                    }
                    for name, tally in comparison.tallies.items()
                }
            ),
        }

    return {
        "name": comparison.data_set,
        "types": {type: rates(type) for type in _types(comparison)},
        "total": rates(),
        "person_recall": by_finder({n: t.recall(person) for n, t in comparison.tallies.items()}),
        "person_recall_in_small_letters": by_finder(
            {n: t.recall(person) for n, t in comparison.lowered.items()}
        ),
        "kept_strings": ours.kept.total(),
        "kept_untouched": by_finder({n: t.untouched for n, t in comparison.tallies.items()}),
    }
