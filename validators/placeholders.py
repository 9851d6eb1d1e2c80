"""What stands for personal data in a text, {{PERSON_1}}, and as what models write it back.

A model is told to copy placeholders as they stand, and mostly does. What it makes of the others is
recognised here: another case, other brackets, a translated or misspelt type, Markdown. Only what
was given out is ever taken for a placeholder, and only where exactly one fits.
"""

from __future__ import annotations

import functools
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import regex
from rapidfuzz.distance import OSA

from validators.pii.entities import EntityType

# What a type is called in English and when a model translates it to German, French, Spanish,
# Italian, Dutch or Portuguese.
_WORDS: Mapping[str, str] = {
    "PERSON": "name person_name customer client kunde kundin name_der_person personne nom "
    "client cliente persona nombre persoon naam klant pessoa nome utente",
    "EMAIL_ADDRESS": "email e-mail mail mail_address e-mail-adresse emailadresse mail-adresse "
    "adresse_e-mail adresse_email adresse_mail courriel adresse_de_courriel direccion_de_correo "
    "correo correo_electronico direccion_de_email direccion_email indirizzo_email "
    "indirizzo_e-mail indirizzo_di_posta e-mailadres emailadres mailadres endereco_de_email "
    "endereco_de_e-mail endereco_email",
    "PHONE_NUMBER": "phone telephone telephone_number mobile mobile_number telefon telefonnummer "
    "rufnummer handynummer telefono numero_de_telephone numero_telephone numero_de_telefono "
    "numero_di_telefono numero_telefonico telefoonnummer telefoon telefone numero_de_telefone",
    "LOCATION": "address street_address place adresse anschrift ort standort lieu emplacement "
    "localisation ubicacion direccion lugar luogo posizione indirizzo locatie plaats adres "
    "localizacao local endereco morada localidade",
    "CREDIT_CARD": "card card_number credit_card_number kreditkarte kreditkartennummer "
    "carte_de_credit carte_bancaire tarjeta_de_credito tarjeta carta_di_credito creditcard "
    "kredietkaart cartao_de_credito cartao",
    "IBAN_CODE": "iban iban-code codigo_iban codice_iban code_iban",
    "IP_ADDRESS": "ip ip-adresse adresse_ip direccion_ip indirizzo_ip ip-adres endereco_ip",
    "DATE_OF_BIRTH": "dob birth_date birthdate geburtsdatum date_de_naissance "
    "fecha_de_nacimiento data_di_nascita geboortedatum data_de_nascimento",
    "ORDER_ID": "order order_number bestellung bestellnummer auftragsnummer bestell-id "
    "bestellungs-id commande numero_de_commande id_commande pedido numero_de_pedido id_pedido "
    "id_de_pedido ordine numero_ordine numero_d_ordine id_ordine bestelling bestelnummer "
    "bestel-id encomenda numero_da_encomenda numero_do_pedido id_do_pedido",
    "CUSTOMER_ID": "customer_number kundennummer kunden-id numero_client numero_de_client "
    "id_client numero_de_cliente id_cliente id_de_cliente numero_cliente codice_cliente "
    "klantnummer klant-id numero_do_cliente id_do_cliente",
    "URL_TOKEN": "url link",
    "API_KEY": "api-key api-schlussel cle_api cle_d_api clave_api clave_de_api chiave_api "
    "api-sleutel chave_de_api chave_api",
    "MEDICAL": "medizinisch medizin medico medica medicale medisch diagnose diagnosis",
    "NATIONAL_ID": "ausweisnummer identite documento_nacional documento_de_identidad "
    "documento_d_identita identiteitsnummer documento_de_identidade",
}
# No placeholder is longer, in whatever way it is written.
_LONGEST = 160
# A shorter word is too soon another one.
_SHORTEST_MISSPELT = 5

_SPACE = r"[ \t\u00a0]{0,2}"
_DECORATION = r"[*_`~]{0,3}"
_JOINT = r"\\?[_\uff3f]"
_SEPARATOR = rf"(?:{_JOINT}|[ \u00a0-])?"
_NUMBER = r"(?P<number>\d{1,6})"
_NUMBERED = (
    rf"(?P<word>\p{{L}}(?:[\p{{L}}\p{{M}}\p{{N}}'\u00a0 -]|{_JOINT}){{0,39}}?){_SEPARATOR}{_NUMBER}"
    rf"(?:{_SPACE}\\?[|\uff5c]{_SPACE}(?P<form>\w{{1,8}}))?"
)
# What stands inside brackets; an ending belongs to the sentence.
_INSIDE = (
    rf"{_SPACE}{_DECORATION}{_NUMBERED}(?P<ending>['\u2019]?\p{{Ll}}{{1,2}})?{_DECORATION}{_SPACE}"
)
_SHAPES = regex.compile(
    "|".join(
        [
            rf"(?P<token>[{{\uff5b]\s?(?P<two>[{{\uff5b])?{_INSIDE}"
            r"[}\uff5d](?(two)(?:\s?[}\uff5d])?))",
            rf"(?P<token>\\\{{(?P<two>\\\{{)?{_INSIDE}\\\}}(?(two)\\\}}))",
            # Before a parenthesis, brackets are those of a link.
            rf"(?P<token>\[(?P<two>\[)?{_INSIDE}\](?(two)\]))(?!\()",
            rf"(?P<token><(?P<two><)?{_INSIDE}>(?(two)>))",
            # Parentheses stay: they are more often the sentence's own, and so are the words in
            # them, unless they are written as no sentence has them; see `_read`.
            rf"\({_SPACE}(?P<token>{_NUMBERED}){_SPACE}\)",
            rf"(?<![\w{{])(?P<token>(?P<word>\p{{Lu}}(?:[\p{{Lu}}\p{{M}}\p{{N}}-]|{_JOINT}){{0,39}}?)"
            rf"{_JOINT}{_NUMBER}(?:{_JOINT}(?P<form>\d{{1,3}}))?)(?![\w}}])",
        ]
    )
)
_BRACES = "{\uff5b\\"
_OPENING = regex.compile(rf"[{_BRACES}\\\[<(]|(?<![\w{{])\p{{Lu}}")


@dataclass(frozen=True, slots=True)
class Token:
    """A placeholder in a text, or what looks like one.

    `start` and `end` are what a value would take the place of. `name` is the one that was given
    out, as PERSON_1, or None; `types` and `number` are what its word and digits may mean; `form`
    is that of the written form, 1 if none is told; `ending` is what a model declined it with. What
    nobody would write in ordinary copy `is_unmistakable`: "[order 7]" is not.
    """

    start: int
    end: int
    name: str | None
    types: tuple[str, ...]
    number: int
    form: int
    ending: str
    is_unmistakable: bool

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be the name of."""
        return tuple(f"{type}_{self.number}" for type in self.types)


class Tokens:
    """Finds placeholders in a text, also in one that is still coming."""

    def __init__(self, given: Collection[str], types: Collection[str] = ()) -> None:
        """`given` are the names that were given out; `types` are known besides theirs."""
        self._given = frozenset(given)
        known = {name.rsplit("_", 1)[0] for name in self._given}
        self._vocabulary = _vocabulary(frozenset(known.union(map(str, types))))

    def find(self, text: str) -> list[Token]:
        """Every placeholder of a text, and everything that looks like one of a known type."""
        return self.scan(text)[0]

    def scan(self, text: str, *, start: int = 0, is_last: bool = True) -> tuple[list[Token], int]:
        """Find placeholders from `start` on, and say up to where the text is decided.

        Unless `is_last`, more text may come: what could be the beginning of a placeholder then
        stays undecided, and nothing else does.
        """
        if not self._vocabulary.by_word:
            return [], len(text)
        tokens = []
        tail = len(text) if is_last else self._tail(text, start)
        for match in _SHAPES.finditer(text, start):
            if match.start() >= tail:
                break
            if match.end() > tail:
                tail = self._tail(text, match.end())
            if token := self._read(match):
                tokens.append(token)
        return tokens, tail

    def _tail(self, text: str, start: int) -> int:
        """Where the first thing begins that more text could make a placeholder of."""
        for match in _OPENING.finditer(text, max(start, len(text) - _LONGEST)):
            opening = match.start()
            if not _SHAPES.fullmatch(text, opening, partial=True):
                continue
            if text[opening] in _BRACES or self._vocabulary.may_begin(text[opening:]):
                return opening
        return len(text)

    def _read(self, match: regex.Match[str]) -> Token | None:
        number = int(match["number"])
        # Inside braces a word may be misspelt.
        is_braced = match[0][0] in _BRACES
        is_unmistakable = is_braced or "_" in match["token"]
        if match[0][0] == "(" and not (is_unmistakable or match["token"].isupper()):
            # "gold (place 1)", "each (customer 1)".
            return None
        types = tuple(self._vocabulary.read(match["word"], may_be_misspelt=is_braced))
        if not types:
            return None
        fitting = [f"{type}_{number}" for type in types if f"{type}_{number}" in self._given]
        form = match["form"] or ""
        return Token(
            *match.span("token"),
            name=fitting[0] if len(fitting) == 1 else None,
            types=types,
            number=number,
            form=int(form) if form.isdecimal() else 1,
            ending=match["ending"] or "",
            is_unmistakable=is_unmistakable,
        )


@dataclass(frozen=True)
class _Vocabulary:
    """The words that stand for types, as they are compared."""

    types: Mapping[str, str]
    by_word: Mapping[str, Sequence[str]]

    def read(self, word: str, *, may_be_misspelt: bool) -> Sequence[str]:
        """The types that a word may stand for: its own, or else those it may be a slip for."""
        plain = _compact(word)
        if plain in self.by_word:
            return self.by_word[plain]
        if not may_be_misspelt or len(plain) < _SHORTEST_MISSPELT or plain in _NAMES_OF_TYPES:
            return ()
        return [
            type
            for name, type in self.types.items()
            if OSA.distance(plain, name, score_cutoff=1) <= 1
        ]

    def may_begin(self, text: str) -> bool:
        """Whether a text may begin with one of the words, as far as it goes."""
        plain = _compact(text)
        return any(
            word.startswith(plain)
            or (plain.startswith(word) and plain[len(word) : len(word) + 1].isdigit())
            for word in self.by_word
        )


@functools.lru_cache(maxsize=256)
def _vocabulary(types: frozenset[str]) -> _Vocabulary:
    names = {_compact(type): type for type in sorted(types)}
    by_word: dict[str, list[str]] = defaultdict(list)
    for type in names.values():
        for word in {_compact(word) for word in _WORDS.get(type, "").split()}:
            by_word[word].append(type)
    # A type's own name means that type, whatever it may be a translation of.
    return _Vocabulary(names, {**by_word, **{name: [type] for name, type in names.items()}})


def _compact(word: str) -> str:
    """A word as it is compared: capitals and digits, without accents and what joins words."""
    bare = unicodedata.normalize("NFKD", word).upper()
    return "".join(character for character in bare if character.isalnum())


_NAMES_OF_TYPES = frozenset(_compact(type) for type in EntityType)
_EXACT = regex.compile(r"\{\{([A-Z][A-Z0-9_]*_\d{1,6})(?:\|\d{1,3})?\}\}")


def exact(text: str) -> frozenset[str]:
    """The placeholders that stand in a text exactly as they are given out: {{PERSON_1}}."""
    return frozenset(f"{{{{{name}}}}}" for name in _EXACT.findall(text))


def names(placeholders: Collection[str]) -> frozenset[str]:
    """The names in placeholders: PERSON_1 for {{PERSON_1}}."""
    return frozenset(placeholder.strip("{}") for placeholder in placeholders)
