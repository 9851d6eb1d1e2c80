"""Personal data that has a shape: numbers, addresses, keys and links, for Presidio's analyzer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import phonenumbers
import regex
from presidio_analyzer import LocalRecognizer, RecognizerResult

from validators.base import ValidatorError
from validators.entities import EntityType

_SECONDS_PER_SEARCH = 2.0
_FLAGS = regex.IGNORECASE | regex.MULTILINE


@dataclass(frozen=True, slots=True)
class _Shape:
    """One way to write one type. The group `value`, or else the whole match, is the entity."""

    type: EntityType
    find: regex.Pattern[str]
    score: float
    check: Callable[[str], bool] | None = None


class Identifiers(LocalRecognizer):
    """Find every entity that a pattern, with or without a check sum, can tell.

    Presidio's own pattern recogniser logs a search that ran out of time and goes on without it;
    here it is an error, since a text that was not searched must not pass.
    """

    def __init__(self) -> None:
        super().__init__(supported_entities=sorted({shape.type for shape in _SHAPES}))

    def load(self) -> None:
        """Nothing to load: the patterns are compiled with the module."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """Presidio's interface.

        Raises:
            ValidatorError: a search ran out of time.
        """
        del nlp_artifacts
        return [
            RecognizerResult(shape.type, start, end, shape.score)
            for shape in _SHAPES
            if shape.type in entities
            for start, end in _search(shape, text)
        ]


class Phones(LocalRecognizer):
    """Find phone numbers: written internationally, in a national grouping, or after a cue.

    Presidio's recogniser asks `phonenumbers` once per region and text, which takes most of the
    time of a whole analysis, and still wants valid numbers. Reserved and mistyped numbers are
    personal data too, so here a possible number with a telling shape or a cue is enough.
    """

    def __init__(self) -> None:
        super().__init__(supported_entities=[EntityType.PHONE_NUMBER])

    def load(self) -> None:
        """Nothing to load."""

    def analyze(
        self, text: str, entities: Sequence[str], nlp_artifacts: Any = None
    ) -> list[RecognizerResult]:
        """Presidio's interface."""
        del nlp_artifacts
        if EntityType.PHONE_NUMBER not in entities:
            return []
        results = []
        for match in _PHONE.finditer(text):
            start, end = match.span()
            if text[start] == "(" and text[end - 1] == ")":
                start, end = start + 1, end - 1
            score = _score_phone(text[start:end], text[max(0, start - 40) : start])
            if score:
                results.append(RecognizerResult(EntityType.PHONE_NUMBER, start, end, score))
        return results


_PHONE = regex.compile(
    r"(?<![\w+/.,#€$£-])(?:\+|00)?\(?\d{1,5}\)?(?:[ \-./]{0,2}\(?\d{1,5}\)?){1,7}"
    r"(?![\w%€$£]|[.,]\d)"
)
_PHONE_CUE = regex.compile(
    r"\b(?:phone|telephone|tel|mobile|cell|call|ring|rang|whats ?app|fax|sms|direct line|line|dial|"
    r"text(?: (?:me|us|him|her|them))?|reach(?: (?:me|him|her|them))?(?: (?:on|at))?|hotline|"
    r"contact|handy|telefon|tel[eé]fono|t[eé]l[eé]phone|móvil|telemóvel|mobiel|portable|cellulare|number|"
    r"num[ée]ro|nummer)\b[^\w\n]{0,4}"
    r"(?:(?:is|on|at|to|from|no|number|me|us|ist|est|es|unter|au|al)\b[^\w\n]{0,3}){0,3}$",
    regex.IGNORECASE,
)
# National groupings that hardly anything else has: (415) 555-0132, 415-555-0132, 0131 496 0338.
_TELLING = regex.compile(
    r"\(\d{2,5}\)[ ]?\d{3}[ \-]?\d{3,5}|\d{3}[-. ]\d{3}[-. ]\d{4}|07\d{9}|0[67](?:[ .]?\d\d){4}|"
    r"0\d{1,4}[ \-/]\d{2,4}(?:[ \-]\d{2,5}){1,4}|0\d{2,4}[ \-/]\d{6,8}"
)
_DATE = regex.compile(r"\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[./-]\d{1,2}[./-]\d{1,2}")


def _score_phone(number: str, before: str) -> float:
    digits = regex.sub(r"\D", "", number)
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(number):
        return 0.0
    if number.startswith(("+", "00")):
        international = "+" + digits.removeprefix("00") if number[0] == "0" else "+" + digits
        try:
            parsed = phonenumbers.parse(international, None)
        except phonenumbers.NumberParseException:
            return 0.0
        return 0.95 if phonenumbers.is_possible_number(parsed) else 0.6
    if _PHONE_CUE.search(before):
        return 0.85
    return 0.75 if _TELLING.fullmatch(number) else 0.0


def _search(shape: _Shape, text: str) -> Iterator[tuple[int, int]]:
    try:
        # With a check, a match that fails may hide a true one that begins inside it.
        overlapped = shape.check is not None
        matches = shape.find.finditer(text, overlapped=overlapped, timeout=_SECONDS_PER_SEARCH)
        for match in matches:
            start, end = match.span("value") if "value" in match.groupdict() else match.span()
            if shape.check is None or shape.check(text[start:end]):
                yield start, end
    except TimeoutError as error:
        raise ValidatorError(f"the search for {shape.type} ran out of time") from error


def _is_luhn(number: str) -> bool:
    digits = [int(digit) for digit in number if digit.isdigit()]
    if not 12 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [2 * digit if i % 2 else digit for i, digit in enumerate(reversed(digits))]
    return sum(digit - 9 if digit > 9 else digit for digit in doubled) % 10 == 0


def _is_iban(text: str) -> bool:
    letters = "".join(character for character in text.upper() if character.isalnum())
    if not 15 <= len(letters) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in letters[4:] + letters[:4])) % 97 == 1


def _is_ipv4(text: str) -> bool:
    """Four octets, one of them too large for the usual version number."""
    octets = [int(part) for part in regex.findall(r"\d+", text)]
    return max(octets) <= 255 and max(octets) >= 20


def _is_ipv6(text: str) -> bool:
    plain = text.replace("[", "").replace("]", "")
    return "::" in plain or plain.count(":") == 7


def _is_nir(text: str) -> bool:
    digits = text.replace(" ", "").replace("2A", "19").replace("2B", "18")
    return digits.isdigit() and 97 - int(digits[:-2]) % 97 == int(digits[-2:])


def _is_random(text: str) -> bool:
    """Whether letters and digits alternate as in a key, and not as in a product code."""
    kinds = regex.sub(r"[^A-Za-z0-9]", "", text)
    kinds = regex.sub(r"\d+", "0", regex.sub(r"[A-Z]+", "A", regex.sub(r"[a-z]+", "a", kinds)))
    return len(kinds) >= 8


def _shape(
    type: EntityType, find: str, score: float, check: Callable[[str], bool] | None = None
) -> _Shape:
    return _Shape(type, regex.compile(find, _FLAGS), score, check)


def _exact(
    type: EntityType, find: str, score: float, check: Callable[[str], bool] | None = None
) -> _Shape:
    """A shape in which small letters and capitals differ."""
    return _Shape(type, regex.compile(find, regex.MULTILINE), score, check)


_DAY = r"(?:[12]?\d|3[01])(?:st|nd|rd|th)?"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|avr|juil|août|déc|januar|"
    r"februar|märz|mai|juni|juli|okt|dez|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    r"septiembre|octubre|noviembre|diciembre|gennaio|febbraio|aprile|maggio|giugno|luglio|"
    r"settembre|ottobre|novembre|dicembre|janeiro|fevereiro|março|maio|junho|julho|setembro|"
    r"outubro|novembro|dezembro|januari|februari|maart|mei)\p{L}{0,9}\.?"
)
_ANY_DATE = (
    rf"(?:\d{{1,4}}[./-]\d{{1,2}}[./-]\d{{1,4}}|"
    rf"{_DAY}[ .]{{1,2}}(?:of |de )?{_MONTH},?(?: de)? ?\d{{4}}|{_MONTH} {_DAY},? \d{{4}})"
)
_BIRTH = (
    r"\b(?:born|dob|d\.o\.b|b|date of birth|birth ?da(?:y|te)|bday|birth|geboren|geb|geburtsdatum|"
    r"née?|naissance|nacid[oa]|nacimiento|cumple|nat[oa]|nascid[oa]|nasci|geboortedatum)\b\.?"
    r"[\s:;,=\"'(_]{0,4}(?:(?:on|am|le|el|il|a|à|em|in|op|is|the)\b ?)?"
    r"(?:(?:à|in|a) \p{Lu}\p{L}+ (?:le|am) )?"
)

# "order no. 88213", "member ID: 4471-0092-GM": a cue, a word for number, the id.
_AFTER_CUE = (
    r"(?:[ ]?(?:no|nos|nr|num|number|numero|número|numéro|id|ids|ref|reference|code)\b\.?)?"
    r"(?: (?:is|was|ist|est|es))?[\s:#\"'=°º|(\[]{1,4}"
)
# Letters with digits, four digits, or groups of digits; no year, no amount.
_ID = (
    r"(?=\S*\p{L}[\w/.-]*\d|\d[\w/.-]*\p{L}|\d{4,}|\d+[-/]\d)(?=[\w/-]*\d)"
    r"(?!(?:19|20)\d\d\b|\d+(?:st|nd|rd|th|x|px|g|kg|ml|cl|cm|mm|min|h|pm|am|pcs)\b)"
    r"[\p{L}\d](?:[\p{L}\d_]|[-/.](?=[\p{L}\d])){2,31}(?: \d{2,6}\b){0,4}"
)
_ORDER_CUE = (
    r"\b(?:order|booking|ticket|invoice|case|quote|claim|parcel|tracking|reservation|confirmation|"
    r"shipment|rental|return|rma|refund|receipt|consignment|po|purchase order|bestellung|"
    r"bestellnummer|rechnung|auftrag|commande|facture|colis|pedido|factura|ordine|fattura|"
    r"bestelling|factuur|encomenda|fatura|reserva|vorgang|stay)"
)
_CUSTOMER_CUE = (
    r"\b(?:customer|member|membership|account|acct|user|donor|client|loyalty|loyalty card|"
    r"subscriber|patient|employee|student|policy|contract|kunde|kunden|kundennummer|cliente|"
    r"compte|klant|klantnummer|socio|adhérent|abonné|conta|cuenta)"
)

_CAP = r"\p{Lu}[\p{L}\p{M}'.-]*"
_STREET_TYPE = (
    r"(?i:street|st|road|rd|avenue|ave|lane|ln|drive|dr|close|way|crescent|cres|terrace|place|pl|"
    r"court|ct|square|sq|boulevard|blvd|grove|gardens|park|mews|row|parade|hill|walk|quay|bank|"
    r"green|highway|hwy|parkway|pkwy|circle|cir|alley|yard|rise|view|wharf|gate|brow|plaza|"
    r"cottages)\b\.?"
)
_ROAD_FIRST = (
    r"(?:Calle|C/|Avenida|Avda\.?|Plaza|Paseo|Carrer(?: de)?|Rue|Avenue|Boulevard|Chemin|Place|"
    r"Via|Viale|Piazza|Corso|Rua|Travessa|Praça|ul\.|ulica|Jalan|Lorong)"
)
_ROAD_LAST = (
    r"(?:straße|strasse|str\.|gasse|allee|platz|weg|gatan|vägen|gade|gata|veien|katu|straat|laan|"
    r"plein|gracht|kade)"
)
_UNIT = (
    r"(?:(?i:flat|unit|apt|apartment|suite|studio|room|floor|house|plot|blk|no)\.? ?"
    r"#?[\w/-]{1,6},? )"
)
# Postcodes that are nothing else: British, Canadian, Irish.
_LETTERED_POSTCODE = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|(?:[A-Z]{2} )?[A-Z]\d[A-Z] ?\d[A-Z]\d|"
    r"[A-Z]\d[\dW] ?[A-Z\d]{4})"
)
_POSTCODE = rf"(?:{_LETTERED_POSTCODE}|[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?|\d{{4,6}})"
_CITY_CODE = r"(?:\d{4,5}|\d{2}-\d{3}|\d{3} \d{2})"
# The rest of an address: ", Flat 2, Hebden Bridge HX7 6DG", ", 28012 Madrid".
_TAIL = (
    r"(?:,? (?i:flat|unit|apt|apartment|suite)\.? ?[\w-]{1,6}\b)?"
    rf"(?:, (?:\d{{4,6}} )?{_CAP}(?: {_CAP}){{0,2}}(?=[,;\n]|[ ]{_POSTCODE}|$)){{0,3}}"
    rf"(?:,? {_POSTCODE}\b)?(?:(?<=\d{{4}}) {_CAP})?"
)
_ADDRESS_LINE = (
    rf"(?:{_UNIT}|(?:The )?\d[\w/-]{{0,6}}(?: {_CAP}){{1,4}}|"
    rf"(?:The )?{_CAP}(?: {_CAP}){{0,3}}(?: \d{{1,4}}[A-Z]?)?)"
)
_ADDRESS_CUE = (
    r"\b(?:(?:(?:old|new|home|billing|postal|delivery|shipping|street) )?address(?: is)?|lives at|"
    r"deliver(?:y)? to|ship(?:ped)? to|ship-to|adresse|dirección|indirizzo|adres|morada)[: ]{1,2}"
)

_URL = r"(?:https?://|https?%3A%2F%2F|\bwww\.)"
_IN_URL = r"[^\s<>\"'`|]*"
_END_OF_URL = r"[^\s<>\"'`|.,;:!?)\]}]"
_URL_SECRET = (
    r"(?:[?&;](?:tk|token|access_token|key|k|sig|signature|auth|session|sessionid|sid|jwt|otp|code|"
    r"pwd|pw|pass|password|uid|user|user_?id|email|e|mail|e-mail|customer|customer_?id|cust|client|"
    r"member|m|nm|name|phone|tel|order|id|h|d|t|c|r|a|owner|preview_nonce|nonce|jeton|cf|postcode|"
    r"pc|x-amz-\w+)=[^&\s]|(?:[?&]|%3F|%26)(?:token|user|email)%3D|"
    r"[\w.+-]+(?:@|%40)[\w-]+\.\w|/(?:reset|confirm|verify|invite|private|i|j|s|u|x)[/-][\w.-]*\d)"
)
_KEY_PREFIX = (
    r"\b(?:sk|pk|rk|psk|whsec|shpat|shpss|figd|npm|pypi|hf|ntn|lin_api|glpat|xox[abprs]|ghp|gho|"
    r"ghs|ghu|github_pat|GOCSPX|ya29|EAAA|access_token|AIza|SG|dapi)"
)
_SECRET_NAME = (
    r"(?:password|passwd|passcode|passwort|passphrase|pwd|api[_ -]?key|secret(?:[_ -]?key)?|"
    r"access[_ -]?(?:key|token)|auth[_ -]?token|client[_ -]?secret|contraseña|mot de passe|"
    r"wachtwoord)"
)
_IPV4 = r"\d{1,3}(?: ?\[?\.\]? ?\d{1,3}){3}"

# By their cue, whatever the check sum says: a mistyped number is somebody's too.
_NATIONAL_IDS: tuple[tuple[EntityType, str, str], ...] = (
    (EntityType.US_SSN, r"ssn|social security(?: number)?", r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    (EntityType.UK_NHS, r"nhs", r"\d{3}[ \-·]?\d{3}[ \-·]?\d{4}"),
    (
        EntityType.UK_NINO,
        r"ni|nino|national insurance",
        r"[A-Z] ?[A-Z](?:[ -]{0,3}\d\d){3}[ -]{0,3}[A-D]",
    ),
    (EntityType.DE_STEUER_ID, r"steuer-?id(?:nr)?|tax id|idnr|id", r"\d{2} ?\d{3} ?\d{3} ?\d{3}"),
    (EntityType.ES_NIF, r"dni|nif", r"\d{8}-?[A-Z]"),
    (EntityType.ES_NIE, r"nie", r"[XYZ]-?\d{7}-?[A-Z]"),
    (EntityType.PT_NIF, r"nif|contribuinte", r"\d{3} ?\d{3} ?\d{3}"),
    (
        EntityType.IT_FISCAL_CODE,
        r"cf|codice fiscale|tax code",
        r"[A-Z]{6}\d\d[A-Z]\d\d[A-Z]\d{3}[A-Z]",
    ),
    (
        EntityType.FR_NIR,
        r"nir|sécu|sécurité sociale",
        r"[12](?: ?\d\d){2} ?\d[\dAB](?: ?\d{3}){2}(?: ?\d\d)?",
    ),
    (EntityType.NL_BSN, r"bsn|burgerservicenummer", r"\d{3} ?\d{3} ?\d{3}"),
    (EntityType.PL_PESEL, r"pesel", r"\d{4} ?\d{3} ?\d{4}"),
    (EntityType.SE_PERSONNUMMER, r"personnummer|pnr", r"(?:\d{2})?\d{6}[-+]?\d{4}"),
    (EntityType.IE_PPS, r"pps(?:n)?", r"\d{7}[A-W][A-IW]?"),
    (EntityType.BR_CPF, r"cpf", r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}"),
    (EntityType.IN_PAN, r"pan", r"[A-Z]{5}\d{4}[A-Z]"),
    (EntityType.IN_AADHAAR, r"aadhaar|aadhar", r"\d{4} ?\d{4} ?\d{4}"),
    (
        EntityType.NATIONAL_ID,
        r"passport|driving licen[cs]e|driver'?s licen[cs]e|national id|reisepass|"
        r"tax (?:number|file number)|tfn",
        # Not "office 800-555-0132" after "passport": no word at first, and no phone number.
        r"(?![A-Z]{3,}[ -]|\d{3}-\d{3}-\d{4}\b)(?=[A-Z0-9 -]*\d)[A-Z0-9](?:[ -]?[A-Z0-9]){5,15}",
    ),
)

_NUMBERS: tuple[_Shape, ...] = (
    _shape(
        EntityType.CREDIT_CARD,
        r"(?<![\w.-])\d(?:[ -]{0,2}\d){11,18}(?![\w-]|\.\d)",
        0.98,
        _is_luhn,
    ),
    _shape(
        EntityType.CREDIT_CARD,
        r"\b(?:card|visa|mastercard|amex|karte|carte|tarjeta|carta|kaart|cartão)\b\D{0,24}"
        r"(?P<value>\d{4}[ -]?\d{4}[ -]?\d{4}[ -]?\d{1,7})\b",
        0.9,
    ),
    _shape(
        EntityType.IBAN_CODE,
        r"(?<!\w)[A-Z]{2}\d{2}(?:[ \n-]?[A-Z0-9]){11,30}(?!\w)",
        0.99,
        _is_iban,
    ),
    # With a wrong check sum, but grouped as only an IBAN is.
    _exact(EntityType.IBAN_CODE, r"(?<!\w)[A-Z]{2}\d{2}(?: [A-Z0-9]{4}){3,7}(?: \w{1,3})?\b", 0.9),
    _exact(
        EntityType.US_SSN, r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])", 0.9
    ),
    _exact(EntityType.UK_NINO, r"\b[A-Z]{2}(?: ?\d\d){3} ?[A-D]\b", 0.9),
    _exact(EntityType.BR_CPF, r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)", 0.95),
    _exact(EntityType.IT_FISCAL_CODE, r"\b[A-Z]{6}\d{2}[A-EHLMPRST]\d{2}[A-Z]\d{3}[A-Z]\b", 0.97),
    _exact(EntityType.IN_PAN, r"\b[A-Z]{3}[ABCFGHJLPT][A-Z]\d{4}[A-Z]\b", 0.9),
    _exact(
        EntityType.SE_PERSONNUMMER,
        r"(?<![\w-])(?:19|20)?\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])[-+]\d{4}(?![\w-])",
        0.9,
    ),
    _exact(EntityType.ES_NIE, r"\b[XYZ]-?\d{7}-?[A-Z]\b", 0.9),
    _exact(EntityType.ES_NIF, r"\b\d{8}-?[A-HJ-NP-TV-Z]\b", 0.85),
    _shape(
        EntityType.FR_NIR,
        r"(?<!\w)[12](?: ?\d\d){2} ?\d[\dAB](?: ?\d{3}){2} ?\d\d(?!\w)",
        0.96,
        _is_nir,
    ),
    *(
        _shape(type, rf"\b(?:{cue})(?: as)?\b{_AFTER_CUE}(?P<value>{value})\b", 0.97)
        for type, cue, value in _NATIONAL_IDS
    ),
    _shape(EntityType.IP_ADDRESS, rf"(?<![\w.]){_IPV4}(?![\w]|\.\d)", 0.6, _is_ipv4),
    _shape(
        EntityType.IP_ADDRESS,
        r"\b(?:ip|ipv4|host|server|from|at)(?: address)?(?: is)?[\s:=\"'(]{1,3}"
        rf"(?P<value>{_IPV4})(?![\w]|\.\d)",
        0.9,
    ),
    _shape(
        EntityType.IP_ADDRESS,
        r"(?<![\w:.])(?:[0-9a-f]{1,4}\[?:\]?){2,7}(?:\[?:\]?[0-9a-f]{1,4}){1,6}(?![\w:])",
        0.6,
        _is_ipv6,
    ),
    _shape(EntityType.DATE_OF_BIRTH, rf"{_BIRTH}(?P<value>{_ANY_DATE})", 0.95),
    _shape(EntityType.DATE_OF_BIRTH, r"\bborn (?:in )?(?P<value>(?:19|20)\d\d)\b", 0.8),
    _shape(EntityType.ORDER_ID, rf"{_ORDER_CUE}{_AFTER_CUE}(?P<value>{_ID})", 0.9),
    _shape(
        EntityType.ORDER_ID,
        rf"{_ORDER_CUE}\b.{{0,12}}#(?P<value>[\w-]{{0,8}}\d{{2,}}[\w-]*)",
        0.9,
    ),
    _shape(EntityType.ORDER_ID, r"(?<![\w&])#(?P<value>\d{5,12})\b", 0.6),
    _exact(
        EntityType.ORDER_ID,
        r"\b(?:ORD|ORDER|INV|TKT|RMA|BKG|CASE|SO|PO)[-/]\w*\d[\w/-]*\b",
        0.85,
    ),
    _shape(EntityType.CUSTOMER_ID, rf"{_CUSTOMER_CUE}{_AFTER_CUE}(?P<value>{_ID})", 0.9),
    _exact(EntityType.CUSTOMER_ID, r"\b(?:CUST|cus|cust|MEM|ACC|ACCT|CUS)[-_/]\w*\d[\w-]*\b", 0.85),
)

_PLACES: tuple[_Shape, ...] = (
    _exact(
        EntityType.LOCATION,
        rf"(?<![\w/.-]){_UNIT}?\d{{1,5}}[a-zA-Z]?(?:[/-]\d{{1,5}})? (?:{_CAP} ){{1,3}}"
        rf"{_STREET_TYPE}{_TAIL}",
        0.85,
    ),
    _exact(
        EntityType.LOCATION,
        rf"\b{_ROAD_FIRST} (?:(?:{_CAP}|de|la|del|da|do|dos|des|du|d') ?){{1,4}},? ?"
        rf"(?:n[o°º]\.? ?)?\d{{1,5}}(?:/\d{{1,4}})?[a-zA-Z]?\b{_TAIL}",
        0.85,
    ),
    _exact(
        EntityType.LOCATION,
        rf"\b\p{{Lu}}\p{{L}}+{_ROAD_LAST} \d{{1,4}}(?: ?[a-zA-Z])?\b{_TAIL}",
        0.85,
    ),
    _exact(
        EntityType.LOCATION,
        rf"(?<![\w-])(?:{_ADDRESS_LINE}, ){{1,5}}(?:{_CAP} ){{0,3}}{_LETTERED_POSTCODE}\b",
        0.9,
    ),
    _exact(
        EntityType.LOCATION,
        rf"(?<![\w-])(?:{_ADDRESS_LINE}, ){{0,3}}(?:{_CAP} ){{1,4}}\d{{1,4}}(?:[/-]\d{{1,4}})?"
        rf"(?: ?[A-Za-z])?\b(?:, [^\n,;|]{{1,14}}){{0,2}}, {_CITY_CODE} {_CAP}"
        rf"(?: {_CAP}| \d\d?\b)?",
        0.9,
    ),
    _shape(
        EntityType.LOCATION,
        rf"{_ADDRESS_CUE}(?P<value>(?=[^\n;|\"]{{0,40}}\d)(?-i:{_CAP}|\d)[^\n;|\"]{{4,80}}?)"
        r"(?=[;|\"\n]|\.\s|, (?:phone|tel|mobile|new|old|and|so|order)|$)",
        0.75,
    ),
    _exact(
        EntityType.LOCATION,
        r"(?i:\bpost ?code|\bzip(?: code)?)(?: is)?[: ]{1,2}"
        r"(?P<value>[A-Z0-9]{2,5}[ -]?[A-Z0-9]{2,4})\b",
        0.8,
    ),
)

_ACCESS: tuple[_Shape, ...] = (
    _shape(
        EntityType.EMAIL_ADDRESS,
        r"[\p{L}\p{M}\d!#$%&'*+/=?^_`{|}~.-]*[\p{L}\d_]\[?@\]?"
        r"(?:[\p{L}\d-]+\.)+\p{L}[\p{L}\d-]*[\p{L}\d]",
        1.0,
    ),
    # "john at example dot com", "john (at) example.com".
    _shape(
        EntityType.EMAIL_ADDRESS,
        r"(?<![\w.+-])[\w.+-]{1,64}+(?: dot [\w-]{1,64}+){0,3}(?: at | ?[\[({]at[\])}] ?)"
        r"[\w-]{1,64}+(?:(?: dot | ?[\[({]dot[\])}] ?)[\w-]{1,64}+){1,3}\b",
        0.9,
    ),
    _shape(
        EntityType.EMAIL_ADDRESS,
        r"(?<![\w.+-])[\w.+-]{1,64}+ ?[\[({]at[\])}] ?(?:[\w-]{1,64}+\.){1,8}\p{L}{2,}\b",
        0.95,
    ),
    _shape(EntityType.URL_TOKEN, rf"{_URL}{_IN_URL}?{_URL_SECRET}{_IN_URL}{_END_OF_URL}", 1.0),
    _shape(EntityType.URL_TOKEN, rf"https?://[^\s/@]+:[^\s/@]+@{_IN_URL}{_END_OF_URL}", 1.0),
    _exact(
        EntityType.API_KEY,
        rf"{_KEY_PREFIX}[_.$-]?(?=[\w.$!/+-]*\d)[\w.$!/+-]{{14,}}\w",
        0.97,
    ),
    _exact(
        EntityType.API_KEY, r"\b(?:sk|pk|psk|rk)(?:[-_][A-Za-z0-9]+){1,4}\b(?<=\d\w{0,20})", 0.8
    ),
    _exact(EntityType.API_KEY, r"\b(?:AKIA|ASIA)[0-9A-Z]{12,20}\b", 0.99),
    _exact(EntityType.API_KEY, r"\beyJ[\w-]{8,}\.\s?[\w-]{4,}(?:\.\s?[\w-]*)?", 0.99),
    _exact(EntityType.API_KEY, r"(?i:\bbearer )(?P<value>[\w.~+/=-]{12,})", 0.95),
    _shape(
        EntityType.API_KEY,
        rf"{_SECRET_NAME}(?: is)?[\"']?\s*[:=]?\s*[\"']?"
        r"(?P<value>(?<=[:=\"'] ?|is )[^\s\"',;]{4,}[^\s\"',;.])",
        0.9,
    ),
    _exact(EntityType.API_KEY, r"(?<![\w/.@-])[A-Za-z0-9_-]{24,}={0,2}(?![\w.])", 0.8, _is_random),
    _exact(
        EntityType.API_KEY,
        r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
        1.0,
    ),
)

_SHAPES = (*_NUMBERS, *_PLACES, *_ACCESS)
