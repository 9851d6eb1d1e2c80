"""Personal data in the texts of a request, found by Presidio in this process."""

from __future__ import annotations

import bisect
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from validators.pii.businesses import Businesses
from validators.pii.decoding import readings
from validators.pii.entities import NATIONAL_IDS, Entity, EntityType
from validators.pii.house import House
from validators.pii.keeping import KnownSpan, WellKnown
from validators.text import NormalisedText

# Merge fields of mail tools, {{FIRST_NAME}} or {{ user.name | title }}: no data stands in them.
_MERGE_FIELD = regex.compile(r"\{\{\s*[A-Za-z_][\w.]*\s*(?:\|[^{}\"']*)?\}\}")
_WORD = regex.compile(r"[\p{L}\d]+")
_SPACE = regex.compile(r"\s")
_PART_OF_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}'-]{2,}")
# Presidio compares every two results of a text, so a long one is analysed in pieces. What the end
# of a piece cuts stands whole in the next: a key of many lines, for one. A run without a space, a
# token or a link, is not cut, up to the longest that is looked for.
_PIECE = 12_000
_OVERLAP = 4_000
_LONGEST_RUN = 70_000
# Less sure than this, an entity is a guess: it says nothing about the rest of the request.
_SURE = 0.5
# What makes a health fact somebody's.
_WHOSE = NATIONAL_IDS | {
    EntityType.PERSON,
    EntityType.EMAIL_ADDRESS,
    EntityType.PHONE_NUMBER,
    EntityType.LOCATION,
    EntityType.DATE_OF_BIRTH,
    EntityType.CUSTOMER_ID,
    EntityType.ORDER_ID,
}
# A single word that the world knows, Chelsea or Otis, is a person only where this is sure.
_SURE_OF_A_NAME = 0.89
# What makes a name of its own out of the part of another: "Mehta Textiles", "Rosa & Co".
_CAPITAL_AFTER = regex.compile(r"(?: (?:& )?|-)\p{Lu}")
_NO_HOUSE = House()


@dataclass(frozen=True, slots=True)
class Sample:
    """A text to search; `label` is the name of the field that it stands in, as in "phone"."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read a sample: `labelled` is what is searched, `prefix` characters of it label."""

    text: NormalisedText
    labelled: str
    prefix: int

    def entity(self, entity: Entity) -> Entity:
        """The same entity with offsets of the reading itself."""
        return replace(entity, start=entity.start - self.prefix, end=entity.end - self.prefix)

    def originals(self, entities: Iterable[Entity]) -> Iterator[Entity]:
        """The same entities with offsets of the sample, where it has them.

        The names of columns, which this reading puts before every cell, it has not.
        """
        for entity in entities:
            start, end = self.text.original_span(entity.start, entity.end)
            if start < end:
                yield replace(entity, start=start, end=end)


class PersonalData:
    """Find personal data with Presidio's analyzer, our tagger and our recognizers of shapes.

    Safe to call from many threads.
    """

    def __init__(self) -> None:
        """Load the models, which are part of the package.

        Raises:
            ValidatorError: a model is not the one that was shipped.
        """
        # Heavy: what Presidio brings along.
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry

        from validators.pii.identifiers import Identifiers
        from validators.pii.languages import Languages
        from validators.pii.people import People
        from validators.pii.tagger import NameLists
        from validators.pii.tagging import LANGUAGE, NoContext, TaggedData, TaggerEngine

        names = NameLists()
        self._engine = TaggerEngine(names)
        recognizers = [Identifiers(), TaggedData(), People(names)]
        self._analyzer = AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=recognizers, supported_languages=[LANGUAGE]),
            nlp_engine=self._engine,
            supported_languages=[LANGUAGE],
            context_aware_enhancer=NoContext(),
        )
        self._language = LANGUAGE
        self._languages = Languages()
        self._well_known = WellKnown(names)
        self._businesses = Businesses(names)

    def unread_languages(self, texts: Iterable[str]) -> tuple[str, ...]:
        """The codes (ISO 639-1) of languages in which nothing here can find names."""
        return self._languages.unread(texts)

    def find(self, text: str, house: House = _NO_HOUSE) -> list[Entity]:
        """Find personal data in one text: in order, without overlaps."""
        return self.find_all([text], house)[0]

    def find_all(
        self, samples: Sequence[Sample | str], house: House = _NO_HOUSE
    ) -> list[list[Entity]]:
        """Find personal data in the texts of one request.

        What is found in one of them is found in all of them: a name with its parts, and every
        identifier, wherever it is written the same way. `house` brings recognizers, and names to
        leave alone wherever they stand; a name that is part of a longer entity keeps nothing.

        Raises:
            ValidatorError: the search could not run, or a recognizer of the house could not.
        """
        whole = [Sample(sample) if isinstance(sample, str) else sample for sample in samples]
        read = [list(_read(sample)) for sample in whole]
        every = [reading for group in read for reading in group]
        kept = {id(reading): self._kept(reading.text.text, house) for reading in every}
        own = house.find_all(reading.labelled for reading in every)
        found = {
            id(reading): kept[id(reading)].without(
                reading.entity(entity)
                for entity in (*own[reading.labelled], *entities)
                if entity.start >= reading.prefix and house.counts(entity)
            )
            for reading, entities in zip(every, self._analyze(every), strict=True)
        }
        if not any(entity.type in _WHOSE for entities in found.values() for entity in entities):
            # Nobody is there whose health it could be: a balm is for eczema.
            found = {
                key: [e for e in group if e.type != EntityType.MEDICAL]
                for key, group in found.items()
            }
        known = _KnownValues(every, found)
        result = []
        for group in read:
            entities = [
                entity
                for reading in group
                for entity in reading.originals(
                    (
                        *found[id(reading)],
                        *kept[id(reading)].without(known.occurrences(reading.text.text)),
                    )
                )
            ]
            result.append(_without_overlaps(entities))
        return result

    def _kept(self, text: str, house: House) -> _Kept:
        fields = (match.span() for match in _MERGE_FIELD.finditer(text))
        return _Kept(
            [*fields, *house.kept(text)],
            [*self._well_known.spans(text), *self._businesses.spans(text)],
        )

    def _analyze(self, read: Sequence[_Reading]) -> Iterator[list[Entity]]:
        texts = [reading.labelled for reading in read]
        for text, artifacts in self._engine.process_batch(texts, self._language):
            found: set[Entity] = set()
            for start, end in _pieces(text):
                results = self._analyzer.analyze(
                    text[start:end],
                    language=self._language,
                    nlp_artifacts=self._engine.part(artifacts, start, end),
                )
                found.update(_entity(result, start) for result in results)
            yield list(found)


class _Kept:
    """What stays in one text: what the house keeps, and the names that the world knows."""

    def __init__(self, spans: Sequence[tuple[int, int]], known: Sequence[KnownSpan]) -> None:
        self._spans = _Cover(spans)
        self._known = _Cover((k.start, k.end) for k in known)
        self._surely_known = _Cover((k.start, k.end) for k in known if k.is_sure)

    def without(self, entities: Iterable[Entity]) -> list[Entity]:
        """The entities that do not lie inside a kept name."""
        return [entity for entity in entities if not self._keeps(entity)]

    def _keeps(self, entity: Entity) -> bool:
        if self._spans.holds(entity):
            return True
        if entity.type != EntityType.PERSON:
            return False
        known = self._known if entity.score < _SURE_OF_A_NAME else self._surely_known
        return known.holds(entity)


class _Cover:
    """Spans of a text, of which there may be as many as entities."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        # How far the spans up to each one reach.
        self._reach = list(itertools.accumulate((end for _, end in ordered), max))

    def holds(self, entity: Entity) -> bool:
        """Whether an entity lies inside one of the spans."""
        before = bisect.bisect_right(self._starts, entity.start)
        return before > 0 and entity.end <= self._reach[before - 1]


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    while True:
        space = _SPACE.search(text, start + _PIECE, start + _PIECE + _LONGEST_RUN)
        end = space.start() if space else start + _PIECE + _LONGEST_RUN
        if start + _PIECE >= len(text) or end >= len(text):
            yield start, len(text)
            return
        yield start, end
        start = end - _OVERLAP


def _read(sample: Sample) -> Iterator[_Reading]:
    prefix = _cue(sample.label)
    for text in readings(sample.text):
        yield _Reading(text, prefix + text.text, len(prefix))


def _cue(label: str) -> str:
    """Write the name of a field as a person would: "orderId" becomes "order Id: "."""
    words = regex.sub(r"[_-]+|(?<=[a-z])(?=[A-Z])", " ", label).strip()
    return f"{words}: " if words else ""


def _entity(result: Any, shift: int) -> Entity:
    return Entity(
        EntityType(result.entity_type), result.start + shift, result.end + shift, result.score
    )


def _without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    """Let the surer entity win, then the house's own, then the longer one.

    Of one type, those that overlap are one. What is left of a loser is kept too, but for scraps of
    one or two characters.
    """
    won: list[Entity] = []
    order = sorted(_joined(entities), key=lambda e: (-e.score, not e.is_own, e.start - e.end))
    for entity in order:
        first = bisect.bisect_right(won, entity.start, key=lambda e: e.end)
        free = [entity]
        last = bisect.bisect_left(won, entity.end, key=lambda e: e.start)
        for winner in won[first:last]:
            free = [rest for part in free for rest in _cut(part, winner)]
        for part in free:
            bisect.insort(won, part, key=lambda e: e.start)
    return won


def _joined(entities: Iterable[Entity]) -> Iterator[Entity]:
    """Entities in which those of one type that overlap are joined, at the best score of them."""
    by_type: dict[tuple[str, bool], list[Entity]] = {}
    for entity in set(entities):
        by_type.setdefault((entity.type, entity.is_own), []).append(entity)
    for group in by_type.values():
        last: Entity | None = None
        for entity in sorted(group, key=lambda e: e.start):
            if last and entity.start < last.end and min(entity.score, last.score) >= _SURE:
                end, score = max(last.end, entity.end), max(last.score, entity.score)
                last = replace(last, end=end, score=score)
                continue
            if last:
                yield last
            last = entity
        if last:
            yield last


def _cut(entity: Entity, winner: Entity) -> list[Entity]:
    if winner.end <= entity.start or entity.end <= winner.start:
        return [entity]
    parts = [
        replace(entity, end=min(entity.end, winner.start)),
        replace(entity, start=max(entity.start, winner.end)),
    ]
    return [part for part in parts if part.end - part.start > 2]


@dataclass(frozen=True, slots=True)
class _Known:
    """What was found somewhere in a request; a part of a name may be a word or another's name."""

    entity: Entity
    is_part: bool = False


class _KnownValues:
    """Each value that was found, with the entity of its best score; names also by their parts.

    There may be as many values as texts, so a text is not searched for each of them: a word of it
    says where a value with that first word would begin and how long it would be, and whether it
    is one is looked up.
    """

    def __init__(self, read: Iterable[_Reading], found: Mapping[int, Sequence[Entity]]) -> None:
        self._known: dict[str, _Known] = {}
        for reading in read:
            for entity in found[id(reading)]:
                # "Eczema" is Laura's in one place, and what a balm is for in another.
                if entity.score >= _SURE and entity.type != EntityType.MEDICAL:
                    self._add(reading.text.text[entity.start : entity.end], entity)
        shapes: dict[str, set[tuple[int, int]]] = {}
        for value in self._known:
            if word := _WORD.search(value):
                shapes.setdefault(word[0], set()).add((len(value), word.start()))
        self._shapes = {word: sorted(group, reverse=True) for word, group in shapes.items()}

    def _add(self, value: str, entity: Entity) -> None:
        is_name = entity.type == EntityType.PERSON
        parts = _PART_OF_NAME.findall(value) if is_name else []
        for name in {value, *parts}:
            new = _Known(entity, is_part=name != value)
            old = self._known.get(name)
            if old is None or (new.is_part, -entity.score) < (old.is_part, -old.entity.score):
                self._known[name] = new

    def occurrences(self, text: str) -> Iterator[Entity]:
        """The longest value at each word; a part of a name only where no longer one goes on."""
        for word in _WORD.finditer(text):
            # A genitive too: "Kützings Bestellung".
            stems = (word[0], word[0][:-1]) if word[0].endswith("s") else (word[0],)
            shapes = [shape for stem in stems for shape in self._shapes.get(stem, ())]
            for length, offset in shapes:
                start = word.start() - offset
                end = start + length
                fits = start >= 0 and end <= len(text)
                known = self._known.get(text[start:end]) if fits else None
                if known is None:
                    continue
                is_genitive = known.entity.type == EntityType.PERSON and text[end : end + 1] == "s"
                end += is_genitive
                if not _stands_alone(text, start, end):
                    continue
                # What a genitive goes before is theirs, and German writes it with a capital.
                if not known.is_part or is_genitive or not _CAPITAL_AFTER.match(text, end):
                    yield replace(known.entity, start=start, end=end)
                break


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether no word goes on at either end."""
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    return not (_WORD.match(before) or _WORD.match(after))
