"""Which records carry a sentence."""

from __future__ import annotations

import datetime as dt

import pytest

from validators.base import Evidence
from validators.evidence import Records

TODAY = dt.date(2026, 11, 21)


def relation(claim: str, statement: str, valid_until: dt.date | None = None) -> str | None:
    record = Evidence(id="ev-1", statement=statement, valid_until=valid_until)
    matches = Records([record], TODAY).match(claim)
    return matches[0].relation if matches else None


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("Made of 80% recycled wool.", "Made of 80 percent recycled wool."),
        ("Lasts 14 hours on one charge.", "It lasts 14 h on one charge, bench test of May 2026."),
        ("Trusted by 2 million gardeners.", "Trusted by 2,000,000 gardeners."),
        ("Two saunas and a steam bath.", "2 saunas, a steam bath."),
        ("Costs £24 including delivery.", "Costs 24 GBP including delivery."),
        ("Weighs 4.6 kg.", "Weighs 4,6 kg."),
        ("Up to 30 days of storage.", "Up to 30 days of storage."),
        ("No added sugar.", "No sugar added, composition sheet 12."),
    ],
)
def test_the_same_fact_in_other_writing_supports(claim: str, statement: str) -> None:
    assert relation(claim, statement) == "supports"


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("Saves 30% energy.", "Saves up to 30% energy."),
        ("Soothes dry skin.", "May soothe dry skin."),
        ("The battery lasts 9 hours.", "The battery lasts 9 hours on average."),
        ("All towels are made of linen.", "Some towels are made of linen."),
        ("The best bakery in Leeds.", "A bakery in Leeds."),
        ("The targets are validated.", "The targets are not validated."),
        ("Customers would buy the mop again.", "57% of customers would buy the mop again."),
        ("Cheaper than shops in Cork.", "Cheaper than shops in Galway."),
        ("It cut paperwork.", "It cut paperwork; consent withdrawn."),
    ],
    ids=[
        "up to",
        "may",
        "average",
        "all for some",
        "superlative",
        "negation",
        "share of those asked",
        "another place",
        "withdrawn",
    ],
)
def test_a_stronger_claim_than_its_record_is_not_supported(claim: str, statement: str) -> None:
    assert relation(claim, statement) == "neutral"


@pytest.mark.parametrize(
    ("claim", "statement"),
    [
        ("Cuts heating costs by 47%.", "Cuts heating costs by 12%."),
        ("Ready in 20 minutes.", "Ready in 45 minutes."),
        ("Rooms from £59 a night.", "Rooms from £79 a night."),
    ],
)
def test_another_figure_in_the_same_unit_contradicts(claim: str, statement: str) -> None:
    assert relation(claim, statement) == "contradicts"


def test_another_currency_is_not_the_same_price() -> None:
    assert relation("The lamp costs £40.", "The lamp costs $40.") != "supports"


@pytest.mark.parametrize(
    ("valid_until", "expected"),
    [
        (None, "supports"),
        (TODAY, "supports"),
        (TODAY - dt.timedelta(days=1), "expired"),
    ],
)
def test_a_record_holds_through_its_last_day(valid_until: dt.date | None, expected: str) -> None:
    assert relation("Handmade in Wales.", "Handmade in Wales.", valid_until) == expected


def test_a_record_does_not_expire_where_today_is_unknown() -> None:
    record = Evidence(id="ev-1", statement="Handmade.", valid_until=dt.date(2020, 1, 1))
    (match,) = Records([record], dt.date.max).match("Handmade.")
    assert match.relation == "supports"


def test_records_that_share_no_word_are_left_out() -> None:
    assert relation("Handmade in Wales.", "Opening hours 9 to 5.") is None


def test_the_closest_record_comes_first() -> None:
    records = [
        Evidence(id="far", statement="The jar is blue."),
        Evidence(id="near", statement="The jar is made of recycled glass."),
    ]
    matches = Records(records, TODAY).match("The jar is made of recycled glass.")
    assert [match.id for match in matches] == ["near", "far"]


def test_a_record_without_the_core_of_the_claim_supports_nothing() -> None:
    record = Evidence(id="ev-1", statement="The blue cotton summer shirt has a pocket.")
    claim = "The blue cotton summer shirt has an organic pocket."
    (match,) = Records([record], TODAY).match(claim, core="organic")
    assert match.relation == "neutral"
