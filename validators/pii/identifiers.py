"""Personal data that has a shape: numbers, addresses, keys and links, for Presidio's analyzer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from presidio_analyzer import LocalRecognizer, RecognizerResult

from validators.pii import access, accounts, dates, keys, references
from validators.pii.entities import NATIONAL_IDS, EntityType
from validators.pii.national_ids import NATIONAL_ID_FINDERS
from validators.pii.phones import Phones
from validators.pii.places import Addresses, Postcodes
from validators.pii.shapes import Finder, Signs

_TYPES = NATIONAL_IDS | {
    EntityType.EMAIL_ADDRESS,
    EntityType.PHONE_NUMBER,
    EntityType.LOCATION,
    EntityType.CREDIT_CARD,
    EntityType.IBAN_CODE,
    EntityType.IP_ADDRESS,
    EntityType.DATE_OF_BIRTH,
    EntityType.ORDER_ID,
    EntityType.CUSTOMER_ID,
    EntityType.URL_TOKEN,
    EntityType.API_KEY,
}


class Identifiers(LocalRecognizer):
    """Find every entity that a pattern, a check sum or a cue can tell.

    Presidio's own recognizers search a text once per pattern and, for phone numbers, once per
    country, which takes most of the time of a whole analysis. They also log a search that ran out
    of time and go on without it; here it is an error, since a text that was not searched must
    not pass.

    Scores: 0.9 and above for a check sum or a prefix that nothing else has, 0.75 to 0.9 for a shape
    with its cue, 0.5 to 0.7 for a shape alone. Below 0.5 it is a guess, such as the number of a
    shop.
    """

    def __init__(self) -> None:
        super().__init__(supported_entities=sorted(_TYPES))
        finders: list[Finder] = [
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
        self._signs = Signs(finders)

    def load(self) -> None:
        """Nothing to load: the patterns are compiled with their modules."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """Presidio's interface.

        Raises:
            ValidatorError: a search ran out of time.
        """
        del nlp_artifacts
        return [
            RecognizerResult(found.type, found.start, found.end, found.score)
            for finder in self._signs.finders_for(text)
            for found in finder.find(text)
            if found.type in entities
        ]
