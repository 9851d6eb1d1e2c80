"""Precision, recall and F2 by type, and the share of kept strings left alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from proxy.evaluation.datasets import DataSet
from proxy.evaluation.labelled import LabelledRequest, Occurrence, group
from proxy.wire import walk
from validators.pii import EntityType

Find: TypeAlias = Callable[[Mapping[str, Any]], Sequence[Occurrence]]


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted, by type. A share of nothing is None."""

    known: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    entities: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    kept: Counter[bool] = field(default_factory=Counter)

    @property
    def types(self) -> AbstractSet[str]:
        return self.known.keys() | self.entities.keys()

    def recall(self, type: str | None = None) -> float | None:
        """The share of occurrences that were found; of all types without one."""
        return _share(self.found, self.known, type)

    def precision(self, type: str | None = None) -> float | None:
        return _share(self.right, self.entities, type)

    def f2(self, type: str | None = None) -> float | None:
        precision, recall = self.precision(type), self.recall(type)
        if precision is None or recall is None:
            return None
        weighed = 4 * precision + recall
        return 5 * precision * recall / weighed if weighed else 0.0

    @property
    def untouched(self) -> float | None:
        """The share of kept strings that were left alone."""
        return self.kept[True] / self.kept.total() if self.kept else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One data set, as each finder by its name did; `lowered` is the same in small letters."""

    data_set: str
    tallies: Mapping[str, Tally]
    lowered: Mapping[str, Tally]


def compare(data_set: DataSet, finders: Mapping[str, Find]) -> Comparison:
    """Let each finder read a data set as it is written, and its persons in small letters."""
    lowered = [
        request.lowered()
        for request in data_set.requests
        if any(known.type == EntityType.PERSON for known in request.known)
    ]
    return Comparison(
        data_set.name,
        {name: measure(data_set.requests, find, data_set.types) for name, find in finders.items()},
        {name: measure(lowered, find, data_set.types) for name, find in finders.items()},
    )


def measure(
    requests: Iterable[LabelledRequest], find: Find, types: AbstractSet[str] | None = None
) -> Tally:
    """Count what a finder gets right; of its entities only those of `types`, where given."""
    tally = Tally()
    for request in requests:
        texts = {at.path: at.text for at in walk(request.body)}
        entities = find(request.body)
        for known in request.known:
            tally.known[group(known.type)] += 1
            tally.found[group(known.type)] += _is_covered(known, entities, texts)
        for entity in entities:
            if types is None or group(entity.type) in types:
                tally.entities[group(entity.type)] += 1
                tally.right[group(entity.type)] += any(map(entity.overlaps, request.known))
        for string in request.keep:
            if places := _places_outside(string, texts, request.known):
                tally.kept[not _overlap(places, entities)] += 1
    return tally


def _is_covered(
    known: Occurrence, entities: Sequence[Occurrence], texts: Mapping[str, str]
) -> bool:
    """Say whether all that could tell something is covered; what no walk reaches is not."""
    if known.path not in texts:
        return False
    over = [entity for entity in entities if entity.overlaps(known)]
    value = texts[known.path][known.start : known.end]
    return all(
        any(entity.start <= offset < entity.end for entity in over)
        for offset, character in enumerate(value, known.start)
        if character.isalnum()
    )


def _places_outside(
    string: str, texts: Mapping[str, str], known: Sequence[Occurrence]
) -> list[Occurrence]:
    places = []
    for path, text in texts.items():
        start = text.find(string)
        while start >= 0:
            place = Occurrence("", path, start, start + len(string))
            if not _overlap([place], known):
                places.append(place)
            start = text.find(string, start + 1)
    return places


def _overlap(some: Sequence[Occurrence], others: Sequence[Occurrence]) -> bool:
    return any(one.overlaps(other) for one in some for other in others)


def _share(part: Counter[str], whole: Counter[str], type: str | None) -> float | None:
    if type is not None:
        return part[type] / whole[type] if whole[type] else None
    return part.total() / whole.total() if whole.total() else None
