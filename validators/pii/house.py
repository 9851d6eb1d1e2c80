"""What one house adds to the search for personal data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from validators.pii.custom import (
    PatternFinder,
    PatternRecognizer,
    Recognizer,
    WordFinder,
    WordRecognizer,
)
from validators.pii.entities import Entity
from validators.pii.keeping import Keep, KeepList
from validators.pii.service import ServiceFinder


class _Finder(Protocol):
    def find(self, text: str) -> Iterable[Entity]: ...


class House:
    """The names that a house keeps and the recognizers that it brings, compiled once.

    Safe to use from many threads.
    """

    def __init__(
        self,
        keep: Sequence[Keep] = (),
        recognizers: Sequence[Recognizer] = (),
        min_score: Callable[[str], float] = lambda _: 0.0,
    ) -> None:
        """`min_score` gives, for each type, the score under which nothing is found."""
        self._keep = KeepList(keep)
        self._min_score = min_score
        self._finders: list[_Finder] = []
        self._services: list[ServiceFinder] = []
        for recognizer in recognizers:
            if isinstance(recognizer, PatternRecognizer):
                self._finders.append(PatternFinder(recognizer))
            elif isinstance(recognizer, WordRecognizer):
                self._finders.append(WordFinder(recognizer))
            else:
                self._services.append(ServiceFinder(recognizer))

    def find(self, text: str) -> list[Entity]:
        """Find what the recognizers know in a normalised text.

        Raises:
            ValidatorError: a recognizer could not do its work.
        """
        return [
            replace(entity, is_own=True)
            for finder in (*self._finders, *self._services)
            for entity in finder.find(text)
        ]

    def find_all(self, texts: Iterable[str]) -> Mapping[str, list[Entity]]:
        """Find the same in many texts, and look at each of them once, however often it comes.

        Raises:
            ValidatorError: a recognizer could not do its work.
        """
        return {text: self.find(text) for text in dict.fromkeys(texts)}

    def counts(self, entity: Entity) -> bool:
        """Whether an entity is sure enough to be found at all."""
        return entity.score >= self._min_score(entity.type)

    def kept(self, text: str) -> list[tuple[int, int]]:
        """The spans in a normalised text that are to be left alone.

        Raises:
            ValidatorError: an expression of the keep list ran out of time.
        """
        return list(self._keep.spans(text))

    def close(self) -> None:
        """Close the connections to services."""
        for service in self._services:
            service.close()
