"""Names of people: what the tagger saw, and what around a name says whose it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import regex
from presidio_analyzer import LocalRecognizer, RecognizerResult
from presidio_analyzer.nlp_engine import NlpArtifacts

from validators.pii.entities import EntityType
from validators.pii.keeping import IDENTIFIER_AFTER
from validators.pii.tagger import NameLists, Tag
from validators.pii.tagging import tags_of

_WORD = r"\p{Lu}[\p{L}\p{M}]*(?:['-]\p{L}[\p{L}\p{M}]*)*"
_INITIALS = r"(?:\p{Lu}\.[ -]?){1,3}"
_PARTICLE = (
    r"(?:de la|de los|de|da|dos|do|das|di|del|della|du|van der|van den|van de|van 't|van|von der|"
    r"von|der|den|ter|ten|bin|bint|ibn|al|el|ben|la|le|av|af|zu|e|y) "
)
_NAME = (
    rf"(?:{_INITIALS} ?)?{_WORD}(?: (?:{_PARTICLE})?(?:{_INITIALS} ?)?{_WORD}){{0,3}}"
    r"(?![\p{L}\d_@])"
)
_TITLES = (
    r"mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|sra|sr|sig|signora|signor|señora|señor|doña|"
    r"herrn?|frau|mme|mlle|madame|monsieur|dhr|mevr|mevrouw|senhora?|dott|dott\.ssa|sig\.ra"
)
_GREETINGS = (
    r"dear|hi|hello|hey|hiya|hallo|hola|ciao|bonjour|liebe[rs]?|lieve|beste|cher|chère|querid[oa]|"
    r"estimad[oa]|gentile|car[oa]|prezad[oa]|geachte|olá|oi"
)
_FAREWELLS = (
    r"regards|cheers|thanks|sincerely|best wishes|yours|saludos|grüße|grüßen|cordialement|groet|"
    r"groeten|saluti|cumprimentos|abraços"
)
# Nothing but a name stands behind these.
# "MS Office", "MX Master" and "500 ms Latency" are no ladies.
_TITLED = regex.compile(
    rf"(?<![\p{{L}}])(?!M[SX] |m[sx] (?<=\d ?m[sx] ))(?i:{_TITLES})\.? (?P<name>{_NAME})"
)
_GREETED = regex.compile(
    rf"(?:^|[\n\"'>:.!?] ?)(?i:{_GREETINGS}) (?:(?i:{_TITLES})\.? )?(?P<name>{_NAME})"
    r"(?=[,!:]| -|\n|$)"
)
_GREETING_BEFORE = regex.compile(rf"(?<![\p{{L}}])(?i:{_GREETINGS}) $")
_SIGNED = regex.compile(rf"(?i:{_FAREWELLS})[,!.]?[ ]*\n\s{{0,4}}(?P<name>{_NAME})(?=\s*(?:\n|$))")
# Words that a greeting has for everybody.
_EVERYBODY = frozenset(
    regex.split(
        r"\s+",
        "all team everyone everybody friends friend customer customers guests guest neighbours "
        "neighbors sir madam there world ladies gentlemen folks colleagues colleague members "
        "member parents santa siri alexa google spring summer autumn winter sunshine weekend "
        "monday tuesday wednesday thursday friday saturday sunday valued alle kunden kundin kunde "
        "freunde gäste damen zusammen tous "
        "clients client amis todos clientes cliente amigos tutti clienti iedereen klant klanten",
    )
)
_MENTION_AFTER = regex.compile(
    r"(?:,? who\b|'s (?:mother|mum|father|dad|wife|husband|son|daughter|sister|brother|birthday|"
    r"order|account|review|complaint|refund|email|booking|subscription)\b| (?:said|says|wrote|"
    r"writes|asked|complained|ordered|bought|emailed|phoned|rang|signed|joined|applied)\b)",
    regex.IGNORECASE,
)
_DATE_AFTER = regex.compile(
    r" ?[,(]? ?(?P<date>(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d)(?!\d)"
)
_SURE = 0.5
# An e-mail address that is written with "at" has a name in it, and is found as a whole.
SUREST = 0.89
_TOLD = 0.75
_LETTER = regex.compile(r"\p{L}")
_POSTSCRIPT = regex.compile(r"P\.? ?S\.?")
_LETTERS = regex.compile(r"[\p{L}\p{M}]{2,}")
# Where a town stands: after a word for it, after a customer's name, in a cell of a table.
_TOWN_BEFORE = regex.compile(
    r"(?:\b(?:in|from|near|to|at|aus|nach|bei|à|en|di|da|em|d|te|naar|uit)|[,;|(\u2013/]) ?$",
    regex.IGNORECASE,
)
_DIGIT = regex.compile(r"\d")
# A field of structured data that holds the name of something else.
_OTHER_FIELD = regex.compile(
    r"(?:^|[\W_])(?:co|company|companyname|org|organi[sz]ation|employer|brand|product|item|article|sku|"
    r"title|subject|campaign|shop|store|venue|hotel|firma|marke|produkt|artikel|entreprise|société|"
    r"marque|produit|empresa|marca|producto|azienda|prodotto|bedrijf|merk|loja|produto|favou?rite|"
    r"favoriet)[\"']?\s?[:=]\s?[\"'<]?$",
    regex.IGNORECASE,
)
# What the tagger takes along: a word in small letters and a title before a capital, a possessive.
_LEFT_OF_NAME = regex.compile(
    rf"^(?:[^\p{{L}}\p{{N}}@]+|(?!{_PARTICLE})\p{{Ll}}+ (?=\p{{Lu}})|(?i:{_TITLES})(?:\. ?| )|"
    r"(?:Olá|Hallo|Hello|Hi|Hey|Hola|Ciao|Bonjour|Dear|Liebe[rs]?|Lieve|Chère?|Querid[oa]) )+"
)
# What stands between the two halves of a name that has a nickname in its middle.
_INTO_NICKNAME = regex.compile(r"\W*[\"“'\u2018(]\W*")
_OUT_OF_NICKNAME = regex.compile(r"[^\n\"“”'\u2019()]{1,30}[\"”'\u2019)] \p{Lu}")
_RIGHT_OF_NAME = regex.compile(r"(?:'s|[^\p{L}\p{M}\p{N}.]+)+$")


class People(LocalRecognizer):
    """Find people: by the tagger, and by a title, a greeting or a signature before a name.

    A date right behind a name is taken for a birthday.
    """

    def __init__(self, names: NameLists) -> None:
        self._names = names
        super().__init__(supported_entities=[EntityType.PERSON, EntityType.DATE_OF_BIRTH])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: NlpArtifacts | None = None
    ) -> list[RecognizerResult]:
        """Presidio's interface."""
        del entities
        results = []
        for start, end, score in (*self._seen(text, nlp_artifacts), *self._told(text)):
            results.append(RecognizerResult(EntityType.PERSON, start, end, score))
            if score >= _SURE and (date := _DATE_AFTER.match(text, end)):
                born = RecognizerResult(EntityType.DATE_OF_BIRTH, *date.span("date"), 0.7)
                results.append(born)
        return results

    def _seen(self, text: str, artifacts: NlpArtifacts | None) -> Iterator[tuple[int, int, float]]:
        for tag in _names(text, artifacts):
            name = _LEFT_OF_NAME.sub("", text[tag.start : tag.end])
            start, end = tag.end - len(name), tag.end
            end = start + len(_RIGHT_OF_NAME.sub("", name))
            if not _LETTER.search(text, start, end) or _DIGIT.search(text, start, end):
                continue
            if _POSTSCRIPT.fullmatch(text, start, end):
                continue
            # "Hello Summer!"
            is_greeted = _GREETING_BEFORE.search(text, max(0, start - 20), start) is not None
            if is_greeted and text[start:end].casefold() in _EVERYBODY:
                continue
            if _OTHER_FIELD.search(text, max(0, start - 40), start):
                continue
            # What stands on the next line is something else: a company, a place.
            end = text.find("\n", start, end) if "\n" in text[start:end] else end
            end = self._end_of_name(text, start, end)
            if self._is_something_else(text, start, end):
                continue
            score = min(tag.score, SUREST)
            if score < _SURE and (
                IDENTIFIER_AFTER.match(text, end, end + 40) or _MENTION_AFTER.match(text, end)
            ):
                score = 0.6
            yield start, end, score

    def _is_something_else(self, text: str, start: int, end: int) -> bool:
        """Whether a tag is on words that are no names, or on a town where a town may stand."""
        kinds = [self._names.kind(word) for word in _LETTERS.findall(text, start, end)]
        if not kinds or any(kind & (NameLists.GIVEN | NameLists.FAMILY) for kind in kinds):
            return False
        words = [kind & NameLists.WORD for kind in kinds]
        if all(words) or (any(words) and text[start:end].islower()):
            return True
        is_place = all(kind & (NameLists.PLACE | NameLists.WORD) for kind in kinds)
        return is_place and _TOWN_BEFORE.search(text, max(0, start - 12), start) is not None

    def _told(self, text: str) -> Iterator[tuple[int, int, float]]:
        for pattern in (_TITLED, _GREETED, _SIGNED):
            for match in pattern.finditer(text):
                start, end = match.span("name")
                if match["name"].split()[0].casefold() not in _EVERYBODY:
                    yield start, self._end_of_name(text, start, end), _TOLD

    def _end_of_name(self, text: str, start: int, end: int) -> int:
        """Where a name ends whose last words are none: German writes its nouns with a capital."""
        words = list(_LETTERS.finditer(text, start, end))
        while len(words) > 1 and self._names.kind(words[-1][0]) == NameLists.WORD:
            words.pop()
            end = words[-1].end()
        return end


def _names(text: str, artifacts: NlpArtifacts | None) -> Iterator[Tag]:
    """The tags of people; a name with a nickname inside is one: 'J. R. "Buddy" McAllister'."""
    last: Tag | None = None
    for tag in tags_of(artifacts):
        if tag.type is not EntityType.PERSON:
            continue
        if last and _is_nickname(text, last.end, tag.start):
            last = replace(last, end=tag.end, score=max(last.score, tag.score))
            continue
        if last:
            yield last
        last = tag
    if last:
        yield last


def _is_nickname(text: str, first: int, second: int) -> bool:
    """Whether the second of two tags goes on where the first left off: behind a quote."""
    if second - first > 3 or not _OUT_OF_NICKNAME.match(text, second):
        return False
    return _INTO_NICKNAME.search(text, max(0, first - 2), second) is not None
