"""What every validator takes and gives: a text with its context in, findings out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal, Protocol

from pydantic import BaseModel, Field

# `copy` is prose to publish, `structured` the JSON that a tool asked for, `data` what is not
# published as it stands: tool-call arguments, reasoning.
TextKind = Literal["copy", "structured", "data"]
Counting = Literal["code_points", "graphemes", "weighted", "gsm"]


class ValidatorError(Exception):
    """A check could not run; what follows is the policy's `on_error`, never a pass."""


class Channel(BaseModel, frozen=True, extra="forbid"):
    """Where a text is published, as `policies/channels.yaml` lists it.

    `limit` and `fold` are lengths in the unit that `counting` names; the fold is what a reader
    sees before "more".
    """

    name: str = "generic"
    limit: int = 100_000
    fold: int = 300
    counting: Counting = "code_points"
    max_hashtags: int | None = None


class Evidence(BaseModel, frozen=True, extra="forbid"):
    """A fact that a text may rely on (DOMAIN.md 3.4, the part a request can carry).

    Its id stands in findings and logs, so it is a plain name and nothing personal.
    """

    id: Annotated[str, Field(pattern=r"^[\w.:-]{1,100}$")]
    statement: str
    source: str | None = None
    valid_until: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a text is for. A validator reads it and never changes it.

    `brief` is what the writer was asked for, personal data already replaced; it is empty for a
    text that somebody brings. `generated` says that a model wrote the text. `placeholders` are
    those that stand for personal data of this request, such as {{PERSON_1}}; `awaited` are those
    in the newest message of the user. `is_first_turn` says that nothing was answered before in
    this conversation.
    """

    channel: Channel = field(default_factory=Channel)
    jurisdictions: tuple[str, ...] = ()
    brief: str = ""
    evidence: tuple[Evidence, ...] = ()
    generated: bool = True
    kind: TextKind = "copy"
    placeholders: frozenset[str] = frozenset()
    awaited: frozenset[str] = frozenset()
    is_first_turn: bool = True
    today: dt.date = dt.date.max


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace `text[start:end]`; an insertion where both are equal."""

    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class EvidenceMatch:
    """How a record stands to a claim."""

    id: str
    relation: Literal["supports", "contradicts", "neutral", "expired"]
    score: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a validator saw.

    `start` and `end` are half-open code-point offsets into the checked text; a finding about
    something missing has an empty span where it should stand. `edit` is a deterministic repair,
    offered only where it changes wording and no fact (DOMAIN.md 0.1, position 7). `basis` is set
    where something else than the rule's own basis asks for it in this text.
    """

    rule: str
    start: int
    end: int
    score: float
    reason: str
    suggestion: str | None = None
    edit: Edit | None = None
    evidence: tuple[EvidenceMatch, ...] = ()
    basis: tuple[str, ...] | None = None


class Validator(Protocol):
    """One check. A pure function of text and context, safe to call from many threads."""

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        """Report everything seen, at any score; raise ValidatorError if the check cannot run."""
        ...
