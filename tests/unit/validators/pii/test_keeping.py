"""Names that stay: a house's own, and those that the world knows."""

import pytest
from pydantic import TypeAdapter, ValidationError

from validators.base import ValidatorError
from validators.pii import PersonalData
from validators.pii.house import House
from validators.pii.keeping import Keep, KeepList, WellKnown
from validators.pii.tagger import NameLists
from validators.shared_models import Models
from validators.text import normalise


def keep(*entries: object) -> tuple[Keep, ...]:
    return TypeAdapter(tuple[Keep, ...]).validate_python(entries)


@pytest.fixture(scope="module")
def personal_data() -> PersonalData:
    return Models().personal_data


@pytest.fixture(scope="module")
def well_known() -> WellKnown:
    return WellKnown(NameLists())


@pytest.mark.parametrize(
    ("entry", "text", "kept"),
    [
        ("Marta's Kitchen", "MARTA'S KITCHEN", ["MARTA'S KITCHEN"]),
        ("Victoria", "victoria, Victoria's", ["victoria", "Victoria's"]),
        ("Victoria", "Victorian Victoria-Park Victoria_1", ["Victoria"]),
        ("hello@shop.example", "to hello@shop.example.", ["hello@shop.example"]),
        ("@acme", "@acme but not x@acme", ["@acme"]),
        ("Ben & Jerry\u2019s", "ben & jerry's", ["ben & jerry's"]),
        ("İstanbul Lale", "at İstanbul Lale", ["İstanbul Lale"]),
        ({"text": "Victoria", "match": "exact"}, "victoria VICTORIA Victoria", ["Victoria"]),
        ({"text": "Victoria"}, "victoria", ["victoria"]),
        ({"regex": r"\bSKU-\d{4}\b"}, "SKU-1234, SKU-12345", ["SKU-1234"]),
    ],
)
def test_an_entry_keeps_what_it_names(entry: object, text: str, kept: list[str]) -> None:
    text = normalise(text).text
    spans = KeepList(keep(entry)).spans(text)
    assert [text[start:end] for start, end in spans] == kept


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"regex": "(?=a)b"}, "'(?=a)b': RE2 does not take the expression: invalid perl operator"),
        ({"regex": ".*"}, "'.*': the expression also matches nothing at all"),
        ({"regex": "x" * 2000}, "2,000 characters"),
        ({"text": "x", "match": "fuzzy"}, "'any_case' or 'exact'"),
        ({"text": "x", "case": True}, "Extra inputs are not permitted"),
        ({"name": "x"}, "an entry is a name, {text: ..., match: exact} or {regex: ...}"),
        (7, "an entry is a name"),
        ("&", "'&' has neither letter nor digit"),
        ("", "at least 1 character"),
    ],
)
def test_a_wrong_entry_is_refused(entry: object, problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        keep(entry)
    assert problem in raised.value.errors(include_url=False)[0]["msg"]


def test_an_expression_that_searches_too_often_is_an_error() -> None:
    with pytest.raises(ValidatorError, match="ran out of time"):
        list(KeepList(keep({"regex": "a[^b]*b|a"})).spans("a" * 400_000))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("A tribute to Taylor Swift and Marie Curie", ["Taylor Swift", "Marie Curie"]),
        ("Estée Lauder's new serum", ["Estée Lauder's"]),
        # A customer who is called so.
        ("Taylor Swift, order 88213", []),
        ("Taylor Swift (t.swift@mail.example)", []),
        ("Paul Smith, +44 7700 900123", []),
        ("Mary Berry born 3 March 1981", []),
        ("Paul Smithson and Mary Berrymore", []),
    ],
)
def test_well_known_names_stay_unless_an_identifier_follows(
    well_known: WellKnown, text: str, kept: list[str]
) -> None:
    assert [text[span.start : span.end] for span in well_known.spans(text)] == kept


def test_a_single_word_is_unsure_where_somebody_may_be_called_so(well_known: WellKnown) -> None:
    spans = sorted(well_known.spans("Banksy met Chelsea and Bob Dylan"))
    assert [span.is_sure for span in spans] == [True, False, True]


# In the search


def test_a_kept_name_inside_a_longer_one_keeps_nothing(personal_data: PersonalData) -> None:
    text = "Write to Victoria Beltrán about Victoria."
    house = House(keep("Victoria"))
    assert [text[e.start : e.end] for e in personal_data.find(text, house)] == ["Victoria Beltrán"]


def test_a_kept_value_stays_in_every_text(personal_data: PersonalData) -> None:
    texts = ["Ask Laura Jiménez, hello@shop.example.", "hello@shop.example again"]
    house = House(keep("laura jiménez", {"regex": r"hello@[a-z.]+"}))
    assert personal_data.find_all(texts, house) == [[], []]
