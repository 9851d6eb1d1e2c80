"""Placeholders that a request never gave out, and people whose placeholder is gone."""

from typing import Any

import pytest

from policies.catalogue import load_catalogue
from validators.base import Context
from validators.placeholder_use import PlaceholderUse

GIVEN = frozenset({"{{PERSON_1}}", "{{ORDER_ID_1}}"})


@pytest.fixture(scope="module")
def use() -> PlaceholderUse:
    return PlaceholderUse(load_catalogue().family("privacy"))


def findings(use: PlaceholderUse, text: str, **context: Any) -> list[tuple[str, str]]:
    found = use.check(text, Context(**{"placeholders": GIVEN, **context})).findings
    return [(finding.rule, text[finding.start : finding.end]) for finding in found]


@pytest.mark.parametrize(
    ("text", "invented"),
    [
        ("Hi {{PERSON_7}}!", "{{PERSON_7}}"),
        ("Hi {{ persona_2 }}!", "{{ persona_2 }}"),
        ("Hi [PERSON_2]!", "[PERSON_2]"),
        ("Write to {{EMAIL_ADDRESS_1}}", "{{EMAIL_ADDRESS_1}}"),
        ("Hi {{PERSON_1}} and PERSON_12", "PERSON_12"),
    ],
)
def test_a_placeholder_that_was_never_given_out_is_found(
    use: PlaceholderUse, text: str, invented: str
) -> None:
    assert findings(use, text) == [("privacy.placeholder.invented", invented)]


@pytest.mark.parametrize(
    "text",
    [
        "Hi {{PERSON_1}}, {{PERSON_1|2}}, {{ person 1 }}, [PERSON_1] and {{PRESON_1}}.",
        "Order {{ORDER_ID_1}} (order 7, [Order 8]), {{FIRST_NAME}} and {{product_3}}.",
        "Figure 1, Person 2 and customer-4.",
    ],
)
def test_what_was_given_out_and_ordinary_copy_is_no_invention(
    use: PlaceholderUse, text: str
) -> None:
    assert findings(use, text) == []


def test_what_the_brief_has_is_the_callers_own(use: PlaceholderUse) -> None:
    assert findings(use, "Hi {{PERSON_2}}", brief="Write for {{PERSON_2}} and {{PERSON_1}}") == []


def test_a_text_of_no_request_with_placeholders_has_none(use: PlaceholderUse) -> None:
    assert findings(use, "Hi {{PERSON_2}}", placeholders=frozenset()) == []


def test_a_person_of_the_newest_message_whom_the_copy_leaves_out_is_flagged(
    use: PlaceholderUse,
) -> None:
    awaited = frozenset({"{{PERSON_1}}"})
    lost = [("privacy.placeholder.lost", "")]
    assert findings(use, "Thank you so much!", awaited=awaited) == lost
    assert findings(use, "Thank you, {{persona_1}}!", awaited=awaited) == []
    assert findings(use, "Thank you so much!") == []
    assert findings(use, "Thank you so much!", awaited=awaited, kind="data") == []
    assert findings(use, "Thank you so much!", awaited=frozenset({"{{ORDER_ID_1}}"})) == []
