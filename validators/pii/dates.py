"""Dates on which somebody was born: a date with a word for birth, in seven languages."""

from __future__ import annotations

from validators.pii.entities import EntityType
from validators.pii.shapes import Shape, exact_shape, shape

_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º)?"
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|f[ée]vr|avr|juin|juil|ao[uû]t|d[ée]c|"
    r"januar|jänner|februar|m[äa]rz|mai|juni|juli|okt|dez|ene|enero|febrero|marzo|abr|abril|mayo|"
    r"junio|julio|ago|agosto|septiembre|octubre|noviembre|dic|diciembre|gen|gennaio|febbraio|"
    r"aprile|mag|maggio|giu|giugno|lug|luglio|set|settembre|ott|ottobre|novembre|dicembre|"
    r"janeiro|fev|fevereiro|março|maio|junho|julho|setembro|out|outubro|novembro|dezembro|januari|"
    r"februari|mrt|maart|mei)\p{L}{0,9}\.?"
)
_YEAR = r"(?:19|20)\d\d"
_DATE = (
    r"(?:\d{4} ?[./-] ?\d{1,2} ?[./-] ?\d{1,2}|\d{1,2} ?[./-] ?\d{1,2} ?[./-] ?(?:\d{4}|"
    r"\d\d)(?!\d)|"
    rf"{_DAY}[ .-]{{1,2}}(?:of |de |d')?{_MONTH}(?:[ ,-]{{0,2}}(?:de |del |of )?(?:\d{{4}}|'\d\d))|"
    rf"{_MONTH}[ -]{_DAY}(?:,? {_YEAR})|(?:19|20)\d{{6}}(?!\d))"
)
_BIRTH = (
    r"(?<![\p{L}\d])(?:born|dob|d\.o\.b|d\.?b|b|date of birth|birth ?da(?:y|te)|b-?day|birth|"
    r"geboren|geb|"
    r"geburts(?:datum|tag)|geburt|née?s?|né\(e\)|née?\(e\)|(?:date_?(?: de )?)?naissance|"
    r"anniversaire|nacid[oa]|nacimiento|cumple(?:años)?|nat[oaie]|nascita|compleanno|nascid[oa]|"
    r"nasc(?:i|eu|imento)?|anivers[áa]rio|geboorte(?:datum)?|verjaardag|jarig)\b\.?\)?"
)
# "née à Lyon le", "geboren am", "nata a Roma il", "geboren te Gent op".
_BETWEEN = (
    r"[\s:;,=\"'(_|>\\*†]{0,5}(?:was |is |ist |est |es )?"
    r"(?:(?:à|in|a|en|em|te|zu) \p{Lu}[\p{L}'-]+(?: \p{Lu}[\p{L}'-]+)?,? ?)?"
    r"(?:(?:on|am|den|le|el|il|a|à|em|in|op|is|the|día|dia|dem|no dia|el día)\b ?){0,2}"
)

# RE2 knows the letters of ASCII alone in \w and \b.
_SIGN = (
    r"born|naiss|d\.?o\.?b|birth|b-?day|(?:^|[^a-z0-9])(?:d\.?)?b[^a-z0-9]|gebo|geb[^a-z0-9]|"
    r"geburt|né|nac|nasc|nat[oaie]|cumple|anivers|anniversair|compleanno|verjaardag|jarig"
)

# What stands before a date with a capital and is nobody's name: an event, a preposition, a day.
_NOBODY = (
    r"(?!(?:(?:Launch|Releas|Updat|Version|Start|Begin|Deadline|Datum|Opening|Closing)\p{Ll}*|"
    r"Due|Date|Data|Fecha|Stand|Live|Sale|Event|Ends?|Ende|From|Until|Since|On|By|Am|Ab|Bis|Vom|Le|"
    r"El|Il|Op|\p{L}+(?:day|tag|woch|dag|edì)|(?:Lun|Mar|Mercre|Jeu|Vendre|Same)di|Dimanche|Lunes|"
    r"Martes|Miércoles|Jueves|Viernes|Sábado|Sabato|Domingo|Domenica|\p{L}+-feira)(?!\p{L}))"
)

SHAPES: tuple[Shape, ...] = (
    shape(EntityType.DATE_OF_BIRTH, rf"{_BIRTH}{_BETWEEN}(?P<value>{_DATE})", 0.92, _SIGN),
    # "am 12.06.1980 geboren", "17 november 1990 geboren".
    shape(
        EntityType.DATE_OF_BIRTH,
        rf"(?<!\d)(?P<value>{_DATE}) ?(?:\((?:dob|birth|geb)|(?:in \p{{L}}+ )?"
        r"(?:geboren|né(?:e)?\b|\(?date of birth|nacid[oa]|nat[oa]\b|nascid[oa]))",
        0.88,
        r"\d ?\(?(?:in \p{L}+ )?\(?(?:dob|birth|geb|né|date of|nac|nat|nasc)",
    ),
    shape(
        EntityType.DATE_OF_BIRTH,
        r"\b(?:born|geboren|née?|nacid[oa]|nat[oa]|nascid[oa]|geb\.|jahrgang|year of birth)"
        rf"(?: (?:in|en|em|nel|im jahr|anno))?[ :]{{1,2}}(?P<value>{_YEAR})\b(?![-/.]\d)",
        0.8,
        r"born|gebo|geb\.|né|nac|nat|nasc|jahrgang|year of birth",
    ),
    # "Otis 2014-02-19, Ana 2015-07-22", "Tariq Bailey (04.05.2015)": nothing says what the date is.
    exact_shape(
        EntityType.DATE_OF_BIRTH,
        rf"{_NOBODY}\p{{Lu}}\p{{Ll}}+(?:\.| \p{{Lu}}\.)? ?(?:"
        rf"\((?P<value>\d\d?[./-]\d\d?[./-]{_YEAR}|{_YEAR}-\d\d-\d\d)\)|"
        rf" (?P<value>{_YEAR}-\d\d-\d\d)(?=[,.;]))",
        0.5,
        r"\d[./-]\d\d?[./-]\d",
    ),
)
