"""`presscheck reviews`: read what waits for a person, and decide it."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from proxy.commands.database import ConfigOption, with_store
from proxy.errors import InvalidRequestError
from proxy.store.records import Decision, ReviewItem, ReviewState
from proxy.store.reviews import APPROVING_REASONS, REASONS
from proxy.store.store import Store

# What an edited text breaks under the policy of its item; empty if it may be released.
Recheck = Callable[[str, ReviewItem], Awaitable[list[str]]]

JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="As `reviews list` shows it.")]
ByOption = Annotated[str, typer.Option(help="Who decides; it goes into the audit log.")]
NoteOption = Annotated[str, typer.Option(help="Why, in your words.")]

_SEVERITY_STYLES = {"critical": "bold red", "high": "red", "medium": "yellow", "low": "cyan"}
# The text comes from a model: an escape sequence in it must not reach the terminal.
_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (9, 10)}


def reviews_app(make_recheck: Callable[[Path | None], Recheck]) -> typer.Typer:
    """The commands; `make_recheck` is called with `--config` when an edit must be checked."""
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
        """Release the text, or an edited one that is checked again first."""
        text = None if text_file is None else read_text(text_file)

        async def work(store: Store) -> ReviewItem:
            return await approve_item(
                store,
                review_id,
                reason=reason,
                note=note,
                by=by,
                text=text,
                recheck=make_recheck(config),
            )

        _announce(with_store(config, work))

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
    recheck: Recheck,
) -> ReviewItem:
    """Release the item's text, or the edited `text` if the recheck finds nothing against it."""
    item = await store.get_review(review_id)
    state = ReviewState.APPROVED
    if text is not None:
        state = ReviewState.APPROVED_WITH_EDITS
        if problems := await recheck(text, item):
            raise InvalidRequestError(
                "The edited text still breaks the policy, so it was not released:\n"
                + "\n".join(f"- {problem}" for problem in problems)
            )
    return await store.decide(review_id, Decision(state, by, reason, note, text), item.version)


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
    table = Table("id", "created", "state", "verdict", "channel", "team", "rules")
    for item in items:
        table.add_row(
            item.id,
            f"{item.created_at:%Y-%m-%d %H:%M}",
            item.state,
            item.verdict,
            item.channel,
            _shown(item.team or ""),
            ", ".join(sorted({f["rule"] for f in item.findings})),
        )
    return table


def render_item(item: ReviewItem) -> RenderableType:
    """The item as a reviewer reads it: the text with its findings marked, then each finding."""
    facts = Table.grid(padding=(0, 2))
    for label, value in _facts(item):
        facts.add_row(Text(label, style="dim"), _shown(value))
    text = _shown(item.text)
    for finding in item.findings:
        text.stylize("reverse", finding["start"], finding["end"])
    parts: list[RenderableType] = [facts, Panel(text, title="text", title_align="left")]
    for number, finding in enumerate(item.findings, 1):
        parts.append(_render_finding(item, number, finding))
    if item.state is ReviewState.APPROVED_WITH_EDITS:
        edited = _shown(item.released_text or "")
        parts.append(Panel(edited, title="released text", title_align="left"))
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
        ("policy", f"{item.policy}@{item.policy_version}"),
        ("channel", item.channel),
        ("jurisdictions", ", ".join(item.jurisdictions)),
        ("team", item.team or ""),
        ("model", item.model or ""),
        ("created", f"{item.created_at:%Y-%m-%d %H:%M:%S} UTC"),
        ("brief", item.brief),
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
    lines: list[RenderableType] = [title]
    details = {
        "in the text": _excerpt(item, finding) or "(the text as a whole)",
        "why": finding.get("reason"),
        "basis": "; ".join(finding.get("basis") or ()),
        "instead": finding.get("suggestion"),
    }
    grid = Table.grid(padding=(0, 2))
    for label, value in details.items():
        if value:
            grid.add_row(Text(label, style="dim"), _shown(str(value)))
    lines.append(Padding(grid, (0, 0, 1, 3)))
    return Group(*lines)


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
