"""The commands around the store, as an operator types them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import typer
from typer.testing import CliRunner

from proxy.commands import audit, keys
from proxy.commands.reviews import Recheck, reviews_app
from proxy.store.records import ReviewItem
from proxy.store.store import Store
from tests.integration.samples import COPY, FINDING, a_held_record, a_record, tamper

T = TypeVar("T")


async def _recheck(text: str, item: ReviewItem) -> list[str]:
    return [] if "soothes" in text else [f"claims.health.disease in {item.channel}: says it cures"]


def _make_recheck(config: Path | None) -> Recheck:
    assert config is not None
    return _recheck


app = typer.Typer()
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(reviews_app(_make_recheck), name="reviews")


class Desk:
    """A configured Presscheck and an operator before it."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/presscheck.db"
        self.config = folder / "presscheck.yaml"
        self.config.write_text(f"database_url: {self.url}\n")

    def types(self, line: str, *, fails: bool = False) -> str:
        """Run a command, and return what it printed: the errors if it fails."""
        words = [*line.split(" "), "--config", str(self.config)]
        result = CliRunner().invoke(app, words, env={"COLUMNS": "200"})
        assert (result.exit_code != 0) is fails, result.output
        return result.stderr if fails else result.stdout

    def store(self, work: Callable[[Store], Awaitable[T]]) -> T:
        async def run() -> T:
            store = await Store.open(self.url)
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_prints_a_new_key_once_and_alone(desk: Desk) -> None:
    secret = desk.types("keys create --team marketing --policy default").strip()
    key = desk.store(lambda store: store.find_key(secret))
    assert key is not None
    assert (key.team, key.policy, key.scopes) == ("marketing", "default", ("generate", "check"))
    listing = desk.types("keys list")
    assert key.id in listing
    assert secret not in listing


def test_gives_a_key_the_scopes_that_were_asked_for(desk: Desk) -> None:
    secret = desk.types("keys create --team legal --scope review --scope check --name ann").strip()
    key = desk.store(lambda store: store.find_key(secret))
    assert key is not None
    assert (key.name, key.scopes) == ("ann", ("check", "review"))


def test_revokes_a_key(desk: Desk) -> None:
    secret = desk.types("keys create --team marketing").strip()
    (key,) = desk.store(Store.list_keys)
    assert "is revoked since" in desk.types(f"keys revoke {key.id}")
    assert desk.store(lambda store: store.find_key(secret)) is None


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("keys create --team marketing --scope root", "Unknown scope 'root'"),
        ("keys revoke key_none", "There is no key 'key_none'"),
        ("reviews show rv_none", "There is no review item 'rv_none'"),
        ("reviews list --limit 0", "limit must be between 1 and 500"),
    ],
)
def test_says_what_is_wrong_in_a_sentence(desk: Desk, line: str, message: str) -> None:
    assert desk.types(line, fails=True).startswith(message)


def test_shows_a_review_item_with_all_that_a_reviewer_needs(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    shown = desk.types("reviews show rv_1")
    for part in (
        COPY,
        "blocked",
        "default@sha256:abc",
        "instagram",
        "UK, US-CA",
        "critical claims.health.disease",
        "cures eczema in three days",
        "Says that a cosmetic cures a disease.",
        "UK CAP Code 12.1",
        "soothes dry skin",
    ):
        assert part in shown


def test_shows_a_review_item_as_json_with_the_text_of_each_finding(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    item = json.loads(desk.types("reviews show rv_1 --json"))
    assert item["findings"] == [{**FINDING, "text": "cures eczema in three days"}]
    assert (item["state"], item["created_at"]) == ("open", "2026-11-22T12:00:00+00:00")
    assert [item] == json.loads(desk.types("reviews list --json"))


def test_lets_no_escape_sequence_of_a_model_reach_the_terminal(desk: Desk) -> None:
    text = "Our [bold]cream[/bold] \x1b]0;owned\x07 cures \x9b31m eczema."
    desk.store(lambda store: store.record(a_held_record("rv_1", text)))
    shown = desk.types("reviews show rv_1")
    assert not {"\x1b", "\x07", "\x9b"} & set(shown)
    assert "[bold]cream[/bold]" in shown


def test_lists_the_items_that_fit(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    desk.store(lambda store: store.record(a_held_record("rv_2", channel="email")))
    assert "rv_2" not in desk.types("reviews list --channel instagram")
    listing = desk.types("reviews list --state open --rule claims.health.disease")
    assert listing.index("rv_2") < listing.index("rv_1")
    assert "No review items fit" in desk.types("reviews list --state rejected")


def test_approves_a_text_as_it_is(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    said = desk.types("reviews approve rv_1 --reason R80 --by ann --note quoted")
    assert said == "Review item rv_1 is now approved, decided by ann.\n"
    item = desk.store(lambda store: store.get_review("rv_1"))
    assert (item.released_text, item.note) == (COPY, "quoted")
    assert "false positive" in desk.types("reviews show rv_1")


def test_releases_an_edited_text_that_passes_the_recheck(desk: Desk, tmp_path: Path) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    edited = tmp_path / "edited.txt"
    edited.write_text("Our cream soothes dry skin.\n")
    desk.types(f"reviews approve rv_1 --reason R83 --by ann --text-file {edited}")
    item = desk.store(lambda store: store.get_review("rv_1"))
    assert item.state == "approved_with_edits"
    assert item.released_text == "Our cream soothes dry skin."
    assert "Our cream soothes dry skin." in desk.types("reviews show rv_1")


def test_releases_no_edit_that_still_breaks_the_policy(desk: Desk, tmp_path: Path) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    edited = tmp_path / "edited.txt"
    edited.write_text("Our cream heals eczema.")
    line = f"reviews approve rv_1 --reason R83 --by ann --text-file {edited}"
    assert desk.types(line, fails=True) == (
        "The edited text still breaks the policy, so it was not released:\n"
        "- claims.health.disease in instagram: says it cures\n"
    )
    assert desk.store(lambda store: store.get_review("rv_1")).state == "open"


def test_rejects_a_text_once(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    desk.types("reviews reject rv_1 --reason R06 --by ann")
    again = desk.types("reviews reject rv_1 --reason R06 --by bob", fails=True)
    assert again == "Review item rv_1 was already decided: rejected by ann.\n"


def test_approves_nothing_for_a_reason_to_reject(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    said = desk.types("reviews approve rv_1 --reason R06 --by ann", fails=True)
    assert "needs one of the reasons R80, R81, R82, R83" in said


def test_verifies_the_audit_log(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_record("req_1")))
    assert desk.types("audit verify").startswith("The audit log is intact. Events: 1.")
    asyncio.run(tamper(desk.url, "UPDATE verdicts SET verdict = 'blocked'"))
    assert "replaced as a whole" in desk.types("audit verify --noted-head abc", fails=True)
    said = desk.types("audit verify", fails=True)
    assert said.startswith("The audit log is BROKEN:\n- Verdict vd_")


def test_exports_the_audit_log_as_json_lines(desk: Desk, tmp_path: Path) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    output = tmp_path / "audit.jsonl"
    desk.types(f"audit export --output {output}")
    events = [json.loads(line) for line in output.read_text().splitlines()]
    assert [event["kind"] for event in events] == ["verdict.recorded", "review.opened"]
    assert desk.types("audit export --output -") == output.read_text()
