"""How a text is counted on each kind of channel."""

from __future__ import annotations

import pytest

from validators.base import Channel, Counting
from validators.length import count_hashtags, excess, fold_offset, is_gsm, length, limit

SMS = Channel(name="sms", limit=160, fold=160, counting="gsm")


@pytest.mark.parametrize(
    ("text", "counting", "expected"),
    [
        ("naïve", "code_points", 5),
        ("nai\u0308ve", "code_points", 6),
        ("nai\u0308ve", "graphemes", 5),
        ("👩‍🍳 soup", "graphemes", 6),
        ("Open till six.", "weighted", 14),
        ("© 2026", "weighted", 6),
        ("👩‍🍳 soup", "weighted", 7),
        ("面包", "weighted", 4),
        ("See https://example.com/a/very/long/path?with=query now", "weighted", 4 + 23 + 4),
        ("Open till six.", "gsm", 14),
        ("5 € off [today]", "gsm", 18),
        ("Soup 🍜", "gsm", 7),
        ("It\u2019s on", "gsm", 7),
    ],
)
def test_counts_a_text_in_the_unit_of_its_channel(
    text: str, counting: Counting, expected: int
) -> None:
    assert length(text, counting) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("Crêpes", False), ("Crèpes à 5 €", True), ("Soup 🍜", False)]
)
def test_knows_which_texts_an_sms_gateway_sends_in_seven_bits(text: str, expected: bool) -> None:
    assert is_gsm(text) is expected


def test_gives_an_sms_with_an_emoji_seventy_characters() -> None:
    assert limit("plain", SMS) == 160
    assert limit("with 🍜", SMS) == 70
    assert excess("a" * 161, SMS) == 1
    assert excess("🍜" + "a" * 70, SMS) == 2


@pytest.mark.parametrize(
    ("channel", "text", "shown"),
    [
        (Channel(fold=5), "short", "short"),
        (Channel(fold=5), "longer", "longe"),
        (Channel(fold=4, counting="weighted"), "面包店", "面包"),
        (Channel(fold=2, counting="graphemes"), "e\u0301te\u0301", "e\u0301t"),
    ],
)
def test_folds_a_text_where_the_channel_does(channel: Channel, text: str, shown: str) -> None:
    assert text[: fold_offset(text, channel)] == shown


@pytest.mark.parametrize(
    ("text", "expected"),
    [("#ad #soup", 2), ("Room #3", 0), ("a#b", 0), ("#3days of #été", 2), ("/page#top", 0)],
)
def test_counts_what_platforms_link_as_hashtags(text: str, expected: int) -> None:
    assert count_hashtags(text) == expected
