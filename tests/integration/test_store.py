"""The store on both databases: what it was given is there, and stays there."""

import asyncio
import dataclasses
import datetime as dt
import hashlib
import logging
import os
import resource
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from proxy.errors import (
    ConflictError,
    InvalidRequestError,
    NotFoundError,
    StoreError,
)
from proxy.store.records import Decision, ReviewItem, ReviewState
from proxy.store.store import Store
from tests.integration.samples import (
    COPY,
    EVIDENCE,
    FINDING,
    NOON,
    a_held_record,
    a_record,
    an_outcome,
    everything_but,
    run_sql,
)

# Verdicts


async def test_a_withheld_text_becomes_an_open_review_item(store: Store) -> None:
    record = a_held_record("rv_1")
    await store.record(record)
    assert await store.get_review("rv_1") == ReviewItem(
        id="rv_1",
        state=ReviewState.OPEN,
        version=1,
        created_at=NOON,
        request_id="req_rv_1",
        stage="output",
        path="choices[0].message.content",
        verdict="blocked",
        team="marketing",
        key_id="key_1",
        model="gpt-4.1",
        policy="default",
        policy_version="sha256:abc",
        channel="instagram",
        jurisdictions=("UK", "US-CA"),
        brief=record.brief,
        text=COPY,
        text_sha256=record.outcomes[0].text_sha256,
        findings=(FINDING,),
        evidence=(EVIDENCE,),
    )


async def test_keeps_text_and_brief_in_the_review_item_alone(
    store: Store, database_url: str
) -> None:
    await store.record(a_held_record("rv_1", "canary copy", brief="canary brief"))
    await store.decide("rv_1", Decision(ReviewState.REJECTED, "ann", "R06", "canary note"), 1)
    assert "canary" not in await everything_but(database_url, "reviews")
    assert EVIDENCE["statement"] not in await everything_but(database_url, "reviews")


async def test_a_passed_text_opens_no_review_item(store: Store, database_url: str) -> None:
    await store.record(a_record("req_1"))
    assert await store.list_reviews() == []
    rows = await run_sql(database_url, "SELECT request_id, verdict FROM verdicts")
    assert rows == [("req_1", "passed")]


async def test_keeps_every_outcome_of_an_exchange(store: Store, database_url: str) -> None:
    choices = [an_outcome("one"), an_outcome("two", index=1), an_outcome(review_id="rv_3", index=2)]
    await store.record(a_record("req_1", *choices, verdict="blocked"))
    rows = await run_sql(database_url, 'SELECT "index", verdict FROM outcomes ORDER BY "index"')
    assert rows == [(0, "passed"), (1, "passed"), (2, "blocked")]


@pytest.mark.parametrize(
    "outcome",
    [
        an_outcome(findings=({**FINDING, "text": "cures eczema"},)),
        dataclasses.replace(an_outcome(review_id="rv_1"), text=None),
        an_outcome(findings=({**FINDING, "score": float("nan")},)),
    ],
    ids=["finding with text", "review item without text", "score that is no number"],
)
async def test_refuses_a_wrong_record_whole(store: Store, database_url: str, outcome: Any) -> None:
    before = await everything_but(database_url)
    with pytest.raises((ValueError, StoreError)):
        await store.record(a_record("req_1", outcome))
    assert await everything_but(database_url) == before


async def test_keeps_what_no_database_takes_in_a_form_that_keeps_its_spans(store: Store) -> None:
    text = "cures\x00 ecz\ud83dema"
    await store.record(a_held_record("rv_1", text))
    item = await store.get_review("rv_1")
    assert item.text == "cures\ufffd ecz\ufffdema"
    assert (await store.verify()).is_intact


async def test_two_hundred_records_at_once_are_all_kept(store: Store, database_url: str) -> None:
    await asyncio.gather(*(store.record(a_record(f"req_{i}")) for i in range(200)))
    rows = await run_sql(database_url, "SELECT count(DISTINCT request_id) FROM verdicts")
    assert rows == [(200,)]
    report = await store.verify()
    assert (report.is_intact, report.events) == (True, 200)


async def test_a_record_that_cannot_be_kept_fails_alone(store: Store) -> None:
    twice = [a_held_record("rv_1"), a_held_record("rv_1")]
    others = [a_record(f"req_{i}") for i in range(10)]
    results = await asyncio.gather(
        *map(store.record, [*others[:5], *twice, *others[5:]]), return_exceptions=True
    )
    assert [type(r) for r in results if r is not None] == [StoreError]
    report = await store.verify()
    assert (report.is_intact, report.events) == (True, 12)


async def test_closing_commits_what_was_accepted(database_url: str) -> None:
    store = await Store.open(database_url)
    records = [asyncio.ensure_future(store.record(a_record(f"req_{i}"))) for i in range(150)]
    await asyncio.sleep(0)
    await store.close()
    await asyncio.gather(*records)
    rows = await run_sql(database_url, "SELECT count(*) FROM verdicts")
    assert rows == [(150,)]


async def test_a_closed_store_takes_nothing_more(database_url: str) -> None:
    store = await Store.open(database_url)
    await store.close()
    with pytest.raises(StoreError, match="shutting down"):
        await store.record(a_record("req_1"))


async def test_a_record_is_kept_though_its_caller_has_gone(store: Store) -> None:
    call = asyncio.ensure_future(store.record(a_held_record("rv_1")))
    await asyncio.sleep(0)
    call.cancel()
    await store.record(a_record("req_2"))
    assert (await store.get_review("rv_1")).id == "rv_1"
    assert (await store.verify()).is_intact


async def test_every_record_acknowledged_before_a_kill_is_there_after_it(
    database_url: str,
) -> None:
    script = Path(__file__).with_name("recording_process.py")
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(script),
        database_url,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert process.stdout is not None
    printed = [(await process.stdout.readline()).decode().strip() for _ in range(100)]
    process.send_signal(signal.SIGKILL)
    printed += (await process.stdout.read()).decode().split()
    assert await process.wait() == -signal.SIGKILL

    store = await Store.open(database_url)
    report = await store.verify()
    await store.close()
    kept = {id for (id,) in await run_sql(database_url, "SELECT request_id FROM verdicts")}
    # The kill may have cut the last line short.
    assert set(printed[:-1]) <= kept
    assert report.problems == ()


# Failures


async def test_a_failing_database_is_a_store_error_without_sql_or_text(
    store: Store, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    await run_sql(database_url, "ALTER TABLE reviews RENAME TO elsewhere")
    with pytest.raises(StoreError) as caught:
        await store.record(a_held_record("rv_1", "canary copy"))
    assert (caught.value.status, caught.value.code) == (503, "store_unavailable")
    assert "reviews" not in caught.value.message
    assert "canary" not in repr(caught.value.__cause__)
    assert caplog.record_tuples == [
        (
            "proxy.store.database",
            logging.ERROR,
            "The database failed: sqlite3.OperationalError SQLITE_ERROR"
            if database_url.startswith("sqlite")
            else "The database failed: asyncpg.exceptions.UndefinedTableError",
        )
    ]
    with pytest.raises(StoreError):
        await store.get_review("rv_1")
    await run_sql(database_url, "ALTER TABLE elsewhere RENAME TO reviews")
    await store.record(a_held_record("rv_1"))
    assert (await store.verify()).is_intact


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_survives_a_database_that_drops_its_connections(
    store: Store, database_url: str
) -> None:
    await store.ping()
    await run_sql(
        database_url,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    await store.record(a_record("req_1"))
    await store.ping()


@pytest.mark.parametrize(
    "url",
    ["", "mysql://user:canary@host/db", "sqlite://", "sqlite:///:memory:", "not a url"],
)
async def test_refuses_a_database_that_it_does_not_know(url: str) -> None:
    with pytest.raises(StoreError, match="database_url must read") as caught:
        await Store.open(url)
    assert "canary" not in caught.value.message


@pytest.mark.parametrize(
    "url",
    ["postgresql://nobody:canary@127.0.0.1:9/none", "sqlite:////proc/presscheck/store.db"],
)
async def test_a_database_that_cannot_be_reached_is_a_store_error(url: str) -> None:
    with pytest.raises(StoreError, match="database_url") as caught:
        await Store.open(url)
    assert "canary" not in caught.value.message


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_full_disk_shows_before_a_verdict_is_lost(store: Store, database_url: str) -> None:
    await store.ping()
    log = database_url.removeprefix("sqlite:///") + "-wal"
    with _no_file_larger_than(log), pytest.raises(StoreError):
        await store.ping()
    await store.ping()


@contextmanager
def _no_file_larger_than(path: str) -> Iterator[None]:
    """Let this process write no file beyond the size that this one has now."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.path.getsize(path), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_became_read_only_shows(store: Store, database_url: str) -> None:
    await store.ping()
    name = database_url.rpartition("/")[2]
    drop = (
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await run_sql(
        database_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", drop
    )
    with pytest.raises(StoreError):
        await store.ping()
    await run_sql(
        database_url,
        "SET default_transaction_read_only = off",
        f"ALTER DATABASE {name} RESET default_transaction_read_only",
        drop,
    )
    await store.ping()


async def test_opens_no_database_that_is_not_there_when_it_must_be(database_url: str) -> None:
    name = database_url.rpartition("/")[2]
    with pytest.raises(StoreError, match=f"no Presscheck database at \\S+/{name}"):
        await Store.open(database_url, create=False)
    await (await Store.open(database_url)).close()
    await (await Store.open(database_url, create=False)).close()


def test_makes_no_file_where_there_must_be_a_database(tmp_path: Path) -> None:
    path = tmp_path / "mistyped" / "presscheck.db"
    with pytest.raises(StoreError, match=f"at {path}"):
        asyncio.run(Store.open(f"sqlite:///{path}", create=False))
    assert not path.parent.exists()


def test_a_file_without_tables_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "presscheck.db"
    path.touch()
    with pytest.raises(StoreError, match=f"at {path}"):
        asyncio.run(Store.open(f"sqlite:///{path}", create=False))


async def test_no_one_else_can_read_the_sqlite_file(tmp_path: Path) -> None:
    path = tmp_path / "home" / "presscheck.db"
    store = await Store.open(f"sqlite:///{path}")
    await store.record(a_record("req_1"))
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in path.parent.iterdir()} == {0o600}
    await store.close()


# Policies


async def test_shows_a_policy_as_it_was_first_saved(store: Store) -> None:
    document = '{"name": "default"}'
    digits = hashlib.sha256(document.encode()).hexdigest()
    await store.save_policy("default", f"sha256:{digits}", document)
    await store.save_policy("default", f"sha256:{digits}", "{}")
    for version in (f"sha256:{digits}", digits, digits[:8], f"sha256:{digits[:8]}"):
        assert await store.get_policy("default", version) == document
    for version in (f"sha256:{'0' * 64}", digits[:7], "", f"{digits[:8]}%"):
        assert await store.get_policy("default", version) is None
    assert await store.get_policy("strict", digits) is None
    assert [event["kind"] async for event in store.export()] == ["policy.saved"]
    assert (await store.verify()).is_intact


# Keys


async def test_finds_a_key_by_its_secret(store: Store) -> None:
    key, secret = await store.create_key("laptop", "marketing", "default")
    assert secret.startswith("psk_")
    assert len(secret) >= 36
    assert key.scopes == ("generate", "check")
    assert await store.find_key(secret) == key
    assert await store.find_key(secret[:-1]) is None
    assert await store.list_keys() == [key]


async def test_keeps_no_secret(store: Store, database_url: str) -> None:
    _, secret = await store.create_key("laptop", "marketing", None, ["admin"])
    assert secret.removeprefix("psk_") not in await everything_but(database_url)


async def test_a_revoked_key_is_not_found_again(store: Store) -> None:
    key, secret = await store.create_key("laptop", "marketing", None)
    revoked = await store.revoke_key(key.id)
    assert revoked.revoked_at is not None
    assert await store.find_key(secret) is None
    assert await store.revoke_key(key.id) == revoked
    assert await store.list_keys() == [revoked]
    assert [event["kind"] async for event in store.export()] == ["key.created", "key.revoked"]


@pytest.mark.parametrize(
    ("name", "team", "scopes", "message"),
    [
        ("laptop", "marketing", ["generate", "root"], "Unknown scope 'root'"),
        ("laptop", "marketing", [], "needs a scope"),
        ("laptop", " ", ["check"], "needs a team"),
        ("", "marketing", ["check"], "needs a name"),
    ],
)
async def test_refuses_a_key_that_makes_no_sense(
    store: Store, name: str, team: str, scopes: list[str], message: str
) -> None:
    with pytest.raises(InvalidRequestError, match=message):
        await store.create_key(name, team, None, scopes)
    assert await store.list_keys() == []


async def test_says_that_there_is_no_such_key(store: Store) -> None:
    with pytest.raises(NotFoundError, match="keys list"):
        await store.revoke_key("key_none")


# Review items


async def _five_items(store: Store) -> None:
    for number, (channel, team, rule) in enumerate(
        [
            ("x", "marketing", "claims.health.disease"),
            ("email", "marketing", "bias.age"),
            ("x", "sales", "bias.age"),
            ("x", "marketing", "bias.age"),
            ("email", "sales", "claims.health.disease"),
        ]
    ):
        outcome = an_outcome(
            review_id=f"rv_{number}",
            verdict="held" if number == 4 else "blocked",
            findings=({**FINDING, "rule": rule}, {**FINDING, "rule": "toxicity.insult"}),
        )
        await store.record(
            a_record(
                f"req_{number}",
                outcome,
                channel=channel,
                team=team,
                # The last three share their moment: the id decides between them.
                created_at=NOON + dt.timedelta(minutes=min(number, 2)),
            )
        )


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        ({}, "rv_4 rv_3 rv_2 rv_1 rv_0"),
        ({"channel": "x"}, "rv_3 rv_2 rv_0"),
        ({"team": "sales"}, "rv_4 rv_2"),
        ({"rule": "bias.age"}, "rv_3 rv_2 rv_1"),
        ({"rule": "toxicity.insult", "limit": 2}, "rv_4 rv_3"),
        ({"verdict": "held"}, "rv_4"),
        ({"state": ReviewState.REJECTED}, "rv_1"),
        ({"state": ReviewState.OPEN, "channel": "email"}, "rv_4"),
        ({"rule": "bias.age", "channel": "sms"}, ""),
        ({"before": "rv_3"}, "rv_2 rv_1 rv_0"),
        ({"before": "rv_0"}, ""),
    ],
)
async def test_lists_review_items_newest_first(
    store: Store, filters: dict[str, Any], ids: str
) -> None:
    await _five_items(store)
    await store.decide("rv_1", Decision(ReviewState.REJECTED, "ann", "R06"), 1)
    assert [item.id for item in await store.list_reviews(**filters)] == ids.split()


async def test_pages_through_every_review_item_once(store: Store) -> None:
    await _five_items(store)
    seen: list[str] = []
    while items := await store.list_reviews(limit=2, before=seen[-1] if seen else None):
        seen += [item.id for item in items]
    assert seen == ["rv_4", "rv_3", "rv_2", "rv_1", "rv_0"]


@pytest.mark.parametrize("limit", [0, -1, 501])
async def test_refuses_a_page_of_an_odd_size(store: Store, limit: int) -> None:
    with pytest.raises(InvalidRequestError, match="limit must be between 1 and 500"):
        await store.list_reviews(limit=limit)


async def test_says_that_there_is_no_such_review_item(store: Store) -> None:
    with pytest.raises(NotFoundError, match="rv_none"):
        await store.get_review("rv_none")
    with pytest.raises(NotFoundError, match="rv_none"):
        await store.list_reviews(before="rv_none")
    with pytest.raises(NotFoundError, match="rv_none"):
        await store.decide("rv_none", Decision(ReviewState.APPROVED, "ann", "R81"), 1)


@pytest.mark.parametrize(
    ("decision", "released"),
    [
        (Decision(ReviewState.APPROVED, "ann", "R81", "fits the leaflet"), COPY),
        (Decision(ReviewState.APPROVED, "ann", "R80", "", f"{COPY} #ad"), f"{COPY} #ad"),
        (Decision(ReviewState.APPROVED_WITH_EDITS, "ann", "R83", "", "Soothes."), "Soothes."),
        (Decision(ReviewState.REJECTED, "ann", "R99", "not our brand's voice"), None),
    ],
)
async def test_a_decision_closes_the_item(
    store: Store, decision: Decision, released: str | None
) -> None:
    await store.record(a_held_record("rv_1"))
    decided = await store.decide("rv_1", decision, expected_version=1)
    assert await store.get_review("rv_1") == decided
    assert (decided.state, decided.version) == (decision.state, 2)
    assert (decided.released_text, decided.text) == (released, COPY)
    assert (decided.decided_by, decided.reason_code) == ("ann", decision.reason_code)
    assert decided.note == decision.note
    assert decided.decided_at is not None

    event = [event async for event in store.export()][-1]
    assert (event["kind"], event["actor"], event["subject"]) == ("review.decided", "ann", "rv_1")
    assert event["payload"]["from"] == "open"
    assert event["payload"]["to"] == decision.state.value
    assert event["payload"]["released_sha256"] == _sha256(released)
    assert event["payload"]["note_sha256"] == _sha256(decision.note)
    assert (await store.verify()).is_intact


def _sha256(text: str | None) -> str | None:
    return hashlib.sha256(text.encode()).hexdigest() if text else None


async def test_takes_a_reason_in_any_case(store: Store) -> None:
    await store.record(a_held_record("rv_1"))
    decided = await store.decide("rv_1", Decision(ReviewState.APPROVED, "ann", " r80"), 1)
    assert decided.reason_code == "R80"


async def test_the_second_of_two_deciders_is_told(store: Store) -> None:
    await store.record(a_held_record("rv_1"))
    await store.decide("rv_1", Decision(ReviewState.REJECTED, "ann", "R06"), 1)
    with pytest.raises(ConflictError, match="already decided: rejected by ann"):
        await store.decide("rv_1", Decision(ReviewState.APPROVED, "bob", "R81"), 1)


async def test_a_decision_on_an_item_that_changed_is_refused(store: Store) -> None:
    await store.record(a_held_record("rv_1"))
    with pytest.raises(ConflictError, match="Read it again"):
        await store.decide("rv_1", Decision(ReviewState.REJECTED, "ann", "R06"), 7)


async def test_of_many_who_decide_at_once_one_wins(store: Store, database_url: str) -> None:
    await store.record(a_held_record("rv_1"))
    other = await Store.open(database_url)
    results = await asyncio.gather(
        *(
            s.decide("rv_1", Decision(ReviewState.REJECTED, f"reviewer {i}", "R06"), 1)
            for i, s in enumerate([store, other] * 5)
        ),
        return_exceptions=True,
    )
    await other.close()
    assert sum(isinstance(result, ConflictError) for result in results) == 9
    assert sum(isinstance(result, ReviewItem) for result in results) == 1
    report = await store.verify()
    assert (report.problems, report.events) == ((), 3)


@pytest.mark.parametrize(
    ("decision", "field", "message"),
    [
        (Decision(ReviewState.OPEN, "ann", "R81"), None, "'open' is neither"),
        (Decision(ReviewState.APPROVED, "ann", "R06"), "reason", "needs one of the reasons R80"),
        (
            Decision(ReviewState.APPROVED, "ann", "R99", "a note that is long"),
            "reason",
            "needs one",
        ),
        (Decision(ReviewState.APPROVED, "ann", "R83"), "reason", "needs the edited text"),
        (Decision(ReviewState.APPROVED, "ann", "r83", "", COPY), "reason", "needs the edited text"),
        (Decision(ReviewState.REJECTED, "ann", "r80"), "reason", "rejection cannot have"),
        (Decision(ReviewState.REJECTED, "ann", "r12"), "reason", "Unknown reason 'r12'"),
        (Decision(ReviewState.REJECTED, "ann", "R99", "too short     "), "note", "15 characters"),
        (Decision(ReviewState.REJECTED, " ", "R06"), None, "name of the person"),
        (Decision(ReviewState.APPROVED_WITH_EDITS, "ann", "R83"), "text", "needs the edited text"),
        (
            Decision(ReviewState.APPROVED_WITH_EDITS, "ann", "R83", "", " \n"),
            "text",
            "empty or holds spaces alone",
        ),
        (Decision(ReviewState.APPROVED, "ann", "R81", "", ""), "text", "empty or holds spaces"),
        (Decision(ReviewState.REJECTED, "ann", "R06", "", "new"), "text", "releases nothing"),
    ],
)
async def test_refuses_a_decision_that_does_not_explain_itself(
    store: Store, decision: Decision, field: str | None, message: str
) -> None:
    await store.record(a_held_record("rv_1"))
    with pytest.raises(InvalidRequestError, match=message) as caught:
        await store.decide("rv_1", decision, 1)
    assert caught.value.param == field
    assert (await store.get_review("rv_1")).state is ReviewState.OPEN
    assert [event["kind"] async for event in store.export()][-1] == "review.opened"
