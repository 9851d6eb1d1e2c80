"""E-mail addresses, network addresses, and links that open something of one person."""

from __future__ import annotations

import ipaddress

import regex

from validators.pii.entities import EntityType
from validators.pii.shapes import Shape, shape
from validators.pii.spoken import (
    AT,
    AT_BEFORE_DOMAIN,
    AT_IN_BRACKETS,
    DOT,
    DOT_IN_BRACKETS,
    JOINTS,
    any_of,
)

_URL = r"(?:https?://|h(?:xx|tt)ps?\[?:\]?//|https?%3A%2F%2F|\bwww\.)"
_END_OF_URL = r"[^\s<>\"'`|.,;:!?)\]}]"
# A full stop or a bracket is part of a link where the link goes on after it.
_REST_OF_URL = rf"(?:{_END_OF_URL}|[.,;:!?)\]}}]++(?={_END_OF_URL})){{1,2000}}+"
_SECRET_PARAMETER = (
    r"(?:tk|token|[\w-]{0,20}token|\w{0,20}key|k|sig|signature|auth|session|session_?id|sid|jwt|"
    r"otp|code|pwd|pw|pass|password|secret|uid|user|user_?id|user_?name|email|e|mail|e-?mail|"
    r"customer|customer_?id|cust|client|client_?id|member|m|nm|name|first_?name|last_?name|phone|"
    r"tel|mobile|order|order_?id|id|h|hash|d|t|c|r|a|u|owner|preview_nonce|nonce|jeton|cf|postcode|"
    r"zip|pc|dob|kunde|kdnr|bestellung|commande|pedido|ordine|invite|x-amz-\w+)"
)
_URL_SECRET = (
    rf"(?:[?&;#]{_SECRET_PARAMETER}=[^&\s]|(?:[?&]|%3F|%26){_SECRET_PARAMETER}%3D|"
    r"[\w.+-]{1,64}+(?:@|%40)[\w-]{1,64}+\.\w|(?:%[0-9A-F]{2}){3}|"
    r"/(?:reset|confirm|verify|invite|private|unsubscribe|magic|login|i|j|s|u|x|r)[/-]"
    r"[\w.-]*\d)"
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_DOT = r"(?: ?\[?\(?\.\)?\]? ?| ?[\[({]dot[\])}] ?)"
_IPV4 = rf"{_OCTET}(?:{_DOT}{_OCTET}){{3}}"
_IPV4_SIGN = r"\d(?: ?[\[({]{0,2}(?:\.|dot)[\])}]{0,2} ?\d{1,3}){3}"

_BRACKETED_AT = rf" ?[\[({{<] ?{any_of(AT_IN_BRACKETS)} ?[\])}}>] ?"
_AT = rf"(?: {any_of(AT)} | (?=at [^\n]{{1,120}} dot )at |{_BRACKETED_AT})"
_SPOKEN_DOT = rf"(?: {any_of(DOT)} | ?[\[({{<] ?{any_of(DOT_IN_BRACKETS)} ?[\])}}>] ?)"
_SPOKEN_JOINT = rf"(?: {any_of(word for words in JOINTS.values() for word in words)} )"
_PART = r"[\p{L}\d_+%-]{1,64}+"


_SECRET = regex.compile(_URL_SECRET, regex.IGNORECASE)


# The page of an event or a product: "jazz?id=8821".
_PAGE = regex.compile(r"[?&;](?:id|c|d|e|h|m|r|t)=\d{1,6}(?=[&;#]|$)", regex.IGNORECASE)


def _opens_something(url: str) -> bool:
    return _SECRET.search(_PAGE.sub("?", url)) is not None


def _is_ipv4(text: str) -> bool:
    """Four octets, two of them too large for the usual version number."""
    octets = [int(part) for part in regex.findall(r"\d+", text)]
    return max(octets) >= 20 and (octets[0] >= 20 or octets[0] == 10 or max(octets) >= 100)


def _is_ipv6(text: str) -> bool:
    plain = text.replace("[", "").replace("]", "").split("/")[0].split("%")[0]
    if "::" not in plain and plain.count(":") != 7:
        return False
    try:
        ipaddress.IPv6Address(plain)
    except ValueError:
        return False
    return len(plain) > 4


SHAPES: tuple[Shape, ...] = (
    shape(
        EntityType.EMAIL_ADDRESS,
        r"(?:\"[^\"\s@]{1,64}\"|(?<![\p{L}\d!#$%&'*+/=?^_`{|}~.-])"
        r"[\p{L}\p{M}\d!#$%&'*+/=?^_`{|}~.-]{0,64}[\p{L}\d_])\[?@\]?"
        r"(?:[\p{L}\p{M}\d](?:[\p{L}\p{M}\d-]{0,62}[\p{L}\p{M}\d])?\[?\.\]?){1,8}"
        r"\p{L}[\p{L}\p{M}\d-]{0,62}[\p{L}\p{M}\d]",
        1.0,
        "@",
    ),
    # What stands before the mark is too long, or too odd, for an address of the usual kind.
    shape(
        EntityType.EMAIL_ADDRESS,
        r"[\p{L}\d._%+-]{1,64}+@(?:[\p{L}\d-]{1,63}+\.){1,8}\p{L}{2,63}",
        0.99,
        "@",
    ),
    shape(
        EntityType.EMAIL_ADDRESS,
        r"[\p{L}\d][\p{L}\d._%+-]{0,64}+ ?\[?@\]? ?(?:\[\d{1,3}(?:\.\d{1,3}){3}\]|localhost\b)",
        0.9,
        "@",
    ),
    # "john at example dot com", "laura punto gil arroba correo punto es".
    shape(
        EntityType.EMAIL_ADDRESS,
        rf"(?<![\p{{L}}\d_+%.-]){_PART}(?:(?:\.|{_SPOKEN_JOINT}){_PART}){{0,4}}{_AT}"
        rf"{_PART}(?:\.{_PART}){{0,3}}(?:{_SPOKEN_DOT}[\p{{L}}\d-]{{1,64}}+){{1,3}}\b",
        0.92,
        rf"[\[({{< ]{any_of(('at', *AT, '@'))}[\])}}> ]",
    ),
    shape(
        EntityType.EMAIL_ADDRESS,
        rf"(?<![\p{{L}}\d_+%.-]){_PART}(?:(?:\.|{_SPOKEN_JOINT}){_PART}){{0,4}}"
        rf"(?:{_BRACKETED_AT}| {any_of(AT_BEFORE_DOMAIN)} )"
        r"(?:[\p{L}\d-]{1,64}+\.){1,8}\p{L}{2,}\b",
        0.95,
        rf"[\[({{< ]{any_of(('at', 'ät', *AT_BEFORE_DOMAIN, '@'))}[\])}}> ]",
    ),
    shape(
        EntityType.EMAIL_ADDRESS,
        rf"(?<![\p{{L}}\d_+%.-]){_PART}(?:\.{_PART}){{1,4}} at (?:[\p{{L}}\d-]{{1,64}}+\.){{1,4}}"
        r"(?:com|net|org|info|example|io|me|co|uk|ie|de|at|ch|fr|be|es|it|nl|pt|br|eu|in|pl|se)\b",
        0.85,
        " at ",
    ),
    shape(
        EntityType.URL_TOKEN,
        rf"(?<![\w/?&=]){_URL}{_REST_OF_URL}",
        1.0,
        r"https?(?:://|%3A)|hxxps?|https?\[:|www\.",
        _opens_something,
    ),
    shape(
        EntityType.URL_TOKEN,
        rf"[a-z][a-z+]{{1,12}}://[^\s/@:]{{1,256}}:[^\s/@]{{1,256}}@{_REST_OF_URL}",
        1.0,
        r"://[^\s/@:]+:",
    ),
    shape(
        EntityType.URL_TOKEN,
        r"\b(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks|t\.me/\+|"
        r"chat\.whatsapp\.com|wa\.me|calendly\.com/d|docs\.google\.com/\w+/d)/?"
        rf"(?=[^\s]*\d){_REST_OF_URL}",
        0.9,
        r"hooks\.slack|webhooks|t\.me|whatsapp\.com|wa\.me|calendly|docs\.google",
    ),
    shape(
        EntityType.IP_ADDRESS,
        rf"(?<![\w.]|\bv|version |§ ?){_IPV4}(?![\w]|\.\d)",
        0.6,
        _IPV4_SIGN,
        _is_ipv4,
    ),
    shape(
        EntityType.IP_ADDRESS,
        r"\b(?:ip|ipv4|ip-adresse|adresse ip|dirección ip|host|server|relay|from|at|von|depuis|"
        r"desde|da|"
        rf"vanaf)(?: (?:address|adresse|adres|is|"
        rf"l'adresse)){{0,2}}[\s:=\"'(]{{1,3}}(?P<value>{_IPV4})"
        r"(?![\w]|\.\d)",
        0.9,
        _IPV4_SIGN,
    ),
    shape(
        EntityType.IP_ADDRESS,
        r"(?<![\w:.])(?:[0-9a-f]{1,4}\[?:\]?){1,7}(?:\[?:\]?[0-9a-f]{1,4}){1,7}(?:%\w+)?(?![\w:])",
        0.7,
        r"[0-9a-f]\[?:\]?\[?[0-9a-f:]",
        _is_ipv6,
    ),
)
