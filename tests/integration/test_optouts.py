"""The opt-out registry in a real database: what it keeps, what it forgets, and whose it is."""

import asyncio
import datetime as dt
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from proxy.contacts import read_contact
from proxy.errors import InvalidRequestError, StoreError
from proxy.optouts import OptOuts, Standing
from proxy.settings import Settings
from proxy.store.records import Consent, ContactKind, EventKind, OptOut
from proxy.store.store import Store
from tests.integration.samples import everything_but
from validators.pii import EntityType

LAURA = "Laura.Jimenez@Example.com"
TOM = "+44 7700 900123"
MAY = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
JUNE = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
PEPPER = "a pepper for these tests"


def settings(folder: Path, **changes: Any) -> Settings:
    return Settings.model_validate({"home": folder, "pepper": PEPPER, **changes})


@pytest.fixture
def registry(store: Store, tmp_path: Path) -> OptOuts:
    return OptOuts(store, settings(tmp_path))


async def note(registry: OptOuts, contact: str, **said: Any) -> int:
    """Keep one entry: an opt-out of everything, unless more is said."""
    read = read_contact(contact)
    fields = {
        "channel": "*",
        "purpose": "*",
        "status": Consent.OPT_OUT,
        "captured_at": MAY,
        **said,
    }
    hash = (await registry.hasher()).hash(read.canonical)
    return await registry.save([OptOut(hash=hash, kind=read.kind, **fields)])


async def standing_of(
    registry: OptOuts, contact: str, channel: str = "email", purpose: str = "newsletter"
) -> Standing:
    (found,) = await registry.check_contacts([read_contact(contact)], channel, purpose)
    return found


def out(
    channel: str = "*",
    purpose: str = "*",
    at: dt.datetime = MAY,
    expires: dt.datetime | None = None,
) -> dict[str, Any]:
    return {
        "channel": channel,
        "purpose": purpose,
        "status": Consent.OPT_OUT,
        "captured_at": at,
        "expires_at": expires,
    }


def into(*args: Any, **said: Any) -> dict[str, Any]:
    return {**out(*args, **said), "status": Consent.OPT_IN}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], "unknown"),
        ([out()], "blocked"),
        ([into()], "allowed"),
        ([out("email", "newsletter")], "blocked"),
        ([out("sms", "newsletter")], "unknown"),
        ([out("email", "survey")], "unknown"),
        ([into("sms", "newsletter")], "unknown"),
        # An opt-out beats an opt-in of the same reach, and of a wider one.
        ([out("email", "*"), into("*", "newsletter", JUNE)], "blocked"),
        ([out("email", "newsletter"), into("*", "*", JUNE)], "blocked"),
        # What is more specific beats what is general, if it came later.
        ([out(), into("email", "newsletter", JUNE)], "allowed"),
        ([out(at=JUNE), into("email", "newsletter", MAY)], "blocked"),
        ([out("sms", "*"), into("email", "newsletter")], "allowed"),
        # What has expired counts for nothing.
        ([out(at=LONG_AGO, expires=MAY)], "unknown"),
        ([into(at=LONG_AGO, expires=MAY)], "unknown"),
        ([out(at=LONG_AGO, expires=MAY), into("email", "*")], "allowed"),
        # The later word about the same thing counts; of two at once, the refusal.
        ([out("email"), into("email", at=JUNE)], "allowed"),
        ([into("email", at=JUNE), out("email")], "allowed"),
        ([out("email", at=JUNE), into("email", at=MAY)], "blocked"),
        ([out("email"), into("email")], "blocked"),
        ([into("email"), out("email")], "blocked"),
    ],
)
async def test_weighs_what_somebody_said(
    registry: OptOuts, said: Sequence[dict[str, Any]], expected: str
) -> None:
    for entry in said:
        await note(registry, LAURA, **entry)
    assert await standing_of(registry, LAURA) == expected


@pytest.mark.parametrize(
    ("channel", "purpose", "expected"),
    [
        ("generic", "general", "blocked"),
        ("generic", "newsletter", "blocked"),
        ("email", "general", "blocked"),
        ("sms", "general", "unknown"),
        ("generic", "survey", "unknown"),
    ],
)
async def test_every_opt_out_counts_where_nobody_said_what_for(
    registry: OptOuts, channel: str, purpose: str, expected: str
) -> None:
    await note(registry, LAURA, **out("email", "newsletter"))
    assert await standing_of(registry, LAURA, channel, purpose) == expected


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        (LAURA, "  laura.jimenez@EXAMPLE.COM "),
        (LAURA, "ｌaura.jimenez@example.com"),  # noqa: RUF001
        (TOM, "00447700900123"),
        (TOM, "+44 (0)7700 900-123"),
    ],
)
async def test_knows_somebody_however_they_are_written(
    registry: OptOuts, kept: str, asked: str
) -> None:
    await note(registry, kept)
    assert await standing_of(registry, asked) is Standing.BLOCKED


@pytest.mark.parametrize("other", ["laurajimenez@example.com", "laura.jimenez+x@example.com"])
async def test_dots_and_tags_tell_people_apart(registry: OptOuts, other: str) -> None:
    await note(registry, LAURA)
    assert await standing_of(registry, other) is Standing.UNKNOWN


@pytest.mark.parametrize(
    ("type", "value", "jurisdictions", "is_found"),
    [
        (EntityType.EMAIL_ADDRESS, "LAURA.jimenez@example.com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.jimenez at example dot com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.jimenez (at) example [dot] com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.\u200bjimenez@example.com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.jimenez apenstaartje example punt com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura punkt jimenez klammeraffe example punkt com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.jimenez ät example.com", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.jimenez [chiocciola] example [punto] com", [], True),
        (EntityType.EMAIL_ADDRESS, "l a u r a . j i m e n e z @ e x a m p l e . c o m", [], True),
        (EntityType.EMAIL_ADDRESS, "laura.jimenez%40example.com", [], True),
        (EntityType.EMAIL_ADDRESS, "TGF1cmEuSmltZW5lekBleGFtcGxlLmNvbQ==", [], True),
        (EntityType.EMAIL_ADDRESS, "V3JpdGUgdG8gbGF1cmEuamltZW5lekBleGFtcGxlLmNvbS4=", [], True),
        (EntityType.EMAIL_ADDRESS, "laura underscore jimenez at example dot com", [], False),
        (EntityType.EMAIL_ADDRESS, "tom@example.com", [], False),
        (EntityType.PHONE_NUMBER, "+44 seven seven zero zero nine zero zero 123", [], True),
        (EntityType.PHONE_NUMBER, "%2B44 7700 900123", [], True),
        (EntityType.PHONE_NUMBER, "+44 7700 900123", [], True),
        (EntityType.PHONE_NUMBER, "447700900123", [], True),
        (EntityType.PHONE_NUMBER, "07700 900123", ["UK"], True),
        (EntityType.PHONE_NUMBER, "07700 900123", ["US-CA", "EU", "UK"], True),
        (EntityType.PHONE_NUMBER, "07700 900123", ["DE"], False),
        (EntityType.PHONE_NUMBER, "07700 900123", [], False),
    ],
)
async def test_finds_opted_out_contacts_as_a_request_writes_them(
    registry: OptOuts,
    type: EntityType,
    value: str,
    jurisdictions: Sequence[str],
    is_found: bool,
) -> None:
    await note(registry, LAURA)
    await note(registry, TOM)
    found = await registry.opted_out([(type, value)], "generic", "general", jurisdictions)
    assert found == (frozenset({value}) if is_found else frozenset())


async def test_a_number_of_the_house_country_needs_no_country_code(
    store: Store, tmp_path: Path
) -> None:
    registry = OptOuts(store, settings(tmp_path, phone_region="UK"))
    await note(registry, TOM)
    contact = (EntityType.PHONE_NUMBER, "07700 900123")
    assert await registry.opted_out([contact], "sms", "general") == {"07700 900123"}


async def test_keeps_hashes_and_never_an_address(
    registry: OptOuts, store: Store, database_url: str
) -> None:
    await note(registry, LAURA, source="form-7", text_version="v3", evidence_ref="ev-1")
    await note(registry, TOM)
    await registry.erase([read_contact(TOM)], (), "art17")
    stored = (await everything_but(database_url)).lower()
    for part in ("laura", "jimenez", "example.com", "7700", "900123"):
        assert part not in stored
    emails = [e for e in await store.list_optouts() if e.kind is ContactKind.EMAIL]
    assert [(e.source, e.text_version, e.evidence_ref) for e in emails] == [
        ("form-7", "v3", "ev-1")
    ]


async def test_every_change_is_an_audit_event_that_shows_no_whole_hash(
    registry: OptOuts, store: Store
) -> None:
    assert await note(registry, LAURA) == 1
    assert await note(registry, LAURA) == 0
    await registry.erase([read_contact(LAURA)], (), "ticket-12", actor="key_1")
    events = [event async for event in store.export()]
    assert [(e["kind"], e["actor"]) for e in events] == [
        (EventKind.OPTOUT_SAVED, "operator"),
        (EventKind.OPTOUT_ERASED, "key_1"),
    ]
    assert events[1]["payload"] == {"removed": 0, "kept": 1, "reason": "ticket-12"}
    (entry,) = await store.list_optouts()
    assert entry.hash not in repr(events)
    assert entry.hash.startswith(events[0]["subject"])
    assert (await store.verify()).is_intact


async def test_erasing_leaves_what_it_takes_to_respect_an_opt_out(
    registry: OptOuts, store: Store
) -> None:
    await note(registry, LAURA, **into("sms"), source="shop", basis="consent")
    await note(registry, LAURA, **out("email"), source="form-7", jurisdiction="ES")
    await note(registry, LAURA, **out("blog", at=LONG_AGO, expires=MAY))
    await note(registry, TOM)
    assert await registry.erase([read_contact(LAURA)], (), "art17") == (2, 1)
    assert await registry.erase([read_contact(LAURA)], (), "art17") == (0, 1)
    (kept,) = [e for e in await store.list_optouts() if e.erased_at]
    assert (kept.channel, kept.status, kept.captured_at) == ("email", Consent.OPT_OUT, MAY)
    assert (kept.source, kept.jurisdiction, kept.erased_because) == (None, None, "art17")
    assert await standing_of(registry, LAURA) is Standing.BLOCKED
    assert await standing_of(registry, LAURA, "sms") is Standing.UNKNOWN


async def test_pages_through_all_entries_once(registry: OptOuts, store: Store) -> None:
    pepper = await registry.hasher()
    entries = [
        OptOut(
            pepper.hash(f"p{i}@x.example"), ContactKind.EMAIL, channel, "*", Consent.OPT_OUT, MAY
        )
        for i in range(20)
        for channel in ("email", "sms")
    ]
    assert await registry.save(entries) == 40
    seen: list[OptOut] = []
    while page := await store.list_optouts(7, seen[-1].id if seen else None):
        seen += page
    assert seen == sorted(entries, key=lambda e: (e.hash, e.channel))


async def test_takes_in_many_at_once(registry: OptOuts, store: Store) -> None:
    contacts = [read_contact(f"p{i}@x.example") for i in range(12_000)]
    pepper = await registry.hasher()
    entries = [
        OptOut(pepper.hash(c.canonical), c.kind, "*", "*", Consent.OPT_OUT, MAY) for c in contacts
    ]
    assert await registry.save(entries) == 12_000
    found = await registry.check_contacts(contacts, "email", "newsletter")
    assert set(found) == {Standing.BLOCKED}


async def test_an_empty_registry_needs_no_pepper(store: Store, tmp_path: Path) -> None:
    registry = OptOuts(store, settings(tmp_path / "home", pepper=None))
    await registry.verify()
    assert await standing_of(registry, LAURA) is Standing.UNKNOWN
    assert await registry.erase([read_contact(LAURA)], (), "art17") == (0, 0)
    assert not (tmp_path / "home" / "pepper").exists()


async def test_makes_one_pepper_for_its_owner_alone(store: Store, tmp_path: Path) -> None:
    home = tmp_path / "home"
    registries = [OptOuts(store, settings(home, pepper=None)) for _ in range(8)]
    await asyncio.gather(*(note(r, f"p{i}@x.example") for i, r in enumerate(registries)))
    file = home / "pepper"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [path.name for path in home.iterdir() if "pepper" in path.name] == ["pepper"]
    # The same text in the environment of another server is the same pepper.
    other = OptOuts(store, settings(tmp_path / "elsewhere", pepper=file.read_text().strip()))
    assert await standing_of(other, "p3@x.example") is Standing.BLOCKED


@pytest.mark.parametrize("pepper", ["another pepper than theirs", None])
async def test_refuses_a_registry_of_another_pepper(
    registry: OptOuts, store: Store, tmp_path: Path, pepper: str | None
) -> None:
    await note(registry, LAURA)
    other = OptOuts(store, settings(tmp_path / "other", pepper=pepper))
    contact = read_contact(LAURA)
    for attempt in (
        other.verify(),
        other.hasher(),
        other.check_contacts([contact], "email", "newsletter"),
        other.opted_out([(EntityType.EMAIL_ADDRESS, LAURA)], "email", "newsletter"),
        other.erase([contact], (), "art17"),
    ):
        with pytest.raises(StoreError, match="pepper") as caught:
            await attempt
        assert "laura" not in str(caught.value).lower()


async def test_of_two_peppers_the_first_entry_decides(store: Store, tmp_path: Path) -> None:
    first, second = (OptOuts(store, settings(tmp_path, pepper=16 * c)) for c in "ab")
    await first.hasher()
    await second.hasher()
    await note(first, LAURA)
    with pytest.raises(StoreError, match="another pepper"):
        await note(second, LAURA)


async def test_refuses_a_page_after_what_is_no_entry(store: Store) -> None:
    with pytest.raises(InvalidRequestError, match="hash:channel:purpose"):
        await store.list_optouts(after="x")
