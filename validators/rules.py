"""Rules as data: what a validator looks for, and the words it says about it.

One rule file (`policies/rules/*.yaml`) holds a family. This module knows the part that finds;
`policies.catalogue` adds what follows from it (severity, action, basis).
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

Stage = Literal["input", "output"]


class Pattern(BaseModel, frozen=True, extra="forbid"):
    r"""One way to see a rule broken, as expressions of the `regex` module.

    All are matched ignoring case on the normalised copy of the text (`validators.text`), and
    `\L<name>` stands for the word list of that name in the same file, `\L<one|other>` for two
    lists as one. `find` is what is looked for; its group `span`, or else the whole match, becomes
    the finding. The other fields narrow:

    - `unless`: not in a sentence in which this matches; `unless_text`: not anywhere in the text;
    - `near`: only where this matches somewhere in the text too;
    - `brief` and `unless_brief`: the same for the brief that the text was written from;
    - `topic`: only where this matches in the text or in the brief.
    """

    find: str
    unless: str | None = None
    unless_text: str | None = None
    near: str | None = None
    brief: str | None = None
    unless_brief: str | None = None
    topic: str | None = None
    score: float = 0.9
    reason: str | None = None
    suggestion: str | None = None


class Term(BaseModel, frozen=True, extra="forbid"):
    """A word or phrase to avoid, from a closed list, and what to write instead.

    It is found as whole words in any case, with a hyphen or a space between its parts; not in
    quotes, addresses and names. A term that the list writes with a capital is found in all places.

    The first of `replacements` goes into the text by itself where `auto` is true, unless it is an
    instruction in brackets; otherwise the replacements are a suggestion. `forms` are the plural
    and other forms of the term with what each becomes. `group` says whom or what it is about,
    `note` in which context the term is fine; `unless` is an expression for that context: the term
    is not found in a sentence in which it matches. With `near`, it is found only in a text in
    which that matches.
    """

    term: str
    replacements: tuple[str, ...] = ()
    forms: dict[str, str] = {}
    auto: bool = False
    group: str
    note: str | None = None
    unless: str | None = None
    near: str | None = None


class Rule(BaseModel, frozen=True, extra="forbid"):
    """One thing that a validator looks for, with a stable id.

    `evidence` says that a record which carries the sentence makes it acceptable. `reason` is what
    a marketer reads, `suggestion` how to say it instead. `channels` and `jurisdictions` say where
    it applies, everywhere if empty ("EU" stands for its members too). A rule without patterns and
    terms is found by the code of its validator, or not yet.
    """

    id: str
    definition: str
    stages: tuple[Stage, ...] = ("output",)
    channels: tuple[str, ...] = ()
    jurisdictions: tuple[str, ...] = ()
    reason: str
    suggestion: str | None = None
    evidence: bool = False
    match: tuple[Pattern, ...] = ()
    terms: tuple[Term, ...] = ()
    words: dict[str, tuple[str, ...]] = {}
