"""Personal data out of a request, by what a policy says of each type."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypedDict

from policies.pii import Operator, PiiPolicy
from proxy.erasure import CONTACTS, people_beside
from proxy.errors import BlockedError
from proxy.generalising import generalise
from proxy.mentions import Subject, fullness, lasting_key, subjects, without_possessive
from proxy.placeholders import Placeholders, Rewritten, Written, unescaped
from proxy.wire import Form, TextAt, is_json, replace_texts, walk
from validators.pii import Entity, EntityType, Sample
from validators.pii.house import House
from validators.placeholders import Tokens

# Presidio writes a text anew for every place in it, so a long one goes to it in parts.
_PLACES_AT_A_TIME = 50
_HASH_DIGITS = 12
# A shorter value of a named field is a name, an address or a code, which are of no language.
_SHORTEST_PROSE = 40


class Finder(Protocol):
    """What finds personal data: `validators.pii.PersonalData`."""

    def find_all(self, samples: Sequence[Sample | str], house: House) -> list[list[Entity]]:
        """The entities of each text, in order and without overlaps."""
        ...

    def unread_languages(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The codes of languages in which it cannot find names."""
        ...


class EntityAt(TypedDict):
    """What was taken out, as `/v1/anonymize` tells it; offsets are those of the original text."""

    type: str
    placeholder: str
    path: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True, repr=False)
class _Mention:
    """An entity in the text that it was found in; `written` has its value in either notation."""

    at: TextAt
    entity: Entity
    written: Written

    @property
    def type(self) -> str:
        return str(self.entity.type)

    @property
    def value(self) -> str:
        return self.at.text[self.entity.start : self.entity.end]


@dataclass(frozen=True, slots=True, repr=False)
class Found:
    """The texts of a request body, the personal data in each, and the languages left unread."""

    body: Mapping[str, Any]
    texts: tuple[TextAt, ...]
    mentions: tuple[tuple[_Mention, ...], ...]
    unread_languages: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Found({sum(map(len, self.mentions))} entities in {len(self.texts)} texts)"

    @property
    def contacts(self) -> frozenset[tuple[str, str]]:
        """The e-mail addresses and phone numbers, with their types, as they are written."""
        return frozenset((m.type, m.value) for m in self._all() if m.type in CONTACTS)

    def _all(self) -> Iterator[_Mention]:
        return (mention for mentions in self.mentions for mention in mentions)


@dataclass(frozen=True, slots=True)
class Stripped:
    """A request body without personal data.

    `opted_out` counts the contacts that were taken out for good because their people opted out.
    """

    body: dict[str, Any]
    placeholders: Placeholders
    entities: tuple[EntityAt, ...]
    unread_languages: tuple[str, ...] = ()
    opted_out: int = 0


@dataclass(frozen=True, slots=True)
class StrippedText:
    """A text without personal data."""

    rewritten: Rewritten
    placeholders: Placeholders
    entities: tuple[EntityAt, ...]

    @property
    def text(self) -> str:
        return self.rewritten.text

    def map_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a span of the original text to the text without personal data."""
        return self.rewritten.map_span(start, end)


def _today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


class Redactor:
    """Take personal data out of requests as a policy says."""

    def __init__(
        self,
        personal_data: Finder,
        policy: PiiPolicy,
        pepper: bytes | None = None,
        *,
        today: Callable[[], dt.date] = _today,
    ) -> None:
        """`pepper` keys the pseudonyms of the operator `hash`; `today` is what ages count from.

        Raises:
            ValueError: the policy hashes a type, and there is no pepper.
        """
        hashed = [type for type in policy.types if policy.rule(type).operator is Operator.HASH]
        if hashed and not pepper:
            raise ValueError(f"the policy hashes {hashed[0]}, which needs a pepper")
        self._personal_data = personal_data
        self._policy = policy
        self._house = House(
            policy.keep, policy.recognizers, lambda type: policy.rule(type).min_score
        )
        self._pepper = pepper or b""
        self._today = today
        # Heavy: brings the analyzer and spaCy along.
        from presidio_anonymizer import AnonymizerEngine
        from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

        self._anonymizer = AnonymizerEngine()
        self._result, self._operator = RecognizerResult, OperatorConfig

    def close(self) -> None:
        """Close what the house's recognizers hold open."""
        self._house.close()

    def find(self, body: Mapping[str, Any]) -> Found:
        """Find personal data in every text of a body.

        Raises:
            ValidatorError: the search could not run.
        """
        return self._find(body, tuple(walk(body)))

    def strip(self, found: Found, opted_out: frozenset[str] = frozenset()) -> Stripped:
        """Take out of a body what was found in it; the body itself is left as it is.

        Of the contacts in `opted_out`, written as in `Found.contacts`, nothing is left that can be
        restored, and of the people on their lines and in their records neither, whatever the
        policy's operators are.

        Raises:
            BlockedError: it holds a type that the policy does not let through at all.
        """
        texts, placeholders, entities, erased = self._strip(found, opted_out)
        changed = {path: rewritten.text for path, rewritten in texts.items()}
        return Stripped(
            replace_texts(found.body, changed),
            placeholders,
            entities,
            found.unread_languages,
            sum(subject.type in CONTACTS for subject in erased),
        )

    def strip_text(self, text: str) -> StrippedText:
        """The same for one bare text, whose path is `text`."""
        found = self._find({}, (TextAt("text", text),))
        texts, placeholders, entities, _ = self._strip(found, frozenset())
        return StrippedText(texts["text"], placeholders, entities)

    def _find(self, body: Mapping[str, Any], texts: tuple[TextAt, ...]) -> Found:
        found = self._personal_data.find_all([_sample(at) for at in texts], self._house)
        return Found(
            body,
            texts,
            tuple(
                tuple(self._mentions(at, entities))
                for at, entities in zip(texts, found, strict=True)
            ),
            self._personal_data.unread_languages(_prose(texts)),
        )

    def _mentions(self, at: TextAt, entities: Sequence[Entity]) -> Iterator[_Mention]:
        if at.form is Form.NAME and entities:
            # A name with a placeholder in its middle might be no name, or not come back.
            strictest = max(entities, key=lambda e: (self._operator_of(e).strictness, e.score))
            whole = replace(strictest, start=0, end=len(at.text))
            yield _Mention(at, whole, Written.plain(at.text))
            return
        is_escaped = bool(entities) and (at.form is Form.JSON or is_json(at.text))
        for entity in entities:
            value = at.text[entity.start : entity.end]
            if entity.type == EntityType.PERSON and (name := without_possessive(value)):
                entity, value = replace(entity, end=entity.start + len(name)), name
            written = Written.in_json(value) if is_escaped else Written.plain(value)
            yield _Mention(at, entity, written)

    def _operator_of(self, entity: Entity) -> Operator:
        return self._policy.rule(str(entity.type)).operator

    def _strip(
        self, found: Found, opted_out: frozenset[str]
    ) -> tuple[dict[str, Rewritten], Placeholders, tuple[EntityAt, ...], frozenset[Subject]]:
        mentions = [mention for group in found.mentions for mention in group]
        self._refuse_blocked(mentions)
        whose = subjects([(mention.type, mention.value) for mention in mentions])
        erased = _erased(found, whose, opted_out)
        kept = [
            (mention, subject)
            for mention, subject in zip(mentions, whose, strict=True)
            if subject not in erased and self._operator_of(mention.entity) is Operator.REPLACE
        ]
        placeholders = Placeholders(
            _reserved(found, {mention.type for mention, _ in kept}),
            restores=self._policy.restore,
        )
        names = _name_all(kept, placeholders)
        marks = (
            _redacted(mention) if subject in erased else self._mark(mention, subject, names)
            for mention, subject in zip(mentions, whose, strict=True)
        )
        texts = {}
        told: list[EntityAt] = []
        for at, group in zip(found.texts, found.mentions, strict=True):
            marked = [(mention, next(marks)) for mention in group]
            texts[at.path] = self._replace(at.text, marked)
            told += [
                EntityAt(
                    type=mention.type,
                    placeholder=mark,
                    path=at.path,
                    start=mention.entity.start,
                    end=mention.entity.end,
                    score=round(mention.entity.score, 3),
                )
                for mention, mark in marked
            ]
        return texts, placeholders, tuple(told), erased

    def _refuse_blocked(self, mentions: Sequence[_Mention]) -> None:
        blocked = sorted(
            {m.type for m in mentions if self._operator_of(m.entity) is Operator.BLOCK}
        )
        if blocked:
            raise BlockedError(
                f"The request holds {', '.join(blocked)}, which the policy does not let through. "
                "Take it out and send the request again."
            )

    def _mark(
        self, mention: _Mention, subject: Subject, names: Mapping[tuple[Subject, Written], str]
    ) -> str:
        """What stands in the place of a mention."""
        if name := names.get((subject, mention.written)):
            return name.replace("|", "_") if mention.at.form is Form.NAME else f"{{{{{name}}}}}"
        match self._operator_of(mention.entity):
            case Operator.HASH:
                return self._pseudonym(mention, subject)
            case Operator.GENERALISE if mention.at.form is not Form.NAME:
                coarse = generalise(mention.type, mention.value, self._today())
                return coarse or _redacted(mention)
        return _redacted(mention)

    def _pseudonym(self, mention: _Mention, subject: Subject) -> str:
        key = lasting_key(subject, mention.value)
        message = f"{subject.type}:{key}".encode("utf-8", "surrogatepass")
        digest = hmac.new(self._pepper, message, hashlib.sha256).hexdigest()
        return f"{subject.type}_{digest[:_HASH_DIGITS]}"

    def _replace(self, text: str, marked: Sequence[tuple[_Mention, str]]) -> Rewritten:
        out: list[str] = []
        spans = []
        done = shift = 0
        for first in range(0, len(marked), _PLACES_AT_A_TIME):
            part = marked[first : first + _PLACES_AT_A_TIME]
            end = part[-1][0].entity.end
            out.append(self._anonymize(text[done:end], done, part))
            done = end
        for mention, mark in marked:
            start, end = mention.entity.start, mention.entity.end
            spans.append((start, end, start + shift, start + shift + len(mark)))
            shift += len(mark) - (end - start)
        return Rewritten("".join([*out, text[done:]]), tuple(spans))

    def _anonymize(self, text: str, offset: int, marked: Sequence[tuple[_Mention, str]]) -> str:
        # Every occurrence is a type of its own to Presidio, which would otherwise take two
        # neighbours of one type for one entity.
        results = [
            self._result(
                entity_type=str(number),
                start=mention.entity.start - offset,
                end=mention.entity.end - offset,
                score=mention.entity.score,
            )
            for number, (mention, _) in enumerate(marked)
        ]
        operators = {
            str(number): self._operator("replace", {"new_value": mark})
            for number, (_, mark) in enumerate(marked)
        }
        replaced: str = self._anonymizer.anonymize(text, results, operators).text
        return replaced


def _reserved(found: Found, types: set[str]) -> Iterator[str]:
    """The placeholders that the request itself has, in any spelling that would be restored.

    They are looked for between the entities: what stands beside one will stand beside a
    placeholder. A backslash may belong to them or to the JSON that they stand in.
    """
    tokens = Tokens((), types)
    for at, mentions in zip(found.texts, found.mentions, strict=True):
        starts = [0, *(mention.entity.end for mention in mentions)]
        ends = [*(mention.entity.start for mention in mentions), len(at.text)]
        for start, end in zip(starts, ends, strict=True):
            between = at.text[start:end]
            for text in {between, unescaped(between)[0]}:
                for token in tokens.find(text):
                    yield from token.names


def _name_all(
    mentions: Sequence[tuple[_Mention, Subject]], placeholders: Placeholders
) -> dict[tuple[Subject, Written], str]:
    """Name every subject in the order of its first mention, and each way in which it is written."""
    ways: dict[Subject, dict[Written, str]] = defaultdict(dict)
    for mention, subject in mentions:
        ways[subject].setdefault(mention.written, mention.value)
    names = {}
    for subject, values in ways.items():
        fullest = max(values, key=lambda written: fullness(subject.type, values[written]))
        written = [fullest, *(way for way in values if way != fullest)]
        for way, name in zip(written, placeholders.add(subject.type, written), strict=True):
            names[subject, way] = name
    return names


def _redacted(mention: _Mention) -> str:
    return mention.type if mention.at.form is Form.NAME else f"[{mention.type}]"


def _erased(
    found: Found, whose: Sequence[Subject], opted_out: frozenset[str]
) -> frozenset[Subject]:
    """Who opted out: the contacts that did, and the people whose they may be."""
    if not opted_out:
        return frozenset()
    subject_of = iter(whose)
    contacts: set[Subject] = set()
    placed = []
    for at, group in zip(found.texts, found.mentions, strict=True):
        those = [(mention, next(subject_of)) for mention in group]
        contacts |= {s for m, s in those if m.type in CONTACTS and m.value in opted_out}
        placed.append((at, [(mention.entity.start, subject) for mention, subject in those]))
    return frozenset(contacts | people_beside(placed, contacts))


def _prose(texts: Iterable[TextAt]) -> Iterator[str]:
    """The texts that are written in a language; JSON that was pasted may have it in escapes."""
    prose = (at.text for at in texts if not at.label or len(at.text) >= _SHORTEST_PROSE)
    return (unescaped(text)[0] for text in prose)


def _sample(at: TextAt) -> Sample:
    if at.form is Form.NAME:
        # Same length, so the offsets stay true.
        return Sample(at.text.replace("_", " "), "name")
    return Sample(at.text, at.label)
