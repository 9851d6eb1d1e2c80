"""The opt-out registry: who may be written to (DOMAIN.md 5.5), known by keyed hashes alone."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from proxy.contacts import Contact, possible_emails, possible_phones
from proxy.errors import StoreError
from proxy.pepper import Pepper, make_pepper, read_pepper
from proxy.settings import Settings
from proxy.store.optouts import refuse_other_pepper
from proxy.store.records import Consent, OptOut
from proxy.store.store import Store
from validators.pii import EntityType

# What a request is for if nobody said; then every opt-out counts, as it may be for anything.
_ANY_CHANNEL, _ANY_PURPOSE = "generic", "general"


class Standing(StrEnum):
    """Whether somebody may be written to; `unknown` is somebody who never said."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class OptOuts:
    """The registry of one store, under the pepper of its configuration."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._pepper: Pepper | None = None

    async def verify(self) -> None:
        """Return if the registry, should there be one, was made with our pepper.

        Raises:
            StoreError: it was made with another, or there is no pepper to read it.
        """
        await self._reading_pepper()

    async def hasher(self) -> Pepper:
        """The pepper, for entries that are to be kept; makes one if there is none yet."""
        if (pepper := await self._reading_pepper()) is not None:
            return pepper
        return await asyncio.to_thread(make_pepper, self._settings)

    async def save(self, entries: Sequence[OptOut], actor: str = "operator") -> int:
        """Keep all entries or none; the number of those that changed something."""
        pepper = await self.hasher()
        return await self._store.save_optouts(pepper.mark, entries, actor=actor)

    async def erase(
        self,
        contacts: Sequence[Contact],
        hashes: Sequence[str],
        reason: str,
        actor: str = "operator",
    ) -> tuple[int, int]:
        """Erase what is known of somebody: how many entries went, how many opt-outs remain."""
        pepper = await self._reading_pepper()
        if pepper is None:
            return 0, 0
        named = [pepper.hash(contact.canonical) for contact in contacts]
        return await self._store.erase_optouts({*named, *hashes}, reason, actor=actor)

    async def check_contacts(
        self, contacts: Sequence[Contact], channel: str, purpose: str
    ) -> list[Standing]:
        """Whether each of them may be written to on a channel, for a purpose."""
        pepper = await self._reading_pepper()
        if pepper is None:
            return [Standing.UNKNOWN] * len(contacts)
        hashes = [pepper.hash(contact.canonical) for contact in contacts]
        return await self.check_hashes(hashes, channel, purpose)

    async def check_hashes(
        self, hashes: Sequence[str], channel: str, purpose: str
    ) -> list[Standing]:
        """The same for contacts whose hashes are known."""
        entries = await self._by_hash(hashes)
        now = dt.datetime.now(dt.UTC)
        return [standing(entries.get(hash, ()), channel, purpose, now) for hash in hashes]

    async def opted_out(
        self,
        contacts: Iterable[tuple[str, str]],
        channel: str,
        purpose: str,
        jurisdictions: Iterable[str] = (),
    ) -> frozenset[str]:
        """Those of the contacts of a request, types and values as written there, who opted out.

        A phone number without its country code is looked up in every country of the request.
        """
        found = list(contacts)
        # Most requests name nobody, and most houses that name people keep no registry.
        if not found or (pepper := await self._reading_pepper()) is None:
            return frozenset()
        regions = sorted(self._regions(jurisdictions))
        hashes = {
            value: [pepper.hash(form) for form in _forms(type, value, regions)]
            for type, value in found
        }
        entries = await self._by_hash([hash for its in hashes.values() for hash in its])
        now = dt.datetime.now(dt.UTC)
        return frozenset(
            value
            for value, its in hashes.items()
            if any(
                standing(entries.get(hash, ()), channel, purpose, now) is Standing.BLOCKED
                for hash in its
            )
        )

    def _regions(self, jurisdictions: Iterable[str]) -> set[str]:
        markets = {code.partition("-")[0].replace("UK", "GB") for code in jurisdictions}
        return markets | {self._settings.phone_region or ""} - {""}

    async def _by_hash(self, hashes: Iterable[str]) -> Mapping[str, Sequence[OptOut]]:
        entries: dict[str, list[OptOut]] = defaultdict(list)
        for entry in await self._store.find_optouts(hashes):
            entries[entry.hash].append(entry)
        return entries

    async def _reading_pepper(self) -> Pepper | None:
        """The pepper that the registry was made with; None while there is no registry.

        Once there is one, it stays that of its pepper, so it is asked no more.
        """
        if self._pepper is None:
            mark = await self._store.pepper_mark()
            if mark is None:
                return None
            pepper = await asyncio.to_thread(read_pepper, self._settings)
            if pepper is None:
                raise StoreError(
                    "The database holds an opt-out registry, and there is no pepper to read it "
                    "with. Set PRESSCHECK_PEPPER, or put the file `pepper` under PRESSCHECK_HOME, "
                    "as it was where the registry was made."
                )
            refuse_other_pepper(mark, pepper.mark)
            self._pepper = pepper
        return self._pepper


def standing(entries: Iterable[OptOut], channel: str, purpose: str, now: dt.datetime) -> Standing:
    """What the entries about one contact come to.

    An opt-out beats an opt-in, unless the opt-in is for something more specific and came later:
    whoever leaves everything and then joins one list wants that list. What has expired counts for
    nothing.
    """
    live = [entry for entry in entries if entry.holds_at(now)]
    ins = [
        entry
        for entry in live
        if entry.status is Consent.OPT_IN
        and entry.channel in ("*", channel)
        and entry.purpose in ("*", purpose)
    ]
    outs = [
        entry
        for entry in live
        if entry.status is Consent.OPT_OUT
        and (entry.channel in ("*", channel) or channel in ("*", _ANY_CHANNEL))
        and (entry.purpose in ("*", purpose) or purpose in ("*", _ANY_PURPOSE))
    ]
    for refusal in outs:
        if not any(
            consent.reach < refusal.reach and consent.captured_at > refusal.captured_at
            for consent in ins
        ):
            return Standing.BLOCKED
    return Standing.ALLOWED if ins else Standing.UNKNOWN


def _forms(type: str, value: str, regions: Sequence[str]) -> set[str]:
    """The canonical forms that a found contact may have."""
    if type == EntityType.PHONE_NUMBER:
        return possible_phones(value, regions)
    return possible_emails(value)
