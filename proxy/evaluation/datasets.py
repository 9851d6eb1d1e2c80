"""The data sets with known personal data, read into labelled requests."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from proxy.evaluation.labelled import LabelledRequest, Occurrence, locate, user_says
from validators.pii import EntityType

_MESSAGE = "messages[0].content"

# The labels of presidio-research that are personal by our definitions. ORGANIZATION, GPE,
# DATE_TIME, AGE, NRP, TITLE and DOMAIN_NAME are not; see also _template_spans.
_TEMPLATE_TYPES = {
    **{
        type.value: type.value
        for type in (
            EntityType.PERSON,
            EntityType.CREDIT_CARD,
            EntityType.PHONE_NUMBER,
            EntityType.EMAIL_ADDRESS,
            EntityType.US_SSN,
            EntityType.IBAN_CODE,
            EntityType.IP_ADDRESS,
        )
    },
    "US_DRIVER_LICENSE": EntityType.NATIONAL_ID.value,
    "STREET_ADDRESS": EntityType.LOCATION.value,
    "ADDRESS": EntityType.LOCATION.value,
    "ZIP_CODE": EntityType.LOCATION.value,
}


class DataError(Exception):
    """A file of the data is missing or broken; the message names it and quotes nothing."""


class Part(StrEnum):
    """Which data to measure on: `train` while building, `test` to know."""

    TEST = "test"
    TRAIN = "train"


@dataclass(frozen=True, slots=True)
class DataSet:
    """Labelled requests. Where `types` are given, nothing else is labelled and counted."""

    name: str
    requests: tuple[LabelledRequest, ...]
    types: frozenset[str] | None = None


def read_data_sets(folder: Path, part: Part) -> list[DataSet]:
    """Read every data set.

    The templates are the same for both parts: those that no training sees. WNUT-17 labels every
    person, and so public figures too, which Presscheck means to leave alone.

    Raises:
        DataError: a file is missing or broken.
    """
    tweets = {
        Part.TEST: folder / "eval_only" / "pii_wnut17_test.jsonl.gz",
        Part.TRAIN: folder / "train" / "pii_wnut17.jsonl.gz",
    }
    return [
        DataSet(
            f"marketing prompts, {part}",
            _read(folder / "domain" / part / "pii_prompts.jsonl.gz", _prompt),
        ),
        DataSet(
            "presidio-research, held-out templates",
            _read(folder / "train" / "pii_presidio_synth.jsonl.gz", _template),
        ),
        DataSet(
            f"WNUT-17, {part}, persons",
            _read(tweets[part], _tweet),
            frozenset({EntityType.PERSON.value}),
        ),
    ]


def _read(
    file: Path, label: Callable[[Any], LabelledRequest | None]
) -> tuple[LabelledRequest, ...]:
    requests = []
    for number, line in enumerate(_lines(file), 1):
        try:
            request = label(json.loads(line))
        # The error of a decoder quotes what it read, so it is not passed on.
        except (ValueError, KeyError, IndexError, TypeError, AttributeError):
            raise DataError(f"{file}: line {number} is not in the expected form.") from None
        if request is not None:
            requests.append(request)
    return tuple(requests)


def _lines(file: Path) -> Iterator[str]:
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            yield from lines
    except FileNotFoundError as error:
        raise DataError(f"There is no {file}.") from error
    except (OSError, EOFError, UnicodeError, zlib.error):
        raise DataError(f"{file} is not compressed text that can be read.") from None


def _prompt(row: Any) -> LabelledRequest:
    body = {"messages": row["messages"]}
    known = []
    for entity in row["pii"]:
        steps = entity["path"].split(".")
        keys = ["messages", *(int(step) if step.isdigit() else step for step in steps)]
        occurrence = Occurrence(entity["type"], entity["path"], entity["start"], entity["end"])
        known.append(locate(body, keys, occurrence))
    return LabelledRequest(body, tuple(known), tuple(row["keep"]))


def _template(row: Any) -> LabelledRequest | None:
    if zlib.crc32(f"{row['origin']}:{row['template_id']}".encode()) % 5:
        return None
    known = (Occurrence(type, _MESSAGE, start, end) for start, end, type in _template_spans(row))
    return LabelledRequest(user_says(row["text"]), tuple(known))


def _template_spans(row: Any) -> Iterator[tuple[int, int, str]]:
    """Yield the personal spans of a template.

    LOCATION there is the city or country of an address, which is personal, and as often any
    place in prose, which is not: the former has no letter between it and the address.
    """
    address_end = None
    for start, end, label in sorted(row["spans"]):
        type = _TEMPLATE_TYPES.get(label)
        if label == "LOCATION" and address_end is not None:
            between = row["text"][address_end:start]
            if not any(character.isalpha() for character in between):
                type = EntityType.LOCATION.value
        if type == EntityType.LOCATION:
            address_end = end
        if type is not None:
            yield start, end, type


def _tweet(row: Any) -> LabelledRequest:
    known = (
        Occurrence(EntityType.PERSON.value, _MESSAGE, start, end)
        for start, end, label in row["spans"]
        if label == "person"
    )
    return LabelledRequest(user_says(row["text"]), tuple(known))
