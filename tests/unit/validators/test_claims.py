"""The claims that are found, where they are, and what evidence makes of them."""

from __future__ import annotations

import datetime as dt
import itertools
import time

import pytest

from policies.catalogue import load_catalogue
from validators.base import Context, Evidence, Finding, Validator
from validators.registry import create_validator

TODAY = dt.date(2026, 11, 21)


@pytest.fixture(scope="module")
def claims() -> Validator:
    return create_validator("claims", {}, load_catalogue().family("claims"))


def find(claims: Validator, text: str, *records: Evidence) -> list[Finding]:
    context = Context(evidence=records, today=TODAY)
    return [finding for finding in claims.check(text, context) if finding.score >= 0.5]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("This serum clears up psoriasis for good.", "claims.health.disease"),
        ("Sick of migraines? Meet the Halo headband.", "claims.health.disease"),
        ("Magnesium spray that strengthens your bones.", "claims.health.structure_function"),
        ("Fall asleep faster with our lavender mist.", "claims.health.structure_function"),
        ("Shed 6 kilos before the wedding.", "claims.health.weight_body"),
        ("Torch belly fat with one tea a day.", "claims.health.weight_body"),
        ("Dentist-recommended and backed by science.", "claims.scientific"),
        ("Researchers found that our pillow straightens necks.", "claims.scientific"),
        ("Nine out of ten gardeners would buy it again.", "claims.statistic"),
        ("Reduces printing costs by 38 percent.", "claims.statistic"),
        ("Canada's favourite maple candle.", "claims.superlative"),
        ("The most powerful blender on the market.", "claims.superlative"),
        ("Lasts longer than any other battery.", "claims.comparative"),
        ("Unlike Brightco, we answer the phone.", "claims.comparative"),
        ("Your money doubles, or your money back.", "claims.guarantee"),
        ("A lock that nobody can break, guaranteed.", "claims.guarantee"),
        ("Earn $900 a week from your phone.", "claims.earnings"),
        ("Turn £50 into £5,000 this spring.", "claims.earnings"),
        ("Planet-friendly laundry strips.", "claims.environmental.generic"),
        ("A hoodie that is kinder to the earth.", "claims.environmental.generic"),
        ("Climate-neutral shipping on every order.", "claims.environmental.climate"),
        ("The wrapper is home compostable.", "claims.environmental.climate"),
        ("Usually €90, today €45.", "claims.price.reference"),
        ("Save 30% on all boots.", "claims.price.reference"),
        ("Rooms at $99 plus resort fee.", "claims.price.total"),
        ("Get a free gift with every order.", "claims.free"),
        ("Our customers rave about the new blend.", "claims.testimonial.fabricated"),
        ("Handwoven in Peru.", "claims.origin"),
        ("The AI never makes a mistake.", "claims.ai_capability"),
        ("Recommended by GPs.", "claims.scientific"),
        ("The brace is approved by the NHS.", "claims.scientific"),
        ("Closes flawlessly, every time.", "claims.guarantee"),
        ("Die Salbe heilt Neurodermitis in drei Tagen.", "claims.health.disease"),
        ("Der Tee, der Ihre Migräne lindert.", "claims.health.disease"),
        ("Un baume qui guérit l'eczéma.", "claims.health.disease"),
        ("El parche que alivia el dolor de espalda.", "claims.health.disease"),
        ("Le gocce contro l'insonnia.", "claims.health.disease"),
        ("Statt 199 € jetzt nur 79 €.", "claims.price.reference"),
        ("Le sac à 79 € au lieu de 199 €.", "claims.price.reference"),
        ("Antes 60 €, ahora 35 €.", "claims.price.reference"),
        ("Prima 199 €, ora solo 79 €.", "claims.price.reference"),
        ("20 % Rabatt auf alle Stiefel.", "claims.price.reference"),
    ],
)
def test_finds_a_claim_that_needs_evidence(claims: Validator, text: str, rule: str) -> None:
    assert rule in {finding.rule for finding in find(claims, text)}


@pytest.mark.parametrize(
    "text",
    [
        "Open daily from 8 to 6, closed on Mondays.",
        "The jar holds 340 g and costs £4.50.",
        "Ingredients: oats, honey, hazelnuts 12%, sea salt.",
        "Delivery is free over £40.",
        "Our gluten-free cake is on the back page of the menu.",
        "Eggs from free range hens are on the shelf by the door.",
        "Our Black Friday opening hours are 9 to 9.",
        "The best part of Sunday is the crossword.",
        "Your new favourite jumper.",
        "Feel free to bring the dog.",
        "Talk to your doctor if the headaches last longer than a week.",
        "We donated £200 to cancer research.",
        "Sofas in moss green and sky blue.",
        "Doors open at 7, first band at 8.",
        "The course covers invoices and pricing.",
        "Mondays taste better with coffee.",
        "A calm visit, every time.",
        "A fragrance-free hand cream in a glass jar.",
        "Sugar-free brownies, back on Friday.",
        "The blue mug is back. Dishwasher safe, 350 ml, £12.",
        "New mugs on the shelf. #handmade #pottery",
        "Candles poured by hand in our small studio.",
        "Ask your GP before you use it.",
        "Lauf gegen Krebs am Sonntag, Start um 9 Uhr.",
        "Fragen Sie Ihren Arzt, was bei Migräne hilft.",
        "Avant 9 h, le café est à 2 €.",
        "Le thé coûte 4 €, le café 3 €.",
    ],
)
def test_leaves_plain_facts_and_puffery_alone(claims: Validator, text: str) -> None:
    assert find(claims, text) == []


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        (
            "Our new balm cures eczema in three days, and smells of mint.",
            "cures eczema in three days",
        ),
        ("Hello! Every parcel is carbon neutral.", "carbon neutral"),
        ("A tea that cleanses your liver and melts away the day.", "cleanses your liver"),
        ("Our planet-positive and carbon neutral mug.", "planet-positive"),
        ("Free trial, then £49.50 a month. Cancel online.", "then £49.50 a month"),
        ("★★★★★ 4.9/5 on our site.", "★★★★★ 4.9/5"),
        ("10% off with code ANNA until Sunday.", "10% off with code ANNA"),
        ("Cuts your energy bill by 12.5%.", "Cuts your energy bill by 12.5%"),
        ("It\u200bis clinically\u00a0proven.", "clinically\u00a0proven"),
    ],
)
def test_points_at_the_claim_and_at_nothing_else(claims: Validator, text: str, claim: str) -> None:
    assert claim in [text[finding.start : finding.end] for finding in find(claims, text)]


def test_reports_a_claim_once_however_many_patterns_see_it(claims: Validator) -> None:
    text = "Clinically proven and dermatologically tested by dermatologists in a study of 90 women."
    spans = [(f.start, f.end) for f in find(claims, text) if f.rule == "claims.scientific"]
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))


def test_reports_a_certificate_once(claims: Validator) -> None:
    found = find(claims, "The shelf is made of FSC-certified beech.")
    assert [finding.rule for finding in found] == ["claims.environmental.generic"]


def test_calls_a_discount_a_discount_and_no_comparison(claims: Validator) -> None:
    (finding,) = find(claims, "10% off with code ANNA until Sunday.")
    assert finding.reason.startswith("A discount needs a reference price on file")


SURVEY = "83% of customers said they would buy the lamp again."


@pytest.mark.parametrize(
    ("record", "is_found"),
    [
        (Evidence(id="ev-1", statement=SURVEY), False),
        (Evidence(id="ev-1", statement=SURVEY, valid_until=dt.date(2027, 1, 1)), False),
        (Evidence(id="ev-1", statement=SURVEY, valid_until=dt.date(2026, 1, 1)), True),
        (Evidence(id="ev-1", statement=SURVEY.replace("83%", "71%")), True),
        (Evidence(id="ev-1", statement="The lamp weighs 900 g."), True),
    ],
    ids=["same", "still valid", "expired", "another figure", "another fact"],
)
def test_only_a_record_in_force_that_says_the_same_clears_a_claim(
    claims: Validator, record: Evidence, is_found: bool
) -> None:
    assert bool(find(claims, SURVEY, record)) == is_found


@pytest.mark.parametrize(
    ("statement", "valid_until", "note"),
    [
        (SURVEY.replace("83%", "71%"), None, "(ev-9) says otherwise"),
        (SURVEY, dt.date(2026, 1, 1), "(ev-9) has expired"),
        ("The lamp weighs 900 g.", None, "(ev-9) does not say as much"),
    ],
)
def test_says_what_the_closest_record_does(
    claims: Validator, statement: str, valid_until: dt.date | None, note: str
) -> None:
    record = Evidence(id="ev-9", statement=statement, valid_until=valid_until)
    (finding,) = (f for f in find(claims, SURVEY, record) if f.rule == "claims.statistic")
    assert note in finding.reason
    assert [match.id for match in finding.evidence] == ["ev-9"]


@pytest.mark.parametrize(
    ("text", "statement", "lack"),
    [
        ("Cuts heating bills by 47%.", "Cuts heating bills.", 'it lacks "47%".'),
        (
            "Loved by 2,000 customers in Leeds.",
            "Loved by customers in Leeds.",
            'it lacks "2,000".',
        ),
        ("Clinically proven balm.", "Balm, lab test.", 'it lacks "proven".'),
        (
            "Trusted by 2,000 busy bakers, chefs and cooks.",
            "2000 kg of flour for a trusted mill.",
            'it lacks "busy", "bakers" and "chefs".',
        ),
        ("Reduces limescale by 30%.", "Reduced limescale by up to 30%.", "not say as much."),
    ],
)
def test_names_what_the_closest_record_lacks(
    claims: Validator, text: str, statement: str, lack: str
) -> None:
    found = find(claims, text, Evidence(id="ev-1", statement=statement))
    assert [finding for finding in found if finding.reason.endswith(lack)]


def test_names_no_person_among_what_a_record_lacks(claims: Validator) -> None:
    record = Evidence(id="ev-1", statement="A balm.")
    found = find(claims, "Clinically proven balm, tested by Dr Rosa Quint.", record)
    assert found
    assert not [finding for finding in found if "Quint" in finding.reason]


def test_a_record_for_one_clause_leaves_the_other_clause_unsupported(claims: Validator) -> None:
    record = Evidence(id="ev-1", statement="The mug is handmade in Wales.")
    text = "The mug is handmade in Wales; it is the best-selling mug in Britain."
    assert {finding.rule for finding in find(claims, text, record)} == {"claims.superlative"}


def test_a_record_that_lacks_the_claim_itself_clears_nothing(claims: Validator) -> None:
    record = Evidence(id="ev-1", statement="The blue cotton summer shirt has a pocket.")
    text = "The blue cotton summer shirt has an organic pocket."
    assert [f.rule for f in find(claims, text, record)] == ["claims.origin"]


def test_no_record_clears_the_promise_of_a_cure(claims: Validator) -> None:
    text = "Our tea cures arthritis."
    assert find(claims, text, Evidence(id="ev-1", statement=text))


def test_reasons_call_a_claim_unsupported_and_never_false() -> None:
    reasons = [
        reason
        for rule in load_catalogue().family("claims")
        for reason in (rule.reason, *(pattern.reason for pattern in rule.match))
        if reason
    ]
    assert all("on file" in reason or "unsupported" in reason for reason in reasons)
    assert not [reason for reason in reasons if "false" in reason.casefold()]


def test_every_claim_comes_with_a_suggestion() -> None:
    assert [rule.id for rule in load_catalogue().family("claims") if not rule.suggestion] == []


@pytest.mark.parametrize("family", ["bias", "claims", "manipulation", "targeting", "toxicity"])
@pytest.mark.parametrize("unit", ["1-", "1", "1,", "a.", "a-", "a'", "\n"])
def test_is_quick_with_a_long_run_of_the_same(family: str, unit: str) -> None:
    validator = create_validator(family, {}, load_catalogue().family(family))
    text = (unit * 20_000)[:20_000]
    started = time.thread_time()
    validator.check(text, Context())
    assert time.thread_time() - started < 10


@pytest.mark.parametrize("text", ["", " ", "\n\n", "!!!", "a" * 20_000, "up to " * 4_000])
def test_survives_odd_and_long_texts(claims: Validator, text: str) -> None:
    started = time.process_time()
    assert find(claims, text) == []
    assert time.process_time() - started < 60
