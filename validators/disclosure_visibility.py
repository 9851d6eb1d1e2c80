"""What a reader sees of a text before "more": where a disclosure must stand (DOMAIN.md 2.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import regex

from validators.base import Channel
from validators.disclosure_wordings import Mention, find_mentions
from validators.length import fold_offset
from validators.text import NormalisedText, normalise

_FLAGS = regex.IGNORECASE | regex.DOTALL | regex.MULTILINE
# Nobody who reads the published text sees these.
_HIDDEN = regex.compile(
    r"<!--.*?(?:-->|\Z)|\A---\n.*?\n---\s*$"
    r"|!\[[^\]\n]*\]\([^)\n]*\)|(?<=\])\([^)\n]*\)|^\[[^\]\n]*\]:[^\n]*$"
    r"|^X-[\w-]+:[^\n]*$",
    _FLAGS,
)
_TAG = regex.compile(r"</?([a-z]\w*)\b[^<>]*>|<!(?!--)[^<>]*>", regex.IGNORECASE)
_NEVER_SHOWN = frozenset({"script", "style", "template", "noscript", "head", "details"})
_HIDING = regex.compile(
    r"\shidden\b|aria-hidden=.?true|display:\s*none|visibility:\s*hidden|font-size:\s*0|"
    r"opacity:\s*0",
    regex.IGNORECASE,
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
# A mail header, as models write it: "Subject: ...", "Objet : ...", "**Subject:** ...",
# "## Subject line: ...".
_MAIL_HEADER = (
    r"[^\S\n]*(?:#{1,6}[^\S\n]+)?[*_]{0,3}(?:(?:e-?mail )?subject(?: line)?|preheader|preview text|"
    r"from|to|x-[\w-]+|betreff(?:zeile)?|objet|asunto|oggetto|onderwerp(?:sregel)?|assunto)"
    r"[*_]{0,3}[^\S\n]?:[^\n]*\n+"
)
# What stands before the copy itself: front matter, mail headers, the start of a web page.
_PREAMBLE = regex.compile(
    rf"\A(?:---\n.*?\n---\s*\n|\s*+(?:{_MAIL_HEADER})+"
    r"|\s*(?:<\?xml\b[^>]*>\s*)?(?:<!doctype[^>]*>\s*)?<html\b.*?<body\b[^>]*>\s*)",
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
    shown = text.text
    for start, end in _hidden_spans(text.text):
        shown = f"{shown[:start]}{_blank(shown[start:end])}{shown[end:]}"
    return replace(text, text=shown)


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


def _hidden_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield what no reader sees: comments, tags, hidden elements, front matter, link targets."""
    for match in _HIDDEN.finditer(text):
        yield match.span()
    lowered = text.lower()
    end = 0
    for tag in _TAG.finditer(text):
        if tag.start() < end:
            continue
        end = tag.end()
        name = (tag[1] or "").lower()
        is_opening = name and not tag[0].startswith("</")
        if is_opening and (name in _NEVER_SHOWN or _HIDING.search(tag[0])):
            closing = lowered.find(f"</{name}", end)
            end = len(text) if closing < 0 else closing
        yield tag.start(), end


def _find_hidden(text: NormalisedText) -> Iterator[Mention]:
    """Find disclosures inside what is hidden, each read by itself."""
    for start, end in _hidden_spans(text.text):
        inside = _TAG.sub(lambda tag: _blank(tag[0]), text.text[start:end])
        inside = inside.replace("<!--", "\n" * 4).replace("-->", "\n" * 3)
        for mention in find_mentions(normalise(inside)):
            yield replace(mention, start=start + mention.start, end=start + mention.end)


def _blank(text: str) -> str:
    return "\n" * len(text)
