"""`presscheck policy`: check the files, explain what would apply, run the rules' examples."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from policies.decide import EffectiveRule, plan
from policies.errors import PolicyError
from policies.examples import ExampleKind, run_examples
from policies.load import Policies, load_policies
from policies.pii import PiiPolicy
from policies.schema import Mode, Policy
from proxy.commands.database import with_store
from proxy.settings import load_settings
from validators.base import Context
from validators.registry import create_validator

app = typer.Typer(help="Check and explain policies.", no_args_is_help=True)
Config = Annotated[Path | None, typer.Option(help="The configuration file.")]
_console = Console()


def read_policies(config: Path | None) -> Policies:
    """The shipped policies and those of the configuration; exits with the problem if wrong."""
    try:
        return load_policies(load_settings(config).policies)
    except PolicyError as error:
        Console(stderr=True).print(f"[red]Wrong:[/red] {error}", highlight=False)
        raise typer.Exit(1) from error


@app.command()
def check(config: Config = None) -> None:
    """Read every policy and rule file, and say what was found."""
    policies = read_policies(config)
    table = Table("policy", "version", "mode", "guardrails", "rules", "what it is for")
    for name, active in sorted(policies.active.items()):
        rules = {rule for guardrail in active.guardrails for rule in guardrail.rules}
        guardrails = dict.fromkeys(guardrail.name for guardrail in active.guardrails)
        table.add_row(
            name,
            active.version[:15],
            active.policy.mode.value,
            ", ".join(guardrails),
            str(len(rules)),
            active.policy.description,
        )
    _console.print(table)
    _console.print(f"{len(policies.active)} policies, {len(policies.catalogue.rules)} rules: fine.")


@app.command()
def explain(
    config: Config = None,
    policy: Annotated[str, typer.Option(help="The policy's name.")] = "default",
    channel: Annotated[str | None, typer.Option(help="Where the text is published.")] = None,
    jurisdiction: Annotated[
        list[str] | None, typer.Option(help="A market, such as UK; may be given again.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show what would apply to a text, rule by rule, and where that was decided."""
    policies = read_policies(config)
    try:
        active = policies.find(policy)
        profile = policies.channels.find(channel or active.policy.defaults.channel)
    except KeyError as error:
        Console(stderr=True).print(f"[red]Wrong:[/red] {error.args[0]}", highlight=False)
        raise typer.Exit(1) from error
    markets = tuple(jurisdiction or active.policy.defaults.jurisdictions)
    rules = plan(active, Context(channel=profile, jurisdictions=markets)).rules.values()
    if as_json:
        typer.echo(json.dumps([_row(rule) for rule in rules], indent=2, ensure_ascii=False))
        return
    _console.print(
        f"[bold]{active.policy.name}[/bold] {active.version}: {active.policy.description}"
    )
    _console.print(
        f"channel {profile.name}: at most {profile.limit} characters, fold at {profile.fold}; "
        f"jurisdictions: {', '.join(markets) or 'none given'}; mode: {active.policy.mode}"
    )
    _console.print(f"personal data, for the purpose {active.policy.pii.purpose}:")
    for operator, types in _operators(active.policy.pii).items():
        _console.print(f"  {operator}: {', '.join(types)}", highlight=False)
    # As narrow as it gets: whole rule ids, which policies name, on a terminal of 80 columns.
    table = Table(box=None, padding=(0, 1, 0, 0))
    table.add_column("rule", no_wrap=True)
    for column in ("stage, mode", "action", "severity, score", "decided by"):
        table.add_column(column, overflow="fold")
    for rule in rules:
        action = rule.action.value
        if action in ("fix", "reask") and rule.mode is Mode.ENFORCE:
            action += f", else {rule.fallback.value}"
        table.add_row(
            rule.rule.id,
            f"{rule.stage}, {rule.mode.value}",
            action,
            f"{rule.severity.value}, {rule.min_score:g}",
            " > ".join(rule.sources),
        )
    _console.print(table)


def _operators(pii: PiiPolicy) -> dict[str, list[str]]:
    """The types of personal data, by what happens to them and from which score on."""
    by_operator: dict[str, list[str]] = {}
    for type in sorted(pii.types):
        rule = pii.rule(type)
        at = f"{rule.operator.value} from a score of {rule.min_score:g}"
        by_operator.setdefault(at, []).append(type)
    return by_operator


@app.command()
def show(
    reference: Annotated[
        str, typer.Argument(metavar="NAME[@VERSION]", help="A version may be cut after 8 digits.")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the bytes whose SHA-256 is the version.")
    ] = False,
    config: Config = None,
) -> None:
    """Print a policy with its rules: as it is now, or as it was when it gave a verdict."""
    policies = read_policies(config)
    try:
        document = policies.find(reference).document
    except KeyError as error:
        document = _kept(config, reference, problem=str(error.args[0]))
    if as_json:
        typer.echo(document, nl=False)
    else:
        typer.echo(json.dumps(json.loads(document), indent=2, ensure_ascii=False))


def _kept(config: Path | None, reference: str, problem: str) -> str:
    """The document of an old version; exits with the problem if the database has none."""
    name, _, version = reference.partition("@")
    document = None
    if version:
        document = with_store(config, lambda store: store.get_policy(name, version))
    if document is None:
        if version:
            problem += ". The database does not hold this version either"
        Console(stderr=True).print(f"[red]Wrong:[/red] {problem}", highlight=False)
        raise typer.Exit(1)
    return document


@app.command()
def schema() -> None:
    """Print the JSON Schema of a policy file, for editors."""
    typer.echo(json.dumps(Policy.model_json_schema(), indent=2))


@app.command()
def examples(
    config: Config = None,
    misses: Annotated[bool, typer.Option(help="Name every example that is not met.")] = False,
) -> None:
    """Run the examples of the rules: every bad one fires its rule, no ok one does."""
    policies = read_policies(config)
    catalogue = policies.catalogue
    families = dict.fromkeys(rule.family for rule in catalogue.rules.values())
    validators = {
        f: create_validator(f, {}, catalogue.family(f), policies.models) for f in families
    }
    results = list(run_examples(catalogue, validators, policies.channels))
    kinds: tuple[ExampleKind, ...] = ("bad", "ok", "unproven")
    table = Table("family", "bad found", "ok left alone", "ok found without its record", "together")
    for family in families:
        of_family = [result for result in results if result.family == family]
        total = Counter(result.kind for result in of_family)
        met = Counter(result.kind for result in of_family if result.has_passed)
        share = f"{met.total() / total.total():.0%}"
        table.add_row(family, *(f"{met[kind]}/{total[kind]}" for kind in kinds), share)
    _console.print(table)
    if misses:
        for result in results:
            if not result.has_passed:
                what = "false alarm" if result.kind == "ok" else "not found"
                typer.echo(f"{what} ({result.kind}): {result.rule}: {result.text}")


def _row(rule: EffectiveRule) -> dict[str, object]:
    return {
        "rule": rule.rule.id,
        "guardrail": rule.guardrail,
        "stage": rule.stage,
        "mode": rule.mode.value,
        "action": rule.action.value,
        "fallback": rule.fallback.value,
        "severity": rule.severity.value,
        "min_score": rule.min_score,
        "basis": list(rule.rule.basis_texts),
        "decided_by": list(rule.sources),
    }
