import pytest

from validators.pii.access import SHAPES
from validators.pii.entities import EntityType
from validators.pii.spoken import AT, JOINTS, addresses, written


@pytest.mark.parametrize(
    ("spoken", "address"),
    [
        ("john underscore doe at mail dot com", "john_doe@mail.com"),
        ("laura klammeraffe mail punkt de", "laura@mail.de"),
        ("laura minus gil ät mail.de", "laura-gil@mail.de"),
        ("laura tiret bas gil arobase courrier point fr", "laura_gil@courrier.fr"),
        ("laura guion bajo gil arroba correo punto es", "laura_gil@correo.es"),
        ("laura trattino gil chiocciola posta punto it", "laura-gil@posta.it"),
        ("laura apenstaartje mail punt nl", "laura@mail.nl"),
        ("laura hífen gil arroba correio ponto pt", "laura-gil@correio.pt"),
        ("laura  PLUS news [AT] mail {dot} com", "laura+news@mail.com"),
        ("laura [@] mail [.] com", "laura@mail.com"),
        ("laura @ mail . com", "laura@mail.com"),
        ("jean-luc.dot@at-point.com", "jean-luc.dot@at-point.com"),
    ],
)
def test_writes_a_spoken_address_as_it_is_typed(spoken: str, address: str) -> None:
    assert written(spoken) == address
    assert addresses(spoken)[0] == address


def test_reads_every_word_that_an_address_is_found_by() -> None:
    shapes = [shape for shape in SHAPES if shape.type is EntityType.EMAIL_ADDRESS]
    for at in AT:
        for sign, words in JOINTS.items():
            for word in words:
                said = f"laura {word} gil {at} mail punto com"
                assert any(
                    match.group() == said
                    for shape in shapes
                    for match in shape.pattern.finditer(said)
                )
                assert addresses(said) == [f"laura{sign}gil@mail.com"]


def test_finds_the_addresses_among_the_words_of_an_encoded_run() -> None:
    run = "V3JpdGUgdG8gYUB4LmV4YW1wbGUgb3IgYkB4LmV4YW1wbGUh"
    assert addresses(run)[:2] == ["a@x.example", "b@x.example"]


def test_a_long_run_of_spaces_takes_no_time() -> None:
    assert addresses(f"laura{' ' * 200_000}at mail{'[ ' * 50_000}") == ["laura@mail"]
