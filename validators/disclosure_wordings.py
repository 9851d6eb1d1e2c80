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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache

import regex

from validators.disclosure_languages import AD_LABELS, LANGUAGES, Language
from validators.text import NormalisedText

_CLAUSE = regex.compile(r"(?:[^.!?\n;|•()\[\]<>{}\p{Extended_Pictographic}]|\.(?=\w))+")
_QUOTED = regex.compile(r'(?<!\w)"[^"\n]+"')
# A question, or a joke that the next words end.
_TAKEN_BACK = regex.compile(
    r"\?|[\W_]{0,8}(?:just |only )?"
    r"(?:kidding|joking|it (?:wasn|isn)|ha\b|scherz\b|je plaisante|es broma|scherzo|grapje)"
)
# "l'eau" begins with a word of French; what follows the apostrophe in "I'd" is no word.
_PLAIN_WORD = regex.compile(r"\b(?:[cdjlns]|qu|un|[dns]?[aeu]ll)'(?=\w{2})|(?<!')\b\w+")
# One frequent word may be part of a name; so many tell the language of a text.
_CLEAR_VOTES = 2
# So many frequent words of another language, and none of its own, make a mention foreign.
_FOREIGN_VOTES = 3
# Nobody discloses in more words; the limit keeps hostile texts cheap.
_MAX_RUN = 40
_INITIALISM = regex.compile(r"\b(?:([AaKk])\.([Ii])|([Ii])\.([Aa]))\b(?:\.(?!\s+\p{Lu}|\s*\Z))?")
# Letters of other scripts that look Latin: a reader sees "AI", whatever the code points.
_LOOKALIKES = str.maketrans(
    "\u0410\u0412\u0415\u0405\u0406\u0408\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0425"
    "\u0430\u0435\u0456\u0458\u043e\u0440\u0441\u0443\u0445\u0455\u04cf\u0501\u0391\u0392"
    "\u0395\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a7\u03bf",
    "ABESIJKMHOPCTXaeijopcyxsidABEIKMNOPTXo",
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
    mentions = [Mention(tag.start(), tag.end()) for tag in _TAG.finditer(folded)]
    for clause in _CLAUSE.finditer(readable):
        if not _TAKEN_BACK.match(readable, clause.end()):
            mentions.extend(_read_clause(clause[0], clause.start()))
    if is_chat:
        mentions.extend(_find_introductions(readable))
    if not mentions:
        return []
    votes, all_votes = _vote(folded), _vote(folded, with_shared=True)
    return sorted(
        (mention for mention in mentions if _is_readable(mention, folded, votes, all_votes)),
        key=lambda mention: mention.start,
    )


def guess_language(text: str) -> str | None:
    """Tell the language of a text by its frequent words, as a code; None if that is not clear.

    All that English might have borrowed counts as one more word, and alone as none.
    """
    folded = fold(text)
    votes = _vote(folded)
    words, letters = set(_PLAIN_WORD.findall(folded)), set(text.lower())
    for language in LANGUAGES:
        is_hinted = words & language.shared or letters & set(language.letters)
        if votes[language.code] and is_hinted:
            votes[language.code] += 1
    best, second = sorted(votes, key=votes.__getitem__, reverse=True)[:2]
    return best if votes[best] >= _CLEAR_VOTES and votes[best] > votes[second] else None


def has_words_of(code: str, text: str) -> bool:
    """Whether any frequent word of a language is in a text."""
    return _vote(fold(text))[code] > 0


def _vote(folded: str, *, with_shared: bool = False) -> dict[str, int]:
    words = _PLAIN_WORD.findall(folded)
    return {
        language.code: sum(
            word in language.frequent or (with_shared and word in language.shared) for word in words
        )
        for language in LANGUAGES
    }


def _is_readable(
    mention: Mention, folded: str, votes: Mapping[str, int], all_votes: Mapping[str, int]
) -> bool:
    """Whether a mention is in a language that the text around it is written in.

    `votes` are those of the whole text, `all_votes` those with words that English shares.
    """
    if mention.language is None:
        return True
    inside = folded[mention.start : mention.end]
    if votes[mention.language] > _vote(inside)[mention.language]:
        return True
    own = _vote(inside, with_shared=True)
    around = {code: all_votes[code] - own[code] for code in all_votes}
    most = max(around.values())
    return around[mention.language] == most or most < _FOREIGN_VOTES


def fold(text: str) -> str:
    """Take accents and look-alike letters away, character by character, so that offsets hold."""
    plain = "".join(unicodedata.normalize("NFD", character)[0] for character in text)
    # "A.I." is one word to a reader; its dots would end a sentence here.
    joined: str = _INITIALISM.sub(_join_initials, plain.translate(_LOOKALIKES))
    return joined.lower()


def _join_initials(match: regex.Match[str]) -> str:
    whole = str(match[0])
    return whole.replace(".", "").ljust(len(whole))


def _blank_inner_quotation(match: regex.Match[str]) -> str:
    """A quotation is somebody else's words, unless it is the whole text."""
    quotation = str(match[0])
    is_whole = match.string.strip() == quotation
    return quotation if is_whole else " " * len(quotation)


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
    REMARK = auto()
    DENIAL = auto()
    SMALL = auto()
    COLON = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or a phrase of a clause; `gap` is the punctuation before it."""

    part: _Part
    form: str
    start: int
    end: int
    gap: str


class _Reader:
    """Reads clauses in one language."""

    def __init__(self, language: Language) -> None:
        self.code = language.code
        self.introduction = regex.compile(language.introduction, regex.MULTILINE)
        self._language = language
        self._parts = _parts_of(language)
        self._label = regex.compile(language.label)
        phrases = [form for form in self._parts if not form.isalnum()]
        self._word = regex.compile(
            rf"(?<![\w#-])(?:{language.label}|\L<phrases>)(?![\w-])|#?\w+(?:[.-]\w+)*|[:=]",
            phrases=phrases,
        )
        self._author = regex.compile(
            rf"(?<!\w)(?:\L<authors>)(?!\w)|{language.label}",
            authors=list(language.agents | language.machines),
        )

    def find(self, clause: str) -> Iterator[tuple[int, int]]:
        """Yield the span of each disclosure of a clause."""
        if not self._author.search(clause):
            return
        words = self._classify(clause)
        for first, last in _runs(words):
            if self._is_disclosure(words, first, last):
                yield words[first].start, words[last - 1].end

    def _classify(self, clause: str) -> list[_Word]:
        words: list[_Word] = []
        end = 0
        for match in self._word.finditer(clause):
            form, gap = match[0], clause[end : match.start()].strip()
            end = match.end()
            if form.startswith("#"):
                continue
            if form in ":=":
                part = _Part.COLON
            elif self._label.fullmatch(form):
                part = _Part.LABEL
            else:
                part = self._parts.get(form, _Part.OTHER)
            if part is _Part.TEXT and _is_pointed_at_past_one_word(words):
                words[-1] = replace(words[-1], part=_Part.SMALL)
            words.append(_Word(part, form, match.start(), match.end(), gap))
        return words

    def _is_disclosure(self, words: Sequence[_Word], first: int, last: int) -> bool:
        if any(word.part is _Part.DENIAL for word in words[max(0, first - 3) : last]):
            return False
        run = words[first:last]
        following = words[last] if last < len(words) else None
        if following and not following.gap and following.part is _Part.OTHER:
            # "AI-generated leads", "AI experts": the word describes what follows.
            while run and run[-1].part in (_Part.LABEL, _Part.AGENT, _Part.MACHINE):
                run = run[:-1]
        if self._points_here(run, opens_clause=first == 0):
            return _names_ai_as_author(run, points_here=True)
        if first > 0:
            return False
        if following is None or following.part is _Part.REMARK:
            return _names_ai_as_author(run, points_here=False)
        credit = self._leading_credit(run, following)
        return _names_ai_as_author(credit, points_here=False)

    def _points_here(self, run: Sequence[_Word], *, opens_clause: bool) -> bool:
        """Whether a run says "this text", and not "the photo in this text"."""
        for index, word in enumerate(run):
            if word.part not in (_Part.THIS, _Part.OWN):
                continue
            hangs_on_noun = index == 1 and run[0].form in self._language.prepositions
            if hangs_on_noun and not opens_clause:
                continue
            rest = [other.part for other in run[index + 1 :]]
            if next((part for part in rest if part is not _Part.LABEL), None) is _Part.TEXT:
                return True
            if word.part is _Part.THIS and (not rest or rest[0] in (_Part.SMALL, _Part.MADE)):
                return True
        return False

    def _leading_credit(self, run: Sequence[_Word], following: _Word) -> Sequence[_Word]:
        """The first item of a list of credits ("Text by AI, photo by Jo"), if it names a text."""
        boundary = next(
            (index for index, word in enumerate([*run, following]) if word.gap in (",", "/")), 0
        )
        item = run[:boundary]
        return item if any(word.form in self._language.one_text for word in item) else ()


def _parts_of(language: Language) -> dict[str, _Part]:
    parts: dict[str, _Part] = {}
    # Where one word plays several parts, the first one here counts.
    for part, forms in (
        (_Part.AGENT, language.agents),
        (_Part.MACHINE, language.machines),
        (_Part.DENIAL, language.denials),
        (_Part.THIS, language.this),
        (_Part.REMARK, language.remarks),
        (_Part.MADE, language.made),
        (_Part.MAKE, language.make),
        (_Part.TEXT, language.texts),
        (_Part.BY, language.by),
        (_Part.OWN, language.own),
        (_Part.SMALL, language.small),
        (_Part.SMALL, AD_LABELS),
    ):
        for form in forms:
            parts.setdefault(form, part)
    return parts


def _is_pointed_at_past_one_word(words: Sequence[_Word]) -> bool:
    """Whether a text that comes next is meant by "this", with one free word between."""
    return len(words) >= 2 and words[-2].part is _Part.THIS and words[-1].part is _Part.OTHER


def _runs(words: Sequence[_Word]) -> Iterator[tuple[int, int]]:
    """Yield the longest runs of words that are about writing, as index ranges."""
    first = 0
    for index, word in enumerate([*words, None]):
        if word is None or word.part in (_Part.OTHER, _Part.REMARK):
            if 0 < index - first <= _MAX_RUN:
                yield first, index
            first = index + 1


def _names_ai_as_author(run: Sequence[_Word], *, points_here: bool) -> bool:
    parts = [word.part for word in run]
    if _Part.LABEL in parts:
        return True
    for index, part in enumerate(parts):
        if part is not _Part.AGENT and not (part is _Part.MACHINE and _Part.TEXT in parts):
            continue
        before, after = parts[:index], parts[index + 1 :]
        is_made_by = _Part.MADE in before and _Part.BY in before
        makes_this = points_here and _Part.MAKE in parts
        if is_made_by or makes_this or _Part.MADE in after or _is_credited(before):
            return True
    return False


def _is_credited(before: Sequence[_Part]) -> bool:
    """Whether what stands before the author is "Text:" or "text by"."""
    told = [part for part in before if part not in (_Part.SMALL, _Part.OWN)]
    return told[-2:] in ([_Part.TEXT, _Part.COLON], [_Part.TEXT, _Part.BY])


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
            yield Mention(match.start(), match.end(), reader.code)
