"""The rule catalogue's own examples: every bad one fires its rule, no ok one does.

One that a record makes acceptable fires without the record.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest

from policies.catalogue import load_catalogue
from policies.channels import load_channels
from policies.examples import ExampleResult, run_examples
from validators.base import Validator
from validators.registry import create_validator

# Examples that are not met yet, one "kind | rule | text" a line. They are expected to fail, so that
# one that begins to pass has to be taken off the list.
KNOWN_MISSES = frozenset(
    (Path(__file__).parent / "known_misses.txt").read_text(encoding="utf-8").splitlines()
)


def _line(result: ExampleResult) -> str:
    return f"{result.kind} | {result.rule} | {result.text}"


def _marks(result: ExampleResult) -> list[pytest.MarkDecorator]:
    if _line(result) in KNOWN_MISSES:
        return [pytest.mark.xfail(reason="not found yet", strict=True)]
    return []


def results() -> list[ExampleResult]:
    catalogue = load_catalogue()
    families = dict.fromkeys(rule.family for rule in catalogue.rules.values())
    validators: Mapping[str, Validator] = {
        family: create_validator(family, {}, catalogue.family(family)) for family in families
    }
    return list(run_examples(catalogue, validators, load_channels()))


RESULTS = results()


@pytest.mark.parametrize(
    "result",
    [
        pytest.param(
            result,
            id=f"{result.rule}-{result.kind}-{number}",
            marks=_marks(result),
        )
        for number, result in enumerate(RESULTS)
    ],
)
def test_an_example_does_what_its_rule_says(result: ExampleResult) -> None:
    assert result.has_passed, result.text


def test_no_known_miss_is_stale() -> None:
    assert not KNOWN_MISSES - {_line(result) for result in RESULTS}
