"""What a reader sees of a text before "more": where a disclosure must stand (DOMAIN.md 2.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import regex

from validators.base import Channel
from validators.disclosure_wordings import Mention, find_mentions
from validators.length import fold_offset
from validators.text import NormalisedText, normalise

_FLAGS = regex.IGNORECASE | regex.DOTALL | regex.MULTILINE
# Nobody who reads the published text sees these.
_HIDDEN = regex.compile(
    r"<!--.*?(?:-->|\Z)"
    r"|<(script|style|template|noscript|head|details)\b.*?</\1\s*>"
    r"|<(\w+)\b[^>]*?(?:\shidden\b|aria-hidden=.?true|display:\s*none|visibility:\s*hidden|"
    r"font-size:\s*0|opacity:\s*0)[^>]*>.*?</\2\s*>"
    r"|<[a-z!/][^>]*>"
    r"|\A---\n.*?\n---\s*$"
    r"|!\[[^\]\n]*\]\([^)\n]*\)|(?<=\])\([^)\n]*\)|^\[[^\]\n]*\]:[^\n]*$"
    r"|^X-[\w-]+:[^\n]*$",
    _FLAGS,
)
# Where a text itself says that the rest is folded away.
_MORE = regex.compile(
    r"(?:\.\.\.|\[)\s*(?:(?:see|read|show|tap for|view|continue)\s+)?"
    r"(?:more|reading|mehr|plus|meer|altro|ver m[aá]i?s|afficher la suite)\b"
    r"|\bsee more\s*▾|\[message clipped\]|\bclick to expand\b|\bfirst comment:",
    _FLAGS,
)
_BOILERPLATE = regex.compile(
    r"\b(?:unsubscribe|registered office|company no|all rights reserved|imprint|privacy policy|"
    r"impressum|abmelden|abbestellen|se désabonner|désinscri\w+|darse de baja|disiscri\w+|"
    r"uitschrijven|afmelden|cancelar a subscrição)\b",
    _FLAGS,
)
_CHANNELS_WITH_BOILERPLATE = frozenset({"email", "blog", "landing_page", "press_release"})
_HASHTAG_PILE = regex.compile(r"(?:(?<!\w)#\w+[\s.,·|]*){3,}\Z")
# What stands before the copy itself: front matter, mail headers, the start of a web page.
_PREAMBLE = regex.compile(
    r"\A(?:---\n.*?\n---\s*\n|(?:(?:subject|preheader|from|to|x-[\w-]+|betreff|objet|asunto|oggetto|"
    r"onderwerp|assunto):[^\n]*\n+)+|\s*(?:<!doctype[^>]*>\s*)?<html\b.*?<body\b[^>]*>\s*)",
    regex.IGNORECASE | regex.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Placement:
    """The disclosures of a text: those that a reader sees in time, and those that are buried."""

    visible: tuple[Mention, ...]
    buried: tuple[Mention, ...]


def place_mentions(text: NormalisedText, channel: Channel, *, pending: str = "") -> Placement:
    """Find the disclosures of a text and tell where each one stands.

    `pending` is what will be put in front of the text, and moves the fold.
    """
    is_chat = channel.name == "chatbot"
    seen = strip_hidden(text)
    mentions = find_mentions(seen, is_chat=is_chat)
    visible = tuple(
        mention for mention in mentions if is_seen(mention, seen, channel, pending=pending)
    )
    buried = tuple(mention for mention in mentions if mention not in visible)
    if not mentions and seen.text != text.text:
        buried = tuple(_find_hidden(text))
    return Placement(visible, buried)


def strip_hidden(text: NormalisedText) -> NormalisedText:
    """Blank what no reader sees; offsets stay."""
    return replace(text, text=_HIDDEN.sub(lambda match: "\n" * len(match[0]), text.text))


def is_seen(mention: Mention, seen: NormalisedText, channel: Channel, *, pending: str = "") -> bool:
    """Whether a mention stands before the fold, outside boilerplate and piles of hashtags."""
    preamble = preamble_end(seen.original)
    start, end = seen.original_span(mention.start, mention.end)
    copy = pending + seen.original[preamble:]
    if end + len(pending) > preamble + fold_offset(copy, channel):
        return False
    more = _MORE.search(seen.text)
    if more and mention.start > more.start():
        return False
    if channel.name in _CHANNELS_WITH_BOILERPLATE and mention.start >= _boilerplate_start(seen):
        return False
    pile = _HASHTAG_PILE.search(seen.text)
    is_piled = mention.is_hashtag and pile is not None and mention.start >= pile.start()
    return not is_piled or start == preamble


def preamble_end(text: str) -> int:
    """The offset at which the copy itself begins."""
    match = _PREAMBLE.match(text)
    return int(match.end()) if match else 0


def _boilerplate_start(text: NormalisedText) -> int:
    match = _BOILERPLATE.search(text.text)
    if match is None:
        return len(text.text)
    # The rest of its line is boilerplate too, unless the whole text is that line.
    line_start = text.text.rfind("\n", 0, match.start()) + 1
    return line_start if text.text[:line_start].strip() else int(match.start())


def _find_hidden(text: NormalisedText) -> Sequence[Mention]:
    """Find disclosures inside what is hidden, each read by itself."""
    found = []
    for hidden in _HIDDEN.finditer(text.text):
        inside = regex.sub(r"<!--|-->|</?[a-z][^>]*>", lambda tag: "\n" * len(tag[0]), hidden[0])
        for mention in find_mentions(normalise(inside)):
            start, end = hidden.start() + mention.start, hidden.start() + mention.end
            found.append(replace(mention, start=start, end=end))
    return found
