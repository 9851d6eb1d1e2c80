"""Expressions: their word lists, and the time they may take."""

import pytest
import regex

from validators.expressions import Deadline, any_of


@pytest.mark.parametrize(
    ("words", "text", "expected"),
    [
        (["sale", "sold", "sales"], "Sales sold, a sale", ["Sales", "sold", "sale"]),
        (["a", "ab", "abc"], "abcab", ["abc", "ab"]),
        (["hazel nut", "c++ (new)"], "HAZEL NUT, C++ (new)", ["HAZEL NUT", "C++ (new)"]),
        (["Ärzte", "ärztin"], "ÄRZTE ärztin", ["ÄRZTE", "ärztin"]),
        (["x-y", "x]y", "x^y"], "x-y x]y x^y xay", ["x-y", "x]y", "x^y"]),
        (["organise", "organize"], "organize, organise, organite", ["organize", "organise"]),
        ([], "anything", []),
    ],
)
def test_any_of_finds_the_longest_word_in_any_case(
    words: list[str], text: str, expected: list[str]
) -> None:
    assert regex.findall(any_of(words), text, regex.IGNORECASE) == expected


def test_any_of_means_the_same_where_white_space_does_not_count() -> None:
    assert regex.search(rf"(?x) \b {any_of(['hazel nut'])} \b", "a hazel nut")


def test_a_deadline_that_has_passed_leaves_no_time() -> None:
    with pytest.raises(TimeoutError):
        Deadline(seconds=0).timeout()
