"""The tagger in Presidio's terms: an engine that reads texts, a recognizer that reports them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

import regex
from presidio_analyzer import EntityRecognizer, LocalRecognizer, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

from validators.pii.entities import EntityType
from validators.pii.tagger import TYPES, NameLists, Tag, Tagger

# What a value of each type has at least. The tagger knows what is meant, not how it is written.
_PLAUSIBLE = {
    type_: regex.compile(pattern, regex.IGNORECASE)
    for type_, pattern in {
        EntityType.LOCATION: r"\p{L}{3}.*\d|\d.*\p{L}{3}|\b[a-z]{1,2}\d|\d{4}",
        EntityType.MEDICAL: r"\p{L}{3}",
        # A day, or a month or a word with a year; two years are a span of time.
        EntityType.DATE_OF_BIRTH: r"^(?!.*(?:19|20)\d\d.*(?:19|20)\d\d).*"
        r"(?:\d[./-]\d{1,2}[./-]\d\d|(?:19|20)\d\d)",
        EntityType.ORDER_ID: r"\d.*\d.*[\d\p{L}]|\p{L}\W*\p{L}*\d.*\d",
        EntityType.CUSTOMER_ID: r"[\p{L}\d].*[\p{L}\d].*[\p{L}\d]",
        # One that is written as usual is found by its shape.
        EntityType.EMAIL_ADDRESS: r"\b(?:at|ät|arroba|chiocciola|arobase|apenstaartje|"
        r"klammeraffe)\b|[\[({<] ?@|@ [\w-]+\.\w|\w @ ?[\w-]+\.\w",
        EntityType.PHONE_NUMBER: r"(?:\d\D*){6}",
        EntityType.CREDIT_CARD: r"(?:\d\D*){12}",
        EntityType.IBAN_CODE: r"(?:\d\D*){8}",
        EntityType.IP_ADDRESS: r"\d.*[.:].*\d|[\da-f]*:[\da-f]*:",
        EntityType.API_KEY: r"\S*\d\S{3}|\S{3}\d|\S{8}",
        # More than the page itself, and more than where a reader came from.
        EntityType.URL_TOKEN: r"[./].*(?:\d|@|%|(?<!utm_[a-z]{1,9})=)|/[\w-]{12}",
        EntityType.NATIONAL_ID: r"(?:\d\D*){5}",
    }.items()
}
# Numbers that are on the cover of a book or on a shelf, whoever tags them.
_BOOK = regex.compile(r"97[89](?:[ -]?\d){10}")

# Where the tagger alone is to be believed, it is mostly sure: these look like much else.
_LEAST = {
    EntityType.LOCATION: 0.8,
    EntityType.PHONE_NUMBER: 0.8,
    EntityType.NATIONAL_ID: 0.8,
    EntityType.API_KEY: 0.8,
    EntityType.URL_TOKEN: 0.8,
}

# A shape with its cue or its check sum knows better which type a value is of.
_SUREST = 0.7
# What a thing is for is nobody's: "eczema balm", "Schuppenshampoo gegen ...".
_THING_AFTER = regex.compile(
    r"[ -](?:balm|balms|balsam|cream|creams|lotion|shampoo|oil|oils|serum|gel|soap|spray|tablets?|"
    r"capsules?|supplements?|salve|ointment|tea|range|line|kit|wash|mask|patch(?:es)?|relief|care|"
    r"clinic|awareness|research|charity|salbe|creme|öl|tee|seife|crème|baume|huile|crema|aceite|"
    r"champú|olio|pomata|sapone|zalf|olie|zeep|pomada|óleo|sabonete)\b",
    regex.IGNORECASE,
)
# What makes the characters beside a tag part of the same word or number.
_JOINED = regex.compile(r"[\p{L}\d_]|-\d")
_JOINING = regex.compile(r"[\p{L}\d_]$|\d-$")

# Presidio asks for one language; the tagger reads all of its seven at once.
LANGUAGE = "en"


class TaggerEngine(NlpEngine):
    """Let the tagger do the work that Presidio leaves to an NLP engine.

    The tags are the `entities` of its artifacts. Of lemmas and key words there are none: no
    recognizer of ours asks for them.
    """

    def __init__(self, names: NameLists) -> None:
        self._tagger = Tagger(names)

    def load(self) -> None:
        """Nothing to load: the model is there from the start."""

    def is_loaded(self) -> bool:
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Tag one text."""
        [(_, artifacts)] = self.process_batch([text], language)
        return artifacts

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,
        n_process: int = 1,
        **_: Any,
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Tag texts; the tagger has a size of batch of its own."""
        del batch_size, n_process
        whole = list(texts)
        for text, tags in zip(whole, self._tagger.tag(whole), strict=True):
            yield text, self._artifacts(tags, language)

    def part(self, artifacts: NlpArtifacts, start: int, end: int) -> NlpArtifacts:
        """What the artifacts of a text say of `text[start:end]`."""
        tags = [
            replace(tag, start=tag.start - start, end=tag.end - start)
            for tag in tags_of(artifacts)
            if start <= tag.start and tag.end <= end
        ]
        return self._artifacts(tags, LANGUAGE)

    def is_stopword(self, word: str, language: str) -> bool:
        """No list: nothing of ours asks."""
        return False

    def is_punct(self, word: str, language: str) -> bool:
        return not any(character.isalnum() for character in word)

    def get_supported_entities(self) -> list[str]:
        return list(TYPES)

    def get_supported_languages(self) -> list[str]:
        return [LANGUAGE]

    def _artifacts(self, tags: Sequence[Tag], language: str) -> NlpArtifacts:
        return NlpArtifacts(
            # Presidio hands them on to its recognizers as they are: it needs no spaCy for that.
            entities=cast(Any, list(tags)),
            tokens=cast(Any, None),
            tokens_indices=[],
            lemmas=[],
            nlp_engine=self,
            language=language,
            scores=[tag.score for tag in tags],
        )


class TaggedData(LocalRecognizer):
    """Report what the tagger saw, but for people, whose names need a closer look."""

    def __init__(self) -> None:
        super().__init__(supported_entities=[t for t in TYPES if t is not EntityType.PERSON])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Presidio's interface."""
        books = [match.span() for match in _BOOK.finditer(text)]
        return [
            RecognizerResult(tag.type, tag.start, tag.end, _score(tag))
            for tag in (_trimmed(text, tag) for tag in tags_of(nlp_artifacts))
            if tag.type in entities
            and _is_whole(text, tag)
            and not (tag.type is EntityType.MEDICAL and _THING_AFTER.match(text, tag.end))
            and not any(start < tag.end and tag.start < end for start, end in books)
        ]


class NoContext(ContextAwareEnhancer):
    """Leave the scores as they are: what looks at words around a value has done so already.

    Presidio's own enhancer copies every result and every recognizer's list of words.
    """

    def __init__(self) -> None:
        super().__init__(
            context_similarity_factor=0,
            min_score_with_context_similarity=0,
            context_prefix_count=0,
            context_suffix_count=0,
        )

    def enhance_using_context(
        self,
        text: str,
        raw_results: list[RecognizerResult],
        nlp_artifacts: NlpArtifacts,
        recognizers: list[EntityRecognizer],
        context: list[str] | None = None,
    ) -> list[RecognizerResult]:
        """Presidio's interface."""
        return raw_results


def tags_of(artifacts: NlpArtifacts | None) -> Sequence[Tag]:
    """The tags among the artifacts of a text."""
    return cast("Sequence[Tag]", artifacts.entities) if artifacts else ()


def _score(tag: Tag) -> float:
    """Health facts have no shape, so nothing else could know them better."""
    return tag.score if tag.type is EntityType.MEDICAL else min(tag.score, _SUREST)


def _trimmed(text: str, tag: Tag) -> Tag:
    """A tag without the signs around its value, such as a bracket that opens before it."""
    value = text[tag.start : tag.end]
    left = len(value) - len(value.lstrip(" \t\n#(<[\"'=:,;.|-"))
    right = len(value) - len(value.rstrip(" \t\n)>]\"':,;.|"))
    return replace(tag, start=tag.start + left, end=max(tag.end - right, tag.start + left))


def _is_whole(text: str, tag: Tag) -> bool:
    """Whether a tag could be a value of its type, and is no splinter of another."""
    if tag.score < _LEAST.get(tag.type, 0):
        return False
    pattern = _PLAUSIBLE.get(tag.type)
    if pattern is None or not pattern.search(text[tag.start : tag.end]):
        return False
    return not (
        _JOINED.match(text, tag.end) or _JOINING.search(text, max(0, tag.start - 2), tag.start)
    )
