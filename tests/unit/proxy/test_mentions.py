import pytest

from proxy.mentions import subjects
from validators.pii import EntityType


def keys(type: EntityType, *values: str) -> list[str]:
    return [subject.key for subject in subjects([(type, value) for value in values])]


@pytest.mark.parametrize(
    "mention",
    [
        *("Laura Jiménez", "LAURA JIMÉNEZ", "laura jimenez", "Laura", "Jiménez", "Ms Jiménez"),
        *("Frau Dr. Jiménez", "Señora Jiménez", "Laura's", "Laura\u2019s", "Lauras", "Jiménez'"),
        *("Jiménez, Laura", "Jiménez Laura", "L. Jiménez", "Laura J.", "laura_jimenez"),
        *("Laura María Jiménez", "Laura Jime\u0301nez"),
    ],
)
def test_whoever_is_named_in_full_is_the_same_in_every_other_form(mention: str) -> None:
    full, other = keys(EntityType.PERSON, "Laura Jiménez", mention)
    assert full == other


@pytest.mark.parametrize(
    ("people", "mention"),
    [
        (("Laura Jiménez", "Laura Smith"), "Laura"),
        (("Laura Jiménez", "Pablo Jiménez"), "Mr Jiménez"),
        (("Laura Jiménez", "Laura Jones"), "Laura J."),
        (("Laura Jiménez",), "Lara"),
        (("Laura Jiménez",), "Laura Smith"),
        (("Laura Jiménez",), "Jim"),
        (("Ann Lee",), "Anna"),
    ],
)
def test_a_name_that_fits_two_people_or_none_is_somebody_else(
    people: tuple[str, ...], mention: str
) -> None:
    *named, other = keys(EntityType.PERSON, *people, mention)
    assert other not in named
    assert len(set(named)) == len(named)


def test_a_surname_in_full_is_nobodys_genitive() -> None:
    peters, lang, mention = keys(EntityType.PERSON, "Hans Peters", "Peter Lang", "Peters")
    assert mention == peters != lang


def test_a_name_without_letters_is_a_person_too() -> None:
    assert len(set(keys(EntityType.PERSON, "王伟", "山田 太郎", "🙂", "-"))) == 4


@pytest.mark.parametrize(
    ("type", "one", "other"),
    [
        (EntityType.EMAIL_ADDRESS, "l.j@mail.example", "L.J@Mail.Example"),
        (EntityType.EMAIL_ADDRESS, "john@mail.example", "John (at) mail dot example"),
        (EntityType.EMAIL_ADDRESS, "j_d@mail.example", "j underscore d arroba mail punto example"),
        (EntityType.EMAIL_ADDRESS, "john@mail.example", "j o h n @ m a i l . e x a m p l e"),
        (EntityType.EMAIL_ADDRESS, "john@mail.example", "john%40mail.example"),
        (EntityType.PHONE_NUMBER, "+44 7700 900123", "07700 900 123"),
        (EntityType.PHONE_NUMBER, "+44 7700 900123", "0044 (0)7700-900123"),
        (EntityType.PHONE_NUMBER, "(415) 555-0132", "+1 415 555 0132"),
        (EntityType.CREDIT_CARD, "4111 1111 1111 1111", "4111111111111111"),
        (EntityType.IBAN_CODE, "DE89 3704 0044 0532 0130 00", "de89370400440532013000"),
        (EntityType.LOCATION, "12 Elm St,\nLeeds", "12 elm st, Leeds"),
    ],
)
def test_a_value_is_the_same_however_it_is_written(type: EntityType, one: str, other: str) -> None:
    assert len(set(keys(type, one, other))) == 1


@pytest.mark.parametrize(
    ("type", "one", "other"),
    [
        (EntityType.EMAIL_ADDRESS, "lj@mail.example", "l.j@mail.example"),
        (EntityType.PHONE_NUMBER, "+44 415 555 0132", "+1 415 555 0132"),
        (EntityType.PHONE_NUMBER, "07700 900 123", "07700 900 124"),
        (EntityType.API_KEY, "sk-AbC", "sk-aBc"),
        (EntityType.ORDER_ID, "88213", "88214"),
    ],
)
def test_different_values_stay_apart(type: EntityType, one: str, other: str) -> None:
    assert len(set(keys(type, one, other))) == 2


def test_ten_thousand_people_of_one_name_are_told_apart() -> None:
    names = [f"Laura Surname{number:05}" for number in range(10_000)]
    assert len(set(keys(EntityType.PERSON, *names, "Laura"))) == 10_001
