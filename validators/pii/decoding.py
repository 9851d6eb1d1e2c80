"""Other readings of a text: what its escapes, encodings, spelled-out digits and tables say."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

import re2
import regex

from validators.text import Change, NormalisedText, normalise, rewrite

# An encoding inside an encoding is read too, this deep.
_ROUNDS = 3
# One look for everything that could be decoded; most texts have none of it.
_CODED = re2.compile(
    r"(?i)%[0-9a-f]{2}|\\[un\"/t]|\\x[0-9a-f]{2}|=[0-9a-f]{2}|=\n|[a-z0-9+/_-]{16}|<[!/a-z]|"
    r"\x{3002}"
)
_ESCAPE = regex.compile(
    r"(?P<json>(?:\\u[\da-fA-F]{4})+)|(?P<control>\\[ntr])|(?P<quoted>\\[\"/'])|"
    r"(?P<hexes>(?:\\x[\da-fA-F]{2})+)|(?P<percent>(?:%[\da-fA-F]{2})+)|(?P<soft>=\r?\n)|"
    r"(?P<printable>(?:=[\dA-F]{2})+(?![\dA-F]{2}))|(?P<markup><!--\s{0,20}-->|"
    r"</?[a-zA-Z][\w:-]{0,30}(?:\s[^<>\n]{0,400})?/?>)|"
    r"(?P<stop>\x{3002}(?=\w))".replace(r"\x{3002}", "\u3002"),
    regex.DOTALL,
)
_INLINE = regex.compile(
    r"</?(?:a|b|i|u|s|em|strong|span|font|small|mark|wbr|sub|sup|ins|del)\b|<!--", regex.IGNORECASE
)
_HEX = regex.compile(r"(?<![\da-zA-Z])(?:[\da-fA-F]{2}){8,4096}(?![\da-zA-Z])")
_BASE64 = regex.compile(r"(?<![\w+/=-])[A-Za-z0-9+/_-]{16,65536}={0,2}(?![\w+/=-])")
_PRINTABLE = regex.compile(r"[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\r\n\t]+")

# "l a u r a @ m a i l . c o m", "5 1 2 - 7 4 - 3 3 9 0".
_SPACED = regex.compile(
    r"(?<!\S)(?:[\p{L}\p{N}@._+/:-] ){6,400}[\p{L}\p{N}@._+/:-](?!\S*[^\s,;.!?\"')])"
)
# A line that was wrapped inside a value, with or without a mark of quotation.
_WRAPPED = regex.compile(
    r"(?<=[\w.+-]@|@[\w-]{1,63}[.-])\n[> ]{0,4}(?=\w)|(?<=[\w+-])\n[> ]{0,4}(?=@\w)"
)
_WRAPPED_DIGITS = regex.compile(r"(?<=\d)-?\n[> ]{0,4}(?=\d)")

# A number with the letter for its noughts: "O7911 552 640".
_WITH_LETTERS = regex.compile(
    r"(?<![\p{L}\d])(?:[oO](?=\d{3})|\d)(?:[ .-]{0,3}[\doO]){3,14}(?![\p{L}\d])"
)
_LETTER_O = regex.compile(r"[oO]")
_WITH_LETTERS_SIGN = re2.compile(r"\d[oO]|[oO]\d")

_UNITS = {
    # English, German, French, Spanish, Italian, Dutch, Portuguese.
    "0": "zero oh nought null zéro cero nul nulla",
    "1": "one eins ein un une uno una een één um uma",
    "2": "two zwei zwo deux dos due twee dois duas",
    "3": "three drei trois tres tre drie três",
    "4": "four vier quatre cuatro quattro quatro",
    "5": "five fünf cinq cinco cinque vijf",
    "6": "six sechs seis sei zes meia",
    "7": "seven sieben sept siete sette zeven sete",
    "8": "eight acht huit ocho otto oito",
    "9": "nine neun neuf nueve nove negen",
    "10": "ten zehn dix diez dieci tien dez",
    "11": "eleven elf onze once undici",
    "12": "twelve zwölf douze doce dodici twaalf doze",
    "13": "thirteen dreizehn treize trece tredici dertien treze",
    "14": "fourteen vierzehn quatorze catorce quattordici veertien catorze",
    "15": "fifteen fünfzehn quinze quince quindici vijftien",
    "16": "sixteen sechzehn seize dieciséis sedici zestien dezesseis dezasseis",
    "17": "seventeen siebzehn dix-sept diecisiete diciassette zeventien dezessete dezassete",
    "18": "eighteen achtzehn dix-huit dieciocho diciotto achttien dezoito",
    "19": "nineteen neunzehn dix-neuf diecinueve diciannove negentien dezenove dezanove",
}
_TENS = {
    "2": "twenty zwanzig vingt veinte venti twintig vinte",
    "3": "thirty dreißig trente treinta trenta dertig trinta",
    "4": "forty vierzig quarante cuarenta quaranta veertig quarenta",
    "5": "fifty fünfzig cinquante cincuenta cinquanta vijftig cinquenta",
    "6": "sixty sechzig soixante sesenta sessanta zestig sessenta",
    "7": "seventy siebzig septante setenta settanta zeventig",
    "8": "eighty achtzig huitante octante ochenta ottanta tachtig oitenta",
    "9": "ninety neunzig nonante noventa novanta negentig",
}
_DIGITS_OF = {word: digits for digits, words in _UNITS.items() for word in words.split()}
_TENS_OF = {word: digit for digit, words in _TENS.items() for word in words.split()}
_JOINERS = frozenset({"and", "und", "et", "y", "e", "en"})
_REPEATS = {"double": 2, "doppel": 2, "doble": 2, "doppio": 2, "dubbel": 2, "duplo": 2, "triple": 3}
_HUNDREDS = frozenset({"hundred", "hundert", "cent", "cents", "cientos", "honderd"})
_WORDS = sorted(
    {*_DIGITS_OF, *_TENS_OF, *_REPEATS, *_HUNDREDS, "quatre-vingt", "quatre-vingts"},
    key=len,
    reverse=True,
)
_WORD = rf"(?:{'|'.join(map(regex.escape, _WORDS))})"
_SPOKEN = regex.compile(
    rf"(?<![\p{{L}}\d])(?:(?:{_WORD}|\+?\d{{1,6}})(?![\p{{L}}])[ ,-]{{1,3}}(?:(?:and|und|et|y|e|"
    rf"en) )?)"
    rf"{{2,40}}(?:{_WORD}|\d{{1,6}})(?![\p{{L}}\d])",
    regex.IGNORECASE,
)
_SPOKEN_SIGN = re2.compile(r"(?i)\b(?:" + "|".join(sorted({*_DIGITS_OF, *_TENS_OF})) + r")[ ,-]")
_PART = regex.compile(r"\p{L}+(?:-\p{L}+)*|\+?\d+|[ ,.-]+", regex.IGNORECASE)

_DELIMITERS = ";|\t,"
_MOST_COLUMNS = 64


def readings(text: str) -> list[NormalisedText]:
    """The text as a reader sees it, and then as a program, an ear or a spreadsheet would.

    Every reading knows where its characters stand in the original: what is decoded out of a run of
    base64 stands in the whole run. A text without any sign of an encoding has one reading.
    """
    plain = normalise(text)
    found = [plain]
    decoded = _decode(plain) if _CODED.search(plain.text) else plain
    if decoded is not plain:
        found.append(decoded)
    joined = _join(decoded)
    if joined is not decoded:
        found.append(joined)
    table = _read_table(text)
    if table is not None:
        found.append(table)
    return found


def _decode(plain: NormalisedText) -> NormalisedText:
    for _ in range(_ROUNDS):
        changes = sorted([*_escapes(plain.text), *_encodings(plain.text)])
        if not changes:
            return plain
        rewritten = plain.then(rewrite(plain.text, changes))
        plain = rewritten.then(normalise(rewritten.text))
    return plain


def _escapes(text: str) -> Iterator[Change]:
    for match in _ESCAPE.finditer(text):
        plain = _unescape(match)
        if plain is not None and plain != match[0]:
            yield match.start(), match.end(), plain


def _unescape(match: regex.Match[str]) -> str | None:
    """What an escape stands for; None where it is no escape after all."""
    kind, value = match.lastgroup, match[0]
    if kind == "json":
        units = bytes.fromhex(value.replace("\\u", ""))
        return _text_of(units, "utf-16-be")
    if kind == "control":
        return " " if value == "\\t" else "\n"
    if kind == "quoted":
        return value[1]
    if kind in ("hexes", "percent", "printable"):
        return _text_of(bytes.fromhex(regex.sub(r"[\\x%=]", "", value)), "utf-8")
    # A tag that only changes the look stands inside a word; any other parts two.
    if kind == "markup":
        return "" if _INLINE.match(value) else "\n"
    return "." if kind == "stop" else ""


def _encodings(text: str) -> Iterator[Change]:
    for match in _HEX.finditer(text):
        plain = _text_of(bytes.fromhex(match[0]), "utf-8")
        if plain is not None:
            yield match.start(), match.end(), plain
    for match in _BASE64.finditer(text):
        plain = _from_base64(match[0])
        if plain is not None:
            yield match.start(), match.end(), plain


def _from_base64(run: str) -> str | None:
    body = run.rstrip("=")
    if len(body) % 4 == 1:
        return None
    padded = body.replace("-", "+").replace("_", "/") + "=" * (-len(body) % 4)
    try:
        return _text_of(base64.b64decode(padded, validate=True), "utf-8")
    except binascii.Error:
        return None


def _text_of(data: bytes, encoding: str) -> str | None:
    """The text that the bytes spell, if they spell one that can be read."""
    try:
        plain = data.decode(encoding)
    except UnicodeDecodeError:
        return None
    return plain if _PRINTABLE.fullmatch(plain) else None


def _join(reading: NormalisedText) -> NormalisedText:
    """Put together what is spaced out, wrapped, or said digit by digit."""
    reading = _with_noughts(reading)
    text = reading.text
    changes: list[Change] = []
    for match in _SPACED.finditer(text) if " " in text else ():
        changes += [(i, i + 1, "") for i in range(*match.span()) if text[i] == " "]
    if "\n" in text:
        changes += [(*match.span(), "") for match in _WRAPPED.finditer(text)]
        changes += [(*match.span(), " ") for match in _WRAPPED_DIGITS.finditer(text)]
    if _SPOKEN_SIGN.search(text):
        for match in _SPOKEN.finditer(text):
            digits = _spoken_digits(match[0])
            if digits:
                changes.append((*match.span(), digits))
    return reading.then(rewrite(text, sorted(changes))) if changes else reading


def _with_noughts(reading: NormalisedText) -> NormalisedText:
    """Read the letter for the nought that it looks like, among digits."""
    text = reading.text
    if not _WITH_LETTERS_SIGN.search(text):
        return reading
    runs = [match.span() for match in _WITH_LETTERS.finditer(text)]
    changes = [(*o.span(), "0") for run in runs for o in _LETTER_O.finditer(text, *run)]
    return reading.then(rewrite(text, changes)) if changes else reading


def _spoken_digits(run: str) -> str:
    """The digits of a run of number words, in the groups that its commas make."""
    groups = [_digits_of_group(group) for group in regex.split(r"[,.]+ ?", run)]
    words = len(regex.findall(r"\p{L}{2,}", run))
    digits = sum(character.isdigit() for group in groups for character in group)
    # Two words among so many digits are digits too: "nul zes 42 36 12 77".
    is_number = words >= 4 or (words >= 1 and run.startswith("+")) or (words >= 2 and digits >= 9)
    return " ".join(filter(None, groups)) if is_number and digits >= 4 else ""


def _digits_of_group(group: str) -> str:
    out = ""
    repeat = 1
    tens = ""
    for word in regex.findall(r"dix-(?:sept|huit|neuf)|\p{L}+|\+?\d+", group.lower()):
        if word in _REPEATS:
            repeat = _REPEATS[word]
        elif word in _HUNDREDS:
            out += "00"
        elif word in _JOINERS and word not in _DIGITS_OF:
            continue
        elif word in ("vingt", "vingts") and out.endswith("4"):
            out, tens = out[:-1], "8"
        elif word in _TENS_OF:
            out += tens + "0" if tens else ""
            tens = _TENS_OF[word]
        else:
            digits = _DIGITS_OF.get(word, word)
            if tens and len(digits) == 1:
                digits = tens + digits
            elif tens == "8" and len(digits) == 2:
                digits = "9" + digits[1]
            elif tens == "6" and len(digits) == 2:
                digits = "7" + digits[1]
            elif tens:
                digits = tens + "0" + digits
            tens = ""
            out += digits * repeat
            repeat = 1
    return out + (tens + "0" if tens else "")


def _read_table(text: str) -> NormalisedText | None:
    """Each cell of CSV and Markdown tables after the name of its column, as a cue."""
    if text.count("\n") < 1:
        return None
    changes: list[Change] = []
    header: list[str] = []
    delimiter = ""
    position = 0
    for line in text.splitlines(keepends=True):
        cells = _cells(line, delimiter) if header else []
        if header and len(cells) != len(header):
            # An amount such as 38,000 was no two cells.
            cells = _cells(regex.sub(r"(?<=\d),(?=\d{3}(?!\d))", " ", line), delimiter)
        if header and len(cells) == len(header):
            for name, (start, end) in zip(header, cells, strict=True):
                at = position + start
                # One character is nobody's, and a table of them would grow thirtyfold.
                if name and end - start > 1:
                    changes.append((at, at, f"\n{name}: "))
        else:
            header, delimiter = _header(line)
        position += len(line)
    if not changes:
        return None
    rewritten = rewrite(text, changes)
    return rewritten.then(normalise(rewritten.text))


def _header(line: str) -> tuple[list[str], str]:
    """The names of the columns, where a line holds nothing else."""
    for delimiter in _DELIMITERS:
        if not 1 <= line.count(delimiter) < _MOST_COLUMNS:
            continue
        cells = _cells(line, delimiter)
        names = [line[start:end].strip(" \t\r\n\"'|") for start, end in cells]
        if all(
            regex.fullmatch(r"[\p{L}_][\p{L}\p{M} _./°º#-]{0,30}|", name) for name in names
        ) and (len([name for name in names if name]) >= 2):
            return [regex.sub(r"[_-]+", " ", name) for name in names], delimiter
    return [], ""


def _cells(line: str, delimiter: str) -> list[tuple[int, int]]:
    """Where the cells of a line stand; a delimiter in quotes is part of its cell."""
    spans = []
    start = 0
    quoted = False
    for index, character in enumerate(line.rstrip("\r\n")):
        if character == '"':
            quoted = not quoted
        elif character == delimiter and not quoted:
            spans.append((start, index))
            start = index + 1
    spans.append((start, len(line.rstrip("\r\n"))))
    return [_stripped(line, *span) for span in spans]


def _stripped(line: str, start: int, end: int) -> tuple[int, int]:
    cell = line[start:end]
    return start + len(cell) - len(cell.lstrip(" \"'")), end
