"""What personal data is called, and where it was found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class EntityType(StrEnum):
    """A type of personal data; Presidio's name where it has one."""

    PERSON = "PERSON"
    EMAIL_ADDRESS = "EMAIL_ADDRESS"
    PHONE_NUMBER = "PHONE_NUMBER"
    LOCATION = "LOCATION"
    CREDIT_CARD = "CREDIT_CARD"
    IBAN_CODE = "IBAN_CODE"
    IP_ADDRESS = "IP_ADDRESS"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    ORDER_ID = "ORDER_ID"
    CUSTOMER_ID = "CUSTOMER_ID"
    URL_TOKEN = "URL_TOKEN"
    API_KEY = "API_KEY"
    MEDICAL = "MEDICAL"
    US_SSN = "US_SSN"
    UK_NHS = "UK_NHS"
    UK_NINO = "UK_NINO"
    DE_STEUER_ID = "DE_STEUER_ID"
    ES_NIF = "ES_NIF"
    ES_NIE = "ES_NIE"
    PT_NIF = "PT_NIF"
    IT_FISCAL_CODE = "IT_FISCAL_CODE"
    FR_NIR = "FR_NIR"
    NL_BSN = "NL_BSN"
    PL_PESEL = "PL_PESEL"
    SE_PERSONNUMMER = "SE_PERSONNUMMER"
    IE_PPS = "IE_PPS"
    BR_CPF = "BR_CPF"
    IN_PAN = "IN_PAN"
    IN_AADHAAR = "IN_AADHAAR"
    NATIONAL_ID = "NATIONAL_ID"


NATIONAL_IDS = frozenset(list(EntityType)[list(EntityType).index(EntityType.US_SSN) :])


@dataclass(frozen=True, slots=True)
class Entity:
    """Personal data in `text[start:end]`; never the value itself.

    `type` is an `EntityType`, or one that a house's own recognizer declares; `is_own` says that
    such a recognizer found it.
    """

    type: str
    start: int
    end: int
    score: float
    is_own: bool = False
