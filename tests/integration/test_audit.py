"""The audit log: nothing that it recorded can be changed without a trace."""

import asyncio
import hashlib
import io
import json
import os
import re
import sqlite3
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import asyncpg
import pytest

from proxy.commands.audit import describe, write_events
from proxy.errors import StoreError
from proxy.store.records import Decision, ReviewState
from proxy.store.store import Store
from tests.integration.samples import TABLES, a_held_record, a_record, run_sql, tamper

REFUSALS = (sqlite3.IntegrityError, asyncpg.RaiseError)


@pytest.fixture
async def history(store: Store) -> Store:
    """Nine events: verdicts, a held one and its decision, a key, an option and a policy."""
    await store.record(a_record("req_1"))
    await store.record(a_record("req_2"))
    await store.record(a_held_record("rv_1"))
    await store.decide("rv_1", Decision(ReviewState.REJECTED, "ann", "R06"), 1)
    key, _ = await store.create_key("laptop", "marketing", "default", ["check"])
    await store.revoke_key(key.id)
    await store.append("option.refused", "key_1", "req_9", {"option": "mode", "wanted": "monitor"})
    await store.save_policy("default", f"sha256:{hashlib.sha256(b'{}').hexdigest()}", "{}")
    return store


async def test_an_untouched_log_is_intact(history: Store) -> None:
    report = await history.verify()
    assert report.is_intact
    assert report.events == 9
    assert report.head == [event async for event in history.export()][-1]["hash"]


async def test_an_empty_log_proves_nothing(store: Store) -> None:
    report = await store.verify()
    assert (report.is_intact, report.events, report.problems) == (False, 0, ())
    assert describe(report).startswith("There is nothing to verify")


async def test_an_export_can_be_verified_without_us(history: Store) -> None:
    output = io.StringIO()
    assert await write_events(history, output) == 9
    previous = "0" * 64
    for number, line in enumerate(output.getvalue().splitlines(), 1):
        event = json.loads(line)
        hash, previous_hash = event.pop("hash"), event.pop("previous_hash")
        content = json.dumps(event, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256((previous_hash + content).encode()).hexdigest() == hash
        assert (event["sequence"], previous_hash) == (number, previous)
        previous = hash


async def test_says_who_did_what(history: Store) -> None:
    events = [event async for event in history.export()]
    assert [(event["kind"], event["actor"]) for event in events] == [
        ("verdict.recorded", "key_1"),
        ("verdict.recorded", "key_1"),
        ("verdict.recorded", "key_1"),
        ("review.opened", "key_1"),
        ("review.decided", "ann"),
        ("key.created", "operator"),
        ("key.revoked", "operator"),
        ("option.refused", "key_1"),
        ("policy.saved", "presscheck"),
    ]
    verdict = events[2]["payload"]
    assert verdict["request_id"] == "req_rv_1"
    assert verdict["policy_version"] == "sha256:abc"
    assert (verdict["endpoint"], verdict["model"]) == ("/v1/chat/completions", "gpt-4.1")
    assert (verdict["channel"], verdict["jurisdictions"]) == ("instagram", ["UK", "US-CA"])
    assert re.match(r"\d", verdict["presscheck_version"])
    assert verdict["outcomes"][0]["rules"] == ["claims.health.disease"]
    assert verdict["outcomes"][0]["review_id"] == "rv_1"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_events SET actor = 'bob'",
        "DELETE FROM audit_events WHERE sequence = 9",
        "UPDATE verdicts SET verdict = 'passed'",
        "DELETE FROM outcomes",
    ],
)
async def test_the_database_refuses_to_change_what_was_recorded(
    history: Store, database_url: str, statement: str
) -> None:
    with pytest.raises(REFUSALS, match="never changed or deleted"):
        await run_sql(database_url, statement)
    assert (await history.verify()).is_intact


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_postgresql_refuses_to_empty_the_log(history: Store, database_url: str) -> None:
    with pytest.raises(REFUSALS, match="never changed or deleted"):
        await run_sql(database_url, "TRUNCATE audit_events")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sequence", [3, 9, 11])
async def test_sqlite_refuses_to_replace_an_event(
    history: Store, database_url: str, sequence: int
) -> None:
    with pytest.raises(REFUSALS, match="added at the end alone"):
        await run_sql(
            database_url,
            f"INSERT OR REPLACE INTO audit_events SELECT {sequence}, at, kind, 'bob', subject, "
            "payload, previous_hash, hash FROM audit_events WHERE sequence = 8",
        )


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (
            "UPDATE verdicts SET verdict = 'passed' WHERE request_id = 'req_rv_1'",
            r"^Verdict vd_\S+ is not as the audit log recorded it\.$",
        ),
        (
            "UPDATE verdicts SET created_at = '2020-01-01 00:00:00.000000'",
            r"^Verdict vd_\S+ is not as the audit log recorded it\.$",
        ),
        (
            "UPDATE outcomes SET text_sha256 = 'other' WHERE review_id = 'rv_1'",
            r"^Verdict vd_\S+ is not as the audit log recorded it\.$",
        ),
        (
            "DELETE FROM outcomes WHERE review_id = 'rv_1'",
            r"^Verdict vd_\S+ is not as the audit log recorded it\.$",
        ),
        (
            "DELETE FROM outcomes; DELETE FROM verdicts WHERE request_id = 'req_1'",
            r"^Verdict vd_\S+ is gone, though the audit log records it\.$",
        ),
        (
            "UPDATE verdicts SET id = 'vd_other' WHERE request_id = 'req_1'",
            r"^Verdict vd_other has no event that records it\.$",
        ),
        (
            "UPDATE reviews SET state = 'approved', released_text = text",
            r"^Review item rv_1 is not as the audit log recorded it\.$",
        ),
        (
            "UPDATE reviews SET decided_by = 'bob'",
            r"^Review item rv_1 is not as the audit log recorded it\.$",
        ),
        (
            "DELETE FROM review_rules; DELETE FROM reviews",
            r"^Review item rv_1 is gone, though the audit log records it\.$",
        ),
        (
            "UPDATE api_keys SET revoked_at = NULL",
            r"^Key key_\w+ is not as the audit log recorded it\.$",
        ),
        (
            "UPDATE audit_events SET actor = 'bob' WHERE sequence = 5",
            r"^Event 5 was changed: its hash does not fit its content\.$",
        ),
        (
            "UPDATE audit_events SET payload = '{}' WHERE sequence = 8",
            r"^Event 8 was changed: its hash does not fit its content\.$",
        ),
        (
            "UPDATE audit_events SET hash = previous_hash WHERE sequence = 4",
            r"^Event 5 does not continue the event before it\.$",
        ),
        (
            "DELETE FROM audit_events WHERE sequence = 9",
            r"^The log ends with event 8, but the last one written was 9\.$",
        ),
        (
            "DELETE FROM audit_events WHERE sequence = 5",
            r"^Event 5 is missing\.$",
        ),
        (
            "DELETE FROM audit_events WHERE sequence IN (2, 3, 4)",
            r"^Events 2 to 4 are missing\.$",
        ),
        (
            "DELETE FROM audit_events",
            r"^The log ends with event 0, but the last one written was 9\.$",
        ),
        (
            # Two events change places.
            "UPDATE audit_events SET sequence = 99 WHERE sequence = 1; "
            "UPDATE audit_events SET sequence = 1 WHERE sequence = 2; "
            "UPDATE audit_events SET sequence = 2 WHERE sequence = 99",
            r"^Event 1 was changed: its hash does not fit its content\.$",
        ),
        (
            "UPDATE audit_head SET hash = 'other'",
            r"^Event 9, the last one, is not the one that was written\.$",
        ),
        (
            "DELETE FROM audit_head",
            r"^The table audit_head holds 0 rows, and must hold one: the last event\.$",
        ),
        (
            "UPDATE audit_events SET payload = '[]' WHERE sequence = 5",
            r"^Review item rv_1 is not as the audit log recorded it\.$",
        ),
        (
            "UPDATE outcomes SET findings = '{\"rule\": 1}' WHERE review_id = 'rv_1'",
            r"^Verdict vd_\S+ is not as the audit log recorded it\.$",
        ),
        (
            "UPDATE reviews SET findings = '[7]'",
            r"^Review item rv_1 is not as the audit log recorded it\.$",
        ),
        (
            "DELETE FROM review_rules",
            r"^Review item rv_1 is not listed under the rules of its findings\.$",
        ),
        (
            "INSERT INTO review_rules VALUES ('bias.age', 'rv_1')",
            r"^Review item rv_1 is not listed under the rules of its findings\.$",
        ),
        (
            "INSERT INTO review_rules VALUES ('bias.age', 'rv_9')",
            r"^Rules of review item rv_9 are kept, though there is none\.$",
        ),
        (
            "INSERT INTO outcomes SELECT 'vd_9', \"index\", path, verdict, is_delivered, "
            "text_sha256, text_length, findings, failed_checks, review_id FROM outcomes "
            "WHERE review_id = 'rv_1'",
            r"^Outcomes of verdict vd_9 are kept, though there is none\.$",
        ),
        (
            "UPDATE verdicts SET id = '' WHERE request_id = 'req_1'",
            r"^Verdict  has no event that records it\.$",
        ),
        (
            "UPDATE policies SET document = '[]'",
            r"^Policy default@sha256:\w+ is kept with a document that is not of this version\.$",
        ),
        ("DROP TABLE audit_events", r"^The table audit_events is gone\.$"),
        ("DROP TABLE review_rules", r"^The table review_rules is gone\.$"),
        (
            "ALTER TABLE outcomes DROP COLUMN path",
            r"^The table outcomes has lost: path\.$",
        ),
    ],
)
async def test_finds_what_was_tampered_with(
    history: Store, database_url: str, sql: str, problem: str
) -> None:
    await tamper(database_url, *sql.split("; "))
    report = await history.verify()
    assert not report.is_intact
    assert any(re.search(problem, found) for found in report.problems), report.problems


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        (
            "UPDATE audit_events SET payload = '{' WHERE sequence = 8",
            "Event 8 cannot be read.",
        ),
        (
            "UPDATE audit_events SET payload = '{\"row_sha256\": NaN}' WHERE sequence = 5",
            "Event 5 cannot be read.",
        ),
        (
            f"UPDATE audit_events SET payload = '{'[' * 100_000}' WHERE sequence = 9",
            "Event 9 cannot be read.",
        ),
        ("UPDATE audit_events SET at = 'noon' WHERE sequence = 1", "Event 1 cannot be read."),
        ("UPDATE audit_events SET at = 7 WHERE sequence = 1", "Event 1 cannot be read."),
        ("UPDATE audit_events SET actor = x'ff' WHERE sequence = 2", "Event 2 cannot be read."),
        (
            "UPDATE audit_events SET hash = x'ff' WHERE sequence = 2",
            "Event 2 was changed: its hash does not fit its content.",
        ),
        ("UPDATE audit_events SET sequence = 'x' WHERE sequence = 9", "Event x cannot be read."),
        (
            "UPDATE audit_events SET payload = '{' WHERE sequence = 5",
            "Review item rv_1 is recorded by an event that cannot be read.",
        ),
        (
            "UPDATE outcomes SET findings = '[' WHERE review_id = 'rv_1'",
            "Verdict vd_* cannot be read.",
        ),
        (
            "UPDATE verdicts SET created_at = '' WHERE request_id = 'req_1'",
            "Verdict vd_* cannot be read.",
        ),
        ("UPDATE reviews SET findings = ''", "Review item rv_1 cannot be read."),
        ("UPDATE reviews SET text = x'ff'", "Review item rv_1 cannot be read."),
        (
            "UPDATE audit_events SET actor = CAST(x'ff' AS TEXT) WHERE sequence = 2",
            "A part of the database cannot be read: sqlite3.OperationalError.",
        ),
    ],
)
async def test_says_what_cannot_be_read(
    history: Store, database_url: str, sql: str, problem: str
) -> None:
    await tamper(database_url, sql)
    report = await history.verify()
    assert not report.is_intact
    assert [p for p in report.problems if fnmatchcase(p, problem)], report.problems
    # What is wrong is named, and nothing beside it.
    assert len(report.problems) <= 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_export_ends_at_an_event_that_cannot_be_read(
    history: Store, database_url: str
) -> None:
    await tamper(database_url, "UPDATE audit_events SET payload = '{' WHERE sequence = 8")
    with pytest.raises(StoreError, match="audit verify"):
        await write_events(history, io.StringIO())


async def test_a_noted_head_shows_that_the_whole_log_was_replaced(
    history: Store, database_url: str
) -> None:
    noted = (await history.verify()).head
    await history.append("option.refused", "key_1", "req_10", {})
    assert (await history.verify(noted)).is_intact
    assert (await history.verify(f" {noted.upper()}\n")).is_intact
    await tamper(
        database_url,
        *(f"DELETE FROM {table}" for table in TABLES if table != "audit_head"),
        f"UPDATE audit_head SET sequence = 0, hash = '{'0' * 64}'",
    )
    await history.record(a_record("req_1"))
    assert (await history.verify()).is_intact
    assert not (await history.verify(noted)).is_intact
    assert not (await history.verify("0" * 64)).is_intact


async def test_verifies_while_others_write(store: Store) -> None:
    writing = asyncio.gather(*(store.record(a_record(f"req_{i}")) for i in range(200)))
    while not writing.done():
        assert (await store.verify()).problems == ()
    await writing
    assert (await store.verify()).events == 200


async def test_stops_at_a_hundred_problems(store: Store, database_url: str) -> None:
    await asyncio.gather(*(store.record(a_record(f"req_{i}")) for i in range(150)))
    await tamper(database_url, "UPDATE verdicts SET verdict = 'fixed'")
    report = await store.verify()
    assert len(report.problems) == 101
    assert "more problems" in report.problems[-1]


async def test_a_long_log_is_read_to_its_end(store: Store) -> None:
    await asyncio.gather(*(store.record(a_record(f"req_{i}")) for i in range(1001)))
    report = await store.verify()
    assert (report.problems, report.events) == ((), 1001)
    assert len([event async for event in store.export()]) == 1001


async def test_two_stores_append_to_one_chain(store: Store, database_url: str) -> None:
    other = await Store.open(database_url)
    await asyncio.gather(
        *(s.append("option.refused", "key_1", "req_1", {}) for s in [store, other] * 100)
    )
    await other.close()
    report = await store.verify()
    assert (report.problems, report.events) == ((), 200)


async def test_processes_append_to_one_chain(store: Store, database_url: str) -> None:
    script = str(Path(__file__).with_name("appending_process.py"))
    processes = [
        await asyncio.create_subprocess_exec(
            sys.executable,
            script,
            database_url,
            "150",
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        for _ in range(3)
    ]
    await asyncio.gather(*(store.record(a_record(f"req_{number}")) for number in range(150)))
    assert [await process.wait() for process in processes] == [0, 0, 0]
    report = await store.verify()
    assert (report.problems, report.events) == ((), 600)


async def test_reports_in_plain_words(history: Store, database_url: str) -> None:
    intact = await history.verify()
    assert f"is intact. Events: 9. Head: {intact.head}\n" in describe(intact)
    await tamper(database_url, "DELETE FROM audit_events WHERE sequence = 8")
    assert describe(await history.verify()) == ("The audit log is BROKEN:\n- Event 8 is missing.")
