"""A normalised copy reads like its original, and every span of it leads back."""

import unicodedata

import pytest

from validators.text import normalise


@pytest.mark.parametrize(
    ("original", "copy"),
    [
        ("plain text", "plain text"),
        ("Chair\u200bman", "Chairman"),
        ("soft\u00adhyphen", "softhyphen"),
        ("“It\u2019s new” \u2013 really", '"It\'s new" - really'),
        ("cafe\u0301", "café"),
        ("ﬁrst class", "first class"),
        ("\uff33\uff21\uff2c\uff25", "SALE"),
        ("10\u00a0% off", "10 % off"),
        ("❤️ love", "❤ love"),
        ("½ price", "1\u20442 price"),
        ("", ""),
    ],
)
def test_copies_a_text_as_a_reader_sees_it(original: str, copy: str) -> None:
    assert normalise(original).text == copy


@pytest.mark.parametrize(
    ("original", "word", "found"),
    [
        ("Our Chair\u200bman spoke", "Chairman", "Chair\u200bman"),
        ("\u200bsale\u200b now", "sale", "sale"),
        ("a cafe\u0301 here", "café", "cafe\u0301"),
        ("ﬁrst", "f", "ﬁ"),
        ("ﬁrst", "i", "ﬁ"),
        ("the oﬃce is open", "office", "oﬃce"),
        ("👩\u200d🦽 sale \u2013 today", "sale - today", "sale \u2013 today"),
        ("ends with ½", "1\u20442", "½"),
        ("“quoted”", "quoted", "quoted"),
    ],
)
def test_leads_a_span_of_the_copy_back_to_the_original(
    original: str, word: str, found: str
) -> None:
    text = normalise(original)
    start = text.text.index(word)

    first, last = text.original_span(start, start + len(word))

    assert original[first:last] == found


def test_leads_every_character_of_a_mixed_text_back() -> None:
    original = "\uff2eew\u200b ﬁx: “1½ l” cafe\u0301\u00a0❤️ \u2013 お得 ﷺ\ufeff e\u0308 fin\u00ad"
    text = normalise(original)

    for index, character in enumerate(text.text):
        first, last = text.original_span(index, index + 1)
        assert first < last
        assert character in normalise(original[first:last]).text
    assert list(text.offsets) == sorted(text.offsets)
    assert text.offsets[-1] == len(original)


def test_an_empty_span_stays_empty() -> None:
    text = normalise("new\u200b ﬁx")

    assert text.original_span(0, 0) == (0, 0)
    assert text.original_span(len(text.text), len(text.text)) == (7, 7)


def test_joins_letter_and_mark_as_unicode_does() -> None:
    original = "Cre\u0300me bru\u0302le\u0301e, A\u030angstro\u0308m, n\u0303"

    assert normalise(original).text == unicodedata.normalize("NFKC", original)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("Ask Dr. Smith. He knows.", ["Ask Dr. Smith.", "He knows."]),
        ("Written by J. R. Hartley. Buy it.", ["Written by J. R. Hartley.", "Buy it."]),
        ("No. 5 is back. No more waiting.", ["No. 5 is back.", "No more waiting."]),
        ("We say no. Then we go.", ["We say no.", "Then we go."]),
        ('"Great!" she said. "Yes."', ['"Great!"', "she said.", '"Yes."']),
        ("Title\n\nFirst line\nSecond line", ["Title", "First line", "Second line"]),
        ("  Space around.  ", ["Space around."]),
        ("\r\nWindows.\r\nLines\r\n", ["Windows.", "Lines"]),
        ("", []),
    ],
)
def test_splits_into_sentences(text: str, sentences: list[str]) -> None:
    copy = normalise(text)

    assert [copy.text[start:end] for start, end in copy.sentences] == sentences


@pytest.mark.parametrize(
    ("index", "sentence"), [(0, "One."), (2, "One."), (4, "One."), (5, "Two."), (8, "Two.")]
)
def test_finds_the_sentence_at_an_offset(index: int, sentence: str) -> None:
    text = normalise("One. Two.")
    start, end = text.sentence_at(index)

    assert text.text[start:end] == sentence


def test_a_text_without_sentences_is_one() -> None:
    assert normalise("   ").sentence_at(1) == (0, 3)
