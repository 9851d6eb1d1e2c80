"""Names of people: a run of capitalised words, and what around it says that it is a person."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import regex
from presidio_analyzer import LocalRecognizer, RecognizerResult

from validators.entities import EntityType

_GIVEN_NAMES_FILE = Path(__file__).parent / "given_names.txt"
_WELL_KNOWN_FILE = Path(__file__).parent / "well_known_names.txt"
# Given names that are words, places or brands as well: a surname or a cue has to speak for them.
_AMBIGUOUS_NAMES = frozenset(
    """
    abby ada adelaide amber angel angelina april art asia august aurora austin bella blessing brook brooke buddy carmen carol chance
    charlotte chase chelsea china claude cliff clementine crystal daisy dakota dale dallas dawn dean dev dolores drew duke earl ed eve
    faith felix florence frank freya gale gene georgia ginger grace grant hazel heather holly hope india iris
    ivory ivy jack jade jasmine jay jean jordan joy julia june kenya kim lakshmi leo li lily lincoln lisa lola luna malakai mark marina matilda max may
    melody mercedes mia miles milan mo nova olive olivia orion otis paige paris patience pearl penny phoenix pearl poppy precious prince
    ray reed regina robin rocky rose rosemary rowan roxy ruby rusty sage santiago savannah scarlett sierra sky skye sofia stella summer
    sunny sydney teo tess trinity valentina vera verona victoria violet wade will willow winter ruth
    """.split()
)

_WORD = r"\p{Lu}[\p{L}\p{M}]*(?:['-]\p{L}[\p{L}\p{M}]*)*"
_INITIAL = r"(?:\p{Lu}\.[ -]?)+(?=[ \p{Lu}])"
_PARTICLE = (
    r"(?:de la|de los|de|da|dos|do|das|di|del|della|du|van der|van den|van de|van 't|van|von der|von|"
    r"der|den|ter|ten|bin|bint|ibn|al|el|ben|la|le|av|af|zu|s/o|d/o|e|y) "
)
_RUN = regex.compile(
    rf"(?<![\p{{L}}\d_@#/.-])(?:{_INITIAL} ?)?{_WORD}"
    rf"(?:(?: \"{_WORD}\")? (?:{_PARTICLE}){{0,2}}(?:d'|al-|el-|'t )?(?:{_INITIAL} ?)?{_WORD}){{0,5}}(?![\p{{L}}\d_@])"
)
_TOKEN = regex.compile(rf"{_INITIAL}|{_WORD}")

# Capitalised words that start a sentence, a line or a brief, and are no part of a name.
_OPENERS = frozenset(
    """
    a about add address after agent all also am an and announce anonymise anonymize any apology apologise are as ask at
    avoid because before being both brief but by call can chase check client coach come confirm congratulate
    contact convert copy create customer dear describe did do does draft dr each editor email emails
    event every explain find fix focus follow for from full get give good great greetings guest had has have
    he hello her here hers hey hi his hiya how i if in include intro introduce invite is it item its join just keep
    kind last let like list location long mail make manager may maybe member mention mine miss mr mrs ms
    my name need never new next no not note now of offer on one only or order our out owner parents
    patient phone please plus post postcode prof professor quote recipient regards reply report request
    review rewrite reword ring runner said say says see send sender she shop short should show sign
    signed sir since so some sorry speaker staff start still subject summarise summarize table tell
    text thank thanks that the their them then there these they this those ticket to today tone too
    translate turn update us use user very via was we welcome were what when where which who why will
    wish with would write yes you your yours status tel mobile booking best cheers
    kindest sincerely warm love monday tuesday wednesday thursday friday saturday sunday january february march april
    june july august september october november december spring summer autumn winter christmas easter
    black cyber mother father mothers fathers valentine english french german spanish italian dutch
    portuguese irish british american european uk us usa eu
    """.split()
)
_TITLES = (
    r"mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lady|lord|rev|fr|capt|col|sgt|sheikh|sri|smt|don|doña|"
    r"herr|frau|monsieur|madame|mme|mlle|señora|señor|sra|sr|signor|signora|sig|dhr|mevr|mevrouw|senhor|senhora"
)
_ROLES = (
    r"customer|client|guest|patient|member|colleague|manager|director|founder|co-founder|owner|boss|trainer|coach|"
    r"teacher|driver|baker|chef|barista|apprentice|intern|recruiter|candidate|applicant|employee|"
    r"assistant|agent|editor|author|artist|designer|engineer|analyst|student|volunteer|donor|winner|"
    r"runner-up|speaker|sponsor contact|contact|requester|recipient|subscriber|shopper|buyer|tenant|"
    r"landlord|neighbour|neighbor|friend|partner|wife|husband|widow|widower|mother|father|mum|mom|dad|"
    r"sister|brother|son|daughter|grandson|granddaughter|cousin|aunt|uncle|plus-one|ceo|cto|cfo|cmo|lead|head|"
    r"kunde|kundin|cliente|cliënt|klant|influencer|roaster"
)
# Right before a name; these alone make even a single capitalised word a person.
_STRONG_BEFORE = regex.compile(
    rf"(?:\b(?:{_TITLES})\.? |"
    r"\b(?:dear|hi|hello|hey|hiya|hallo|hola|ciao|bonjour|liebe[rs]?|lieve|beste|cher|chère|querid[oa]|estimad[oa]|"
    r"gentile|car[oa]|prezad[oa]|geachte)(?: (?:mr|mrs|ms|dr)\.?)? |"
    r"\b(?:named|called|name(?:'s| is|:| =)?|known as|signed by|signed,|sign (?:it |this )?off as|sign (?:it |this )?as|"
    r"calls? (?:him|her|them)|i am|i'm|my name's|myself|this is|it's|he is|he's|she is|she's|"
    r"nickname|alias|je m'appelle|ich bin|ich heiße|me llamo|mi chiamo|ik ben)[ \"]{1,2}|"
    r"\b(?:(?:first|last|full|customer|contact|guest|client|user|display|given|family)[ _]?)?(?:name|nom|nombre|nome|naam|vorname|nachname|first|last|owner|who|"
    r"recipient|customer|assignee|author|sender|from|to|cc|attendee;cn|organizer;cn|fn|n|talent|posted_by)[\"']?\s?[:=][ \"'<]{0,3}|"
    r"\b(?:regards|cheers|thanks|sincerely|best|wishes|yours|love|saludos|grüße|cordialement|groet)[,!.]?\s*\n\s*)$",
    regex.IGNORECASE,
)
_WEAK_BEFORE = regex.compile(
    rf"(?:\b(?:{_ROLES})(?:,| is|:| was)? |"
    r"\b(?:to|for|from|by|with|ask|tell|thank|ring|call|text|email|mail|remind|congratulate|invite|welcom(?:e|ing)|about|"
    r"and|&|between|signed|quote|of|celebrating|that|she|he) [\"']?|[—–-] ?|^|[\n|;>,(\"'] ?)$",
    regex.IGNORECASE,
)
_ROLE_BEFORE = regex.compile(rf"\b(?:{_ROLES})(?:,|:| is| was)? $", regex.IGNORECASE)
# Right after a name: an identifier, or what only people do.
_IDENTIFIER_AFTER = regex.compile(
    r"(?:,| -| \||;|:)? ?[(<\[\"]?(?:[\w.+-]+@|\+?\d[\d ().-]{6,}|born\b|dob\b|née?\b|b\. \d|aged? \d|\d\d, |"
    r"(?:nhs|ssn|pan|nif|cpf|dni|bsn|nie|pesel|aadhaar|account|acct|member|order|phone|mobile|tel|email|customer|tax id|"
    r"steuer-id|personnummer|iban|id)\b)",
    regex.IGNORECASE,
)
_PERSON_VERB_AFTER = regex.compile(
    r"(?:,? who\b|'s (?:mother|mum|father|dad|wife|husband|son|daughter|sister|brother|birthday|colleague|"
    r"order|account|review|complaint|refund|email|booking|subscription|team)\b| (?:said|says|wrote|writes|asked|asks|told|"
    r"called|rang|phoned|emailed|complained|ordered|bought|lives|joined|signed|signs|is|has|was|will|does|runs|"
    r"left|here\b|applied|thinks|wants|would like|gets|got|typed|ran|trained|passed|moved|paid|returned|"
    r"reported|works|booked|was charged)\b)",
    regex.IGNORECASE,
)
_AND = regex.compile(r"(?:'s)?,? (?:and|&|und|et|y|e|i|en) ", regex.IGNORECASE)
# A date right behind a name is when the person was born; events have a preposition.
_DATE_AFTER = regex.compile(
    r" ?[,(]? ?(?P<date>(?:19|20)\d\d-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./](?:19|20)\d\d)(?!\d)"
)
# A run that holds one of these is a firm, a place, an event or a product.
_NOT_A_PERSON = frozenset(
    """
    ag airport arena association bakery bank bar beer bistro books boutique box brand brewery cafe café
    campaign centre center church city club co coffee college collection company corp cosmetics council county
    cruise dental depot design digital drive edition fair farm feeds festival foods foundation friday garage
    garden gardens gin gmbh group guide hall home honey hospital hotel house inc industries institute
    interiors international island kit kitchen labs lake lane linen llc logistics ltd magazine mall market marketing media
    menu mills monday museum news outlet park pharmacy plc pottery press prize pro programme program pub range records
    restaurant river road sa sale sampler school series services shop skis slow soap sofa software solutions square station
    store street studio studios supplies systems tea team tech theatre trail tours trust university valley village
    vodka walk week weekend whisky wine wines works yoga
    """.split()
)
_SURNAMES_THAT_ARE_WORDS = frozenset(
    """
    abbott archer baker banks barber barker barnes bell bishop black booth bird blackwood brook brooks brown burns bush butcher butler carpenter
    carter chambers chandler chase clay cole collier cook cooper cross day dean drake draper duke dyer farmer field fields
    finch fisher fletcher flowers ford foster fowler fox frost gardener gardner glass glover gold good gray green grey
    griffin grove hale hall hardy harper hart hawk hay heath hill hood hope hunt hunter hurst king kirk knight lamb lane
    law lee little long love major marsh marshall mason may mercer miller mills moon moore moss
    nash noble north page palmer park parker parsons peacock pearce penny perry pike piper poole pope porter potter power price
    prince rice rich rivers rose sage savage sawyer sharp shepherd silver singer skinner slater small smith snow south sparrow speed spencer
    steel stone street strong summer summers swan swift tanner taylor temple thorn thorne tucker turner tyler vale walker wall waller
    ward waters weaver webb webster weeks wells west wheeler white winter winters wise wolf wood woods wright wren york young
    """.split()
)


@dataclass(frozen=True, slots=True)
class _Run:
    """Capitalised words in a row that may be a name."""

    start: int
    end: int
    words: tuple[str, ...]


class Names(LocalRecognizer):
    """Find people by the run of their name, scored by what speaks for a person and against one.

    spaCy's small model misses every second name of a prompt and takes many products for people
    (measured on `pii_prompts`), so its opinion is one voice among several: given names, titles
    and salutations before, identifiers and verbs of people after, ordinary words inside.
    """

    def __init__(self, ordinary_words: Set[str]) -> None:
        """`ordinary_words` are dictionary words in small letters; a brand is often made of them."""
        super().__init__(supported_entities=[EntityType.PERSON, EntityType.DATE_OF_BIRTH])
        self._given_names = (
            frozenset(name for line in _read_lines(_GIVEN_NAMES_FILE) for name in line.split())
            - _AMBIGUOUS_NAMES
        )
        self._ordinary_words = ordinary_words - self._given_names
        self._well_known = regex.compile(
            r"(?<![\p{L}\d])\L<names>(?![\p{L}\d]|[ -]\p{Lu}\p{Ll}+-)",
            names=_read_lines(_WELL_KNOWN_FILE),
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
        runs = [run for match in _RUN.finditer(text) for run in _trimmed(match)]
        scores = [self._score(run, text, seen, well_known) for run in runs]
        self._score_company(runs, scores, text)
        results = []
        for run, score in zip(runs, scores, strict=True):
            if score > 0:
                results.append(RecognizerResult(EntityType.PERSON, run.start, run.end, score))
            if score > 0.5 and (date := _DATE_AFTER.match(text, run.end)):
                start, end = date.span("date")
                results.append(RecognizerResult(EntityType.DATE_OF_BIRTH, start, end, 0.7))
        return results

    def _score(
        self,
        run: _Run,
        text: str,
        seen: Sequence[tuple[int, int]],
        well_known: Sequence[tuple[int, int]],
    ) -> float:
        before, after = text[max(0, run.start - 40) : run.start], text[run.end : run.end + 40]
        words = [word.casefold() for word in run.words if not word.endswith(".")]
        is_named = _STRONG_BEFORE.search(before) is not None
        is_identified = _IDENTIFIER_AFTER.match(after) is not None
        acts = _PERSON_VERB_AFTER.match(after) is not None
        if not words:
            return 0.8 if is_identified or is_named else 0.0
        if any(start <= run.end and run.start <= end for start, end in well_known):
            return 0.8 if is_identified and len(words) > 1 else 0.0
        is_given = any(part in self._given_names for part in words[0].split("-"))
        may_be_given = is_given or words[0] in _AMBIGUOUS_NAMES
        if any(word in _NOT_A_PERSON for word in words):
            return 0.6 if is_named and is_given and len(words) > 1 else 0.0
        if is_named:
            return 0.9
        is_seen = any(start < run.end and run.start < end for start, end in seen)
        if len(run.words) == 1:
            if is_given:
                return 0.8 if acts or is_identified or _WEAK_BEFORE.search(before) else 0.6
            if is_identified and _WEAK_BEFORE.search(before) and not self._is_ordinary(words[0]):
                return 0.6
            return 0.6 if _ROLE_BEFORE.search(before) and (is_seen or may_be_given) else 0.0
        if any(self._is_ordinary(word) for word in words[1:]):
            if (may_be_given or is_seen) and (is_identified or _ROLE_BEFORE.search(before)):
                return 0.7
            return 0.6 if is_given and acts else 0.0
        if is_given or (is_identified and _is_name_like(run)):
            return 0.85
        if acts or may_be_given or len(words) < len(run.words):
            return 0.75
        is_introduced = is_seen or _WEAK_BEFORE.search(before) is not None
        return 0.65 if is_introduced and not self._is_ordinary(words[0]) else 0.0

    def _score_company(self, runs: Sequence[_Run], scores: list[float], text: str) -> None:
        """Whoever is named in one breath with a person, by "and", is a person too."""
        for index, (one, other) in enumerate(itertools.pairwise(runs)):
            if not _AND.fullmatch(text[one.end : other.start]):
                continue
            for known, new, run in ((index, index + 1, other), (index + 1, index, one)):
                words = [word.casefold() for word in run.words]
                plausible = len(words) <= 4 and not any(
                    word in _NOT_A_PERSON or self._is_ordinary(word) for word in words
                )
                if scores[known] > 0.7 and scores[new] < 0.5 and plausible:
                    scores[new] = 0.6

    def _is_ordinary(self, word: str) -> bool:
        if word in _SURNAMES_THAT_ARE_WORDS:
            return False
        return word in self._ordinary_words or word.removesuffix("s") in self._ordinary_words


def _trimmed(match: regex.Match[str]) -> Iterator[_Run]:
    """Take the words off that begin a sentence and end a brief; nothing may be left."""
    tokens = [(m.group(), m.start(), m.end()) for m in _TOKEN.finditer(*_span_args(match))]
    while tokens and tokens[0][0].casefold() in _OPENERS:
        tokens.pop(0)
    while tokens and tokens[-1][0].casefold() in _OPENERS:
        tokens.pop()
    if tokens:
        words = tuple(token.rstrip(" -") for token, _, _ in tokens)
        end = tokens[-1][1] + len(words[-1])
        if words[-1].endswith("'s"):
            words, end = (*words[:-1], words[-1][:-2]), end - 2
        yield _Run(tokens[0][1], end, words)


def _span_args(match: regex.Match[str]) -> tuple[str, int, int]:
    return match.string, match.start(), match.end()


def _is_name_like(run: _Run) -> bool:
    return all(word.isupper() == run.words[0].isupper() or len(word) < 3 for word in run.words)


def _read_lines(path: Path) -> list[str]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
