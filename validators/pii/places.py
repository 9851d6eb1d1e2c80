"""Street addresses: a street with a number, and the parts of the address on both sides of it."""

from __future__ import annotations

from collections.abc import Iterator

import re2
import regex

from validators.pii.entities import EntityType
from validators.pii.shapes import Found, search


class _Street:
    """A way to write a street with its number, searched for around a word that tells it."""

    def __init__(self, sign: str, pattern: str, before: int, after: int) -> None:
        self._sign = re2.compile(sign)
        self._pattern = regex.compile(pattern)
        self._before = before
        self._after = after

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where streets stand."""
        done = 0
        for sign in self._sign.finditer(text):
            if sign.end() <= done:
                continue
            start = max(done, sign.start() - self._before)
            for match in self._pattern.finditer(text, start, sign.end() + self._after):
                yield match.span()
                done = match.end()


_CAP = (
    r"(?:(?:\p{Lu}\.){1,4}|(?:Sta|\p{Lu}\p{L}?)\.|(?:\p{Lu}|d'\p{Lu}|dell'\p{Lu})[\p{L}\p{M}'-]*)"
)
_PARTICLE = (
    r"(?:de la|de los|de las|de|del|della|delle|dei|degli|dell'|dos|das|do|da|des|du|d'|la|le|les|"
    r"el|"
    r"los|las|van der|van den|van de|van|von|der|den|ter|ten|na|of|the|upon|on|y|e|am|an der|"
    r"im)(?<='|(?!\p{L}))"
)
_NUMBER = r"\d{1,5}(?: ?[a-gi-zA-Z](?!\p{L}))?(?:[/-]\d{1,5}[a-zA-Z]?|-[IVX]{1,3})?(?: ?bis| ?ter)?"
_TYPE_SIGN = (
    r"(?:[Ss]treet|St|[Rr]oad|Rd|[Aa]venue|Ave?|[Ll]ane|Ln|[Dd]rive|Dr|[Cc]lose|[Ww]ay|[Cc]rescent|"
    r"Cres|[Tt]errace|Tce|[Pp]lace|Pl|[Cc]ourt|Ct|[Ss]quare|Sq|[Bb]oulevard|Blvd|[Gg]rove|"
    r"[Gg]ardens|"
    r"[Pp]ark|[Mm]ews|[Rr]ow|[Pp]arade|[Hh]ill|[Ww]alk|[Qq]uay|[Bb]ank|[Gg]reen|[Hh]ighway|Hwy|"
    r"[Pp]arkway|"
    r"Pkwy|[Cc]ircle|Cir|[Aa]lley|[Yy]ard|[Rr]ise|[Vv]iew|[Ww]harf|[Gg]ate|[Bb]row|[Pp]laza|"
    r"[Cc]ottages|"
    r"[Ee]nd|[Vv]ale|[Cc]hase|[Ff]old|[Cc]opse|[Ww]ynd|[Ss]treets|[Bb]rae|[Tt]rail|[Cc]ross|"
    r"[Ee]state|[Mm]arg|Nagar|"
    r"STREET|ROAD|AVENUE|LANE|DRIVE|CLOSE|WAY|COURT|TERRACE|SQUARE)"
)
_TYPE = rf"{_TYPE_SIGN}(?![\p{{L}}])\.?"
# The word for street first: "Calle Mayor 7", "rue de la Paix, 3", "Via Roma 12".
_ADJECTIVE = (
    r"(?:Gro(?:ß|ss)er?|Alte[rn]?|Neue[rn]?|Obere[rn]?|Untere[rn]?|Lange[rn]?|Kleine[rn]?|"
    r"Hohe[rn]?|"
    r"Oude|Nieuwe|Sint|Stora|Lilla|\p{Lu}\p{L}+er|Sankt|St\.)"
)
_FIRST = (
    r"(?:Calle|C/|Avenida|Avda?\.?|Av\.|Plaza|Pza\.?|Paseo|P\.º|Carrera|Carrer(?: de)?|Ronda|"
    r"Camino|"
    r"Travesía|Lugar(?: de)?|Polígono|Kale|Glorieta|Cuesta|[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|"
    r"[Cc]hemin|"
    r"[Pp]lace|[Qq]uai|[Aa]llée|[Ii]mpasse|[Cc]ours|[Rr]oute|[Ss]quare|Via(?:le)?|Piazza(?:le)?|"
    r"Corso|Largo|"
    r"Vicolo|Contrada|Strada|Lungo\p{L}+|Rua|R\.|Travessa|Praça|Alameda|Estrada|Beco|ul\.|ulica|"
    r"al\.|os\.|"
    r"Jalan|Jln?\.?|Lorong|Laan van|Am|An der|Auf der|Im|In der|Zum|Zur|Unter den|Alte[rn]?|"
    r"Großer?|Große|calle|avenida|avda\.|plaza|paseo|carrer(?: de)?|viale|piazza|piazzale|corso|"
    r"vicolo|rua|r\.|travessa|praça|alameda|estrada|via|"
    r"вул\.|ул\.|улица|вулиця|CALLE|AVDA\.|AVENIDA|PLAZA|RUE|AVENUE|PLACE|BOULEVARD|VIA|PIAZZA|RUA)"
)
# The word for street last, as a part of the name or a word of its own.
_LAST_SIGN = (
    r"(?:straße|strasse|str\.|gasse|allee|platz|weg|damm|ufer|ring|chaussee|gatan|vägen|gade|"
    r"vej|gata|veien|vegen|katu|tie|straat|laan|plein|gracht|kade|dijk|singel|steeg|hof|markt|"
    r"brogade|plass|"
    r"torg|stræde|utca|kai|graben|steig|stieg|wall|berg|dreef|weide|STRASSE|STRAẞE|STRAAT)"
)
_LAST = rf"\p{{L}}*{_LAST_SIGN}"
# A word that tells a street, the pattern that it may be a part of, and how far that reaches
# before and after it. RE2 finds the words in one pass; the patterns then read a few words only.
_STREETS = (
    # 12 Elm St; 5b Awolowo Road; 3/28 Gertrude St.
    _Street(
        rf"\b{_TYPE_SIGN}\b",
        rf"(?<![\w/.,-])(?<!\p{{Sc}} ?)(?:(?:Blk|Block|"
        rf"No\.?) )?\d{{1,5}}[a-zA-Z]?(?:[/-]\d{{1,5}}[a-zA-Z]?)? "
        rf"(?:(?:{_CAP}|of|the|na|de|upon) ){{1,4}}{_TYPE}(?: \d{{1,2}}(?![\d:.]|\p{{L}}))?",
        before=60,
        after=4,
    ),
    # 8 allée des Glycines; Calle Mayor, 7; Via Roma n. 12.
    _Street(
        rf"(?:^|[^\p{{L}}]){_FIRST}[ \p{{Lu}}]",
        rf"(?<![\w/.,-])\d{{1,5}}(?: ?[a-dA-D]| bis|"
        rf" ter)?,? {_FIRST} (?:{_PARTICLE} ?){{0,3}}{_CAP}"
        rf"(?: (?:{_CAP}|{_PARTICLE} ?{_CAP})){{0,4}}|"
        # "via Roma 12", but not "via Zoom 2".
        r"(?<![\p{L}])(?!Am \p{L}+(?:tag|woch|abend)|"
        r"via (?<!(?:in|di|da|a|al|alla|[,:(]) via ))"
        rf"{_FIRST}(?: ?{_PARTICLE}){{0,3}} ?{_CAP}(?: ?(?:{_CAP}|"
        rf"{_PARTICLE})){{0,5}}"
        rf",? ?(?:[Nn][o°ºr]?\.?:? ?)?(?:\d\.\d{{3}}|(?!(?:19|20)\d\d\b){_NUMBER})"
        r"(?!\d|[.,:]\d| ?(?:h|Uhr|uur|am|pm|%|€)\b)",
        before=12,
        after=70,
    ),
    # Reichenaustraße 118c; Große Bergstraße 160; Olaf Ryes plass 7.
    _Street(
        rf"{_LAST_SIGN},? \d",
        rf"(?<![\p{{L}}])(?:{_ADJECTIVE} ){{0,2}}\p{{Lu}}[\p{{L}}-]*{_LAST_SIGN},? {_NUMBER}(?!\d|"
        rf"[.,:]\d)|"
        rf"(?<![\p{{L}}])(?:\p{{Lu}}[\p{{L}}.-]+ ){{1,3}}{_LAST_SIGN},? {_NUMBER}(?!\d|[.,:]\d)",
        before=50,
        after=12,
    ),
    # House 27-B, Street 9, as in South Asia.
    _Street(
        r"\b(?:Street|Road|Lane|Block|Sector|Gali|Phase) (?:[Nn]o\.? ?)?\d",
        r"\b(?:House|Plot|Flat|Shop|Villa|No\.?) (?:[Nn]o\.? ?)?#?\d+(?:[-/ ]?[A-Z\d]{1,3})?, "
        r"(?:Street|Road|Lane|Block|Sector|Gali|Phase) (?:[Nn]o\.? ?)?\d+[A-Z]?",
        before=30,
        after=4,
    ),
    # Turkish: Bağdat Cad. No: 214 D:7.
    _Street(
        r"\b(?:Cad|Caddesi|Sok|Sokak|Sk|Mah)\b|Bulvar",
        rf"(?<![\p{{L}}])(?:{_CAP} ){{1,3}}(?:Cad\.?|Caddesi|Sok\.?|Sokak|Sk\.|Mah\.|Bulvar\u0131)"
        r",? (?:[Nn]o ?[:.]? ?)?\d{1,4}(?:/\d{1,4})?(?: [DK]:? ?\d{1,3})?",
        before=40,
        after=24,
    ),
    # Korean and Japanese: 마포구 와우산로 21길 19; 東京都渋谷区神南1-2-3.
    _Street(
        r"\p{Hangul}(?:로|길) ?\d",
        r"(?:\p{Hangul}+(?:시|도|구|군|동|로|길|읍) ){1,4}[\p{Hangul}\d]*(?:로|길|동)?[ ]?"
        r"(?:\d+길 )?"
        r"\d{1,5}(?:-\d+)?(?:, ?\d+호)?",
        before=40,
        after=24,
    ),
    _Street(
        r"[都道府県市区町村]",
        r"(?:〒?\d{3}-\d{4} ?)?[\p{Han}\p{Katakana}\p{Hiragana}]{2,12}[都道府県市区町村]"
        r"[\p{Han}\p{Katakana}\p{Hiragana}]{0,12}\d{1,4}(?:[-丁目番地号]\d{0,4}){1,6}",
        before=24,
        after=40,
    ),
)

# Postcodes that are nothing else: British, Canadian, Irish, Dutch.
_LETTERED = (
    r"(?:[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|(?:[A-Z]{2} )?[A-Z]\d[A-Z] ?\d[A-Z]\d|"
    r"[A-Z]\d[\dW] ?[A-Z\d]{4})(?![\p{L}\d])"
)
_CITY_WORD = r"(?:Sta?\.|\p{Lu}[\p{L}\p{M}'/-]*)"
_CITY = (
    rf"{_CITY_WORD}(?: (?:(?:de|del|da|do|am|an der|la|le|sur|sous|upon|on|of|bei|in|aan|"
    rf"op)(?: la| den| le)? )?"
    rf"{_CITY_WORD}){{0,3}}"
)
_CODE_CITY = (
    rf"(?:(?:[A-Z]{{1,2}}-)?(?:\d{{4}} [A-Z]{{2}}|\d{{2}}-\d{{3}}|\d{{3}} \d{{2}}|\d{{5}}-\d{{3}}|"
    rf"\d{{4}}-\d{{3}}|"
    rf"\d{{4,6}}|[A-Z]\d{{4}}(?:[A-Z]{{3}})?) {_CITY}(?: \d\d?(?!\d))?(?:/{_CITY_WORD})?)"
)
_YEAR = r"(?:19|20)\d\d(?!\d)"
_CITY_CODE = (
    rf"(?:{_CITY}(?: ?\(\p{{Lu}}[\p{{L}} -]+\)| - [A-Z]{{2}},|, [A-Z]{{2,3}})? (?:[A-Z]{{2,3}} )?"
    rf"(?:{_LETTERED}|\d{{5}}-\d{{3,4}}|(?!{_YEAR})\d{{4,6}}(?!\d|[.,:-]\d| \p{{Lu}}\p{{Ll}})))"
)
# Four digits after a name are a model or a train as often as a postcode.
_CITY_LONG_CODE = _CITY_CODE.replace(r"\d{4,6}", r"\d{5,6}")
_UNIT = (
    r"(?:(?:[Ff]lat|[Uu]nit|[Aa]pt|[Aa]partment|[Ss]uite|[Ss]tudio|[Rr]oom|[Ff]loor|[Hh]ouse|"
    r"[Pp]lot|[Bb]lk|"
    r"[Bb]lock|[Nn]o|[Aa]pp|[Aa]pto|[Ii]nt|[Pp]iso|[Dd]pto|[Pp]ta|[Ee]sc|[Bb]us|[Bb]te|[Nn]ave|"
    r"[Bb]ât|"
    r"кв|[Ll]ot|[Ss]cala|[Ii]nterno|[Ff]ração|[Bb]loco|D|Wohnung|Whg|Haus|Hs|[Cc]alle|"
    r"Street)[.:]? ?#?"
    r"(?:[\d]+[\w/-]{0,5}|[A-Z]{1,2}\d{0,4})(?![\p{L}\d])|"
    r"#\d[\d-]{1,9}|\d{1,3}\. ?(?:OG|Stock|Etage|tv|th|mf|[ºª°]|o|a)\.?(?: (?:links|rechts|mitte|"
    r"\w{1,5}))?(?![\p{L}])\.?|"
    r"\d{1,2}(?:\.?[ºª°oa]|er|e|r|nd|rd|st|th)[.]?(?: [Ff]loor| étage| piso|"
    r" andar)?(?: ?[\p{L}\d]{1,4}\.?(?![\p{L}\d]))?(?: [A-Z])?|"
    r"(?:bajo|Rgb|Hinterhaus|Vorderhaus|[Rr]ez-de-chaussée|EG|DG|tv|th|bajos|piano terra|"
    r"r/c)(?![\p{L}])\.?|"
    r"\d{1,2}\.?[ºªoa°]\.? ?(?:IZDA|DCHA|izda|dcha|izq|Dto|Esq|[A-Z])(?![\p{L}])\.?|"
    r"\d{1,2}(?:st|nd|rd|th) (?:Cross|Main|Floor|Block|Phase)|\d+호)"
)
_SEPARATOR = r"(?:,? ?\n>? ?|[,;] ?;? ?| (?:- |· )|\\n)"
_SEGMENT_END = r"(?= ?[,;:.!?\n\"'|)\]}<»”]|\\[n\"]|\s(?:and|und|et|y|e|en|to|zu|für|for|für)\b|$)"
_AFTER = tuple(
    regex.compile(pattern)
    for pattern in (
        rf"(?:{_SEPARATOR}| )(?:{_UNIT})",
        rf"{_SEPARATOR}{_CODE_CITY}",
        rf"(?:{_SEPARATOR}| ){_CITY_CODE}",
        rf"{_SEPARATOR}{_LETTERED}",
        rf"{_SEPARATOR}(?:\d{{5}}-\d{{3}}|\d{{3}}-\d{{4}})(?!\d)",
    )
)
# What follows an address with a capital and is no part of it.
_NO_PLACE = (
    r"(?:Tel|Telefon|T[ée]l[ée]phone|Tel[ée]fono|Fax|Mobil|Mobile|Phone|Handy|E-?[Mm]ail|Mail|"
    r"Web)\b"
)
# A part of town, a town, a region, a country: told only by where it stands.
_PLACE = regex.compile(
    rf"(?:, ?\n?|;;?|,? - )(?!(?:Mon|Tues?|Wednes|Thurs?|Fri|Satur|Sun)day|{_NO_PLACE})(?:{_CITY}|"
    rf"[A-Z]{{2,3}}|Québec)(?: - [A-Z]{{2}})?{_SEGMENT_END}"
)
_PROVINCE = regex.compile(
    rf"(?:, ?|;;?)(?!{_NO_PLACE})(?:\p{{Lu}}[\p{{L}}-]{{2,}}|[A-Z]{{2,3}}){_SEGMENT_END}"
)
_MOST_PLACES = 2
_BEFORE = regex.compile(
    rf"(?:(?:{_UNIT}|\d{{1,4}} {_CAP}(?: {_CAP})?|(?:{_CAP} ){{1,3}}{_TYPE}|"
    rf"Polígono(?: Industrial)? {_CAP}|(?:The )?(?:{_CAP} ){{0,3}}(?:House|Cottage|Farm|Lodge|"
    rf"Hall|Court|Works|Mill|Forge|Rectory|"
    rf"Vicarage|Barn|Manor|Villa|Villas|Tower|Towers|Building|Residensi|Hotel|Chambers|Point|"
    rf"Mansions|Studios?|"
    rf"Centre|Old Forge)(?: {_CAP}){{0,2}}(?: \d{{1,4}})?),? ?){{1,4}}$"
)
# "Olaf Ryes plass 7, 0552 Oslo", "Ferhadija 15/3, 71000 Sarajevo", "M.G. Road, Kochi 682016": a
# postcode with
# a town, after a comma and a line that is no sentence.
_TOWN_SIGN = re2.compile(
    r"\d{4,6} (?:[A-Z]{2} )?\p{Lu}|\d{2}-\d{3} \p{Lu}|\d{3} \d{2} \p{Lu}|\d{4,5}-\d{3,4}\b|"
    r"\p{L}\)? (?:[A-Z]{2,3} )?\d{4,6}\b|[A-Z]\d[A-Z\d]? ?\d[A-Z]{2}\b|[A-Z]\d[A-Z] ?\d[A-Z]\d\b|"
    r"\b[A-Z]\d[\dW] ?[A-Z\d]{4}\b"
)
_TOWN = regex.compile(
    rf"(?<=[,\n] ?)(?:{_CODE_CITY}|{_CITY_LONG_CODE})(?![\p{{L}}\d])|(?<![\p{{L}}\d]){_LETTERED}"
)
_ADDRESS_WORD = regex.compile(rf"\p{{Lu}}.*|#?\d.*|{_PARTICLE}|\w+\d+\w*")
_LINE_PART = regex.compile(r"[^,\n ][^,\n]*[,\n ]*")
_UNIT_PART = regex.compile(rf"(?:{_UNIT})[, \n]*")
_LEADING_PARTICLE = regex.compile(rf"{_PARTICLE} ")
_MOST_PARTS = 4
_WORD = regex.compile(r"[^\s:;?!\"]+(?P<stop>[:;?!\"])?|\S+")
_HOUSE = regex.compile(r"(?<![\w/.-])\d{1,4}[a-zA-Z]?(?:[/-]\d{1,4})? \p{Lu}")
_ADDRESSY = regex.compile(
    rf"\G\d{{1,4}}[a-zA-Z]?[ /-]|\p{{Ll}} {_NUMBER},|(?<![\p{{L}}]){_TYPE}|{_LAST}(?![\p{{L}}])|"
    rf"{_UNIT}|"
    r"\b(?:The|House|Farm|Cottage|Lodge|Hall|Works|Rectory|Vicarage|Barn|Manor|Plaza|Building)\b"
)
_CUE = regex.compile(
    r"\b(?:(?:(?:old|new|home|billing|postal|delivery|shipping|street|mailing|"
    r"current) )?address(?: is)?|addr|"
    r"lives? at|deliver(?:y|ed)? to|ship(?:ped|ping)?[ -]to|(?:liefer|rechnungs|post|heimat)?"
    r"adresse(?: ist)?|wohnt (?:in|jetzt)?|wohnhaft(?: in)?|anschrift|adresse de livraison|"
    r"habite(?: au)?|"
    r"domicile|livraison(?: au)?|dirección|domicilio|vivo en|indirizzo|abita in|abito in|residente "
    r"(?:in|a)|(?:bezorg|woon|post)?adres|woont (?:op|aan)|morada|endere[çc]o|mora na|moro na|"
    r"resid[eê]ncia|"
    r"shoot_location|ADR|postal address|letters? to)"
    r"(?:;;)?[\"']?[: ]{1,2}[\"']?",
    regex.IGNORECASE,
)
_AFTER_CUE = regex.compile(
    r"(?=[^\n;|\"()]{0,60}\d)(?:\p{Lu}|\d)[^\n;|\"<>{}()]{4,90}?"
    r"(?=[;|\"\n<?!»]|\.\s|\.$|, \p{Lu}\p{L}+ \p{Ll}|, (?:phone|tel|mobile|new|old|and|so|order|"
    r"email|\+?\d{5})|\s(?:and|und|et|y|e|en)\s|$)"
)
# A shop, an office, an event: its address is no one's.
_COMPANY = regex.compile(
    r"(?:(?i:\b(?:visit us|find us|come (?:and )?(?:see|visit|say)|see you|join us|meet us|drop in|"
    r"pop in|swing by|"
    r"open(?:s|ing|ed)?|(?:our|the) (?:new |second |first |flagship |pop-up |old )?(?:shop|store|"
    r"bakery|caf[eé]|branch|showroom|office|studio|salon|restaurant|bar|clinic|gallery|school|"
    r"room|workshop|market|"
    r"warehouse sale)|"
    r"besuchen sie|besucht uns|findet ihr uns|sie finden uns|unser(?:e[nrm]?)? (?:laden|geschäft|"
    r"filiale|café|"
    r"restaurant|praxis|werkstatt|büro)|venez|retrouvez[- ]nous|notre (?:boutique|magasin|atelier|"
    r"restaurant)|"
    r"visítanos|ven a|nuestr[ao] (?:tienda|local|taller|restaurante)|vieni a|venite|trovarci|"
    r"nostr[ao] "
    r"(?:negozio|bottega|locale)|kom langs|bezoek ons|onze (?:winkel|zaak)|visite-nos|"
    r"noss[ao] (?:loja|espaço))\b"
    r"[^.\n;!?]{0,60}$)|"
    r"\b(?:Ltd|Limited|LLC|Inc|plc|PLC|GmbH|AG|KG|e\.K|OHG|S\.?L|S\.?A|SARL|SAS|S\.?r\.?l|"
    r"S\.?p\.?A|B\.?V|N\.?V|Lda|"
    r"Pty|Oy|AB|Co|Bank|Yoga|Studio|Systems|Payments|Realty|Air|Apotheke|Pharmacy|Cycles|Tuition|"
    r"Farm|Meats|Security|"
    r"Bakery|Brewery|Books|Clinic|Salon|Shop|Store|Gallery|Bistro|Garage|Brake|Motors|Dental|"
    r"Foods|Kitchen|Flowers|"
    r"Hotel|Inn|Museum|Theatre|Library|Surgery|Center|Centre)\.?, $|"
    # An imprint: the company's name alone before its address, at the end of a text.
    r"(?:^|\n)(?:\p{Lu}[\p{L}'-]+ )?(?:&|und|and|et) \p{Lu}[\p{L}'-]+,? $)",
    regex.MULTILINE,
)
_POSTCODE = regex.compile(
    r"\b(?:post ?code|postal code|zip(?: ?code)?|plz|postleitzahl|code postal|c[óo]digo postal|"
    r"cap|cep|pincode|"
    r"pin code|eircode)(?: is)?[\"']?[:= ;,|]{1,3}[\"']?(?P<value>\d{4,6}(?:-\d{3,4})?|"
    r"\d{5}-\d{3}|\d{4} ?[A-Z]{2}|"
    rf"{_LETTERED}|[A-Z0-9]{{2,4}} ?\d[A-Z]{{2}})\b",
    regex.IGNORECASE,
)


class Addresses:
    """Find whole addresses: unit, house, street, number, postcode, town.

    A street with its number is found first, or a postcode with its town; from there an address
    grows to both sides, part by part. One pattern for all of it would have to try every way to
    split a line into parts.
    """

    sign = r"\d"

    def find(self, text: str) -> Iterator[Found]:
        """Yield addresses; one that is a company's, as far as its context tells, is a guess."""
        for street in _STREETS:
            for start, end in street.find(text):
                yield _found(text, _grow_left(text, start), _grow_right(text, end), 0.85)
        for sign in _TOWN_SIGN.finditer(text):
            for town in _TOWN.finditer(text, max(0, sign.start() - 40), sign.end() + 30):
                start = _line_before(text, town.start())
                if start < town.start() and sign.start() < town.end():
                    yield _found(text, start, _grow_right(text, town.end(), has_town=True), 0.86)
        for match in search(_CUE, text, EntityType.LOCATION):
            value = _AFTER_CUE.match(text, match.end())
            if value:
                yield _found(text, *value.span(), 0.75)


class Postcodes:
    """Find a full postcode that stands alone, after its name."""

    sign = r"post ?code|postal|zip|plz|postleitzahl|cap|cep|pin|eircode"

    def find(self, text: str) -> Iterator[Found]:
        """Yield postcodes."""
        for match in search(_POSTCODE, text, EntityType.LOCATION):
            yield Found(EntityType.LOCATION, *match.span("value"), 0.8)


def _found(text: str, start: int, end: int, score: float) -> Found:
    is_company = _COMPANY.search(text[max(0, start - 90) : start]) is not None
    return Found(EntityType.LOCATION, start, end, 0.4 if is_company else score)


def _grow_right(text: str, end: int, has_town: bool = False) -> int:
    while True:
        matches = [after.match(text, end) for after in _AFTER]
        if not any(matches):
            break
        has_town |= any(matches[1:])
        end = max(match.end() for match in matches if match)
    places: list[int] = []
    while len(places) <= _MOST_PLACES and (
        place := _PLACE.match(text, places[-1] if places else end)
    ):
        places.append(place.end())
    if has_town:
        province = _PROVINCE.match(text, end)
        return province.end() if province else end
    # So many names in a row are a list of something else.
    if places and len(places) <= _MOST_PLACES:
        end = places[-1]
        if any(after.match(text, end) for after in _AFTER):
            return _grow_right(text, end, has_town=True)
    return end


def _grow_left(text: str, start: int) -> int:
    line = text[max(0, start - 100) : start]
    before = _BEFORE.search(line)
    return start - len(line) + before.start() if before else start


def _line_before(text: str, start: int) -> int:
    """Where the address begins whose town stands at `start`; `start` itself when nothing does."""
    line = text[max(0, start - 110) : start]
    # The nearest part that tells a street; what stands before it is a unit, a house or a name.
    for part in list(_LINE_PART.finditer(line))[: -_MOST_PARTS - 1 : -1]:
        is_unit = _UNIT_PART.fullmatch(part[0])
        first = part.start() if is_unit else part.end()
        for word in () if is_unit else reversed(list(_WORD.finditer(part[0]))):
            is_end = word["stop"] or (word[0].endswith(".") and len(word[0]) > 4)
            if is_end or not _ADDRESS_WORD.fullmatch(word[0].strip(",")):
                break
            first = part.start() + word.start()
        if _ADDRESSY.search(line, first, part.end()):
            if particle := _LEADING_PARTICLE.match(line, first):
                first = particle.end()
            if house := _HOUSE.search(line, first, part.end()):
                first = house.start()
            return _grow_left(text, start - len(line) + first)
        if first > part.start():
            break
    return start
