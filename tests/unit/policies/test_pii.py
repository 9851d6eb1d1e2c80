"""What a policy says about personal data: rules, purposes, and what another policy loosens."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from policies.errors import PolicyError
from policies.load import load_policies
from policies.pii import EntityRule, Operator, PiiPolicy, Purpose
from validators.pii import EntityType
from validators.shared_models import Models

STAFF = {"name": "staff", "type": "EMPLOYEE_ID", "pattern": r"\bE\d{5}\b"}


def policy(**fields: Any) -> PiiPolicy:
    return PiiPolicy.model_validate(fields)


@pytest.mark.parametrize(
    ("purpose", "type", "operator"),
    [
        ("general", "PERSON", "replace"),
        ("general", "CREDIT_CARD", "redact"),
        ("general", "NL_BSN", "redact"),
        ("general", "DATE_OF_BIRTH", "generalise"),
        ("general", "EMPLOYEE_ID", "replace"),
        ("reply", "CREDIT_CARD", "block"),
        ("reply", "PERSON", "replace"),
        ("social_post", "PERSON", "redact"),
        ("ad_copy", "EMPLOYEE_ID", "redact"),
        ("personalisation", "MEDICAL", "block"),
        ("job_ad", "PERSON", "redact"),
        ("chatbot", "API_KEY", "block"),
        ("summary", "LOCATION", "generalise"),
    ],
)
def test_the_purpose_decides_what_happens_to_a_type(purpose: str, type: str, operator: str) -> None:
    assert policy(purpose=purpose).rule(type).operator == operator


def test_a_policy_says_otherwise_for_a_type_and_as_much_as_it_wants() -> None:
    mine = policy(
        purpose="ad_copy",
        entities={"PERSON": {"operator": "hash"}, "US_SSN": {"min_score": 0.2}},
    )
    assert mine.rule("PERSON") == EntityRule(operator=Operator.HASH, min_score=0.5)
    assert mine.rule("US_SSN") == EntityRule(operator=Operator.REDACT, min_score=0.2)


def test_every_purpose_has_a_rule_for_every_type() -> None:
    for purpose in Purpose:
        for type in EntityType:
            assert 0 < policy(purpose=purpose).rule(type).min_score <= 1


def test_a_policy_may_speak_of_a_type_that_it_declares() -> None:
    mine = policy(recognizers=[STAFF], entities={"EMPLOYEE_ID": {"operator": "block"}})
    assert mine.rule("EMPLOYEE_ID").operator is Operator.BLOCK


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"entities": {"PRESON": {}}}, "unknown type 'PRESON'; did you mean 'PERSON'?"),
        ({"entities": {"EMPLOYEE_ID": {}}}, "known are API_KEY, "),
        ({"recognizers": [STAFF, STAFF]}, "two are named 'staff'"),
        (
            {"entities": {"PERSON": {"operator": "generalise"}}},
            "PERSON cannot be generalised, only DATE_OF_BIRTH and LOCATION can",
        ),
        (
            {"recognizers": [STAFF], "entities": {"EMPLOYEE_ID": {"operator": "generalise"}}},
            "EMPLOYEE_ID cannot be generalised",
        ),
        (
            {"recognizers": [{**STAFF, "score": 0.4}]},
            "'staff' finds nothing, as its score 0.4 is below the min_score 0.5 of EMPLOYEE_ID",
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(fields: Any, problem: str) -> None:
    with pytest.raises(ValidationError) as raised:
        policy(**fields)
    assert problem in str(raised.value)


def test_a_review_item_keeps_nothing_that_is_found_and_nothing_that_is_too_unsure() -> None:
    kept = policy(
        purpose="summary",
        recognizers=[{**STAFF, "score": 0.4}],
        entities={
            "EMPLOYEE_ID": {"operator": "hash", "min_score": 0.3},
            "PERSON": {"min_score": 0.3},
            "LOCATION": {"min_score": 0.9},
            "CREDIT_CARD": {"operator": "block"},
        },
        keep=["Acme"],
        restore=False,
    ).for_keeping()
    assert kept.rule("EMPLOYEE_ID") == EntityRule(operator=Operator.REPLACE, min_score=0.3)
    assert kept.rule("PERSON") == EntityRule(operator=Operator.REPLACE, min_score=0.3)
    assert kept.rule("LOCATION") == EntityRule(operator=Operator.REPLACE, min_score=0.5)
    assert kept.rule("CREDIT_CARD") == EntityRule(operator=Operator.REDACT, min_score=0.5)
    assert (len(kept.keep), len(kept.recognizers), kept.restore) == (1, 1, True)


@pytest.mark.parametrize(
    ("mine", "candidate", "loosened"),
    [
        ({}, {}, None),
        ({}, {"purpose": "reply"}, None),
        ({"purpose": "reply"}, {}, "pii.entities.CREDIT_CARD.operator redact"),
        ({"purpose": "ad_copy"}, {"purpose": "reply"}, "pii.entities.CUSTOMER_ID.operator"),
        ({}, {"purpose": "summary"}, "pii.entities.LOCATION.operator generalise"),
        ({}, {"entities": {"PERSON": {"operator": "hash"}}}, "pii.entities.PERSON.operator hash"),
        ({}, {"entities": {"PERSON": {"operator": "block"}}}, None),
        ({}, {"entities": {"PERSON": {"min_score": 0.6}}}, "pii.entities.PERSON.min_score 0.6"),
        ({}, {"entities": {"PERSON": {"min_score": 0.4}}}, None),
        ({}, {"keep": ["Acme"]}, "pii.keep 'Acme'"),
        ({"keep": ["Acme", "Bolt"]}, {"keep": ["Acme"]}, None),
        ({"keep": ["Acme"]}, {"keep": [{"text": "Acme", "match": "exact"}]}, "pii.keep"),
        ({}, {"keep": [{"regex": "SKU-[0-9]+"}]}, "pii.keep"),
        ({}, {"recognizers": [STAFF]}, None),
        ({"recognizers": [STAFF]}, {"recognizers": [STAFF]}, None),
        ({"recognizers": [STAFF]}, {}, "pii.recognizers without 'staff'"),
        (
            {"recognizers": [STAFF]},
            {"recognizers": [{**STAFF, "pattern": "E1"}]},
            "pii.recognizers without 'staff'",
        ),
        (
            {"recognizers": [STAFF], "entities": {"EMPLOYEE_ID": {"operator": "block"}}},
            {"recognizers": [STAFF]},
            "pii.entities.EMPLOYEE_ID.operator replace",
        ),
        ({"restore": False}, {}, "pii.restore"),
        ({}, {"restore": False}, None),
        ({"opted_out": "block"}, {}, "pii.opted_out redact"),
        ({}, {"opted_out": "block"}, None),
        ({"unread_language": "block"}, {}, "pii.unread_language send"),
        ({}, {"unread_language": "block"}, None),
    ],
)
def test_a_policy_says_what_another_lets_out(
    mine: Any, candidate: Any, loosened: str | None
) -> None:
    said = policy(**mine).loosened_by(policy(**candidate))
    assert (said or "").startswith(loosened or "")
    assert (said is None) == (loosened is None)


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


@pytest.mark.parametrize(
    ("pii", "problem"),
    [
        ("recognizers: [{name: a, type: AB, pattern: '.{1,1000}{1,1000}'}]", "recognizer 'a': RE2"),
        (f"recognizers: [{{name: a, type: AB, pattern: {'a' * 10_000_000}}}]", "recognizer 'a': "),
        (
            "recognizers: [{name: a, type: AB, url: 'http://u:secret@h/'}]",
            "recognizer 'a': the url",
        ),
        ("keep: [{regex: '(?=x)y'}]", "pii.keep.0.regex.regex: '(?=x)y': RE2"),
        ("entities: {PRESON: {operator: block}}", "pii: entities: unknown type 'PRESON'"),
    ],
    ids=["repetitions", "10 MB", "secret", "keep", "type"],
)
def test_a_wrong_policy_file_does_not_load_and_is_named(
    tmp_path: Path, models: Models, pii: str, problem: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(f"name: mine\npii:\n  {pii}\n", encoding="utf-8")
    with pytest.raises(PolicyError) as raised:
        load_policies([path], models)
    message = str(raised.value)
    assert str(path) in message
    assert problem in message
    assert "secret" not in message
    assert len(message) < 1_500
