"""Personal data out of a request, and back into the answer."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

import regex

from policies.pii import Operator, PiiPolicy
from proxy.errors import BlockedError
from proxy.wire import Form, TextAt, replace_texts, rewrite, walk
from validators.entities import Entity, EntityType
from validators.pii import PersonalData, Sample

# {{PERSON_1}} as models write it back: {{ person_1 }}, {{Person 1}}, {{PERSON\_1}} in Markdown;
# and PERSON_1 alone, which is how it stands in the name of a participant.
_PLACEHOLDER = regex.compile(
    r"\{\{\s*(?P<type>[A-Za-z]+(?:\\?[_ ][A-Za-z]+)*)\\?[_ ](?P<number>\d{1,6})\s*\}\}"
    r"|(?<![\w{])(?P<type>[A-Z]+(?:_[A-Z]+)*)_(?P<number>\d{1,6})(?![\w}])"
)
_CASE_INSENSITIVE = frozenset({EntityType.EMAIL_ADDRESS})


class EntityAt(TypedDict):
    """What was taken out, as `/v1/anonymize` tells it; offsets are those of the original text."""

    type: str
    placeholder: str
    path: str
    start: int
    end: int
    score: float


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


class Placeholders:
    """What stands for what in one request. Lives as long as the request, and shows no value."""

    def __init__(self, reserved: Iterable[str] = (), *, restores: bool = True) -> None:
        """`reserved` are the names that the request uses itself; they are never given out."""
        self._reserved = frozenset(reserved)
        self._restores = restores
        self._names: dict[tuple[str, str], str] = {}
        self._values: dict[str, str] = {}
        self._last: dict[str, int] = {}

    def __repr__(self) -> str:
        return f"Placeholders({', '.join(self._values)})"

    def __len__(self) -> int:
        return len(self._values)

    @property
    def names(self) -> Sequence[str]:
        """What stands for personal data, as `{{PERSON_1}}`, in the order of the request."""
        return [f"{{{{{name}}}}}" for name in self._values]

    def name(self, type: EntityType, value: str) -> str:
        """Return what stands for a value, like PERSON_1: the same for the same value."""
        key = (type, value.casefold() if type in _CASE_INSENSITIVE else value)
        if key not in self._names:
            number = self._last.get(type, 0) + 1
            while f"{type}_{number}" in self._reserved:
                number += 1
            self._last[type] = number
            self._names[key] = f"{type}_{number}"
            self._values[f"{type}_{number}"] = value
        return self._names[key]

    def restore(self, text: str, *, json: bool = False) -> Rewritten:
        """Put the originals back, in one pass: a value that looks like a placeholder stays.

        `json` says that the text is part of a JSON document, where values are escaped.
        """
        out: list[str] = []
        spans = []
        done = length = 0
        for match in _PLACEHOLDER.finditer(text) if self._restores else ():
            value = self._values.get(_canonical(match))
            if value is None:
                continue
            value = _escape(value) if json else value
            out += [text[done : match.start()], value]
            length += match.start() - done + len(value)
            spans.append((match.start(), match.end(), length - len(value), length))
            done = match.end()
        return Rewritten("".join([*out, text[done:]]), tuple(spans))

    def restore_response(
        self, body: Mapping[str, Any], *, json_content: bool = False
    ) -> dict[str, Any]:
        """Put the originals back everywhere in a response: content, refusals, arguments, choices.

        `json_content` says that the content is a JSON document (structured output).
        """

        def restore(at: TextAt) -> str:
            return self.restore(at.text, json=at.form is Form.JSON).text

        return rewrite(body, restore, json_content=json_content)


@dataclass(frozen=True, slots=True)
class Stripped:
    """A request body without personal data."""

    body: dict[str, Any]
    placeholders: Placeholders
    entities: tuple[EntityAt, ...]


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


class Redactor:
    """Take personal data out of requests as a policy says."""

    def __init__(self, personal_data: PersonalData, policy: PiiPolicy) -> None:
        self._personal_data = personal_data
        self._policy = policy
        # Heavy: brings the analyzer and spaCy along.
        from presidio_anonymizer import AnonymizerEngine
        from presidio_anonymizer.entities import OperatorConfig, RecognizerResult

        self._anonymizer = AnonymizerEngine()
        self._result, self._operator = RecognizerResult, OperatorConfig

    def strip(self, body: Mapping[str, Any]) -> Stripped:
        """Take personal data out of every text of a body; the body itself is left as it is.

        Raises:
            BlockedError: it holds a type that the policy does not let through at all.
            ValidatorError: the search could not run.
        """
        texts, placeholders, entities = self._strip(list(walk(body)))
        return Stripped(replace_texts(body, texts), placeholders, entities)

    def strip_text(self, text: str) -> StrippedText:
        """The same for one bare text, whose path is `text`."""
        texts, placeholders, entities = self._strip([TextAt("text", text)])
        spans = []
        shift = 0
        for entity in entities:
            start = entity["start"] + shift
            end = start + len(entity["placeholder"])
            spans.append((entity["start"], entity["end"], start, end))
            shift = end - entity["end"]
        return StrippedText(Rewritten(texts["text"], tuple(spans)), placeholders, entities)

    def _strip(
        self, texts: Sequence[TextAt]
    ) -> tuple[dict[str, str], Placeholders, tuple[EntityAt, ...]]:
        found = self._find(texts)
        self._refuse_blocked(found)
        placeholders = Placeholders(
            (_canonical(match) for at in texts for match in _PLACEHOLDER.finditer(at.text)),
            restores=self._policy.restore,
        )
        changed = {}
        told: list[EntityAt] = []
        for at, entities in zip(texts, found, strict=True):
            marks = [self._mark(at, entity, placeholders) for entity in entities]
            changed[at.path] = self._replace(at.text, entities, marks)
            told += [
                EntityAt(
                    type=entity.type.value,
                    placeholder=mark,
                    path=at.path,
                    start=entity.start,
                    end=entity.end,
                    score=round(entity.score, 3),
                )
                for entity, mark in zip(entities, marks, strict=True)
            ]
        return changed, placeholders, tuple(told)

    def _find(self, texts: Sequence[TextAt]) -> list[list[Entity]]:
        found = self._personal_data.find_all([_sample(at) for at in texts], self._policy.keep)
        return [
            [e for e in entities if e.score >= self._policy.rule(e.type).min_score]
            for entities in found
        ]

    def _refuse_blocked(self, found: Sequence[Sequence[Entity]]) -> None:
        blocked = sorted(
            {
                entity.type.value
                for entities in found
                for entity in entities
                if self._policy.rule(entity.type).operator is Operator.BLOCK
            }
        )
        if blocked:
            raise BlockedError(
                f"The request holds {', '.join(blocked)}, which the policy does not let through. "
                "Take it out and send the request again."
            )

    def _mark(self, at: TextAt, entity: Entity, placeholders: Placeholders) -> str:
        if self._policy.rule(entity.type).operator is Operator.REDACT:
            return entity.type.value if at.form is Form.NAME else f"[{entity.type}]"
        name = placeholders.name(entity.type, at.text[entity.start : entity.end])
        return name if at.form is Form.NAME else f"{{{{{name}}}}}"

    def _replace(self, text: str, entities: Sequence[Entity], marks: Sequence[str]) -> str:
        # Every occurrence is a type of its own to Presidio, which would otherwise take two
        # neighbours of one type for one entity.
        results = [
            self._result(entity_type=str(number), start=e.start, end=e.end, score=e.score)
            for number, e in enumerate(entities)
        ]
        operators = {
            str(number): self._operator("replace", {"new_value": mark})
            for number, mark in enumerate(marks)
        }
        replaced: str = self._anonymizer.anonymize(text, results, operators).text
        return replaced


def _sample(at: TextAt) -> Sample:
    if at.form is Form.NAME:
        # Same length, so the offsets stay true.
        return Sample(at.text.replace("_", " "), "name")
    return Sample(at.text, at.label)


def _canonical(match: regex.Match[str]) -> str:
    words = regex.split(r"\\?[_ ]", match["type"].upper())
    return f"{'_'.join(words)}_{int(match['number'])}"


def _escape(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)[1:-1]
