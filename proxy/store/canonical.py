"""One byte sequence for one value, so that it can be hashed and checked again years later."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON with sorted keys, no spaces and ASCII alone; moments are in UTC, to the microsecond."""
    return json.dumps(
        value,
        sort_keys=True,
        separators=(",", ":"),
        allow_nan=False,
        default=_plain,
    )


def sha256(text: str) -> str:
    # "surrogatepass": a model can send half a surrogate pair, and it must not break the record.
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def row_sha256(row: Mapping[str, Any]) -> str:
    """The digest of a row that goes into its audit event and is compared by `verify`.

    Columns without a value do not count, so that a column added later leaves old digests as they
    are.
    """
    return sha256(canonical_json({name: row[name] for name in row if row[name] is not None}))


def is_document_of(version: str, document: str) -> bool:
    """Whether a policy's version is the hash of this document."""
    return version == f"sha256:{sha256(document)}"


def storable(text: str) -> str:
    """The text with what no database takes (NUL, half a surrogate pair) replaced one for one.

    The length stays, so the spans of its findings still fit.
    """
    return text.translate(_UNSTORABLE)


_UNSTORABLE = {0: "\ufffd"} | dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    raise TypeError(f"A {type(value).__name__} cannot be kept as JSON.")
