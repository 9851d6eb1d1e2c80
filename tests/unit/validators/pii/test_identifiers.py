from collections.abc import Iterator, Sequence

import pytest
import regex

from validators.pii import access, accounts, dates, keys, references
from validators.pii.decoding import readings
from validators.pii.identifiers import Identifiers
from validators.pii.national_ids import NATIONAL_ID_FINDERS
from validators.pii.phones import Phones
from validators.pii.places import Addresses, Postcodes
from validators.pii.shapes import Finder, Signs

IDENTIFIERS = Identifiers()


def found(text: str) -> set[tuple[str, str]]:
    return set(_found(text))


def _found(text: str) -> Iterator[tuple[str, str]]:
    for reading in readings(text):
        for result in IDENTIFIERS.analyze(reading.text, IDENTIFIERS.supported_entities):
            if result.score >= 0.5:
                start, end = reading.original_span(result.start, result.end)
                yield str(result.entity_type), text[start:end]


PHONES = [
    ("Ring +44 7911 123456 today", "+44 7911 123456"),
    ("mobile 07911 123456", "07911 123456"),
    ("(312) 555-0199 after six", "(312) 555-0199"),
    ("Handy 0170 5550123", "0170 5550123"),
    ("erreichbar unter 030 5550 1234", "030 5550 1234"),
    ("joignable au 06 12 34 56 78", "06 12 34 56 78"),
    ("su móvil es 612 345 678", "612 345 678"),
    ("cellulare 347 555 0123", "347 555 0123"),
    ("mijn 06-nummer: 06 12345678", "06 12345678"),
    ("telemóvel 912 345 678", "912 345 678"),
    ("celular (11) 98765-4321", "(11) 98765-4321"),
    ("Tel: 01 234 5678", "01 234 5678"),
    ("+91 98765 43210", "+91 98765 43210"),
    ("+46 70 123 45 67", "+46 70 123 45 67"),
    ("+48 512 345 678", "+48 512 345 678"),
    ("090-5550-1234", "090-5550-1234"),
    ("text her on 0412 345 678", "0412 345 678"),
    ("call +1(628)555-0109", "+1(628)555-0109"),
]


@pytest.mark.parametrize(("text", "value"), PHONES)
def test_finds_phone_numbers_of_many_countries(text: str, value: str) -> None:
    assert ("PHONE_NUMBER", value) in found(text)


NUMBERS = [
    ("SSN 219-09-9999", "US_SSN", "219-09-9999"),
    ("nhs number: 943 476 5919", "UK_NHS", "943 476 5919"),
    ("AB123456C", "UK_NINO", "AB123456C"),
    ("Steuer-ID 36 574 261 809", "DE_STEUER_ID", "36 574 261 809"),
    ("NIR 2 55 08 14 168 025 38", "FR_NIR", "2 55 08 14 168 025 38"),
    ("su DNI, 54362315K, caducó", "ES_NIF", "54362315K"),
    ("X-2482300-W", "ES_NIE", "X-2482300-W"),
    ("RCCMNL83S18D969H", "IT_FISCAL_CODE", "RCCMNL83S18D969H"),
    ("BSN hoeft niet, dat was 111222333", "NL_BSN", "111222333"),
    ("contribuinte 501 964 843", "PT_NIF", "501 964 843"),
    ("PPS number 6433435F", "IE_PPS", "6433435F"),
    ("personnummer 880320-0016", "SE_PERSONNUMMER", "880320-0016"),
    ("PESEL 44051401359", "PL_PESEL", "44051401359"),
    ("PAN ACUPA7085R", "IN_PAN", "ACUPA7085R"),
    ("aadhaar 2341 2341 2346", "IN_AADHAAR", "2341 2341 2346"),
    ("CPF 390.533.447-05", "BR_CPF", "390.533.447-05"),
    ("CPF: 39053344705", "BR_CPF", "39053344705"),
    # A mistyped one, with its cue.
    ("DNI 54362315X", "ES_NIF", "54362315X"),
    ("Reisepass Nr. C01X00T47", "NATIONAL_ID", "C01X00T47"),
    ("driving licence no. MORGA657054SM9IJ", "NATIONAL_ID", "MORGA657054SM9IJ"),
    ("Visa 4111-1111-1111-1111", "CREDIT_CARD", "4111-1111-1111-1111"),
    ("4111.1111.1111.1111", "CREDIT_CARD", "4111.1111.1111.1111"),
    ("4111 1111\n1111 1111", "CREDIT_CARD", "4111 1111\n1111 1111"),
    ("amex 3782 822463 10005", "CREDIT_CARD", "3782 822463 10005"),
    ("card ending, CVV: 737", "CREDIT_CARD", "737"),
    ("GB82WEST12345698765432", "IBAN_CODE", "GB82WEST12345698765432"),
    ("DE89 3704 0044\n0532 0130 00", "IBAN_CODE", "DE89 3704 0044\n0532 0130 00"),
]


@pytest.mark.parametrize(("text", "type", "value"), NUMBERS)
def test_finds_numbers_with_a_check_sum_or_a_cue(text: str, type: str, value: str) -> None:
    assert (type, value) in found(text)


ADDRESSES = [
    ("to Flat 3, 21 Marlow Gardens, Leeds LS6 2AB please",
     "Flat 3, 21 Marlow Gardens, Leeds LS6 2AB"),
    ("lives at 742 Evergreen Terrace, Springfield, IL 62704.",
     "742 Evergreen Terrace, Springfield, IL 62704"),
    ("wohnt jetzt Lindenallee 7b, 50968 Köln, und", "Lindenallee 7b, 50968 Köln"),
    ("livré au 14 rue des Lilas, 31000 Toulouse demain", "14 rue des Lilas, 31000 Toulouse"),
    ("vivo en Calle Mayor 15, 28013 Madrid", "Calle Mayor 15, 28013 Madrid"),
    ("abito in Via Garibaldi 22, 16124 Genova", "Via Garibaldi 22, 16124 Genova"),
    ("naar Kerkstraat 12, 1017 GC Amsterdam", "Kerkstraat 12, 1017 GC Amsterdam"),
    ("moro na Rua das Flores 45, 4050-262 Porto", "Rua das Flores 45, 4050-262 Porto"),
    ("to Storgatan 5, 411 24 Göteborg", "Storgatan 5, 411 24 Göteborg"),
    ("to ul. Długa 14/3, 31-147 Kraków", "ul. Długa 14/3, 31-147 Kraków"),
    ("Kemal Demir, Lale Sok. No: 12, 34728 Maltepe", "Lale Sok. No: 12, 34728 Maltepe"),
    ("Plot 9, 2nd Cross, Koramangala, Bengaluru 560034",
     "Plot 9, 2nd Cross, Koramangala, Bengaluru 560034"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), ADDRESSES)
def test_finds_whole_addresses(text: str, value: str) -> None:
    assert ("LOCATION", value) in found(text)


OTHERS = [
    ("Ana, born 3 May 1990", "DATE_OF_BIRTH", "3 May 1990"),
    ("D.O.B. 03/05/1990", "DATE_OF_BIRTH", "03/05/1990"),
    ("geb. am 3. Mai 1990", "DATE_OF_BIRTH", "3. Mai 1990"),
    ("ist am 03.05.1990 geboren", "DATE_OF_BIRTH", "03.05.1990"),
    ("am 12.06.1980 in Bonn geboren", "DATE_OF_BIRTH", "12.06.1980"),
    ("am 12.06.1980 in Köln geboren", "DATE_OF_BIRTH", "12.06.1980"),
    ("12.06.1980(geb.)", "DATE_OF_BIRTH", "12.06.1980"),
    ("Ana (b) 12.06.1980", "DATE_OF_BIRTH", "12.06.1980"),
    ("geb| 12.06.1980", "DATE_OF_BIRTH", "12.06.1980"),
    ("anniversaire : 12/06/1980", "DATE_OF_BIRTH", "12/06/1980"),
    ("Otis 2026-02-19, Ana 2031-07-22.", "DATE_OF_BIRTH", "2026-02-19"),
    ("Otis (19.02.2026)", "DATE_OF_BIRTH", "19.02.2026"),
    ("née à Lille le 3 mai 1990", "DATE_OF_BIRTH", "3 mai 1990"),
    ("nacida el 3 de mayo de 1990", "DATE_OF_BIRTH", "3 de mayo de 1990"),
    ("nato il 3 maggio 1990", "DATE_OF_BIRTH", "3 maggio 1990"),
    ("geboren op 3 mei 1990", "DATE_OF_BIRTH", "3 mei 1990"),
    ("nascido em 03/05/1990", "DATE_OF_BIRTH", "03/05/1990"),
    ("order no. 44910", "ORDER_ID", "44910"),
    ("Commande n° FR-20391", "ORDER_ID", "FR-20391"),
    ("Bestellung WJ-114-20", "ORDER_ID", "WJ-114-20"),
    ("el pedido ES-5519", "ORDER_ID", "ES-5519"),
    ("ordine N-2201", "ORDER_ID", "N-2201"),
    ("factuur 2026-D-118", "ORDER_ID", "2026-D-118"),
    ("encomenda LX-8871", "ORDER_ID", "LX-8871"),
    ("parcel JD01 4600 0988 1244", "ORDER_ID", "JD01 4600 0988 1244"),
    ("Mitglied FX-4410", "CUSTOMER_ID", "FX-4410"),
    ("INV-É2231", "ORDER_ID", "INV-É2231"),
    ("KD-Ö77120", "CUSTOMER_ID", "KD-Ö77120"),
    ("Geratekennung: 8F3A-77C1-90", "CUSTOMER_ID", "8F3A-77C1-90"),
    ("insta: @élise.b", "CUSTOMER_ID", "@élise.b"),
    ("carte fidélité FID-0077", "CUSTOMER_ID", "FID-0077"),
    ("her instagram handle @nina.bakes", "CUSTOMER_ID", "@nina.bakes"),
    ("MAC 3c:22:fb:0a:91:7e", "CUSTOMER_ID", "3c:22:fb:0a:91:7e"),
    ("mail nina at example dot com", "EMAIL_ADDRESS", "nina at example dot com"),
    ("nina(at)example.com", "EMAIL_ADDRESS", "nina(at)example.com"),
    ("nina.gil arroba correo punto es", "EMAIL_ADDRESS", "nina.gil arroba correo punto es"),
    ("nina@müller.example", "EMAIL_ADDRESS", "nina@müller.example"),
    ("from 203[.]0[.]113[.]9", "IP_ADDRESS", "203[.]0[.]113[.]9"),
    ("from 203.0.113 . 9", "IP_ADDRESS", "203.0.113 . 9"),
    ("from 203{dot}0{dot}113{dot}9", "IP_ADDRESS", "203{dot}0{dot}113{dot}9"),
    ("2001:db8::8a2e:370:7334", "IP_ADDRESS", "2001:db8::8a2e:370:7334"),
    ("see https://a.example/r?token=9f8e7d.", "URL_TOKEN", "https://a.example/r?token=9f8e7d"),
    ("https://ana:pw12@a.example/x", "URL_TOKEN", "https://ana:pw12@a.example/x"),
    ("ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6", "API_KEY",
     "ghp_" + "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7bC0eF3hJ6"),
    ("Passwort: Tulpe#88x", "API_KEY", "Tulpe#88x"),
    ("la contraseña es Girasol_22", "API_KEY", "Girasol_22"),
    ("mot de passe : soleil99!x", "API_KEY", "soleil99!x"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "type", "value"), OTHERS)
def test_finds_dates_of_birth_references_and_secrets(text: str, type: str, value: str) -> None:
    assert (type, value) in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "Sale from 3.12.2026 to 24.12.2026, 9.30 - 18.00, from €1,299.00 or 1.299,00 €.",
        "Mo-Fr 9-18 Uhr, 700 000 visitors, sizes 104 110 116, SKU AB-4417-R, v2.14.0.",
        "VAT no. GB 123 4567 89, ISBN 978-0-14-143951-8, EAN 4006381333931.",
        "Visit us at 14 Mill Lane, York YO1 7AB.",
        "Besuchen Sie unser Geschäft in der Lindenallee 7, 50968 Köln.",
        "Our shop at 3 High Street, Leeds LS1 4DY opens on 5 December.",
        "BA 283, TGV 6607, ICE 599. Levi's 501 and Canopy CMS 10.4.2.1.",
        "Order before 18:00, order 3 pizzas, in case 2026 is better.",
        "See https://example.com/blog?utm_source=mail and https://example.com/help.",
        "The festival takes place on 12 June 2027. Founded in 1998, born of an idea.",
        "Use code ROSE15 at checkout, campaign spring-2026-launch-hero-banner-v2.",
        "Meet at Mahon Point Thursday, follow @cornerbakery, 100% cotton.",
        "Empresa CNPJ 12.345.678/0001-95.",
        "Launch 2027-01-11, docs later. Updated (2026-02-19).",
        "Freitag (14.02.2026), Start (1.3.2027)",
    ],
)
def test_leaves_prices_dates_products_and_shops_alone(text: str) -> None:
    assert found(text) == set()


FINDERS: Sequence[Finder] = [
    *accounts.SHAPES,
    *NATIONAL_ID_FINDERS,
    *references.SHAPES,
    *dates.SHAPES,
    *access.SHAPES,
    *keys.finders(),
    Phones(),
    Addresses(),
    Postcodes(),
]
SIGNS = Signs(FINDERS)


def written_otherwise(text: str) -> Iterator[str]:
    """The text with other letters, marks and spaces where a pattern may take them."""
    yield from (text, text.upper(), text.lower(), f"é{text}é", f"({text})", f"\u201e{text}\u201c")
    for between in ("\n", "\t", "\u00a0", "_", ":", "=", "|", '": "', ""):
        yield text.replace(" ", between)
    for word in set(text.split()):
        yield text.replace(word, "Łódź")
        yield text.replace(word, regex.sub("[aeiou]", "é", word))


@pytest.mark.parametrize("example", [*PHONES, *NUMBERS, *ADDRESSES, *OTHERS], ids=lambda e: e[0])
def test_whatever_a_pattern_finds_has_its_sign(example: Sequence[str]) -> None:
    for text in written_otherwise(example[0]):
        worth_asking = SIGNS.finders_for(text)
        missed = [f for f in FINDERS if f not in worth_asking and any(True for _ in f.find(text))]
        assert not missed, text


@pytest.mark.parametrize(
    "line",
    ["1234 " * 20_000, "a@" * 50_000, "Mill Lane Road, " * 6_000, "http://a?" * 11_000,
     "one two " * 12_000],
)  # fmt: skip
def test_a_long_line_ends(line: str) -> None:
    assert found(line) is not None
