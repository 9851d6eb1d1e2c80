"""Who goes for good with a contact that opted out: whoever shares its line or its record.

A record is an object or a list of JSON: one in the text itself, or one that the text is a value
of. Where it is unclear whose contact it is, everybody it may be of goes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence, Set
from dataclasses import dataclass

from proxy.mentions import Subject
from proxy.wire import TextAt
from validators.pii import EntityType

CONTACTS = frozenset({EntityType.EMAIL_ADDRESS, EntityType.PHONE_NUMBER})
# Made of messages, not of people: a text in them is no part of a record.
_OF_MESSAGES = frozenset({"messages", "input", "tools", "functions", "prediction"})
_STEP = re.compile(r"[^.\[\]]+")
# A string, which may be cut off at the end of its line, or a bracket outside of one.
_BRACKET = re.compile(r'"(?:[^"\\\n]|\\.)*+"?|[\[\]{}]')
_OPENING = {"]": "[", "}": "{"}
# A text that nests deeper is hostile, and each of its mentions would stand in all of the brackets.
_DEEPEST = 64


@dataclass(frozen=True, slots=True)
class _Record:
    """A record or a text in one, by its path and, inside a text, by where its bracket opens."""

    path: str
    start: int
    is_list: bool


@dataclass(frozen=True, slots=True)
class _Placed:
    """A mention with its line and the records around it, from the innermost to the outermost."""

    subject: Subject
    line: tuple[str, int]
    records: tuple[_Record, ...]


def people_beside(
    mentions: Sequence[tuple[TextAt, Sequence[tuple[int, Subject]]]], opted_out: Set[Subject]
) -> set[Subject]:
    """The people who go with the contacts that opted out.

    `mentions` has the texts of a request, each with the offsets of its mentions, in order, and
    with whose they are.

    Going outwards from the contact, everybody in a record goes for as long as the record holds one
    person's contact, at most one address and one number. In one that holds more, whoever has no
    contact nearer than these goes, if no name was nearer to the contact. The entries of a list are
    of different people.
    """
    placed = [place for at, group in mentions for place in _placed(at, group)]
    people = [place for place in placed if place.subject.type == EntityType.PERSON]
    contacts: dict[_Record, set[Subject]] = defaultdict(set)
    for place in placed:
        if place.subject.type in CONTACTS:
            for record in place.records:
                contacts[record].add(place.subject)
    on_line: dict[tuple[str, int], set[Subject]] = defaultdict(set)
    inside: dict[_Record, set[Subject]] = defaultdict(set)
    nearest: dict[_Record, set[Subject]] = defaultdict(set)
    for place in people:
        on_line[place.line].add(place.subject)
        for record in place.records:
            inside[record].add(place.subject)
        if with_contacts := next((record for record in place.records if record in contacts), None):
            nearest[with_contacts].add(place.subject)
    lines = {place.line for place in placed if place.subject in opted_out}
    chains = {place.records for place in placed if place.subject in opted_out}
    gone = {person for line in lines for person in on_line[line]}
    for records in chains:
        has_name = False
        for record in records:
            if has_name and record.is_list:
                break
            if record not in inside:
                continue
            if not _is_one_persons(contacts[record]):
                gone |= set() if has_name else nearest[record]
                break
            gone |= inside[record]
            has_name = True
    return gone


def _is_one_persons(contacts: Collection[Subject]) -> bool:
    return len(contacts) == len({contact.type for contact in contacts})


def _placed(at: TextAt, mentions: Sequence[tuple[int, Subject]]) -> Iterator[_Placed]:
    if not mentions:
        return
    around = tuple(_records_around(at.path))
    ends = [match.start() for match in re.finditer("\n", at.text)]
    starts = [start for start, _ in mentions]
    for (start, subject), brackets in zip(mentions, _brackets(at.text, starts), strict=True):
        inner = (_Record(at.path, place, at.text[place] == "[") for place in brackets)
        yield _Placed(subject, (at.path, bisect_left(ends, start)), (*inner, *around))


def _records_around(path: str) -> Iterator[_Record]:
    """The text itself, if it is a value of a record, and all that it lies in."""
    document, mark, inside = path.partition("#")
    if mark:
        steps = [document + mark, *inside.removesuffix("~key").split("/")[1:]]
    else:
        steps = _STEP.findall(path.removesuffix("~key"))
        if len(steps) < 2 or steps[0] in _OF_MESSAGES:
            return
    for depth in range(len(steps), 0, -1):
        is_list = depth < len(steps) and steps[depth].isdecimal()
        yield _Record("/".join(steps[:depth]), -1, is_list)


def _brackets(text: str, starts: Sequence[int]) -> Iterator[list[int]]:
    """For each offset, where the brackets around it open, from the innermost to the outermost."""
    spans = _bracket_spans(text)
    opened: list[tuple[int, int]] = []
    done = 0
    for start in starts:
        while done < len(spans) and spans[done][0] <= start:
            while opened and opened[-1][1] <= spans[done][0]:
                opened.pop()
            opened.append(spans[done])
            done += 1
        while opened and opened[-1][1] <= start:
            opened.pop()
        yield [opening for opening, _ in reversed(opened[-_DEEPEST:])]


def _bracket_spans(text: str) -> list[tuple[int, int]]:
    spans = []
    opened: list[int] = []
    for match in _BRACKET.finditer(text):
        if match[0] in ("[", "{"):
            opened.append(match.start())
        elif match[0] in _OPENING and opened and text[opened[-1]] == _OPENING[match[0]]:
            spans.append((opened.pop(), match.end()))
    return sorted(spans)
