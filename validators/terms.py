"""Find the terms of closed lists, and put the better word in their place."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from validators.base import Edit, Finding
from validators.expressions import any_of, compile_optional
from validators.jurisdictions import applies
from validators.reading import Reading
from validators.rules import Rule, Term
from validators.text import NormalisedText

# DOMAIN.md 4.4: a listed term counts 0.8 where the list is sure of it, 0.4 where context decides.
_SURE = 0.8
_TO_CONSIDER = 0.4

_ADDRESS = regex.compile(
    r"(?:https?://|www\.)\S+|[@#]\w[\w.-]*|\b[\w-]+(?:[.@][\w-]+)+(?:/\S*)?", regex.IGNORECASE
)
_QUOTED = regex.compile(
    r"\"[^\"\n]{1,300}\"|(?<!\w)'(?=\S)(?:[^'\n]|(?<=\w)'(?=\w)){1,300}(?<=\S)'(?!\w)"
)
_CAPITALISED_WORD = regex.compile(r"\s+\p{Lu}\p{Ll}")
_ARTICLE = regex.compile(r"\b(an?)\s+$", regex.IGNORECASE)
_VOWEL_SOUND = regex.compile(
    r"(?!uni(?![mn])|us[eu]|eu|one\b|once)[aeiou]|hour|honest|heir", regex.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Form:
    """One way to write a term, and what takes its place, the best first."""

    term: Term
    replacements: tuple[str, ...]
    unless: regex.Pattern[str] | None
    near: regex.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _TermList:
    """The terms of one rule: one expression for all, and the form that each match is."""

    rule: Rule
    expression: regex.Pattern[str]
    forms: dict[str, _Form]


class Terms:
    """The closed lists of a set of rules, compiled once."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        """Compile the lists.

        Raises:
            ValueError: an expression does not compile, or a list has a term twice.
        """
        self._lists = [_compile(rule) for rule in rules if rule.terms]

    def find(self, reading: Reading) -> Iterator[Finding]:
        """Yield a finding for each term that stands in the writer's own words.

        Raises:
            TimeoutError: an expression ran past its deadline.
        """
        for terms in self._lists:
            if applies(terms.rule, reading.context):
                yield from _search(terms, reading)


def _search(terms: _TermList, reading: Reading) -> Iterator[Finding]:
    text = reading.text
    matches = list(reading.find(terms.expression))
    foreign = _ForeignWords(text.text if matches else "")
    for match in matches:
        start, end = match.span()
        # `regex` ignores more case than casefold() does (it takes İ for i): then it is no form.
        form = terms.forms.get(match[0].casefold())
        if form is None or foreign.hold(start, end):
            continue
        if _is_name(form.term, text.text, start, end) or _is_excused(form, reading, start):
            continue
        original_start, original_end = text.original_span(start, end)
        yield Finding(
            rule=terms.rule.id,
            start=original_start,
            end=original_end,
            score=_SURE if form.term.auto else _TO_CONSIDER,
            reason=_reason(terms.rule, form.term),
            suggestion=" or ".join(form.replacements) or terms.rule.suggestion,
            edit=_edit(form, text, start, end),
        )


class _ForeignWords:
    """Where the words are not the writer's to change: quotations and addresses.

    A text that stands in quotes as a whole quotes nobody; models like to answer that way.
    """

    def __init__(self, text: str) -> None:
        whole = (len(text) - len(text.lstrip()), len(text.rstrip()))
        found = (match.span() for kind in (_QUOTED, _ADDRESS) for match in kind.finditer(text))
        spans = sorted(span for span in found if span != whole)
        self._starts = [start for start, _ in spans]
        # How far the spans up to each one reach.
        self._reach = list(itertools.accumulate((end for _, end in spans), max))

    def hold(self, start: int, end: int) -> bool:
        before = bisect_right(self._starts, start)
        return before > 0 and end <= self._reach[before - 1]


def _is_name(term: Term, text: str, start: int, end: int) -> bool:
    """Whether capitals say that a term is part of a name ("Death of a Salesman", "Fireman Sam")."""
    if term.term != term.term.lower() or not text[start].isupper() or text[start:end].isupper():
        return False
    starts_name = _CAPITALISED_WORD.match(text, end) is not None
    return starts_name or not _starts_sentence(text, start)


def _starts_sentence(text: str, start: int) -> bool:
    before = text[:start].rstrip(" \"'(*•#>-")
    return not before or before[-1] in ".!?:…\n"


def _is_excused(form: _Form, reading: Reading, start: int) -> bool:
    if form.near and not reading.has(form.near):
        return True
    sentence = reading.text.sentence_at(start)
    return form.unless is not None and reading.sentence_has(form.unless, sentence)


def _reason(rule: Rule, term: Term) -> str:
    return " ".join(filter(None, (rule.reason, f"It concerns {term.group}.", term.note)))


def _edit(form: _Form, text: NormalisedText, start: int, end: int) -> Edit | None:
    if not form.term.auto or not form.replacements or form.replacements[0].startswith("("):
        return None
    replacement = _in_case_of(form.term, text.text, start, end, form.replacements[0])
    if article := _ARTICLE.search(text.text, max(0, start - len("an  ")), start):
        right = "an" if _VOWEL_SOUND.match(replacement) else "a"
        if article[1].lower() != right:
            written = right.capitalize() if article[1][0].isupper() else right
            replacement = f"{written}{text.text[article.end(1) : start]}{replacement}"
            start = article.start()
    return Edit(*text.original_span(start, end), replacement)


def _in_case_of(term: Term, text: str, start: int, end: int, replacement: str) -> str:
    found = text[start:end]
    if found.isupper() and not term.term.isupper():
        return replacement.upper()
    if found[0].isupper() and (term.term[0].islower() or _starts_sentence(text, start)):
        return replacement[0].upper() + replacement[1:]
    return replacement


def _compile(rule: Rule) -> _TermList:
    forms: dict[str, _Form] = {}
    for term in rule.terms:
        unless, near = compile_optional(rule, term.unless), compile_optional(rule, term.near)
        written = {term.term: term.replacements} | {
            form: (replacement,) for form, replacement in term.forms.items()
        }
        for words, replacements in written.items():
            if words.casefold() in forms:
                raise ValueError(f"rule {rule.id}: the term {words!r} is listed twice")
            forms[words.casefold()] = _Form(term, replacements, unless, near)
    # "Able bodied" is "able-bodied" too.
    for words, form in list(forms.items()):
        forms.setdefault(words.replace("-", " "), form)
        forms.setdefault(words.replace(" ", "-"), form)
    expression = regex.compile(rf"(?<![\w-]){any_of(forms)}(?![\w-])", regex.IGNORECASE)
    return _TermList(rule, expression, forms)
