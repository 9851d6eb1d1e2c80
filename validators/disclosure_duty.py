"""Does a text need a visible AI disclosure? The matrix of DOMAIN.md 2.3, for text."""

from __future__ import annotations

from typing import Literal

import regex

from validators.base import Context
from validators.disclosure_copy import is_published
from validators.jurisdictions import covers

Profile = Literal["legal_minimum", "recommended", "label_everything"]
# A law of one of the text's markets, or the profile that the house has chosen.
Duty = Literal["law", "house"]

# Any generated text that is shown to the public (China), or one on a matter of public interest.
_REQUIRED_ALWAYS = ("CN",)
_REQUIRED_FOR_PUBLIC_INTEREST = ("EU", "VN")
_RECOMMENDED_FOR_PUBLIC_INTEREST = (*_REQUIRED_FOR_PUBLIC_INTEREST, "UK", "US", "KR")
_LONG_FORM_WORDS = 150

_PUBLIC_TOPIC = regex.compile(
    r"\b(?:health\w*|medic\w+|vaccin\w+|disease\w*|symptom\w*|safety|safe|recall\w*|climate|"
    r"emission\w*|environment\w*|pollution|drinking water|carbon|biodiversity|public service\w*|"
    r"council|levy|tax(?:es)?|pension\w*|election\w*|vot(?:e|ing)|parliament|laws?|regulation\w*|"
    r"mortgage\w*|interest rates?|inflation|consumer rights?|refund rights?|research|"
    r"stud(?:y|ies)|scientists?|crime|fraud|war|flood\w*|wildfire\w*|earthquake\w*|"
    r"gesundheit\w*|impfung\w*|klima\w*|umwelt\w*|wahl(?:en)?|gesetz\w*|steuer\w*|rente\w*|"
    r"sicherheit|santé|climat|environnement|élections?|impôts?|loi|sécurité|salud|clima|"
    r"elecciones|impuestos?|ley|seguridad|salute|ambiente|elezioni|tasse|legge|sicurezza|"
    r"gezondheid|klimaat|milieu|verkiezingen|belasting\w*|wet|veiligheid|saúde|eleições|"
    r"impostos?|lei|segurança)\b",
    regex.IGNORECASE,
)
_SELLS = regex.compile(
    r"[$€£]\s?\d|\b\d+(?:[.,]\d+)?\s?(?:€|eur|usd|gbp|%\s?off)\b"
    r"|\b(?:buy|shop|order|book) (?:now|today|online|yours)\b|\bsale\b|\bdiscount\b",
    regex.IGNORECASE,
)
_INFORMS = regex.compile(
    r"\b(?:what .{0,60}\bmeans?|facts?|how to|guide|explain\w*|report\w*|tips?|advice|"
    r"public[- ]interest|advertorial|article|blog|news|analysis|white paper)\b|\?",
    regex.IGNORECASE,
)
_FIRST_PERSON = regex.compile(
    r"\b(?:I|I've) (?:tried|tested|used|love|loved|felt|recommend|suggest|advise)\b"
    r"|^(?:best|kind regards|warmly|sincerely|yours|love),?\s*\n\s*\p{Lu}\w+\s*\Z",
    regex.MULTILINE,
)


def duty(text: str, context: Context, profile: Profile) -> Duty | None:
    """What asks for a disclosure in this text, or None if nothing does.

    What is not published owes none: tool-call arguments, an answer in one word, a refusal.
    """
    if not context.generated or context.kind == "data":
        return None
    if not is_published(text, context.channel):
        return None
    if context.channel.name == "chatbot" or covers(_REQUIRED_ALWAYS, context.jurisdictions):
        return "law"
    is_public = is_of_public_interest(text, context)
    if is_public and covers(_REQUIRED_FOR_PUBLIC_INTEREST, context.jurisdictions):
        return "law"
    if profile == "label_everything":
        return "house"
    if profile == "legal_minimum":
        return None
    is_recommended = (
        (is_public and covers(_RECOMMENDED_FOR_PUBLIC_INTEREST, context.jurisdictions))
        or context.channel.name == "press_release"
        or len(text.split()) > _LONG_FORM_WORDS
        or _FIRST_PERSON.search(text) is not None
    )
    return "house" if is_recommended else None


def is_of_public_interest(text: str, context: Context) -> bool:
    """Whether a text may inform the public on a matter of public interest.

    The Commission's term has no crisp definition, so what informs and sells counts as well; only
    what does nothing but sell does not.
    """
    told = f"{text}\n{context.brief}"
    if not _PUBLIC_TOPIC.search(told):
        return False
    return _INFORMS.search(told) is not None or _SELLS.search(told) is None
