"""The commands around the store, as an operator types them."""

import asyncio
import dataclasses
import hashlib
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest
import typer
from typer.testing import CliRunner

from proxy.commands import audit, keys, policy
from proxy.commands.reviews import Prepare, reviews_app
from proxy.rechecking import Release
from proxy.store.records import Decision, ReviewItem, ReviewState
from proxy.store.store import Store
from tests.integration.samples import COPY, FINDING, a_held_record, a_record, tamper

T = TypeVar("T")

_AN_EDIT = Decision(ReviewState.APPROVED_WITH_EDITS, "ann", "R83", "", "Soothes.")


LABEL = " #AIgenerated"


async def _prepare(text: str, item: ReviewItem, note: str) -> Release:
    """A desk that finds healing, labels texts for Instagram, and strips a name from notes."""
    problems = (f"claims.health.disease in {item.channel}: says it heals",)
    return Release(
        text + LABEL if item.channel == "instagram" else text,
        note.replace("Laura", "{{PERSON_1}}"),
        problems if "heals" in text else (),
    )


def _make_prepare(config: Path | None) -> Prepare:
    assert config is not None
    return _prepare


app = typer.Typer()
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")
app.add_typer(reviews_app(_make_prepare), name="reviews")
app.add_typer(policy.app, name="policy")


class Desk:
    """A configured Presscheck and an operator before it."""

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder}/presscheck.db"
        self.config = folder / "presscheck.yaml"
        self.config.write_text(f"database_url: {self.url}\n")

    def types(self, line: str, *, fails: bool = False, columns: int = 200) -> str:
        """Run a command, and return what it printed: the errors if it fails."""
        words = [*line.split(" "), "--config", str(self.config)]
        result = CliRunner().invoke(app, words, env={"COLUMNS": str(columns)})
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
    """A desk whose database is there, and empty."""
    desk = Desk(tmp_path)
    desk.store(Store.ping)
    return desk


@pytest.mark.parametrize(
    "line",
    [
        "audit verify",
        "audit export --output -",
        "reviews list",
        "reviews show rv_1",
        "reviews approve rv_1 --reason R80 --by ann",
        "reviews reject rv_1 --reason R06 --by ann",
        "keys list",
        "keys revoke key_1",
    ],
)
def test_makes_no_database_to_read_from(tmp_path: Path, line: str) -> None:
    said = Desk(tmp_path).types(line, fails=True)
    assert said.startswith(f"There is no Presscheck database at {tmp_path}/presscheck.db.")
    assert not (tmp_path / "presscheck.db").exists()


def test_makes_a_database_for_its_first_key(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.types("keys create --team marketing")
    assert "marketing" in desk.types("keys list")


def test_cuts_no_id_on_a_narrow_terminal(desk: Desk) -> None:
    ids = [f"rv_{'x' * 19}{number}" for number in range(2)]
    rules = ("targeting.protected.differential_offer", "claims.health.structure_function")
    findings = tuple({**FINDING, "rule": rule} for rule in rules)
    for id in ids:
        record = a_held_record(id, channel="press_release")
        outcome = dataclasses.replace(record.outcomes[0], findings=findings)
        record = dataclasses.replace(record, outcomes=(outcome,))
        desk.store(lambda store, record=record: store.record(record))
    desk.store(lambda store: store.decide(ids[0], _AN_EDIT, 1))
    desk.types("keys create --team the-long-name-of-a-team --policy strict --scope admin")
    (key,) = desk.store(Store.list_keys)

    listing = desk.types("reviews list", columns=80)
    assert all(id in listing for id in ids)
    assert "press_release: 2 rules, the worst" in " ".join(listing.split())
    assert key.id in desk.types("keys list", columns=80)
    assert "targeting.protected.differential_offer" in desk.types("policy explain", columns=80)


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
        "sha256:abc",
        "output",
        "choices[0].message.content",
        "lab report 7",
        "2027-01-31",
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


def test_cuts_no_policy_version_on_a_narrow_terminal(desk: Desk) -> None:
    version = f"sha256:{'0123456789abcdef' * 4}"
    desk.store(lambda store: store.record(a_held_record("rv_1", policy_version=version)))
    shown = desk.types("reviews show rv_1", columns=80)
    assert version in "".join(shown.split())
    assert "\u2026" not in shown


def test_says_what_a_reviewer_must_know_before_reading(desk: Desk) -> None:
    text = "{{PERSON_1}} and {{EMAIL_ADDRESS_2}}: {{PERSON_1}} loves it."
    desk.store(lambda store: store.record(a_held_record("rv_1", text, stage="input")))
    desk.store(lambda store: store.record(a_held_record("rv_2")))
    desk.store(lambda store: store.record(a_held_record("rv_3", "For {{PERSON_1}}.")))
    prompt, copy, one = (desk.types(f"reviews show rv_{number}") for number in (1, 2, 3))
    assert "releases nothing to publish" in prompt
    assert "{{PERSON_1}}, {{EMAIL_ADDRESS_2}} stand for personal data that was not kept." in prompt
    assert "releases nothing" not in copy
    assert "personal data" not in copy
    assert "{{PERSON_1}} stands for personal data that was not kept." in one
    assert "prompt: claims" in desk.types("reviews list")


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
    desk.store(lambda store: store.record(a_held_record("rv_1", channel="email")))
    said = desk.types("reviews approve rv_1 --reason r80 --by ann --note Laura's")
    assert said == "Review item rv_1 is now approved, decided by ann.\n"
    item = desk.store(lambda store: store.get_review("rv_1"))
    assert (item.released_text, item.note) == (COPY, "{{PERSON_1}}'s")
    assert "false positive" in desk.types("reviews show rv_1")


def test_shows_a_label_that_was_put_in_before_the_release(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    said = desk.types("reviews approve rv_1 --reason R80 --by ann")
    assert said.endswith(f"What was released is not what you saw. It reads:\n{COPY}{LABEL}\n")
    item = desk.store(lambda store: store.get_review("rv_1"))
    assert (item.state, item.released_text) == ("approved", COPY + LABEL)
    assert COPY + LABEL in desk.types("reviews show rv_1")


def test_releases_an_edited_text_that_passes_the_check(desk: Desk, tmp_path: Path) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    edited = tmp_path / "edited.txt"
    edited.write_text("Our cream soothes dry skin.\n")
    desk.types(f"reviews approve rv_1 --reason R83 --by ann --text-file {edited}")
    item = desk.store(lambda store: store.get_review("rv_1"))
    assert item.state == "approved_with_edits"
    assert item.released_text == f"Our cream soothes dry skin.{LABEL}"
    assert "Our cream soothes dry skin." in desk.types("reviews show rv_1")


def test_releases_no_edit_that_still_breaks_the_policy(desk: Desk, tmp_path: Path) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1")))
    edited = tmp_path / "edited.txt"
    edited.write_text("Our cream heals eczema.")
    line = f"reviews approve rv_1 --reason R83 --by ann --text-file {edited}"
    assert desk.types(line, fails=True) == (
        "The edited text breaks the policy, so it was not released:\n"
        "- claims.health.disease in instagram: says it heals\n"
    )
    assert desk.store(lambda store: store.get_review("rv_1")).state == "open"


def test_releases_no_text_that_breaks_the_policy_by_now(desk: Desk) -> None:
    desk.store(lambda store: store.record(a_held_record("rv_1", "Our cream heals.")))
    said = desk.types("reviews approve rv_1 --reason R80 --by ann", fails=True)
    assert said.startswith("The text breaks the policy, so it was not released:\n- claims.health")
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


def test_finds_nothing_to_verify_in_an_empty_log(desk: Desk) -> None:
    assert desk.types("audit verify", fails=True).startswith("There is nothing to verify")


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


def test_shows_a_policy_as_it_is_and_as_it_was(desk: Desk) -> None:
    current = desk.types("policy show strict --json")
    version = hashlib.sha256(current.encode()).hexdigest()
    assert json.loads(desk.types("policy show strict")) == json.loads(current)
    assert desk.types(f"policy show strict@sha256:{version} --json") == current

    old = '{"policy":{"name":"strict"},"rules":{}}'
    digits = hashlib.sha256(old.encode()).hexdigest()
    desk.store(lambda store: store.save_policy("strict", f"sha256:{digits}", old))
    assert desk.types(f"policy show strict@{digits[:8]} --json") == old


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("strikt", "unknown policy 'strikt'"),
        ("strikt@sha256:00000000", "database does not hold this version"),
        ("strict@sha256:00000000", "database does not hold this version"),
    ],
)
def test_says_that_there_is_no_such_policy(desk: Desk, reference: str, message: str) -> None:
    assert message in " ".join(desk.types(f"policy show {reference}", fails=True).split())
