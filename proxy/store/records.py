"""What the store takes and gives: frozen records, no SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class ReviewState(StrEnum):
    """Where a review item stands (DOMAIN.md 6.2, the part that this version has)."""

    OPEN = "open"
    APPROVED = "approved"
    APPROVED_WITH_EDITS = "approved_with_edits"
    REJECTED = "rejected"

    @property
    def is_released(self) -> bool:
        return self in (ReviewState.APPROVED, ReviewState.APPROVED_WITH_EDITS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one text of an exchange came to.

    `index` counts the texts, `path` says where this one stood (`messages[0].content`,
    `choices[0].message.content`, `texts[3]`). `text_sha256` and `text_length` are of the text as
    delivered, or as checked where it was withheld. `findings` are as on the wire but without
    `text`; `text` is the checked text, personal data replaced, and kept for a review item alone.
    A `review_id` makes a review item. `failed_checks` gave no result, and the policy let it pass.
    """

    index: int
    path: str
    verdict: str
    is_delivered: bool
    text_sha256: str
    text_length: int
    findings: tuple[Mapping[str, Any], ...]
    failed_checks: tuple[str, ...] = ()
    review_id: str | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """One exchange as it is kept: identifiers, hashes and outcomes, never the raw text.

    `brief` and `evidence` (the records that the request brought, as JSON) have personal data
    replaced, and are kept with a review item alone. `unread_languages` are the codes of languages
    in the request whose names nothing could find. `opted_out` counts the contacts that were taken
    out of it for good because their people opted out.
    """

    request_id: str
    created_at: dt.datetime
    endpoint: str
    stage: str
    key_id: str | None
    team: str | None
    model: str | None
    policy: str
    policy_version: str
    channel: str
    jurisdictions: tuple[str, ...]
    mode: str
    verdict: str
    prompt_sha256: str
    outcomes: tuple[Outcome, ...]
    brief: str = ""
    evidence: tuple[Mapping[str, Any], ...] = ()
    unread_languages: tuple[str, ...] = ()
    opted_out: int = 0
    timings_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A held or blocked text that waits for a person, or was decided by one.

    `version` counts changes; a decision names the version it saw. `brief`, `text` and `evidence`
    (facts the request brought: id, statement, source, valid_until) have personal data replaced.
    `released_text` is set once the item is approved. In `unread_languages` (codes; None if none) no
    names could be found, so some may be left.
    """

    id: str
    state: ReviewState
    version: int
    created_at: dt.datetime
    request_id: str
    stage: str
    path: str
    verdict: str
    team: str | None
    key_id: str | None
    model: str | None
    policy: str
    policy_version: str
    channel: str
    jurisdictions: tuple[str, ...]
    brief: str
    text: str
    text_sha256: str
    findings: tuple[Mapping[str, Any], ...]
    evidence: tuple[Mapping[str, Any], ...] = ()
    unread_languages: tuple[str, ...] | None = None
    released_text: str | None = None
    decided_by: str | None = None
    decided_at: dt.datetime | None = None
    reason_code: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decides about a review item.

    `text` is what an approval releases, already checked: the edited text, or the item's own with
    the labels that were missing. Without it, an approval releases the item's text as it is.
    """

    state: ReviewState
    decided_by: str
    reason_code: str
    note: str = ""
    text: str | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is kept; the secret itself is stored as a hash alone."""

    id: str
    name: str
    team: str
    policy: str | None
    scopes: tuple[str, ...]
    created_at: dt.datetime
    revoked_at: dt.datetime | None = None


class ContactKind(StrEnum):
    """What a contact of the opt-out registry is."""

    EMAIL = "email"
    PHONE = "phone"


class Consent(StrEnum):
    """What a person said about being written to."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"


@dataclass(frozen=True, slots=True)
class OptOut:
    """What somebody said about one channel and one purpose (DOMAIN.md 5.5); `*` is all of them.

    `hash` stands for the contact, which is kept nowhere. `text_version` and `evidence_ref` say
    which wording was agreed to and where the proof lies. Of an erased entry all is gone but what
    it takes to go on respecting an opt-out: the hash, its reach and its dates, and `erased_because`
    as the reason.
    """

    hash: str
    kind: ContactKind
    channel: str
    purpose: str
    status: Consent
    captured_at: dt.datetime
    basis: str | None = None
    jurisdiction: str | None = None
    source: str | None = None
    text_version: str | None = None
    expires_at: dt.datetime | None = None
    evidence_ref: str | None = None
    erased_at: dt.datetime | None = None
    erased_because: str | None = None

    @property
    def id(self) -> str:
        return f"{self.hash}:{self.channel}:{self.purpose}"

    def holds_at(self, moment: dt.datetime) -> bool:
        """Whether the entry has not expired."""
        return self.expires_at is None or self.expires_at > moment

    @property
    def reach(self) -> int:
        """How general the entry is: 0 for one channel and purpose, 2 for all of both."""
        return (self.channel == "*") + (self.purpose == "*")


class EventKind(StrEnum):
    """What the audit log records."""

    VERDICT_RECORDED = "verdict.recorded"
    REVIEW_OPENED = "review.opened"
    REVIEW_DECIDED = "review.decided"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    POLICY_SAVED = "policy.saved"
    OPTION_REFUSED = "option.refused"
    OPTOUT_SAVED = "optout.saved"
    OPTOUT_ERASED = "optout.erased"


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One link of the audit chain. `hash` covers every other field."""

    sequence: int
    at: dt.datetime
    kind: str
    actor: str
    subject: str
    payload: Mapping[str, Any]
    previous_hash: str
    hash: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """What verifying the audit chain found."""

    events: int
    head: str
    problems: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Something was recorded, and all of it is as it was recorded."""
        return self.events > 0 and not self.problems
