"""`/v1/optouts` and `/v1/consent`: who may be written to, for a key with the scope `optouts`.

No answer and no error repeats a contact: what was given is named by its place in the list.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import BaseModel, Field, model_validator

from proxy.api import parse
from proxy.body import read_json
from proxy.contacts import Contact, read_contact
from proxy.errors import InvalidRequestError
from proxy.optout_entries import (
    COLUMNS,
    EntryRequest,
    Erasure,
    Hash,
    Use,
    csv_rows,
    entry_body,
)
from proxy.optouts import Standing
from proxy.services import Visit, Visitor

router = APIRouter()

_MOST = 10_000

Contacts = Annotated[tuple[str, ...], Field(max_length=_MOST, repr=False)]
Hashes = Annotated[tuple[Hash, ...], Field(max_length=_MOST)]


class SaveRequest(BaseModel, frozen=True, extra="forbid"):
    """Entries to keep, all of them or none."""

    entries: tuple[EntryRequest, ...] = Field(min_length=1, max_length=_MOST)


class _Named(BaseModel, frozen=True, extra="forbid"):
    contacts: Contacts = ()
    hashes: Hashes = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if bool(self.contacts) == bool(self.hashes):
            raise ValueError("give either contacts or hashes")
        return self


class ConsentRequest(_Named, Use, frozen=True, extra="forbid"):
    """People, and what they would be written to for."""


class EraseRequest(_Named, Erasure, frozen=True, extra="forbid"):
    """People who asked to be forgotten."""


async def _with_scope(visitor: Visitor) -> Visit:
    """A visitor whose key has the scope of the registry; any other is refused."""
    visitor.envelope.endpoint = "optouts"
    visitor.require("optouts")
    return visitor


Registrar = Annotated[Visit, Depends(_with_scope)]


@router.post("/consent/check")
async def check_consent(visitor: Registrar) -> dict[str, Any]:
    """Say who may be written to on a channel and for a purpose, by the place in the list."""
    body = parse(ConsentRequest, await _read(visitor))
    if body.channel not in visitor.services.policies.channels.profiles:
        known = ", ".join(sorted(visitor.services.policies.channels.profiles))
        raise InvalidRequestError(f"channel is none of: {known}.", param="channel")
    optouts = visitor.services.optouts
    if body.contacts:
        contacts = _contacts(visitor, body.contacts)
        standings = await optouts.check_contacts(contacts, body.channel, body.purpose)
    else:
        standings = await optouts.check_hashes(body.hashes, body.channel, body.purpose)
    places = {
        standing.value: [i for i, found in enumerate(standings) if found is standing]
        for standing in Standing
    }
    return {**places, "reason": _reason(places, body.channel, body.purpose)}


@router.post("/optouts", status_code=201)
async def save_optouts(visitor: Registrar) -> dict[str, Any]:
    """Keep opt-outs and opt-ins, all of them or none; the hashes are in the order given."""
    body = parse(SaveRequest, await _read(visitor))
    services = visitor.services
    pepper = await services.optouts.hasher()
    entries = []
    for index, request in enumerate(body.entries):
        try:
            entries.append(
                request.entry(
                    pepper, services.settings.phone_region, services.policies.channels.profiles
                )
            )
        except ValueError as error:
            raise InvalidRequestError(
                f"entries[{index}]: {error}.", param=f"entries[{index}]"
            ) from error
    changed = await services.optouts.save(entries, actor=visitor.caller.key_id)
    return {
        "object": "list",
        "data": [entry_body(entry) for entry in entries],
        "changed": changed,
    }


@router.get("/optouts", response_model=None)
async def list_optouts(
    visitor: Registrar,
    format: Literal["json", "csv"] = "json",
    limit: Annotated[int, Query(ge=1, le=5000)] = 500,
    after: str | None = None,
) -> dict[str, Any] | Response:
    """Export the registry by the page; `after` is `hash:channel:purpose` of the last one seen."""
    entries = await visitor.services.store.list_optouts(limit, after)
    if format == "csv":
        page = io.StringIO()
        csv.writer(page).writerows([list(COLUMNS), *csv_rows(entries)])
        return Response(page.getvalue(), media_type="text/csv")
    return {
        "object": "list",
        "data": [{"id": entry.id, **entry_body(entry)} for entry in entries],
        "has_more": len(entries) == limit,
    }


@router.post("/optouts/erase")
async def erase_optouts(visitor: Registrar) -> dict[str, Any]:
    """Erase what is known of people; what must remain is a hash that says not to write."""
    body = parse(EraseRequest, await _read(visitor))
    removed, kept = await visitor.services.optouts.erase(
        _contacts(visitor, body.contacts), body.hashes, body.reason, actor=visitor.caller.key_id
    )
    return {"object": "erasure", "removed": removed, "kept": kept, "reason": body.reason}


async def _read(visitor: Visit) -> dict[str, Any]:
    return await read_json(visitor.request, visitor.services.settings.limits)


def _contacts(visitor: Visit, given: Sequence[str]) -> list[Contact]:
    contacts = []
    for index, text in enumerate(given):
        try:
            contacts.append(read_contact(text, visitor.services.settings.phone_region))
        except ValueError as error:
            place = f"contacts[{index}]"
            raise InvalidRequestError(f"{place} {error}.", param=place) from error
    return contacts


def _reason(places: dict[str, list[int]], channel: str, purpose: str) -> str:
    blocked, unknown = (len(places[name]) for name in ("blocked", "unknown"))
    said = []
    if blocked:
        said.append(f"{blocked} opted out of {purpose} by {channel}")
    if unknown:
        said.append(
            f"{unknown} never said; without another legal basis, they need to be asked first"
        )
    return ("; ".join(said) or f"all agreed to {purpose} by {channel}") + "."
