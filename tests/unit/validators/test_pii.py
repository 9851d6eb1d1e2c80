import itertools
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from validators.base import Context, Evidence
from validators.pii import PersonalData, Sample
from validators.pii.entities import EntityType
from validators.pii.house import House
from validators.privacy import Privacy, PrivacyConfig
from validators.rules import Pattern, Rule
from validators.shared_models import Models

# 07700 900456 in the wide digits of East Asian keyboards.
FULL_WIDTH = "07700 900456".translate({ord("0") + n: 0xFF10 + n for n in range(10)})


@pytest.fixture(scope="module")
def models() -> Models:
    return Models()


@pytest.fixture(scope="module")
def personal_data(models: Models) -> PersonalData:
    return models.personal_data


def found(personal_data: PersonalData, text: str) -> list[tuple[str, str]]:
    return [
        (entity.type.value, text[entity.start : entity.end])
        for entity in personal_data.find(text)
        if entity.score >= 0.5
    ]


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [
        # The examples of DOMAIN.md 1.7.
        ("Write a win-back mail to Laura Jiménez, laura.j@gmail.com.", "PERSON", "Laura Jiménez"),
        ("Thank Tom Baker, 12 Elm St, for order 88213.", "PERSON", "Tom Baker"),
        ("Thank Tom Baker, 12 Elm St, for order 88213.", "LOCATION", "12 Elm St"),
        ("Thank Tom Baker, 12 Elm St, for order 88213.", "ORDER_ID", "88213"),
        ("Call script for +44 7700 900123.", "PHONE_NUMBER", "+44 7700 900123"),
        ("Remind him his card 4111 1111 1111 1111 expired.", "CREDIT_CARD", "4111 1111 1111 1111"),
        ("Her NI number is QQ 12 34 56 C.", "UK_NINO", "QQ 12 34 56 C"),
        # Names, by what is around them.
        ("Dear Aurelio, thank you", "PERSON", "Aurelio"),
        ("Reply to Ms Chukwu today", "PERSON", "Chukwu"),
        ("Her name is Priyanka Raghunathan", "PERSON", "Priyanka Raghunathan"),
        ("CUSTOMER: Oyelaran Adebayo-Coker", "PERSON", "Oyelaran Adebayo-Coker"),
        ("thanks!\n\nBest regards,\nCallum", "PERSON", "Callum"),
        ("Quote from A.K. Whitlock: never", "PERSON", "A.K. Whitlock"),
        ('J. R. "Buddy" McAllister is leaving', "PERSON", 'J. R. "Buddy" McAllister'),
        ("Write to Anna de la Cruz about it", "PERSON", "Anna de la Cruz"),
        ("winner Oksana Melnyk (oksana@mail.example)", "PERSON", "Oksana Melnyk"),
        ("Tom Baker's complaint", "PERSON", "Tom Baker"),
        ("Tell Tom Baker and Grzegorz Wójcik", "PERSON", "Grzegorz Wójcik"),
        # Contact.
        ("mail john at example dot com", "EMAIL_ADDRESS", "john at example dot com"),
        ("mail john (at) example.com", "EMAIL_ADDRESS", "john (at) example.com"),
        ("<o'neill+x@post.co.uk>", "EMAIL_ADDRESS", "o'neill+x@post.co.uk"),
        ("on (415) 555-0132 or later", "PHONE_NUMBER", "(415) 555-0132"),
        ("ring 07700 900456", "PHONE_NUMBER", "07700 900456"),
        ("(020 7946 0821)", "PHONE_NUMBER", "020 7946 0821"),
        ("+49 30 901820", "PHONE_NUMBER", "+49 30 901820"),
        ("phone 98765432", "PHONE_NUMBER", "98765432"),
        ("lives at 9 Quarry Bank, Hebden Bridge HX7 6DG", "LOCATION",
         "9 Quarry Bank, Hebden Bridge HX7 6DG"),
        ("to Fraunhoferstraße 29, 80469 München please", "LOCATION",
         "Fraunhoferstraße 29, 80469 München"),
        # Accounts and identity.
        ("back to IE29 AIBK 9311 5212 3456 78 today", "IBAN_CODE", "IE29 AIBK 9311 5212 3456 78"),
        ("SSN 123-45-6789", "US_SSN", "123-45-6789"),
        ("NHS no. 983 534 2636,", "UK_NHS", "983 534 2636"),
        ("CPF 834.943.148-29", "BR_CPF", "834.943.148-29"),
        ("DNI 52173346P", "ES_NIF", "52173346P"),
        ("passport no. X1234567", "NATIONAL_ID", "X1234567"),
        ("born 14 June 1985", "DATE_OF_BIRTH", "14 June 1985"),
        ("DOB 09/12/1988", "DATE_OF_BIRTH", "09/12/1988"),
        ("member no. 4471-0092-GM", "CUSTOMER_ID", "4471-0092-GM"),
        ("ORD-2026-88213 is late", "ORDER_ID", "ORD-2026-88213"),
        ("your order #88213.", "ORDER_ID", "88213"),
        # Access.
        ("from 203.0.113.87 in Brno", "IP_ADDRESS", "203.0.113.87"),
        ("IP: 10.0.0.1", "IP_ADDRESS", "10.0.0.1"),
        ("2001:db8:cafe::17 - -", "IP_ADDRESS", "2001:db8:cafe::17"),
        ("see https://a.example/join?tk=eyJ1&email=h%40b.se.", "URL_TOKEN",
         "https://a.example/join?tk=eyJ1&email=h%40b.se"),
        ("the key sk-live-51HxYz0 leaked", "API_KEY", "sk-live-51HxYz0"),
        ("AKIAIOSFODNN7EXAMPLE", "API_KEY", "AKIAIOSFODNN7EXAMPLE"),
        ("password: hunter2x", "API_KEY", "hunter2x"),
        ("psk_51MqL8xKz0VtRbYw7PnE3dHs", "API_KEY", "psk_51MqL8xKz0VtRbYw7PnE3dHs"),
        # Hidden characters and letters of another style.
        ("Dear Lau\u00adra, mail la\u200bura@mail.example", "EMAIL_ADDRESS",
         "la\u200bura@mail.example"),
        (f"ring {FULL_WIDTH}", "PHONE_NUMBER", FULL_WIDTH),
    ],
)  # fmt: skip
def test_finds(personal_data: PersonalData, text: str, type: str, value: str) -> None:
    assert (type, value) in found(personal_data, text)


@pytest.mark.parametrize(
    "text",
    [
        "Write a win-back mail to {{FIRST_NAME}}.",
        "Hi {{ customer.name | title }}, *|FNAME|* and %%NAME%%",
        "Compare Tom Ford, Jo Malone, Charlotte Tilbury and Ben & Jerry's.",
        "Taglines for the Cinnamon Cloud latte at Corner Bakery, from £3.50.",
        "Our summer sale runs from Monday 3 August to Sunday 9 August 2026.",
        "New shops in Paris, Florence, Georgia and York. Victoria opens in May.",
        "Black Friday: 20% off, code ROSE15, SKU AB-4417-R, 1,299.00 instead of 1,499.00.",
        "Canopy CMS 10.4.2.1 and v2.14.0 bring Grid 3.0.",
        "Order before 18:00, order 3 pizzas, in case 2026 is better.",
        "See https://docs.canopycms.io/upgrade/10-4 and https://a.example/b?utm_source=mail.",
        "Marie Curie and Frida Kahlo inspire our Birthday Campaign.",
        "ISBN 978-0-14-143951-8, 700 000 to 1 164 000 units, 104 to 152 cm.",
        "Describe the sofa's firm, supportive seat in 40 words.",
    ],
)
def test_leaves_brands_dates_prices_and_merge_fields_alone(
    personal_data: PersonalData, text: str
) -> None:
    assert found(personal_data, text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Ring O7911 five five two 640", "O7911 five five two 640"),
        ("telefoon nul zes 42 36 12 77", "nul zes 42 36 12 77"),
        ("appelle le 04.50.49.83.66", "04.50.49.83.66"),
    ],
)
def test_finds_a_phone_number_that_is_said_or_mistyped(
    personal_data: PersonalData, text: str, value: str
) -> None:
    assert value in [value for _, value in found(personal_data, text)]


@pytest.mark.parametrize(
    "text",
    [
        "Install MS Office and an MX Master, with 500 ms Latency.",
        "Hello Summer! Our colours are here.",
        "Menuiserie Delaunay, Mehta Textiles and Gartenholz Brandt.",
        "Buy at Tesco, pay with Monzo, pack a Samsonite.",
    ],
)
def test_leaves_businesses_and_things_with_titles_alone(
    personal_data: PersonalData, text: str
) -> None:
    assert found(personal_data, text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Write to Sabine Kützing. Kützings Bestellung ist da.", ["Sabine Kützing", "Kützings"]),
        (
            "The IBAN DE89370400440532013000 is not ours, please correct it",
            ["DE89370400440532013000"],
        ),
        (
            "Our shop: Bahrenfelder Straße 112, 22765 Hamburg, Tel. 030 901820",
            ["Bahrenfelder Straße 112, 22765 Hamburg", "030 901820"],
        ),
        ("Tickets are sold at www.schlosspark-tickets.de/jazz?id=8821 until Sunday.", []),
    ],
)
def test_takes_a_value_whole_and_nothing_beside_it(
    personal_data: PersonalData, text: str, values: list[str]
) -> None:
    assert [value for _, value in found(personal_data, text)] == values


def test_health_is_somebodys_or_nobodys(personal_data: PersonalData) -> None:
    assert found(personal_data, "A post for our new eczema balm") == []
    text = "Our eczema balm helped. Reply to Laura Gil, who has eczema."
    assert found(personal_data, text) == [("PERSON", "Laura Gil"), ("MEDICAL", "eczema")]


def test_somebody_at_a_business_is_no_part_of_its_name(personal_data: PersonalData) -> None:
    text = "Restaurant Manager Anna Keller called."
    assert ("PERSON", "Anna Keller") in found(personal_data, text)


def test_the_names_of_columns_are_nobody(personal_data: PersonalData) -> None:
    table = "Mitgl.-Nr.;Anrede;Name;Mobil\nFS-10233;Frau;Ilse Wahrendorff;0171 1541842\n"
    assert all(value.strip() and value != "Frau" for _, value in found(personal_data, table))
    assert ("PERSON", "Ilse Wahrendorff") in found(personal_data, table)


@pytest.mark.parametrize("before", [6_500, 9_500, 11_900])
def test_a_long_value_is_found_wherever_a_long_text_is_cut(
    personal_data: PersonalData, before: int
) -> None:
    prose = "We bake bread every day and we sell it to people who like bread. " * 300
    link = f"https://a.example/reset/{'a' * 1_390}/step?token=abc123"
    lines = "\n".join(f"{number:04d}{'kT3vQ9zR' * 7}Ab+/" for number in range(50))
    key = f"-----BEGIN PRIVATE KEY-----\n{lines}\n-----END PRIVATE KEY-----"
    for type, value in (("URL_TOKEN", link), ("API_KEY", key)):
        text = f"{prose[:before]} {value} {prose[:9_000]}"
        assert (type, value) in found(personal_data, text)


def test_a_name_found_in_one_text_is_found_by_its_parts_in_the_others(
    personal_data: PersonalData,
) -> None:
    texts = ["Her name is Zenobia Quillfeather.", "what does Zenobia want?", "QUILLFEATHER"]
    first, second, third = personal_data.find_all(texts)
    assert [(e.type, texts[1][e.start : e.end]) for e in second] == [(EntityType.PERSON, "Zenobia")]
    assert [(e.start, e.end) for e in first] == [(12, 32)]
    assert [(e.start, e.end) for e in third] == [(0, 12)]


@pytest.mark.parametrize(
    ("label", "text", "type"),
    [
        ("first_name", "Quarn", EntityType.PERSON),
        ("phone", "98765432", EntityType.PHONE_NUMBER),
        ("orderId", "SO78120", EntityType.ORDER_ID),
        ("password", "correct-horse", EntityType.API_KEY),
    ],
)
def test_the_name_of_a_field_says_what_stands_in_it(
    personal_data: PersonalData, label: str, text: str, type: EntityType
) -> None:
    assert [e.type for e in personal_data.find_all([Sample(text, label)])[0]] == [type]
    # A bare number may be a guess; a word or a code says nothing by itself.
    assert all(e.score < 0.75 for e in personal_data.find(text))


def test_entities_never_overlap_and_come_in_order(personal_data: PersonalData) -> None:
    text = (
        "Dear Laura Jiménez, https://a.example/u?e=laura@mail.example&t=4111111111111111, "
        "order no. 4111 1111 1111 1111, laura@mail.example +44 7700 900123 12 Elm St"
    )
    entities = personal_data.find(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(entities))


def test_keeps_what_it_is_told_to_keep(personal_data: PersonalData) -> None:
    text = "Laura Jiménez candles, hello@shop.example"
    assert personal_data.find(text, House(("laura jiménez", "hello@shop.example"))) == []


def test_threads_that_ask_at_once_share_one_model() -> None:
    models = Models()
    with ThreadPoolExecutor(4) as pool:
        asked = list(pool.map(lambda _: models.personal_data, range(4)))
    assert len({id(personal_data) for personal_data in asked}) == 1


def test_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something tried to reach the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert found(PersonalData(), "mail a@b.co.uk") == [("EMAIL_ADDRESS", "a@b.co.uk")]


LEAK = Rule(id="privacy.output.leak", definition="", reason="Personal data nobody gave.")


@pytest.fixture(scope="module")
def privacy(models: Models) -> Privacy:
    return Privacy(PrivacyConfig(), [LEAK], models)


@pytest.mark.parametrize(
    ("text", "leaked"),
    [
        ("Loved by Karen Holt (karen.holt@outlook.com).", "karen.holt@outlook.com"),
        ("Call John's mobile 07700 900456.", "07700 900456"),
        ("Pay to GB82 WEST 1234 5698 7654 32.", "GB82 WEST 1234 5698 7654 32"),
        ("Her SSN is 123-45-6789.", "123-45-6789"),
        ("Call our shop on 01632 960 010.", None),
        # A help line is nobody's, though its name looks like a person's.
        ("The National Domestic Violence Hotline is 800-799-7233.", None),
        ("Laura Jiménez says: call 0800 1111 for help.", None),
        ("Edited by Pam Ostrowski, service manager, contact 906-555-0155.", None),
        ("Ask the passport office: passport office 800-555-0132, tax number 906-555-0155.", None),
        ("Her passport number is 533401782.", "533401782"),
        ("Pam Ostrowski lives here: call 906-555-0155.", "906-555-0155"),
        ("Write to hello@cornerbakery.example.", None),
        ("Hi Laura, we miss you!", None),
        ("Find us at 3 Mill Lane, York.", None),
    ],
)
def test_personal_data_that_nobody_gave_is_a_leak(
    privacy: Privacy, text: str, leaked: str | None
) -> None:
    findings = privacy.check(text, Context())
    assert [text[f.start : f.end] for f in findings] == ([leaked] if leaked else [])
    assert all(leaked not in f.reason for f in findings if leaked)


def test_what_the_brief_or_the_evidence_holds_is_no_leak(privacy: Privacy) -> None:
    text = "Ask Karen Holt: karen.holt@shop.example"
    evidence = (Evidence(id="ev-1", statement="Contact: karen.holt@shop.example"),)
    assert privacy.check(text, Context(brief=text)) == []
    assert privacy.check(text, Context(evidence=evidence)) == []


def test_leaks_are_not_looked_for_without_their_rule(models: Models) -> None:
    assert Privacy(PrivacyConfig(), [], models).check("karen.holt@outlook.com", Context()) == []


def test_a_placeholder_of_this_request_is_no_leak(models: Models) -> None:
    rule = Rule(**{**dict(LEAK), "match": (Pattern(find=r"\{\{\w+_\d+\}\}"),)})
    privacy = Privacy(PrivacyConfig(), [rule], models)
    context = Context(placeholders=frozenset({"{{PERSON_1}}"}))
    text = "Hi {{PERSON_1}}, ask {{PERSON_7}}"
    assert [text[f.start : f.end] for f in privacy.check(text, context)] == ["{{PERSON_7}}"]
