"""Entries of the opt-out registry as callers and files give them, and as they are exported."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
    model_validator,
)

from proxy.contacts import read_contact
from proxy.pepper import Pepper
from proxy.store.records import Consent, ContactKind, OptOut

MAX_PROBLEMS = 50
# A moment from a machine whose clock is not quite ours.
_CLOCK_SKEW = dt.timedelta(minutes=10)

# A plain name, such as that of a form, a version or a ticket: no place for an address.
Label = Annotated[str, Field(pattern=r"^[\w./-]{1,100}$")]
Market = Annotated[str, Field(pattern=r"^[A-Z]{2}(?:-[A-Z0-9]{1,3})?$")]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Purpose = Annotated[str, Field(pattern=r"^(?:\*|[a-z][a-z0-9_]{0,63})$")]


def _in_utc(value: Any) -> Any:
    """A day, or a moment without a time zone, is meant in UTC."""
    if not isinstance(value, str):
        return value
    try:
        moment = dt.datetime.fromisoformat(value.strip())
    except ValueError:
        raise ValueError("is no date, as in 2026-11-22 or 2026-11-22T09:30:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


Moment = Annotated[AwareDatetime, BeforeValidator(_in_utc)]


class EntryRequest(BaseModel, frozen=True, extra="forbid"):
    """What somebody said about being written to; the contact itself, or its hash and its kind.

    An opt-in needs the moment at which it was given, for it is worth nothing without, and it must
    not undo an opt-out that came later. An opt-out holds from now on if nothing else is said.
    """

    contact: str | None = Field(None, repr=False)
    hash: Hash | None = None
    kind: ContactKind | None = None
    channel: str = "*"
    purpose: Purpose = "*"
    status: Consent = Consent.OPT_OUT
    basis: Literal["consent", "soft_opt_in", "legit_interest", "contract"] | None = None
    jurisdiction: Market | None = None
    captured_at: Moment | None = None
    source: Label | None = None
    text_version: Label | None = None
    expires_at: Moment | None = None
    evidence_ref: Label | None = None
    erased_at: Moment | None = None
    erased_because: Label | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.contact is None) == (self.hash is None):
            raise ValueError("an entry needs either a contact or a hash")
        if self.hash is not None and self.kind is None:
            raise ValueError("a hash needs its kind, email or phone")
        if self.contact is not None and self.kind is not None:
            raise ValueError("the kind of a contact is seen from it, and given with a hash alone")
        if self.status is Consent.OPT_IN and self.captured_at is None:
            raise ValueError("an opt-in needs captured_at, the moment it was given")
        if self.captured_at and self.captured_at > dt.datetime.now(dt.UTC) + _CLOCK_SKEW:
            raise ValueError("captured_at lies in the future")
        if self.captured_at and self.expires_at and self.expires_at <= self.captured_at:
            raise ValueError("expires_at lies before captured_at")
        return self

    def entry(self, pepper: Pepper, region: str | None, channels: Collection[str]) -> OptOut:
        """The entry to keep.

        Raises:
            ValueError: the contact or the channel is wrong; the message does not repeat it.
        """
        if self.channel not in ("*", *channels):
            raise ValueError(f"channel is none of: *, {', '.join(sorted(channels))}")
        kind, hash = self.kind, self.hash
        if self.contact is not None:
            try:
                contact = read_contact(self.contact, region)
            except ValueError as error:
                raise ValueError(f"contact {error}") from None
            kind, hash = contact.kind, pepper.hash(contact.canonical)
        if kind is None or hash is None:
            raise ValueError("an entry needs either a contact or a hash with its kind")
        said = self.model_dump(exclude={"contact", "hash", "kind", "captured_at"})
        return OptOut(
            hash=hash, kind=kind, captured_at=self.captured_at or dt.datetime.now(dt.UTC), **said
        )


class Use(BaseModel, frozen=True, extra="forbid"):
    """What people would be written to on, and for."""

    channel: str
    purpose: Purpose


class Erasure(BaseModel, frozen=True, extra="forbid"):
    """Why somebody's entries are erased: a word or a ticket, which is kept."""

    reason: Label = "art17"


class FileProblemsError(ValueError):
    """What is wrong with a file, line by line, without a word of what stands in it."""

    def __init__(self, problems: Sequence[str]) -> None:
        shown = list(problems[:MAX_PROBLEMS])
        if len(problems) > MAX_PROBLEMS:
            shown.append(f"and {len(problems) - MAX_PROBLEMS} more")
        super().__init__("\n".join(f"- {problem}" for problem in shown))


def read_csv(
    file: Iterable[str], pepper: Pepper, region: str | None, channels: Collection[str]
) -> list[OptOut]:
    """Read every entry of a CSV file whose first line names its columns.

    Raises:
        FileProblemsError: lines are wrong; nothing of the file is to be kept.
    """
    rows = csv.reader(file, strict=True)
    entries: list[OptOut] = []
    problems: list[str] = []
    try:
        columns = _columns(next(rows, []))
        for row in rows:
            try:
                if row:
                    entries.append(_read_row(columns, row).entry(pepper, region, channels))
            except ValueError as error:
                problems.append(f"line {rows.line_num}: {error}")
    except csv.Error:
        problems.append(f"line {rows.line_num}: quotes are not closed, or stand inside a value")
    except UnicodeDecodeError:
        problems.append(f"after line {rows.line_num}: is no UTF-8 text")
    if problems:
        raise FileProblemsError(problems)
    return entries


def csv_rows(entries: Iterable[OptOut]) -> Iterator[list[str]]:
    """The entries as `read_csv` takes them, without the line of the columns."""
    for entry in entries:
        yield ["" if value is None else str(value) for value in entry_body(entry).values()]


def entry_body(entry: OptOut) -> dict[str, str | None]:
    """An entry as it is exported."""
    values = {name: getattr(entry, name) for name in COLUMNS}
    return {
        name: value.isoformat() if isinstance(value, dt.datetime) else value
        for name, value in values.items()
    }


COLUMNS = tuple(field.name for field in fields(OptOut))


def _columns(header: Sequence[str]) -> list[str]:
    known = tuple(EntryRequest.model_fields)
    columns = [name.strip().removeprefix("\ufeff").lower() for name in header]
    for number, name in enumerate(columns, 1):
        # A file without a header has an address here, so the name is not repeated.
        if name not in known:
            raise FileProblemsError(
                [
                    f"line 1: the name of column {number} is none of {', '.join(known)}; "
                    "the first line names the columns, separated by commas"
                ]
            )
    if not {"contact", "hash"} & set(columns) or len(set(columns)) != len(columns):
        raise FileProblemsError(
            ["line 1: one column must be contact or hash, and none may stand twice"]
        )
    return columns


def _read_row(columns: Sequence[str], row: Sequence[str]) -> EntryRequest:
    if len(row) != len(columns):
        raise ValueError(f"has {len(row)} values, and the first line names {len(columns)} columns")
    given = {name: value.strip() for name, value in zip(columns, row, strict=True)}
    try:
        return EntryRequest.model_validate({n: value for n, value in given.items() if value})
    except ValidationError as error:
        # Its own text quotes the input.
        problem = error.errors(include_url=False, include_input=False)[0]
    message = problem["msg"].removeprefix("Value error, ")
    raise ValueError(" ".join([*map(str, problem["loc"][:1]), message]))
