"""A finder of personal data that knows what there is: for tests of what happens to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import regex

from validators.pii import Entity, EntityType, Sample
from validators.pii.house import House


class KnownData:
    """Finds given values, also as JSON text has them; `values` maps each to its type."""

    def __init__(self, values: Mapping[str, EntityType]) -> None:
        self._types = {
            form: type
            for value, type in values.items()
            for form in (
                value,
                json.dumps(value)[1:-1],
                json.dumps(value, ensure_ascii=False)[1:-1],
            )
        }
        self._pattern = regex.compile(
            "|".join(regex.escape(form) for form in sorted(self._types, key=len, reverse=True))
        )

    def find_all(self, samples: Sequence[Sample | str], house: House) -> list[list[Entity]]:
        texts = [sample if isinstance(sample, str) else sample.text for sample in samples]
        return [
            [
                Entity(self._types[match[0]], match.start(), match.end(), 0.9)
                for match in self._pattern.finditer(text)
                if match[0]
            ]
            for text in texts
        ]

    def unread_languages(self, texts: Iterable[str]) -> tuple[str, ...]:
        return ()
