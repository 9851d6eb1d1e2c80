"""Numbers that a state gives to a person."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex
from stdnum import luhn
from stdnum.br import cpf
from stdnum.de import idnr
from stdnum.es import dni, nie
from stdnum.fr import nir
from stdnum.gb import nhs
from stdnum.ie import pps
from stdnum.in_ import aadhaar, pan
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.pt import nif
from stdnum.us import ssn

from validators.pii.entities import EntityType
from validators.pii.shapes import AFTER_CUE, LONG_NUMBER, Finder, Found, exact_shape, search, shape

# A cue this far before a number still speaks of it: "BSN hoeft niet, dat was 233285192".
_REACH = 60


@dataclass(frozen=True, slots=True)
class NationalId:
    """A number with a shape, a cue and a check sum; any two of them, or a shape of its own.

    `if_valid` and `if_invalid` are the scores of the shape without a cue. A mistyped number is
    somebody's too, so with its cue right before it the check sum does not matter.
    """

    type: EntityType
    cue: regex.Pattern[str]
    near_cue: regex.Pattern[str]
    pattern: regex.Pattern[str]
    sign: str
    is_valid: Callable[[str], bool]
    if_valid: float
    if_invalid: float

    def find(self, text: str) -> Iterator[Found]:
        """Yield the numbers with the score that their cue and check sum give."""
        for match in search(self.pattern, text, self.type):
            start, end = match.span()
            before = text[max(0, start - _REACH) : start]
            is_valid = self.is_valid(regex.sub(r"[^\p{L}\d+]", "", match[0]))
            if self.near_cue.search(before):
                score = 0.97 if is_valid else 0.88
            elif is_valid:
                score = max(self.if_valid, 0.9 if self.cue.search(before) else 0.0)
            else:
                score = self.if_invalid
            if score:
                yield Found(self.type, start, end, score)


def _is_personnummer(number: str) -> bool:
    return luhn.is_valid(number.replace("+", "")[-10:])


def _is_nino(number: str) -> bool:
    prefix = number[:2].upper()
    is_given_out = prefix not in {"BG", "GB", "KN", "NK", "NT", "TN", "ZZ"} and prefix[1] != "O"
    return is_given_out and not set(prefix) & set("DFIQUV")


def _national_id(
    type: EntityType,
    cue: str,
    value: str,
    sign: str,
    is_valid: Callable[[str], bool],
    if_valid: float = 0.0,
    if_invalid: float = 0.0,
) -> NationalId:
    return NationalId(
        type,
        regex.compile(rf"\b(?:{cue})\b", regex.IGNORECASE),
        regex.compile(rf"\b(?:{cue})\b(?: as)?{AFTER_CUE}$", regex.IGNORECASE),
        regex.compile(value, regex.IGNORECASE),
        sign,
        is_valid,
        if_valid,
        if_invalid,
    )


_S = r"[ .\-]{0,3}"
_NATIONAL_IDS = (
    _national_id(
        EntityType.US_SSN,
        r"ssn|itin|social security(?: number)?|social",
        r"(?<![\w-])\d{3}[- ]?\d\d[- ]?\d{4}(?![\w-])",
        LONG_NUMBER,
        ssn.is_valid,
    ),
    _national_id(
        EntityType.UK_NHS,
        r"nhs|national health(?: service)?",
        r"(?<![\w+-])\d{3}[ \-·.]?\d{3}[ \-·.]?\d{4}(?!\w)",
        LONG_NUMBER,
        nhs.is_valid,
    ),
    _national_id(
        EntityType.UK_NINO,
        r"ni|nino?|national insurance",
        rf"\b[A-Z] ?[A-Z](?:{_S}\d ?\d){{3}}{_S}[A-D]\b",
        r"\d ?\d[ .\-]{0,3}\d ?\d[ .\-]{0,3}\d ?\d",
        _is_nino,
        0.9,
        0.5,
    ),
    _national_id(
        EntityType.DE_STEUER_ID,
        r"steuer-?id(?:nr)?|steuerliche id\w*|steuer-?identifikationsnummer|steuernummer|idnr|id|"
        r"tin|tax id",
        r"(?<![\w+-])[1-9]\d[ /]?\d{3}[ /]?\d{3}[ /]?\d{3}(?!\w)",
        LONG_NUMBER,
        idnr.is_valid,
        0.6,
    ),
    _national_id(
        EntityType.ES_NIF,
        r"dni|nif|documento nacional",
        r"\b\d{2}\.?\d{3}\.?\d{3}[- ]?[A-HJ-NP-TV-Z]\b",
        LONG_NUMBER,
        dni.is_valid,
        0.92,
        0.4,
    ),
    _national_id(
        EntityType.ES_NIE,
        r"nie|extranjer[oa]",
        r"\b[XYZ][- ]?\d{7}[- ]?[A-Z]\b",
        LONG_NUMBER,
        nie.is_valid,
        0.95,
        0.6,
    ),
    _national_id(
        EntityType.PT_NIF,
        r"nif|contribuinte|n[uú]mero fiscal",
        r"(?<![\w+-])\d{3}[ .]?\d{3}[ .]?\d{3}(?!\w)",
        LONG_NUMBER,
        nif.is_valid,
    ),
    _national_id(
        EntityType.IT_FISCAL_CODE,
        r"cf|c\.f\.?|codice fiscale|tax code",
        r"\b[A-Z]{3} ?[A-Z]{3} ?[\dL-V]{2}[A-EHLMPRST][\dL-V]{2} ?[A-Z][\dL-V]{3}[A-Z]\b",
        r"[a-z]\d\d ?[a-z]",
        codicefiscale.is_valid,
        0.97,
        0.85,
    ),
    _national_id(
        EntityType.FR_NIR,
        r"nir|sécu|s[ée]curit[ée] sociale|num[ée]ro insee",
        rf"(?<![\w+-])[12378]{_S}\d\d{_S}\d\d{_S}\d[\dAB]{_S}\d{{3}}{_S}\d{{3}}(?:{_S}\d\d)?(?!\w)",
        LONG_NUMBER,
        nir.is_valid,
        0.96,
    ),
    _national_id(
        EntityType.NL_BSN,
        r"bsn|burgerservice(?:nummer)?|sofi(?:nummer)?",
        r"(?<![\w+-])\d{3}[ .]?\d{3}[ .]?\d{3}(?!\w)|(?<![\w+-])\d{4}[ .]\d\d[ .]\d{3}(?!\w)",
        LONG_NUMBER,
        bsn.is_valid,
    ),
    _national_id(
        EntityType.PL_PESEL,
        r"pesel",
        r"(?<![\w+-])\d{4}[ -]?\d{3}[ -]?\d{4}(?!\w)|(?<![\w+-])\d{6}[ -]\d{5}(?!\w)",
        LONG_NUMBER,
        pesel.is_valid,
        0.7,
    ),
    _national_id(
        EntityType.SE_PERSONNUMMER,
        r"personnummer|person-?nr|pnr|samordningsnummer",
        r"(?<![\w+-])(?:19|20)?\d\d(?:0\d|1[0-2])(?:[0-2]\d|[36-8]\d|9[01])[-+]?\d{4}(?![\w-])",
        LONG_NUMBER,
        _is_personnummer,
        0.6,
    ),
    _national_id(
        EntityType.IE_PPS,
        r"ppsn?|personal public service",
        r"\b\d{7} ?[A-W][A-IW]?\b",
        LONG_NUMBER,
        pps.is_valid,
        0.8,
        0.4,
    ),
    _national_id(
        EntityType.BR_CPF,
        r"cpf|cadastro de pessoas?",
        r"(?<![\w+-])\d{3}[ .]?\d{3}[ .]?\d{3}[ -]?\d\d(?![\w/])",
        LONG_NUMBER,
        cpf.is_valid,
        0.6,
    ),
    _national_id(
        EntityType.IN_PAN,
        r"pan|permanent account",
        r"\b[A-Z]{3}[ABCFGHJLPT][A-Z] ?\d{4} ?[A-Z]\b",
        r"[a-z] ?\d{4} ?[a-z]",
        pan.is_valid,
        0.92,
        0.9,
    ),
    _national_id(
        EntityType.IN_AADHAAR,
        r"aadha+r|uidai?|adhaar",
        r"(?<![\w+-]|\d )[2-9]\d{3}[ -]?\d{4}[ -]?\d{4}(?![\w-]| \d)",
        LONG_NUMBER,
        aadhaar.is_valid,
        0.65,
    ),
)

NATIONAL_ID_FINDERS: tuple[Finder, ...] = (
    *_NATIONAL_IDS,
    # Written so as nothing else is.
    exact_shape(
        EntityType.US_SSN,
        r"(?<![\w-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\w-])",
        0.9,
        LONG_NUMBER,
    ),
    exact_shape(
        EntityType.BR_CPF,
        r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)",
        0.95,
        LONG_NUMBER,
    ),
    exact_shape(
        EntityType.SE_PERSONNUMMER,
        r"(?<![\w-])(?:19|20)?\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])[-+]\d{4}(?![\w-])",
        0.85,
        LONG_NUMBER,
    ),
    # Passports and licences have a shape in each country, and none that tells them apart.
    shape(
        EntityType.NATIONAL_ID,
        r"\b(?:passport|driving licen[cs]e|driver'?s? licen[cs]e|national id(?:entity)?|"
        r"identity card|id card|residence permit|visa number|"
        r"reisepass(?:nummer)?|pass-?nr|personalausweis(?:nummer)?|ausweis(?:nummer)?|"
        r"führerschein(?:nummer)?|passeport|carte d'identité|cni|permis de conduire|pasaporte|"
        r"carn[ée] de conducir|permiso de conducir|passaporto|carta d'identità|patente|paspoort"
        r"(?:nummer)?|rijbewijs(?:nummer)?|identiteitskaart|passaporte|carta de condução|"
        r"bilhete de identidade|cartão de cidadão|rg|cnh|tax (?:number|file number)|tfn|"
        rf"medicare)\b(?: as)?{AFTER_CUE}"
        # Not "office 800-555-0132" after "passport": no word at first, and no phone number.
        r"(?P<value>(?!\p{L}{3,}[ -]|\d{3}-\d{3}-\d{4}\b)(?=[A-Z0-9 .-]{0,8}\d{2})"
        r"(?:[A-Z0-9](?:[.-]?[A-Z0-9]){5,19}|[A-Z]{1,5} ?\d{4,12}[A-Z]{0,2}|"
        r"\d{2,4}(?: \d{2,4}){2,4}"
        r"))\b",
        0.88,
        r"passport|licen[cs]e|national id|identity card|id card|permit|visa number|pass|ausweis|"
        r"führerschein|passeport|identité|cni|conduire|pasaporte|conducir|passaporto|identità|"
        r"patente|paspoort|rijbewijs|identiteitskaart|condução|identidade|cidadão|rg|cnh|"
        r"tax (?:file )?number|tfn|medicare",
    ),
)
