"""Does a text say of itself that AI wrote it? The wordings of DOMAIN.md 2.5, as a small grammar.

A phrase such as "AI-generated" proves nothing: it may be about leads, photos or somebody else's
essay. So each clause is read as runs of words that speak about writing alone: who wrote, how,
what, and the small words between. A run in which AI is named as the author is a disclosure if it
is the whole clause ("Written with AI, reviewed by Kim"), or if it points at this text ("this
post", "our newsletter"). Any word that is not about writing ends the run, and that is what keeps
out "AI-generated leads" and "the drawings in this article were made with AI".

Each language is read with its own words: "ai" means something else in French.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache

import regex

from validators.disclosure_languages import LANGUAGES, Language
from validators.text import NormalisedText

_CLAUSE = regex.compile(r"(?:[^.!?\n;|•()\[\]<>{}]|\.(?=\w))+")
_HASHTAG_PILE = regex.compile(r"(?:(?<!\w)#\w+[\s.,·|]*){3,}\Z")
_QUOTED = regex.compile(r'(?<!\w)"[^"\n]+"')
_INITIALISM = regex.compile(r"\b([ak])\.(i)\b\.?(?! \p{Lu})|\b(i)\.(a)\b\.?(?! \p{Lu})", regex.I)
# Letters of other scripts that look Latin: a reader sees "AI", whatever the code points.
_LOOKALIKES = str.maketrans(
    "АВЕЅІЈКМНОРСТХаеіјорсухѕӏԁΑΒΕΙΚΜΝΟΡΤΧο", "ABESIJKMHOPCTXaeijopcyxsldABEIKMNOPTXo"
)
_TAG = regex.compile(
    r"#(?:(?:ai|chatgpt|gpt|ki)_?(?:generated|written|assisted|created|drafted|gegenereerd|"
    r"geschreven|generiert|geschrieben|wrotethis)_?(?:text|content|caption|post|copy)?"
    r"|aicontent|(?:text|caption|copy|post)_?by_?(?:ai|chatgpt)"
    r"|(?:made|written|created|generated|drafted)_?(?:with|by|using)_?(?:ai|chatgpt)"
    r"|mitki(?:erstellt|geschrieben)|(?:contenu|texte)?(?:genere|ecrit|redige|cree)(?:par|avec)l?ia"
    r"|(?:contenido|texto|conteudo|testo|contenuto)?"
    r"(?:generad|cread|hech|escrit|redactad|generat|scritt|creat|gerad|criad|feit)[oa]"
    r"(?:con|por|com|da|dall)l?ia|textodeia|(?:gemaakt|geschreven)(?:met|door)ai)(?!\w)",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A place where a text discloses AI, as a span of its normalised copy.

    `language` is None for a hashtag, which belongs to none.
    """

    start: int
    end: int
    language: str | None = None

    @property
    def is_hashtag(self) -> bool:
        return self.language is None


def find_mentions(text: NormalisedText, *, is_chat: bool = False) -> list[Mention]:
    """Find every disclosure, in order; in a chat also those that speak in the first person."""
    folded = fold(text.text)
    readable = _QUOTED.sub(_blank_inner_quotation, folded)
    mentions = [Mention(*tag.span()) for tag in _TAG.finditer(folded)]
    for clause in _CLAUSE.finditer(readable):
        if not readable.startswith("?", clause.end()):
            mentions.extend(_read_clause(clause[0], clause.start()))
    if is_chat:
        mentions.extend(_find_introductions(readable))
    return sorted(mentions, key=lambda mention: mention.start)


def hashtag_pile_start(text: NormalisedText) -> int:
    """Where three or more hashtags that end a text begin; its end if there are none."""
    pile = _HASHTAG_PILE.search(text.text)
    return pile.start() if pile else len(text.text)


def fold(text: str) -> str:
    """Take accents and look-alike letters away, character by character, so that offsets hold."""
    plain = "".join(unicodedata.normalize("NFD", character)[0] for character in text)
    # "A.I." is one word to a reader; its dots would end a sentence here.
    return _INITIALISM.sub(_join_initials, plain.translate(_LOOKALIKES)).lower()


def _join_initials(match: regex.Match[str]) -> str:
    return "".join(filter(None, match.groups())).ljust(len(match[0]))


def _blank_inner_quotation(match: regex.Match[str]) -> str:
    """A quotation is somebody else's words, unless it is the whole text."""
    is_whole = not (match.string[: match.start()] + match.string[match.end() :]).strip()
    return match[0] if is_whole else " " * len(match[0])


class _Part(Enum):
    """The part that a word plays."""

    AGENT = auto()
    MACHINE = auto()
    LABEL = auto()
    MADE = auto()
    MAKE = auto()
    BY = auto()
    TEXT = auto()
    THIS = auto()
    OWN = auto()
    REVIEWED = auto()
    NEGATION = auto()
    SMALL = auto()
    COLON = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class _Word:
    part: _Part
    form: str
    start: int
    end: int
    # Nothing but white space before it, so it belongs to the word before.
    is_attached: bool


class _Reader:
    """Reads clauses in one language."""

    def __init__(self, language: Language) -> None:
        self.code = language.code
        self._language = language
        # Where one word plays several parts, the first one listed here counts.
        self._parts = [
            (_Part.AGENT, language.agents),
            (_Part.MACHINE, language.machines),
            (_Part.NEGATION, language.negations),
            (_Part.THIS, language.this),
            (_Part.REVIEWED, language.reviewed),
            (_Part.MADE, language.made),
            (_Part.MAKE, language.make),
            (_Part.TEXT, language.texts),
            (_Part.BY, language.by),
            (_Part.OWN, language.own),
            (_Part.SMALL, language.small),
        ]
        self._part_of: dict[str, _Part] = {}
        for part, forms in self._parts:
            for form in forms:
                self._part_of.setdefault(form, part)
        phrases = [form for form in self._part_of if not form.isalnum()]
        self._words = regex.compile(
            r"(?<![\w#])(?:\L<phrases>)(?![\w-])|#?\w+(?:[.-]\w+)*|[:=/]", phrases=phrases
        )
        self._label = regex.compile(language.label)
        names = [form for form in (*language.agents, *language.machines)]
        self._trigger = regex.compile(r"(?<!\w)(?:\L<names>)(?!\w)|" + language.label, names=names)
        self.introduction = regex.compile(language.introduction, regex.MULTILINE)

    def find(self, clause: str) -> Iterator[tuple[int, int]]:
        """Yield the span of each disclosure of a clause."""
        if not self._trigger.search(clause):
            return
        words = self._classify(clause)
        for first, last in _runs(words):
            if self._is_disclosure(words, first, last):
                yield words[first].start, words[last - 1].end

    def _classify(self, clause: str) -> list[_Word]:
        words: list[_Word] = []
        end = 0
        for match in self._words.finditer(clause):
            form = match[0]
            if form.startswith("#"):
                continue
            between = clause[end : match.start()]
            is_attached = bool(words) and not between.strip(" '")
            words.append(_Word(self._classify_word(form), form, *match.span(), is_attached))
            end = match.end()
        return words

    def _classify_word(self, form: str) -> _Part:
        if form in ":=/":
            return _Part.COLON
        if self._label.fullmatch(form):
            return _Part.LABEL
        return self._part_of.get(form, _Part.OTHER)

    def _is_disclosure(self, words: Sequence[_Word], first: int, last: int) -> bool:
        run = words[first:last]
        following = words[last] if last < len(words) else None
        if any(word.part is _Part.NEGATION for word in words[max(0, first - 3) : last]):
            return False
        if following and following.is_attached and run[-1].part in (_Part.LABEL, _Part.AGENT):
            # "AI-generated leads", "AI experts": the word describes what follows.
            run = run[:-1]
        points_here = self._points_here(run, first == 0)
        is_whole = first == 0 and (following is None or following.part is _Part.REVIEWED)
        if not points_here and not is_whole:
            return False
        return _names_ai_as_author(run, points_here=points_here)

    def _points_here(self, run: Sequence[_Word], opens_clause: bool) -> bool:
        """Whether a run says "this text", and not "the photo in this text"."""
        for index, word in enumerate(run):
            if word.part not in (_Part.THIS, _Part.OWN):
                continue
            before = run[index - 1] if index else None
            if (
                index == 1
                and not opens_clause
                and before
                and before.form in self._language.prepositions
            ):
                continue
            rest = run[index + 1 :]
            pointed = next((w.part for w in rest if w.part is not _Part.LABEL), None)
            if pointed is _Part.TEXT:
                return True
            if word.part is _Part.THIS and (not rest or rest[0].part in (_Part.SMALL, _Part.MADE)):
                return True
        return False


def _runs(words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Yield the longest runs of words that are about writing, as index ranges."""
    first = 0
    for index, word in enumerate([*words, None]):
        if word is None or word.part in (_Part.OTHER, _Part.REVIEWED):
            if index > first:
                yield first, index
            first = index + 1


def _names_ai_as_author(run: Sequence[_Word], *, points_here: bool) -> bool:
    if any(word.part is _Part.LABEL for word in run):
        return True
    has_text = any(word.part is _Part.TEXT for word in run)
    for index, word in enumerate(run):
        is_author = word.part is _Part.AGENT or (word.part is _Part.MACHINE and has_text)
        if not is_author:
            continue
        before, after = run[:index], run[index + 1 :]
        is_linked = any(w.part is _Part.BY for w in before)
        if is_linked and any(w.part is _Part.MADE for w in before):
            return True
        if any(w.part is _Part.MADE for w in after):
            return True
        if points_here and any(w.part is _Part.MAKE for w in run):
            return True
        if has_text and _is_credit(before):
            return True
    return False


def _is_credit(before: Sequence[_Word]) -> bool:
    """Whether what stands before the agent is "Text:" or "text by"."""
    parts = [word.part for word in before if word.part not in (_Part.SMALL, _Part.OWN)]
    return len(parts) >= 2 and parts[-1] in (_Part.COLON, _Part.BY) and parts[-2] is _Part.TEXT


@cache
def _readers() -> tuple[_Reader, ...]:
    return tuple(_Reader(language) for language in LANGUAGES)


def _read_clause(clause: str, offset: int) -> Iterator[Mention]:
    for reader in _readers():
        for start, end in reader.find(clause):
            yield Mention(offset + start, offset + end, reader.code)


def _find_introductions(text: str) -> Iterator[Mention]:
    for reader in _readers():
        for match in reader.introduction.finditer(text):
            yield Mention(*match.span(), reader.code)
