"""`presscheck reviews`: read what waits for a person, and decide it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from policies.catalogue import Action, Severity
from proxy.commands.database import ConfigOption, with_store
from proxy.errors import InvalidRequestError
from proxy.rechecking import Release
from proxy.store.records import Decision, ReviewItem, ReviewState
from proxy.store.reviews import APPROVING_REASONS, REASONS, check_decision
from proxy.store.store import Store

# What approving a text of an item, with a note, would release.
Prepare = Callable[[str, ReviewItem, str], Awaitable[Release]]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As `reviews list` shows it.")]
ByOption = Annotated[str, typer.Option(help="Who decides; it goes into the audit log.")]
NoteOption = Annotated[
    str, typer.Option(help="Why, in your words. Name nobody: a rejection keeps it as it is.")
]

_SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
_PLACEHOLDER = re.compile(r"\{\{[A-Z_]+_\d+\}\}")
# The text comes from a model: an escape sequence in it must not reach the terminal.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)}


def reviews_app(make_prepare: Callable[[Path | None], Prepare]) -> typer.Typer:
    """The commands; `make_prepare` is called with `--config` when a text is to be released."""
    app = typer.Typer(help="Read and decide review items.", no_args_is_help=True)

    @app.command("list")
    def list_(
        state: Annotated[ReviewState | None, typer.Option(help="Where the item stands.")] = None,
        channel: Annotated[str | None, typer.Option(help="Such as instagram.")] = None,
        rule: Annotated[str | None, typer.Option(help="Such as claims.health.disease.")] = None,
        limit: Annotated[int, typer.Option(help="How many to show.")] = 50,
        before: Annotated[str | None, typer.Option(help="Go on after this item.")] = None,
        as_json: JsonOption = False,
        config: ConfigOption = None,
    ) -> None:
        """List review items, newest first."""

        async def work(store: Store) -> list[ReviewItem]:
            return await store.list_reviews(
                state=state, channel=channel, rule=rule, limit=limit, before=before
            )

        items = with_store(config, work)
        if as_json:
            typer.echo(json.dumps([review_json(item) for item in items], ensure_ascii=False))
        else:
            Console().print(render_list(items))

    @app.command()
    def show(
        review_id: IdArgument, as_json: JsonOption = False, config: ConfigOption = None
    ) -> None:
        """Show one review item: the text, what was found in it and why."""

        async def work(store: Store) -> ReviewItem:
            return await store.get_review(review_id)

        item = with_store(config, work)
        if as_json:
            typer.echo(json.dumps(review_json(item), ensure_ascii=False))
        else:
            Console().print(render_item(item))

    @app.command()
    def approve(
        review_id: IdArgument,
        reason: Annotated[str, typer.Option(help=_reasons(APPROVING_REASONS))],
        by: ByOption,
        note: NoteOption = "",
        text_file: Annotated[
            Path | None,
            typer.Option(exists=True, dir_okay=False, help="The edited text to release instead."),
        ] = None,
        config: ConfigOption = None,
    ) -> None:
        """Release the text, or an edited one; it is checked first, and missing labels put in."""
        text = None if text_file is None else read_text(text_file)

        async def work(store: Store) -> ReviewItem:
            return await approve_item(
                store,
                review_id,
                reason=reason,
                note=note,
                by=by,
                text=text,
                prepare=make_prepare(config),
            )

        item = with_store(config, work)
        _announce(item)
        if item.released_text != (item.text if text is None else text):
            typer.echo("What was released is not what you saw. It reads:")
            typer.echo((item.released_text or "").translate(_CONTROLS))

    @app.command()
    def reject(
        review_id: IdArgument,
        reason: Annotated[
            str, typer.Option(help=_reasons(c for c in REASONS if c not in APPROVING_REASONS))
        ],
        by: ByOption,
        note: NoteOption = "",
        config: ConfigOption = None,
    ) -> None:
        """Turn the text down for good."""

        async def work(store: Store) -> ReviewItem:
            return await reject_item(store, review_id, reason=reason, note=note, by=by)

        _announce(with_store(config, work))

    return app


async def approve_item(
    store: Store,
    review_id: str,
    *,
    reason: str,
    note: str,
    by: str,
    text: str | None,
    prepare: Prepare,
) -> ReviewItem:
    """Release the item's text, or the edited `text`, as it is prepared for release.

    Raises:
        InvalidRequestError: the decision does not hold together, or the text may not go out.
    """
    item = await store.get_review(review_id)
    state = ReviewState.APPROVED if text is None else ReviewState.APPROVED_WITH_EDITS
    # First, because preparing takes seconds.
    decision = check_decision(Decision(state, by, reason, note, text))
    release = await prepare(item.text if text is None else text, item, note)
    if release.problems:
        raise InvalidRequestError(
            f"The {'text' if text is None else 'edited text'} breaks the policy, so it was not "
            "released:\n" + "\n".join(f"- {problem}" for problem in release.problems)
        )
    prepared = dataclasses.replace(decision, text=release.text, note=release.note)
    return await store.decide(review_id, prepared, item.version)


async def reject_item(
    store: Store, review_id: str, *, reason: str, note: str, by: str
) -> ReviewItem:
    item = await store.get_review(review_id)
    return await store.decide(
        review_id, Decision(ReviewState.REJECTED, by, reason, note), item.version
    )


def review_json(item: ReviewItem) -> dict[str, Any]:
    """The item with the text of each finding, ready for JSON."""
    return {
        field.name: _jsonable(getattr(item, field.name)) for field in dataclasses.fields(item)
    } | {"findings": [{**f, "text": _excerpt(item, f)} for f in item.findings]}


def render_list(items: list[ReviewItem]) -> RenderableType:
    if not items:
        return "No review items fit."
    table = Table(box=None, padding=(0, 1, 0, 0))
    # The other commands take an id, so it is never cut.
    table.add_column("id", no_wrap=True)
    table.add_column("created", no_wrap=True)
    table.add_column("state", max_width=len("approved"))
    table.add_column("verdict")
    table.add_column("findings", overflow="fold")
    for item in items:
        table.add_row(
            item.id,
            f"{item.created_at:%Y-%m-%d}",
            item.state.replace("_", " "),
            item.verdict,
            f"{'prompt' if item.stage == 'input' else item.channel}: {_summary(item)}",
        )
    return table


def render_item(item: ReviewItem) -> RenderableType:
    """The item as a reviewer reads it: the text with its findings marked, then each finding."""
    text = _shown(item.text)
    for finding in item.findings:
        text.stylize("reverse", finding["start"], finding["end"])
    parts: list[RenderableType] = [
        _grid(_facts(item)),
        *_remarks(item),
        Panel(text, title="text", title_align="left"),
    ]
    for number, finding in enumerate(item.findings, 1):
        parts.append(_render_finding(item, number, finding))
    for record in item.evidence:
        parts.append(_render_evidence(record))
    if item.released_text not in (None, item.text):
        released = _shown(item.released_text or "")
        parts.append(Panel(released, title="released text", title_align="left"))
    return Group(*parts)


def read_text(path: Path) -> str:
    """The edited text; the line break that an editor adds at the end is not part of it."""
    try:
        return path.read_text(encoding="utf-8").removesuffix("\n")
    except UnicodeDecodeError as error:
        raise typer.BadParameter(f"{path} is not UTF-8 text.") from error


def _facts(item: ReviewItem) -> list[tuple[str, str]]:
    facts = [
        ("review item", item.id),
        ("state", item.state.value),
        ("verdict", item.verdict),
        ("stage", item.stage),
        ("path", item.path),
        ("policy", item.policy),
        ("version", item.policy_version),
        ("channel", item.channel),
        ("jurisdictions", ", ".join(item.jurisdictions)),
        ("team", item.team or ""),
        ("model", item.model or ""),
        ("created", f"{item.created_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("brief", item.brief),
        ("names not found in", ", ".join(item.unread_languages or ())),
    ]
    if item.decided_at is not None:
        reason = f"{item.reason_code} {REASONS.get(item.reason_code or '', '')}"
        facts += [
            ("decided", f"{item.decided_at:%Y-%m-%d %H:%M:%S} UTC by {item.decided_by}"),
            ("reason", reason),
            ("note", item.note or ""),
        ]
    return [(label, value) for label, value in facts if value]


def _render_finding(item: ReviewItem, number: int, finding: Mapping[str, Any]) -> RenderableType:
    severity = str(finding.get("severity", ""))
    title = Text.assemble(
        f"{number}. ",
        (severity, _SEVERITY_STYLES.get(severity, "")),
        f" {finding['rule']}",
        (f"  {finding.get('action', '')}", "dim"),
    )
    details = {
        "in the text": _excerpt(item, finding) or "(the text as a whole)",
        "why": finding.get("reason"),
        "basis": "; ".join(finding.get("basis") or ()),
        "instead": finding.get("suggestion"),
    }
    grid = _grid((label, str(value)) for label, value in details.items() if value)
    return Group(title, Padding(grid, (0, 0, 1, 3)))


def _render_evidence(record: Mapping[str, Any]) -> RenderableType:
    details = {
        "statement": record.get("statement"),
        "source": record.get("source"),
        "valid until": record.get("valid_until"),
    }
    grid = _grid((label, str(value)) for label, value in details.items() if value)
    title = Text("evidence ").append_text(_shown(str(record.get("id", ""))))
    return Group(title, Padding(grid, (0, 0, 1, 3)))


def _remarks(item: ReviewItem) -> list[Text]:
    """What a reviewer must know before reading the text."""
    remarks = []
    if item.stage == "input":
        remarks.append(
            "This is a prompt, not copy: it was not sent to a model. To approve it puts on record "
            "that it was acceptable, and releases nothing to publish."
        )
    if found := dict.fromkeys(_PLACEHOLDER.findall(item.text)):
        verb = "stands" if len(found) == 1 else "stand"
        remarks.append(f"{', '.join(found)} {verb} for personal data that was not kept.")
    return [Text(remark, style="bold") for remark in remarks]


def _summary(item: ReviewItem) -> str:
    """How many rules were broken, and the worst of them."""
    if not item.findings:
        return "no rule"
    worst = max(item.findings, key=_gravity)["rule"]
    rules = len({finding["rule"] for finding in item.findings})
    return worst if rules == 1 else f"{rules} rules, the worst {worst}"


def _gravity(finding: Mapping[str, Any]) -> tuple[int, int]:
    return list(Severity).index(Severity(finding["severity"])), Action(finding["action"]).strictness


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(no_wrap=True, style="dim")
    # A long hash goes on in the next line; it would be cut otherwise.
    grid.add_column(overflow="fold")
    for label, value in rows:
        grid.add_row(label, _shown(value))
    return grid


def _excerpt(item: ReviewItem, finding: Mapping[str, Any]) -> str:
    return item.text[finding["start"] : finding["end"]]


def _shown(text: str) -> Text:
    return Text(text.translate(_CONTROLS))


def _jsonable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.datetime) else value


def _reasons(codes: Iterable[str]) -> str:
    return ", ".join(f"{code} {REASONS[code]}" for code in codes) + "."


def _announce(item: ReviewItem) -> None:
    typer.echo(f"Review item {item.id} is now {item.state}, decided by {item.decided_by}.")
