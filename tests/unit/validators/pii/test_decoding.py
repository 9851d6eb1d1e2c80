import base64

import pytest

from validators.pii.decoding import readings

HEX = b"nina@mail.example".hex()
RUN = base64.b64encode(b"nina.berg@mail.example").decode()


@pytest.mark.parametrize(
    ("text", "value", "original"),
    [
        ("to=nina%40mail.example&x", "nina@mail.example", "nina%40mail.example"),
        (r'{"mail":"nina\u0040mail.example"}', "nina@mail.example", r"nina\u0040mail.example"),
        ("<nina=40mail=2Eexample>", "nina@mail.example", "nina=40mail=2Eexample"),
        (f"blob {RUN} end", "nina.berg@mail.example", RUN),
        (f"u={HEX}", "nina@mail.example", HEX),
        ("ni<span></span>na@mail<!-- -->.example", "nina@mail.example",
         "ni<span></span>na@mail<!-- -->.example"),
        ("<b>Nina</b></td><td>nina@mail.example", "\n\nnina@mail.example",
         "</td><td>nina@mail.example"),
        ("write n i n a @ m a i l . d e now", "nina@mail.de", "n i n a @ m a i l . d e"),
        ("> nina@\n> mail.example", "nina@mail.example", "nina@\n> mail.example"),
        ("ring 01632\n> 960 284", "01632 960 284", "01632\n> 960 284"),
        ("oh seven seven double-oh, nine hundred, four one two", "07700 900 412",
         "oh seven seven double-oh, nine hundred, four one two"),
        ("null eins fünf eins, fünf fünf fünf", "0151 555", "null eins fünf eins, fünf fünf fünf"),
        ("zéro six trente-neuf quatre-vingt-dix-huit douze", "06399812",
         "zéro six trente-neuf quatre-vingt-dix-huit douze"),
        ("seis cuatro cuatro, cero ocho siete", "644 087", "seis cuatro cuatro, cero ocho siete"),
        ("tre quattro sette, uno due tre", "347 123", "tre quattro sette, uno due tre"),
        ("nul zes, vijf vijf, een acht", "06 55 18", "nul zes, vijf vijf, een acht"),
        ("nove um dois, zero sete um", "912 071", "nove um dois, zero sete um"),
        ("order,phone\nA-1,0123", "order: A-1", "A-1"),
    ],
)  # fmt: skip
def test_one_of_the_readings_holds_the_value(text: str, value: str, original: str) -> None:
    spans = [
        reading.original_span(at, at + len(value))
        for reading in readings(text)
        if (at := reading.text.find(value)) >= 0
    ]
    assert original in [text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    "text",
    [
        "Write a short post about our new autumn menu, 20% off until Sunday.",
        "One or two lines, please: the sale ends at ten.\nThen a second line.",
        "Internationalisierungsmassnahmen und 100 % Bio",
    ],
)
def test_plain_copy_has_one_reading(text: str) -> None:
    assert len(readings(text)) == 1


def test_the_cells_of_a_table_stand_after_the_names_of_their_columns() -> None:
    text = "| Name | Order ID |\n|---|---|\n| Nina | K-118 |\n"
    [*_, table] = readings(text)
    at = table.text.index("Order ID: K-118") + len("Order ID: ")
    start, end = table.original_span(at, at + 5)
    assert text[start:end] == "K-118"
