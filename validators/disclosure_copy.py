"""Is a text copy to publish? Data for a program, one-word answers and refusals are not."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator

import regex

from validators.base import Channel
from validators.disclosure_wordings import fold
from validators.text import NormalisedText, normalise

_FENCE = regex.compile(r"\A\s*```\w*\n(.*)\n```\s*\Z", regex.DOTALL)
_VISIBLE = regex.compile(r"\S")

# One element that holds the whole text.
_XML = regex.compile(
    r"\A\s*+(?P<prolog><\?xml\b[^>]*+>\s*+)?(?:(?><!--.*?-->|<!doctype\b[^>]*+>)\s*+)*+"
    r"<(?P<root>[a-z_][\w.:]*+)(?!-)\b(?:[^<>]*/>|[^<>]*+>.*</(?P=root)\s*>)\s*\Z",
    regex.IGNORECASE | regex.DOTALL,
)
_TAG = regex.compile(r"<!--|-->|<[^<>]*+>")
# A web page has room for a label; what has another element as its root is read by a program.
_HTML_ELEMENTS = frozenset(
    [
        *("a", "abbr", "address", "article", "aside", "audio", "b", "blockquote", "body", "br"),
        *("button", "center", "cite", "code", "dd", "del", "details", "dfn", "div", "dl", "dt"),
        *("em", "figcaption", "figure", "font", "footer", "form", "h1", "h2", "h3", "h4", "h5"),
        *("h6", "head", "header", "hgroup", "hr", "html", "i", "iframe", "img", "ins", "kbd"),
        *("label", "li", "link", "main", "mark", "menu", "meta", "nav", "ol", "p", "picture"),
        *("pre", "q", "s", "samp", "script", "search", "section", "small", "span", "strike"),
        *("strong", "style", "sub", "summary", "sup", "table", "tbody", "td", "template", "tfoot"),
        *("th", "thead", "time", "title", "tr", "tt", "u", "ul", "var", "video"),
    ]
)

_DELIMITERS = (",", ";", "\t")
# What may head a column: a few words that are neither a sentence nor a number.
_COLUMN_NAME = regex.compile(r"(?=.*\p{L})[^\s.!?]+(?: [^\s.!?]+){0,3}")

# Only in scripts that put spaces between words is a run of letters one word.
_LETTER = r"[\p{Latin}\p{Greek}\p{Cyrillic}\d]"
_WORD = rf"{_LETTER}(?:(?:{_LETTER}|[_'-]){{0,28}}{_LETTER})?"
_NUMBER = r"[+-]?[$€£]?\d[\d.,:/-]{0,28}\s?[%$€£°]?"
_ANSWER = regex.compile(
    rf"\s*(?:{_WORD}|{_NUMBER}|(?P<quote>[\"'`]){_WORD}(?: {_WORD})?(?P=quote))\s*"
)
_SELLS = regex.compile(
    r"\b(?:sale|discount|deals?|offer|promo|soldes|promotion|rebajas|oferta|saldi|offerta|rabatt|"
    r"angebot|aanbieding|korting|promocao)\b"
)

# Nobody refuses or asks back at more length; the limit keeps whole articles out.
_MAX_REPLY = 500
_CANNOT = r"i(?:'m| am) (?:unable|not able) to|i (?:can't|cannot|can not|won't(?: be able to)?)"
_SORRY = (
    r"(?:i(?:'m| am) (?:\w+ )?sorry|sorry|(?:my )?apologies|i apologi[sz]e|unfortunately|"
    r"as an? (?:ai|assistant|language model)(?: \w+){0,2}),? (?:but |that )*"
)
_MAKING = r"(?:creat|writ|generat|mak|draft|produc)"
_REFUSAL = regex.compile(
    rf"(?:{_SORRY})*(?:{_CANNOT}) (?:help|assist)(?: you)?(?: with (?:"
    r"(?:that|this|it)(?: (?:request|topic|kind|type|task|question|subject)\b[^:!]*)?"
    rf"|(?:your request|such|requests?|content|{_MAKING}ing)\b[^:!]*))?\.?"
    rf"|(?:{_SORRY})+(?:{_CANNOT}) (?:comply|fulfil+|provide|answer|do|complete|{_MAKING}e?)\b"
    r"(?: (?:with )?(?:that|this|it)|[^:!]*\b(?:requests?|content|copy|text|claims?|"
    r"advert\w*|ads?|information|question)\b[^:!]*)?\.?"
    r"|(?:(?:es )?tut mir (?:\w+ )?leid,? (?:aber )?|leider )*"
    r"(?:(?:dabei|damit|hierbei|das|bei \w+ \w+) kann ich|ich kann) (?:\w+ ){0,5}nicht "
    r"(?:weiter)?(?:helfen|unterstutzen)\.?"
    r"|(?:(?:je suis )?desolee?,? (?:mais )?|malheureusement,? )*je ne (?:peux|suis) pas "
    r"(?:en mesure de )?(?:vous |t')?(?:aider|repondre a (?:cette|votre))\b[^:!]*"
    r"|(?:lo siento|lo lamento|disculpa),? (?:pero )?no puedo ayudar\w*\b[^:!]*"
    r"|(?:mi dispiace|mi spiace),? (?:ma )?non posso aiutar\w*\b[^:!]*"
    r"|(?:(?:het )?spijt me|sorry|helaas),? (?:maar )?(?:ik kan|daar kan ik|kan ik) "
    r"(?:\w+ ){0,5}niet (?:mee |bij |verder )?helpen\.?"
    r"|(?:desculp\w+|lamento|sinto muito),? (?:mas )?nao posso ajuda\w*\b[^:!]*"
)
# A question for what the text is to be about, and not one to the readers ("Tell us yours!").
_QUESTION = regex.compile(
    r"(?!.*\b(?:our|us|we|favou?rite|comments?)\b)(?:"
    r"(?:could|can|would) you (?:please |kindly )?(?:tell me|let me know|share|provide|give me|"
    r"clarify|specify|confirm|send me|describe|paste)\b.*\b(?:name|details|information|info|"
    r"context|product|brand|audience|channel|platform|tone|topic|text|draft|copy|brief|"
    r"language|campaign|company|service|event|features)\b.*\?"
    r"|please (?:provide|share|paste|send|specify|tell me|let me know)\b.*"
    r"\b(?:you(?:'d| would) like me to|so (?:that )?i can|for me to)\b.*"
    r"|what(?:'s| is) the (?:name of (?:the|your) )?(?:product|brand|company|service|event)"
    r"(?:'s)?(?: name| called)?\?"
    r"|(?:konnten|konntest|kannst) (?:sie|du) mir\b.*\b(?:namen?|produkt\w*|details|zielgruppe|"
    r"informationen|marke|kanal)\b.*\?"
    r"|(?:pouvez-vous|pourriez-vous|peux-tu|pourrais-tu) (?:me |m'|preciser )"
    r".*\b(?:nom|produit|details|informations|precisions|public|marque|canal)\b.*\?"
    r"|(?:puedes|podrias|puede|podria) (?:decirme|darme|indicarme|proporcionarme)\b"
    r".*\b(?:nombre|producto|detalles|informacion|publico|marca|canal)\b.*\?"
    r"|(?:puoi|potresti|puo|potrebbe) (?:dirmi|darmi|indicarmi|fornirmi)\b"
    r".*\b(?:nome|prodotto|dettagli|informazioni|pubblico|marca|canale)\b.*\?"
    r"|(?:kun|kunt|kan|zou) (?:je|jij|u) (?:me|mij)\b"
    r".*\b(?:naam|product|details|informatie|doelgroep|merk|kanaal)\b.*\?"
    r"|(?:pode|podes|poderia|podia) (?:dizer|indicar|fornecer|dar)(?:-me)?\b"
    r".*\b(?:nome|produto|detalhes|informacoes|publico|marca|canal)\b.*\?)"
)
# What an assistant says around a refusal or a question.
_SMALL_TALK = regex.compile(
    r"(?:i(?:'m| am) (?:\w+ )?sorry|sorry|sure|of course|certainly|absolutely|thanks|thank you|"
    r"great)(?: (?:about|for) (?:that|this|it))?[.!]"
    r"|(?:(?:sure|of course|certainly|absolutely)[,!] )?"
    r"(?:i(?:'d| would) be (?:happy|glad) to|(?:i(?:'m| am) )?happy to|i can (?:help|offer))\b.*"
    r"|(?:if you|let me know|feel free|please (?:let me know|rephrase|try)|would you like|"
    r"is there (?:anything|something))\b.*"
    r"|(?:this|that|it|the request|your request) (?:would|violates?|goes against|is against)\b.*"
    r"|i (?:just |only )?need (?:a bit|some|a few|a little|more)\b.*"
)


def structured_values(text: str) -> list[str] | None:
    """The strings of a text that is JSON, JSON lines, CSV or XML, fenced or not; None if not.

    HTML is no data: it is shown to people, and a label has its place in it.
    """
    fenced = _FENCE.match(text)
    document = (fenced[1] if fenced else text).strip()
    for read in (_json_strings, _xml_strings, _csv_cells):
        values = read(document)
        if values is not None:
            return values
    return None


def is_published(text: str, channel: Channel) -> bool:
    """Whether a text may be copy, and not an answer in a word, a refusal or a question back.

    A chatbot publishes whatever it says.
    """
    if channel.name == "chatbot" or len(text) > _MAX_REPLY:
        return True
    copy = normalise(text)
    return not (_is_answer(copy.text) or _is_reply(copy))


def _is_answer(text: str) -> bool:
    """Whether a text is one word, a number or two words in quotes, as a classifier answers."""
    return _ANSWER.fullmatch(text) is not None and not _SELLS.search(fold(text))


def _is_reply(copy: NormalisedText) -> bool:
    """Whether a text plainly speaks to who asked for a text: a refusal, or a question back."""
    sentences = [fold(copy.text[start:end]) for start, end in copy.sentences]
    decisive = [bool(_REFUSAL.fullmatch(told) or _QUESTION.fullmatch(told)) for told in sentences]
    return any(decisive) and all(
        is_decisive or _SMALL_TALK.fullmatch(told)
        for is_decisive, told in zip(decisive, sentences, strict=True)
    )


def _json_strings(text: str) -> list[str] | None:
    """The strings of one JSON object or array, or of several after one another."""
    decoder = json.JSONDecoder()
    strings: list[str] = []
    position = 0
    while position < len(text):
        try:
            document, end = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            return None
        if not isinstance(document, (dict, list)):
            return None
        strings.extend(_strings(document))
        rest = _VISIBLE.search(text, end)
        position = rest.start() if rest else len(text)
    return strings


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _xml_strings(text: str) -> list[str] | None:
    """The texts between the tags of an XML or SVG document."""
    document = _XML.match(text)
    if document is None:
        return None
    root = document["root"].lower()
    is_web_page = root == "html" or (root in _HTML_ELEMENTS and not document["prolog"])
    return None if is_web_page else _TAG.split(text)


def _csv_cells(text: str) -> list[str] | None:
    """The cells of a table with a head; in prose a space follows the comma."""
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        rows = [row for row in rows if row]
        if len(rows) < 2 or len(rows[0]) < 2 or any(len(row) != len(rows[0]) for row in rows):
            continue
        cells = [cell for row in rows for cell in row]
        if all(map(_COLUMN_NAME.fullmatch, rows[0])) and not any(c.startswith(" ") for c in cells):
            return cells
    return None
