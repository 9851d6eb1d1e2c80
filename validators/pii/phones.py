"""Phone numbers: written internationally, in a national grouping, or after a cue."""

from __future__ import annotations

from collections.abc import Iterator

import phonenumbers
import regex

from validators.pii.entities import EntityType
from validators.pii.shapes import LONG_NUMBER, Found, search

_NUMBER = regex.compile(
    r"(?<![\p{L}\d_+/.,#%-])(?<!\p{Sc} ?)(?:\+ ?)?\(?\d{1,14}+\)?"
    r"(?:(?:[ \-./]{1,2}+\(?|\(|(?<=\)))\d{1,10}+\)?){0,7}(?![\p{L}\d_%\p{Sc}]|[.,]\d)"
)
# A cue that ends right before the number.
_CUE = regex.compile(
    r"(?:\b(?:tele)?phones?|\btel(?:ephone|efon(?:nummer)?|[eé]fono|[eé]fonos|efone|efoon)?|"
    r"\bmob(?:ile|iel|il|ilnummer|iltelefon)?|\bcell(?:phone|ular|ulare|ulaire)?|\bcelu?\b|"
    r"\b(?:call|ring|rang|dial|text|texted|fax|faks|sms|mms)(?:s|ed|ing)?|"
    r"\b(?:whats ?app|signal|viber|telegram|zap|wa)\b|"
    r"\bdirect (?:line|dial)|\bline|\bhotline|\breach(?:able|ed)?|\bcontact|\bcallback|\bnumbers?|"
    r"\bext\b|\bhandy(?:nummer)?|\brufnummer|\br[üu]ckruf|\banruf(?:en)?|\bruf(?:e|en|t)?|\bunter|"
    r"\berreichbar|\bdurchwahl|\bt[ée]l[ée]phones?|\bt[ée]l|\bportable|\bnum[ée]ros?|\bjoignable|"
    r"\bappel(?:ez|er|le)?|\bligne(?: directe)?|\bm[óo]vil(?:es)?|\bfijo|\bbizum|\btfno?|"
    r"\bllam[ae]\w*|"
    r"\btelem[óo]vel|\bligu?(?:e|ar|ou)|\bcellulare|\bchiam\w+|\bfisso|\brecapito|"
    r"\bgsm|\bmobieltje|\bnummer|\bbel(?:t|len)?|\bapp|\bterug|\bvast|\bcontato|\bfone)\b"
    r"[^\w\n+(]{0,4}"
    r"(?:(?:is|are|on|at|to|from|no|nr|num|number|me|us|him|her|them|back|my|the|mobile|ist|est|"
    r"es|era|é|è|"
    r"war|was|unter|auf|an|au|al|allo|a|para|op|naar|vanaf|de|del|di|do|d[aeo] \p{L}+|work|home|"
    r"alt|"
    r"privat|il|el|le|für|for|\p{Lu}\p{L}+)\b[^\w\n+(]{0,3}){0,4}$",
    regex.IGNORECASE,
)
# A list goes on: "600 555 101, 600 555 102".
_LIST = regex.compile(r"\d[,;/]? (?:(?:or|and|oder|und|ou|et|y|o|e|of|en) )?$")
# Groupings that hardly anything else has, and the countries that write so. A country whose name is
# here but not its pattern is asked about a number that fits another's.
_NATIONAL = tuple(
    (regex.compile(pattern), regions)
    for pattern, regions in (
        (r"\(\d{3}\) ?\d{3}[ .-]\d{4}|\d{3}[-. ]\d{3}[-. ]\d{4}", ("US", "CA")),
        (r"1[-. ]\d{3}[-. ]\d{3}[-. ]\d{4}", ("US",)),
        (r"\(?0\d{2,4}\)? ?\d{3,4} ?\d{3,4}|\(?02\d\)? ?\d{4} ?\d{4}|07\d{3} ?\d{3} ?\d{3}",
         ("GB", "IE", "NL", "DE", "IT", "AU", "NZ", "ZA", "NG", "IN", "PK", "KE", "GH", "MY")),
        (r"0\d{1,4}[ /-]{1,3}\d{2,4}(?:[ -]\d{2,5}){1,4}|0\d{2,5}[ /-]{1,3}\d{3,8}",
         ("DE", "AT", "CH", "SE", "NL", "BE", "IE", "GB", "JP", "KR", "IT", "FR", "TR")),
        (r"\(0\d{1,4}\) ?\d{2,4}[ -]?\d{2,5}(?:[ -]?\d{2,4})?",
         ("DE", "NZ", "AU", "NL", "GB", "IE")),
        (r"0\d(?:[ .-]?\d\d){4}", ("FR", "BE")),
        (r"[6789]\d\d ?\d\d ?\d\d ?\d\d|[6789]\d{2}[ .]\d{3}[ .]\d{3}", ("ES", "PL")),
        (r"[29]\d{2} \d{3} \d{3}", ("PT",)),
        (r"3\d{2} \d{3} ?\d{4}|3\d{2} \d{2} \d{2} \d{3}", ("IT",)),
        (r"\(?\d{2}\)? ?9?\d{4}[- ]\d{4}", ("BR",)),
        (r"[6-9]\d{4} \d{5}", ("IN",)),
        (r"\d{3} \d{2} \d{2} \d{2}|\d{3} \d{3} \d{3}|\d{2} \d{3} \d{2} \d{2}", ("PL", "CZ", "HU")),
        (r"07\d[- ]?\d{3} ?\d{2} ?\d{2}|08[- ]\d{3} ?\d{2,3} ?\d{2}", ("SE",)),
        (r"0\d0-\d{3,4}-\d{4}|0\d{1,3}-\d{3,4}-\d{4}", ("JP", "KR")),
        (r"0\d{3} \d{3} \d{2} \d{2}|0\d{10}|0\d{9}", ("TR", "GB", "NG", "NL", "PK", "IE", "ZA")),
    )
)  # fmt: skip
_SHORTEST = 7
_DATE = regex.compile(
    r"\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d\d)|\d{4}[./-]\d{1,2}[./-]\d{1,2}|"
    r"(?:19|20)\d\d ?[-/] ?(?:19|20)?\d\d|\d{1,2}[.:]\d\d ?- ?\d{1,2}[.:]\d\d|"
    # Ten digits by twos are how France writes a number.
    r"(?!0\d(?:[.-]\d\d){4}$)\d{1,2}(?:[.-]\d{1,2}){2,4}"
)
# What has a number for everybody: a shop, a help line, a company's desk.
_COMPANY = regex.compile(
    r"\b(?:(?:call|ring|phone|text|reach|contact|message) us(?: free)?|(?:to )?book|bookings?|"
    r"free(?:phone)?|toll[- ]free|hotline|help ?line|freephone|our [^.\n]{1,40}|the shop|"
    r"reservations?|press visits|front desk|reception|duty phone|switchboard|"
    r"rendez-vous|on réserve|réservez|appelez-nous|rufen sie (?:uns )?an[^.\n]{0,40}|"
    r"buchen|reservierung|fragen|ll[áa]manos|reservas|chiamaci|prenota(?:zioni)?|bel ons|"
    r"reserveer|ligue-nos|reservas)(?: (?:is|on|at|au|unter|al|op|no|in the app or on|"
    r"or))*[ :]{1,2}$",
    regex.IGNORECASE,
)
_FREE = regex.compile(r"(?:\+?1[-. ])?\(?8(?:00|33|44|55|66|77|88)\)?[-. ]|080[08][ -]|\+44 80")
# What is no phone number though it looks like one: after these, it is another number.
_OTHER = regex.compile(
    r"\b(?:isbn|ean|gtin|upc|sku|vat|ust-?id(?:nr)?|siret|siren|cnpj|iban|art(?:ikel)?\.?(?:-?nr)?|"
    r"version|model|item|lot|ref|order|serial|cvr|kvk|crn|abn|ab|size|sizes|nif|nipc|part no|hrb|"
    r"p\. ?iva|partita iva|chapter|score|company no)\b[.:#]{0,2} ?(?:no\.? ?|nr\.? ?|is )?$",
    regex.IGNORECASE,
)
_UNIT = regex.compile(
    r" ?(?:%|€|\$|£|eur|usd|gbp|kg|km|ml|cl|cm|mm|people|units|euros?|dollars?|pounds?|followers|"
    r"views|visits|clicks|impressions|personen|stück|menschen|habitants|personas|persone|pessoas|"
    r"leden|sqm|m²|m2|mio)\b",
    regex.IGNORECASE,
)


class Phones:
    """Find phone numbers: written internationally, in a national grouping, or after a cue.

    Presidio's recognizer asks `phonenumbers` once per country and text, and wants valid numbers.
    Reserved and mistyped numbers are personal data too, so here a possible number with a telling
    shape or a cue is enough, and `phonenumbers` judges a number by the countries that write so.
    """

    sign = LONG_NUMBER

    def find(self, text: str) -> Iterator[Found]:
        """Yield phone numbers; the number of a company, as far as its context tells, is a guess."""
        for match in search(_NUMBER, text, EntityType.PHONE_NUMBER):
            start, end = match.span()
            if end - start < _SHORTEST:
                continue
            if text[start] == "(" and text[end - 1] == ")" and "(" not in text[start + 1 : end]:
                start, end = start + 1, end - 1
            if text[end - 1] == ")" and text[start:end].count("(") < text[start:end].count(")"):
                end -= 1
            score = _score(text[start:end], text[max(0, start - 60) : start], text[end : end + 14])
            if score:
                yield Found(EntityType.PHONE_NUMBER, start, end, score)


def _score(number: str, before: str, after: str) -> float:
    digits = regex.sub(r"\D", "", number)
    if not 7 <= len(digits) <= 15 or _DATE.fullmatch(number) or len(set(digits)) == 1:
        return 0.0
    if _OTHER.search(before):
        return 0.0
    score = _score_shape(number, digits, before, after)
    if score and (_COMPANY.search(before) or _FREE.match(number)):
        return 0.4
    return score


def _score_shape(number: str, digits: str, before: str, after: str) -> float:
    if number.startswith(("+", "00")):
        international = "+" + (digits.removeprefix("00") if number[0] == "0" else digits)
        try:
            parsed = phonenumbers.parse(international, None)
        except phonenumbers.NumberParseException:
            return 0.6 if number[0] == "+" else 0.0
        return 0.95 if phonenumbers.is_possible_number(parsed) else 0.6
    if _UNIT.match(after):
        return 0.0
    if _CUE.search(before) and not regex.search(r"\d{1,3}(?:[.,]\d{3})+$", number.strip()[-12:-8]):
        return 0.85
    regions = [
        region for pattern, regions in _NATIONAL if pattern.fullmatch(number) for region in regions
    ]
    if not regions:
        return 0.0
    if any(_is_valid(digits, region) for region in regions):
        return 0.7
    # Reserved numbers, such as 555 ones, are not valid; grouped so they are still phone numbers.
    if number[0] in "0(" or regex.fullmatch(r"(?:1[-. ])?\d{3}([-.])\d{3}\1\d{4}", number):
        return 0.65
    return (
        0.6
        if _LIST.search(before) and any(_is_possible(digits, region) for region in regions)
        else 0.0
    )


def _is_valid(digits: str, region: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False


def _is_possible(digits: str, region: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(digits, region))
    except phonenumbers.NumberParseException:
        return False
