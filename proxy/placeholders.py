"""What stands for personal data in one request, and the way back to the data."""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proxy.wire import Form, TextAt, is_json, rewrite
from validators.placeholders import Token, Tokens

# One character of JSON text that is escaped; beyond the first plane it takes two escapes.
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|\\u[\da-fA-F]{4}|\\[\"\\/bfnrt]"
)
_STRING = re.compile(r'"((?:[^"\\]|\\.)*+)"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
# JSON in a string of JSON is escaped twice, and each level doubles the backslashes.
_MOST_LEVELS = 4
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A text in which some places were replaced, and the way from the old offsets to the new.

    `spans` are those places, in order: start and end before, start and end after.
    """

    text: str
    spans: tuple[tuple[int, int, int, int], ...] = ()

    def map_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the old text; one that cuts a replaced place takes it whole."""
        mapped = self._map(start, is_end=False)
        return mapped, (mapped if end == start else self._map(end, is_end=True))

    def _map(self, offset: int, *, is_end: bool) -> int:
        shift = 0
        for start, end, new_start, new_end in self.spans:
            if offset <= start:
                break
            if offset < end:
                return new_end if is_end else new_start
            shift = new_end - end
        return offset + shift


@dataclass(frozen=True, slots=True, repr=False)
class Written:
    """One way in which a value is written: as text, and inside a string of JSON text.

    The two are kept apart so that both come back as they were: JSON may escape any letter.
    """

    text: str
    json: str

    @classmethod
    def plain(cls, text: str) -> Written:
        """A value that stood in ordinary text."""
        return cls(_encodable(text), _escape(text))

    @classmethod
    def in_json(cls, escaped: str) -> Written:
        """A value that stood in JSON text, as it is written there."""
        try:
            text = json.loads(f'"{escaped}"')
        except ValueError:
            # Half an escape, in JSON that is none: there it is text.
            return cls.plain(escaped)
        return cls(_encodable(text), escaped)


class Placeholders:
    """What stands for what in one request. Lives as long as the request, and shows no value.

    A person, an address, a number has one name, PERSON_1, however it is written. Each way of
    writing it beyond the fullest has a form of that name, PERSON_1|2, so that each comes back as
    it was.
    """

    def __init__(self, reserved: Iterable[str] = (), *, restores: bool = True) -> None:
        """`reserved` are the names that the request uses itself; they are never given out."""
        self._reserved = frozenset(reserved)
        self._restores = restores
        self._written: dict[str, tuple[Written, ...]] = {}
        self._last: dict[str, int] = defaultdict(int)

    def __repr__(self) -> str:
        return f"Placeholders({', '.join(self._written)})"

    def __len__(self) -> int:
        return len(self._written)

    @property
    def tokens(self) -> Sequence[str]:
        """What stands for personal data, as {{PERSON_1}}, in the order of the request."""
        return [f"{{{{{name}}}}}" for name in self._written]

    @property
    def instruction(self) -> str | None:
        """What a model is told of them; nothing where nothing was replaced."""
        if not self._written:
            return None
        example = self.tokens[0]
        return (
            f"Placeholders such as {example} stand for personal data. Where you use one, copy it "
            "exactly as it stands, with its braces and with all that is in them: never translate, "
            "decline, shorten, split or explain it, never put it into a hashtag or a link, and "
            "make up no new ones. Say nothing about placeholders."
        )

    def add(self, type: str, written: Sequence[Written]) -> Sequence[str]:
        """Name one more value, and return a name for each way in which it is written.

        The first of them is what a placeholder without a form is restored to.
        """
        number = self._last[type] + 1
        while f"{type}_{number}" in self._reserved:
            number += 1
        self._last[type] = number
        name = f"{type}_{number}"
        self._written[name] = tuple(written)
        return [name, *(f"{name}|{form}" for form in range(2, len(written) + 1))]

    def restorer(self) -> Restorer:
        """What puts the originals back into one text that comes piece by piece, and is no JSON."""
        return Restorer(self._written if self._restores else {})

    def restore(self, text: str, *, json: bool = False) -> Rewritten:
        """Put the originals back into a text.

        `json` says that it is a JSON document or part of one. A document stays one: a value is
        escaped for every string that it stands in, also for JSON in a string of JSON, and where
        no string is around it, it becomes a number or, if it is none, a string.
        """
        if json and self._restores:
            return _restored_json(text, self._written)
        restorer = self.restorer()
        return Rewritten(restorer.feed(text) + restorer.finish(), tuple(restorer.spans))

    def restore_response(
        self, body: Mapping[str, Any], *, json_content: bool = False
    ) -> dict[str, Any]:
        """Put the originals back everywhere in a response: content, refusals, arguments, choices.

        `json_content` says that the content is JSON text also where it is cut off.
        """

        def restore(at: TextAt) -> str:
            return self.restore(at.text, json=at.form is Form.JSON or is_json(at.text)).text

        return rewrite(body, restore, json_content=json_content)


class Restorer:
    """Puts the originals back into one text that comes piece by piece.

    It does so in one pass, so a value that looks like a placeholder stays. Only what may be the
    beginning of a placeholder waits for the next piece. `spans` are the places that were replaced,
    as `Rewritten` has them.
    """

    def __init__(self, written: Mapping[str, Sequence[Written]]) -> None:
        self._written = written
        self._tokens = Tokens(written.keys())
        self._held = ""
        # How much of `_held` is out already: its last character, for what may stand before a
        # placeholder.
        self._seen = 0
        self._read = self._length = 0
        self.spans: list[tuple[int, int, int, int]] = []

    def feed(self, piece: str) -> str:
        """Take the next piece, and return what can be said by now."""
        return self._say(self._held + piece, is_last=False)

    def finish(self) -> str:
        """Return the rest; no more pieces come."""
        return self._say(self._held, is_last=True)

    def _say(self, text: str, *, is_last: bool) -> str:
        tokens, decided = self._tokens.scan(text, start=self._seen, is_last=is_last)
        done = self._seen
        base = self._read - done
        out: list[str] = []
        for token in tokens:
            if (written := _way(self._written, token)) is None:
                continue
            value = written.text + token.ending
            before = text[done : token.start]
            start = self._length + len(before)
            self._length = start + len(value)
            done = token.end
            self.spans.append((base + token.start, base + done, start, self._length))
            out += [before, value]
        rest = text[done:decided]
        self._length += len(rest)
        self._read = base + decided
        kept_from = max(decided - 1, 0)
        self._held, self._seen = text[kept_from:], decided - kept_from
        return "".join([*out, rest])


def _way(ways: Mapping[str, Sequence[Written]], token: Token) -> Written | None:
    """What a placeholder stands for; None where it was never given out."""
    if token.name is None:
        return None
    written = ways[token.name]
    return written[token.form - 1] if 1 <= token.form <= len(written) else written[0]


def _restored_json(text: str, ways: Mapping[str, Sequence[Written]]) -> Rewritten:
    plain, at = unescaped(text)
    found = [
        (at[token.start], at[token.end], written.json + token.ending)
        for token in Tokens(ways.keys()).find(plain)
        if (written := _way(ways, token))
    ]
    places = _places(text, [(start, end) for start, end, _ in found])
    out: list[str] = []
    spans = []
    done = length = 0
    for (start, end, escaped), place in zip(found, places, strict=True):
        value = place.fit(escaped)
        new_start = length + start - done
        length = new_start + len(value)
        spans.append((start, end, new_start, length))
        out += [text[done:start], value]
        done = end
    return Rewritten("".join([*out, text[done:]]), tuple(spans))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in JSON text a value stands: in how many strings, and whether bare in a document."""

    strings: int
    is_bare: bool

    def fit(self, escaped: str) -> str:
        """Write a value, which is escaped for one string, so that the JSON stays valid."""
        if self.is_bare and not _NUMBER.fullmatch(escaped):
            escaped = f'"{escaped}"'
        for _ in range(self.strings - (not self.is_bare)):
            escaped = _escape(escaped)
        return escaped


def _places(text: str, spans: Sequence[tuple[int, int]]) -> Sequence[_Place]:
    """The place of each span; all are taken for parts of a string where the JSON is malformed."""
    pieces = []
    done = 0
    for start, end in spans:
        # Digits are a value by themselves and part of one in a string. Offsets stay true.
        pieces += [text[done:start], "1" * (end - start)]
        done = end
    document = "".join([*pieces, text[done:]])
    if not _is_document(document):
        return [_Place(1, is_bare=False)] * len(spans)
    return list(_places_in(document, spans, _MOST_LEVELS))


def _places_in(document: str, spans: Sequence[tuple[int, int]], levels: int) -> Iterator[_Place]:
    first = 0
    for string in _STRING.finditer(document) if spans else ():
        start, end = string.span(1)
        inside = bisect_left(spans, (start, start), first)
        after = bisect_left(spans, (end, end), inside)
        yield from [_Place(0, is_bare=True)] * (inside - first)
        if inside < after:
            plain, at = unescaped(string[1])
            # Brackets alone are as soon those of a sentence.
            if levels > 1 and '"' in plain and _is_document(plain):
                inner = [
                    (bisect_left(at, first - start), bisect_left(at, last - start))
                    for first, last in spans[inside:after]
                ]
                for place in _places_in(plain, inner, levels - 1):
                    yield _Place(place.strings + 1, place.is_bare)
            else:
                yield from [_Place(1, is_bare=False)] * (after - inside)
        first = after
    yield from [_Place(0, is_bare=True)] * (len(spans) - first)


def _is_document(text: str) -> bool:
    if not text.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def unescaped(text: str) -> tuple[str, Sequence[int]]:
    """JSON text with its escapes read, and where each character begins in it, and the last ends."""
    if "\\" not in text:
        return text, range(len(text) + 1)
    characters: list[str] = []
    starts: list[int] = []
    done = 0
    for escape in _ESCAPE.finditer(text):
        characters += (text[done : escape.start()], json.loads(f'"{escape[0]}"'))
        starts += range(done, escape.start() + 1)
        done = escape.end()
    characters.append(text[done:])
    return "".join(characters), [*starts, *range(done, len(text) + 1)]


def _escape(value: str) -> str:
    escaped = json.dumps(value, ensure_ascii=False)[1:-1]
    return _LONE_SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", escaped)


def _encodable(text: str) -> str:
    """Half a character that JSON can write and no encoding can: in text it becomes U+FFFD."""
    return _LONE_SURROGATE.sub("\ufffd", text)
