"""Names of people: a run of capitalised words, and what around it says that it is a person."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex
import yaml
from presidio_analyzer import LocalRecognizer, RecognizerResult
from pydantic import BaseModel, field_validator

from validators.entities import EntityType

_WORDS_FILE = Path(__file__).parent / "names.yaml"

_WORD = r"\p{Lu}[\p{L}\p{M}]*(?:['-]\p{L}[\p{L}\p{M}]*)*"
_INITIAL = r"(?:\p{Lu}\.[ -]?)+(?=[ \p{Lu}])"
_PARTICLE = (
    r"(?:de la|de los|de|da|dos|do|das|di|del|della|du|van der|van den|van de|van 't|van|von der|"
    r"von|der|den|ter|ten|bin|bint|ibn|al|el|ben|la|le|av|af|zu|s/o|d/o|e|y) "
)
_NICKNAME = rf"(?: \"{_WORD}\")?"
_RUN = regex.compile(
    rf"(?<![\p{{L}}\d_@#/.-])(?:{_INITIAL} ?(?:\"{_WORD}\" )?)?{_WORD}"
    rf"(?:{_NICKNAME} (?:{_PARTICLE}){{0,2}}(?:d'|al-|el-|'t )?(?:{_INITIAL} ?)?{_WORD}){{0,5}}"
    r"(?![\p{L}\d_@])"
)
_TOKEN = regex.compile(rf"{_INITIAL}|{_WORD}")

_TITLES = (
    r"mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lady|lord|rev|fr|capt|col|sgt|sheikh|sri|smt|"
    r"don|doña|herr|frau|monsieur|madame|mme|mlle|señora|señor|sra|sr|signor|signora|sig|dhr|mevr|"
    r"mevrouw|senhor|senhora"
)
_ROLES = (
    r"customer|client|guest|patient|member|colleague|manager|director|founder|co-founder|owner|"
    r"boss|trainer|coach|teacher|driver|baker|chef|barista|apprentice|intern|recruiter|candidate|"
    r"applicant|employee|assistant|agent|editor|author|artist|designer|engineer|analyst|student|"
    r"volunteer|donor|winner|runner-up|speaker|contact|requester|recipient|subscriber|shopper|"
    r"buyer|tenant|landlord|neighbour|neighbor|friend|partner|wife|husband|widow|widower|mother|"
    r"father|mum|mom|dad|sister|brother|son|daughter|grandson|granddaughter|cousin|aunt|uncle|"
    r"plus-one|ceo|cto|cfo|cmo|lead|head|influencer|roaster|kunde|kundin|cliente|klant"
)
_GREETINGS = (
    r"dear|hi|hello|hey|hiya|hallo|hola|ciao|bonjour|liebe[rs]?|lieve|beste|cher|chère|querid[oa]|"
    r"estimad[oa]|gentile|car[oa]|prezad[oa]|geachte"
)
_INTRODUCTIONS = (
    r"named|called|name(?:'s| is|:| =)?|known as|signed by|signed,|sign (?:it |this )?off as|"
    r"sign (?:it |this )?as|calls? (?:him|her|them)|i am|i'm|my name's|myself|this is|it's|he is|"
    r"he's|she is|she's|nickname|je m'appelle|ich bin|ich heiße|me llamo|mi chiamo|ik ben"
)
_FIELDS = (
    r"(?:(?:first|last|full|customer|contact|guest|client|user|display|given|family)[ _]?)?"
    r"(?:name|nom|nombre|nome|naam|vorname|nachname)|first|last|owner|who|recipient|customer|"
    r"assignee|author|sender|from|to|cc|attendee;cn|organizer;cn|fn|n|talent|posted_by"
)
_FAREWELLS = (
    r"regards|cheers|thanks|sincerely|best|wishes|yours|love|saludos|grüße|cordialement|groet"
)
# Right before a name; any of these makes a single capitalised word a person.
_NAMED_BEFORE = regex.compile(
    rf"(?:\b(?:{_TITLES})\.? |\b(?:{_GREETINGS}) (?:(?:mr|mrs|ms|dr)\.? )?|"
    rf"\b(?:{_INTRODUCTIONS})[ \"]{{1,2}}|\b(?:{_FIELDS})[\"']?\s?[:=][ \"'<]{{0,3}}|"
    rf"\b(?:{_FAREWELLS})[,!.]?\s*\n\s*)$",
    regex.IGNORECASE,
)
_ROLE_BEFORE = regex.compile(rf"\b(?:{_ROLES})(?:,|:| is| was)? $", regex.IGNORECASE)
# Where people are usually mentioned, among other things: one voice for a name.
_MENTION_BEFORE = regex.compile(
    rf"(?:\b(?:{_ROLES})(?:,| is|:| was)? |\b(?:to|for|from|by|with|ask|tell|thank|ring|call|text|"
    r"email|mail|remind|congratulate|invite|welcom(?:e|ing)|about|and|&|between|signed|quote|of|"
    r"celebrating|that|she|he) [\"']?|[—-] ?|^|[\n|;>,(\"'] ?)$",
    regex.IGNORECASE,
)
# Right after a name: an identifier.
_IDENTIFIER_AFTER = regex.compile(
    r"(?:,| -| \||;|:)? ?[(<\[\"]?(?:[\w.+-]+@|\+?(?:\d[ ().-]{0,2}){7,}|born\b|dob\b|née?\b|"
    r"b\. \d|aged? \d|(?:nhs|ssn|pan|nif|cpf|dni|bsn|nie|pesel|aadhaar|account|acct|member|"
    r"order|phone|mobile|tel|customer|tax id|steuer-id|personnummer|iban|id)\b"
    r"[^\w\n]{0,3}(?:no\.? )?\S*\d)|, \d\d, ",
    regex.IGNORECASE,
)
# Right after a name: what people have and do.
_ACT_AFTER = regex.compile(
    r"(?:,? who\b|'s (?:mother|mum|father|dad|wife|husband|son|daughter|sister|brother|birthday|"
    r"colleague|order|account|review|complaint|refund|email|booking|subscription|team)\b| (?:said|"
    r"says|wrote|writes|asked|asks|told|called|rang|phoned|emailed|complained|ordered|bought|"
    r"lives|joined|signed|signs|is|has|was|will|does|runs|left|here\b|applied|thinks|wants|"
    r"would like|gets|got|typed|ran|trained|passed|moved|paid|returned|reported|works|booked)\b)",
    regex.IGNORECASE,
)
_AND = regex.compile(r"(?:'s)?,? (?:and|&|und|et|y|e|i|en) ", regex.IGNORECASE)
# A date right behind a name is when the person was born; an event has a preposition.
_DATE_AFTER = regex.compile(
    r" ?[,(]? ?(?P<date>(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d)(?!\d)"
)


class _NameWords(BaseModel, frozen=True, extra="forbid"):
    """The lists of `names.yaml`, which says what each is."""

    given: frozenset[str]
    ambiguous: frozenset[str]
    surnames: frozenset[str]
    openers: frozenset[str]
    things: frozenset[str]
    well_known: tuple[str, ...]

    @field_validator("given", "ambiguous", "surnames", "openers", "things", mode="before")
    @classmethod
    def _split(cls, words: str) -> frozenset[str]:
        return frozenset(words.split())


@dataclass(frozen=True, slots=True)
class _Run:
    """Capitalised words in a row that may be a name."""

    start: int
    end: int
    tokens: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        """The tokens that are no initials, in small letters."""
        return [token.casefold() for token in self.tokens if not token.endswith(".")]


class Names(LocalRecognizer):
    """Find people by the run of their name, scored by what speaks for a person and against one.

    spaCy's small model misses every second name of a prompt and takes many products for people,
    so its opinion is one voice among several: given names, titles and salutations before,
    identifiers and verbs of people after, ordinary words inside.
    """

    def __init__(self, ordinary_words: Set[str]) -> None:
        """`ordinary_words` are dictionary words in small letters; a brand is often made of them."""
        super().__init__(supported_entities=[EntityType.PERSON, EntityType.DATE_OF_BIRTH])
        document = yaml.safe_load(_WORDS_FILE.read_text(encoding="utf-8"))
        self._lists = _NameWords.model_validate(document)
        self._ordinary = ordinary_words - self._lists.given - self._lists.surnames
        self._well_known = regex.compile(
            r"(?<![\p{L}\d])\L<names>(?![\p{L}\d]|-\p{L})", names=self._lists.well_known
        )

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """Presidio's interface; `nlp_artifacts` brings what spaCy took for a person."""
        del entities
        seen = [
            (entity.start_char, entity.end_char)
            for entity in nlp_artifacts.entities
            if entity.label_ == EntityType.PERSON
        ]
        well_known = [match.span() for match in self._well_known.finditer(text)]
        runs = [run for match in _RUN.finditer(text) for run in self._trimmed(match)]
        scores = [
            self._score(
                run,
                text,
                is_seen=_meets(run, seen),
                is_well_known=_meets(run, well_known),
            )
            for run in runs
        ]
        self._score_company(runs, scores, text)
        results = []
        for run, score in zip(runs, scores, strict=True):
            if score > 0:
                results.append(RecognizerResult(EntityType.PERSON, run.start, run.end, score))
            if score > 0.5 and (date := _DATE_AFTER.match(text, run.end)):
                start, end = date.span("date")
                results.append(RecognizerResult(EntityType.DATE_OF_BIRTH, start, end, 0.7))
        return results

    def _trimmed(self, match: regex.Match[str]) -> Iterator[_Run]:
        """Take the words off that begin a sentence and end a brief; nothing may be left."""
        found = [
            (token.group().rstrip(" -"), token.start())
            for token in _TOKEN.finditer(match.string, *match.span())
        ]
        while found and found[0][0].casefold() in self._lists.openers:
            found.pop(0)
        while found and found[-1][0].casefold() in self._lists.openers:
            found.pop()
        if found:
            *_, (last, start_of_last) = found
            last = last.removesuffix("'s")
            tokens = (*(token for token, _ in found[:-1]), last)
            yield _Run(found[0][1], start_of_last + len(last), tokens)

    def _score(self, run: _Run, text: str, *, is_seen: bool, is_well_known: bool) -> float:
        before, after = text[max(0, run.start - 40) : run.start], text[run.end : run.end + 40]
        words = run.words
        is_named = _NAMED_BEFORE.search(before) is not None
        is_identified = _IDENTIFIER_AFTER.match(after) is not None
        acts = _ACT_AFTER.match(after) is not None
        is_mentioned = _MENTION_BEFORE.search(before) is not None
        has_role = _ROLE_BEFORE.search(before) is not None
        if not words:
            return 0.8 if is_named or is_identified else 0.0
        if is_well_known:
            return 0.8 if is_identified and len(words) > 1 else 0.0
        is_given = any(part in self._lists.given for part in words[0].split("-"))
        may_be_given = is_given or words[0] in self._lists.ambiguous
        if any(word in self._lists.things for word in words):
            return 0.6 if is_named and is_given and len(words) > 1 else 0.0
        if is_named:
            return 0.9
        if len(run.tokens) == 1:
            if is_given:
                return 0.8 if acts or is_identified or is_mentioned else 0.6
            is_acronym = run.tokens[0].isupper()
            if is_identified and is_mentioned and not (is_acronym or self._is_ordinary(words[0])):
                return 0.6
            return 0.6 if has_role and (is_seen or may_be_given) else 0.0
        if self._is_ordinary(words[-1]):
            voices = [may_be_given, is_seen, is_identified, has_role, acts]
            return 0.7 if sum(voices) > 1 and (may_be_given or is_seen) else 0.0
        if is_given or is_identified:
            return 0.85
        if acts or may_be_given or len(words) < len(run.tokens):
            return 0.75
        return 0.65 if (is_seen or is_mentioned) and not self._is_ordinary(words[0]) else 0.0

    def _score_company(self, runs: Sequence[_Run], scores: list[float], text: str) -> None:
        """Whoever is named in one breath with a person, by "and", is a person too."""
        for index, (one, other) in enumerate(itertools.pairwise(runs)):
            if not _AND.fullmatch(text[one.end : other.start]):
                continue
            for known, new, run in ((index, index + 1, other), (index + 1, index, one)):
                is_plausible = not any(
                    word in self._lists.things or self._is_ordinary(word) for word in run.words
                )
                if scores[known] > 0.7 and scores[new] < 0.5 and is_plausible:
                    scores[new] = 0.6

    def _is_ordinary(self, word: str) -> bool:
        return word in self._ordinary or word.removesuffix("s") in self._ordinary


def _meets(run: _Run, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < run.end and run.start < end for start, end in spans)
