"""How an e-mail address is said aloud, in the seven languages that names are found in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import regex

from validators.pii.decoding import readings

# By these an address is found, so between spaces they mean hardly anything else.
AT = ("arobase", "arroba", "apenstaartje", "chiocciola", "klammeraffe", "ät")
DOT = ("dot", "point", "punto", "ponto", "punkt", "punt")
# What joins two words before the sign: "john underscore doe".
JOINTS: Mapping[str, tuple[str, ...]] = {
    ".": DOT,
    "_": ("underscore", "unterstrich"),
    "-": ("dash", "hyphen", "tiret", "guion", "bindestrich", "minus"),
    "+": ("plus",),
}
# Those by which one is found whose domain is written out: "laura arroba correo.es".
AT_BEFORE_DOMAIN = ("arobase", "arroba", "apenstaartje")
# What stands in brackets: "laura (at) mail [dot] com".
AT_IN_BRACKETS = ("at", "@", "arobase", "arroba", "ät")
DOT_IN_BRACKETS = ("dot", ".", "punkt", "point")

# Too usual in prose to find an address by; in one that was found they are read.
_READ = {
    "@": ("at", "apenstaart", "arrobas", "arobas"),
    "_": (
        *("tiret bas", "guion bajo", "guión bajo", "trattino basso", "underline", "sublinhado"),
        *("liggend streepje", "laag streepje"),
    ),
    "-": (*("trait d'union", "guión", "trattino", "hífen", "traço", "streepje", "koppelteken"),),
}
ADDRESS = regex.compile(r"[^\s@<>,;]+@[^\s@<>,;]+")
_AROUND = regex.compile(r"[\s<>,;]+")
_PUNCTUATION = ".,:!?()[]{}\"'"


def any_of(words: Iterable[str]) -> str:
    """A pattern for one of the words."""
    return f"(?:{'|'.join(map(regex.escape, words))})"


_WORDS = {
    word: sign
    for signs in ({"@": AT}, JOINTS, _READ)
    for sign, words in signs.items()
    for word in words
}
_SAID = any_of(sorted(_WORDS, key=len, reverse=True))
_SIGN = regex.compile(
    rf" ?[\[({{<] ?(?P<said>{_SAID}) ?[\])}}>] ?| (?P<said>{_SAID}) |"
    r" ?[\[({<]? ?(?P<sign>[@.]) ?[\])}>]? ?",
    regex.IGNORECASE,
)


def written(spoken: str) -> str:
    """An address as it is typed: "laura punto gil arroba correo punto es", laura.gil@correo.es."""
    return _SIGN.sub(
        lambda match: match["sign"] or _WORDS[match["said"].lower()], " ".join(spoken.split())
    )


def addresses(found: str) -> list[str]:
    """The addresses that a found one may be, without its disguise; the likeliest first.

    What is encoded as one run may hold several, among other words.
    """
    forms = [
        form.strip()
        for reading in readings(found)
        for form in (reading.text, written(reading.text))
    ]
    whole = [form for form in forms if ADDRESS.fullmatch(form)]
    if whole:
        return whole
    words = (word.strip(_PUNCTUATION) for form in forms for word in _AROUND.split(form))
    return [word for word in words if ADDRESS.fullmatch(word)]
