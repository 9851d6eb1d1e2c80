import datetime as dt

import pytest
from pydantic import ValidationError

from policies.pii import PiiPolicy
from proxy.generalising import generalise
from validators.pii import EntityType

TODAY = dt.date(2026, 11, 22)


@pytest.mark.parametrize(
    "written",
    [
        *("1981-03-12", "1981/03/12", "19810312", "12.03.1981", "05/03/1981", "03/05/1981"),
        *("12.3.81", "3 March 1981", "March 12, 1981", "12th of March 1981", "12 Mar 1981"),
        *("12. März 1981", "12. MÄRZ 1981", "1er mars 1981", "12 de marzo de 1981"),
        *("12 marzo 1981", "12 maart 1981", "12 de março de 1981", "March 1981", "04/1981"),
    ],
)
def test_a_birth_date_becomes_an_age_band_however_it_is_written(written: str) -> None:
    assert generalise(EntityType.DATE_OF_BIRTH, written, TODAY) == "45\u201354 years old"


@pytest.mark.parametrize(
    ("born", "band"),
    [
        ("2010-01-01", "under 18 years old"),
        ("2008-11-23", "under 18 years old"),
        ("2008-11-22", "18\u201324 years old"),
        ("22.11.2001", "25\u201334 years old"),
        ("23.11.2001", "18\u201324 years old"),
        ("1990", "35\u201344 years old"),
        ("1961-11-22", "65 or more years old"),
        ("1.1.1930", "65 or more years old"),
    ],
)
def test_the_band_is_that_of_the_age_today(born: str, band: str) -> None:
    assert generalise(EntityType.DATE_OF_BIRTH, born, TODAY) == band


@pytest.mark.parametrize(
    "written",
    [
        *("soon", "31.02.1981", "1700-01-01", "2030-01-01", "12-13-14-15", "12 Blursday 1981", ""),
        # Two ways to read it, two bands.
        *("12/11/1991", "1981"),
    ],
)
def test_a_date_that_cannot_be_told_has_no_band(written: str) -> None:
    assert generalise(EntityType.DATE_OF_BIRTH, written, TODAY) is None


@pytest.mark.parametrize(
    ("address", "city"),
    [
        ("12 Mill Lane, Hebden Bridge HX7 6DG", "Hebden Bridge"),
        ("12 Mill Lane, Hebden Bridge", "Hebden Bridge"),
        ("12 Mill Lane\nLeeds\nLS1 4AB", "Leeds"),
        ("742 Evergreen Terrace, Springfield, IL 62704", "Springfield"),
        ("12 Elm St, Austin TX 78701, USA", "Austin"),
        ("Hauptstraße 5, 50667 Köln", "Köln"),
        ("Hauptstraße 5 50667 Köln", "Köln"),
        ("Hauptstr. 5, D-50667 Köln, Deutschland", "Köln"),
        ("5 rue de la Paix, 75002 Paris, France", "Paris"),
        ("Calle Mayor 3, 2º B, 28013 Madrid", "Madrid"),
        ("Via Roma 12, 20121 Milano (MI)", "Milano"),
        ("Keizersgracht 12, 1015 CR Amsterdam", "Amsterdam"),
        ("Rua Augusta 10, 1100-048 Lisboa", "Lisboa"),
        ("12 MG Road, Bengaluru 560001", "Bengaluru"),
    ],
)
def test_an_address_becomes_its_city(address: str, city: str) -> None:
    assert generalise(EntityType.LOCATION, address, TODAY) == city


@pytest.mark.parametrize(
    "address",
    [
        *("221 Rideau Terrace", "HX7 6DG", "Flat 3, Elm House, 12 Mill Lane"),
        *("12 Mill Lane, Elm Cottage", "12 Mill Lane Hebden Bridge HX7 6DG", "", ","),
    ],
)
def test_an_address_whose_city_cannot_be_told_has_none(address: str) -> None:
    assert generalise(EntityType.LOCATION, address, TODAY) is None


@pytest.mark.parametrize("type", EntityType)
def test_a_policy_may_ask_for_exactly_what_can_be_made_coarser(type: EntityType) -> None:
    policy = {"entities": {type: {"operator": "generalise"}}}
    if type in (EntityType.DATE_OF_BIRTH, EntityType.LOCATION):
        PiiPolicy.model_validate(policy)
        assert generalise(type, "nothing of the kind", TODAY) is None
    else:
        with pytest.raises(ValidationError):
            PiiPolicy.model_validate(policy)
        with pytest.raises(ValueError, match=type):
            generalise(type, "nothing of the kind", TODAY)
