"""Secrets: keys and tokens by detect-secrets, by their cue, and by how random they look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import regex

from validators.pii.entities import EntityType
from validators.pii.shapes import Finder, Found, Shape, exact_shape, search, shape

# A word this long is no key, and each of them is read as a whole.
_WORD = regex.compile(r"(?<![\w+/.$!~-])[A-Za-z0-9][\w+/.$!:~-]{14,511}+={0,2}")
_WORD_SIGN = r"[a-z_]\d|\d[a-z_]"
_UUID = regex.compile(r"[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}", regex.IGNORECASE)
_HEX = regex.compile(r"[\da-fA-F]{32,128}")

_KEY_PREFIX = (
    r"\b(?:sk|pk|rk|psk|whsec|shp(?:at|ss|ca|pa)|figd|npm|pypi|hf|ntn|lin_api|glpat|gldt|"
    r"xox[abeprs]|"
    r"xapp|gh[oprsu]|github_pat|GOCSPX|ya29|EAA[A-Z]?|access_token|AIza|SG|dapi|dop_v1|doo_v1|act|"
    r"pat|"
    r"secret|live|test|tok|key|r8|gsk|xai|nvapi|sq0\w{3}|rzp_(?:live|test)|mgl_live|FLWSECK|"
    r"LTAI|AGE-SECRET-KEY|vercel|sbp|eyJ)"
)
_SECRET_NAME = (
    r"(?:pass(?:word|wd|code|phrase|[_-]?key)|pwd|pw|passwort|kennwort|zugangscode|"
    r"api[_ -]?(?:key|token|secret)|apikey|secret(?:[_ -]?key)?|"
    r"access[_ -]?(?:key|token|code)|auth(?:[_ -]?token)?|(?:bearer|bot|refresh|reset)[_ -]token|"
    r"client[_ -]?secret|private[_ -]?key|encryption[_ -]?key|credentials?|login code|"
    r"pin(?: code)?|"
    r"one[- ]time code|otp|contrase[ñn]a|clave|mot de passe|mdp|code d'accès|wachtwoord|"
    r"toegangscode|senha|palavra-passe|parola d'ordine)"
)


class _Words:
    """Ask detect-secrets' plugins about each long word, and measure how random the others are.

    The plugins name the secrets of a line but not where they stand; a word that holds one is one.
    Nothing is verified with the service that issued a key: that would send it out.
    """

    sign = _WORD_SIGN

    def __init__(self) -> None:
        # Heavy: detect-secrets imports requests.
        from detect_secrets.plugins import (
            artifactory,
            aws,
            azure_storage_key,
            discord,
            github_token,
            gitlab_token,
            high_entropy_strings,
            jwt,
            mailchimp,
            openai,
            pypi_token,
            sendgrid,
            slack,
            square_oauth,
            stripe,
            telegram_token,
            twilio,
        )

        self._plugins: tuple[Any, ...] = (
            artifactory.ArtifactoryDetector(),
            aws.AWSKeyDetector(),
            azure_storage_key.AzureStorageKeyDetector(),
            discord.DiscordBotTokenDetector(),
            github_token.GitHubTokenDetector(),
            gitlab_token.GitLabTokenDetector(),
            jwt.JwtTokenDetector(),
            mailchimp.MailchimpDetector(),
            openai.OpenAIDetector(),
            pypi_token.PypiTokenDetector(),
            sendgrid.SendGridDetector(),
            slack.SlackDetector(),
            square_oauth.SquareOAuthDetector(),
            stripe.StripeDetector(),
            telegram_token.TelegramBotTokenDetector(),
            twilio.TwilioKeyDetector(),
        )
        self._base64 = high_entropy_strings.Base64HighEntropyString(limit=4.2)
        self._hex = high_entropy_strings.HexHighEntropyString(limit=3.0)

    def find(self, text: str) -> Iterator[Found]:
        for match in search(_WORD, text, EntityType.API_KEY):
            word = match[0].rstrip(".:!")
            if "//" in word or not any(c.isdigit() for c in word):
                continue
            score = self._score(word)
            if score:
                yield Found(EntityType.API_KEY, match.start(), match.start() + len(word), score)

    def _score(self, word: str) -> float:
        if any(True for plugin in self._plugins for _ in plugin.analyze_string(word)):
            return 0.97
        if _UUID.fullmatch(word):
            return 0.0
        if _HEX.fullmatch(word):
            return 0.6 if self._hex.calculate_shannon_entropy(word) > self._hex.entropy_limit else 0
        is_dense = len(word) >= 24 and _alternations(word) >= 8
        entropy = self._base64.calculate_shannon_entropy(word) if is_dense else 0
        return 0.8 if entropy > 3.5 else 0.0


def _alternations(word: str) -> int:
    """How often a word goes from small letters to capitals to digits: a product code does not."""
    letters = regex.sub(r"[^A-Za-z0-9]", "", word)
    kinds = regex.sub(r"\d+", "0", regex.sub(r"[A-Z]+", "A", regex.sub(r"[a-z]+", "a", letters)))
    return len(kinds)


_SHAPES: tuple[Shape, ...] = (
    exact_shape(
        EntityType.API_KEY,
        rf"{_KEY_PREFIX}[_.$-]?(?=[\w.$!/+-]*\d)(?=\S*[_.$-]|\S{{24}})[\w.$!/+-]{{12,511}}[\w=]",
        0.95,
        _WORD_SIGN,
    ),
    # All letters, after a prefix that is in no word.
    exact_shape(
        EntityType.API_KEY,
        r"\b(?:hf|gh[oprsu]|npm|glpat|whsec|figd|ntn|[spr]k_live|[spr]k_test)[_-]"
        r"(?=[A-Za-z]{0,60}[a-z][A-Z][a-z])[A-Za-z]{20,255}",
        0.95,
        r"(?:hf|gh[oprsu]|npm|glpat|whsec|figd|ntn|live|test)[_-]",
    ),
    exact_shape(
        EntityType.API_KEY,
        r"\b(?:sk|pk|psk|rk)(?:[-_][A-Za-z0-9]+){1,4}\b(?<=\d\w{0,20})",
        0.8,
        r"[spr]s?k[-_][a-z0-9]",
    ),
    exact_shape(EntityType.API_KEY, r"\b(?:AKIA|ASIA)[0-9A-Z]{12,20}\b", 0.99, r"a[ks]ia"),
    # A JSON web token, also wrapped after its dots.
    exact_shape(
        EntityType.API_KEY,
        r"\beyJ[\w-]{8,4096}\.\s?[\w-]{4,4096}(?:\.\s?[\w-]{0,4096})?",
        0.99,
        r"eyj",
    ),
    exact_shape(
        EntityType.API_KEY,
        r"(?i:\b(?:bearer|basic|token) )(?P<value>(?=[\w.~+/-]*\d)[\w.~+/-]{12,4096}={0,2})",
        0.95,
        r"bearer |basic |token ",
    ),
    shape(
        EntityType.API_KEY,
        rf"(?<![\p{{L}}])(?:\w{{1,30}}[_-])?{_SECRET_NAME}s?(?:[_ -]?\d)?(?: (?:is|ist|est|es|è|é|"
        rf"war|was))?"
        r"[\"'*`]{0,3}\s{0,3}[:=]{0,2}>?\s{0,3}[\"'`*]{0,3}"
        r"(?P<value>(?<=[:=\"'`>] {0,3}\"?|\b(?:is|ist|est|es|è|é|war|was) [\"'`]?)"
        r"(?!(?:is|the|a|an|of|for|required|optional|reset|string|null|none|true|false|here|please|"
        r"your|my|min|at|to)\b)[^\s\"'`,;<>|{}]{3,512}[^\s\"'`,;<>|{}.!?)])",
        0.88,
        r"pass|pwd|pw|kennwort|zugangscode|api|secret|access|auth|token|private|encryption|"
        r"credential|"
        r"login|pin|code|otp|contrase|clave|mdp|wachtwoord|senha|palavra|parola",
    ),
    # "Password Tulip-88-harbour": no sign between, but no word either.
    shape(
        EntityType.API_KEY,
        rf"\b{_SECRET_NAME} (?P<value>(?=\S*\d)(?=\S*\p{{L}})[^\s\"'`,;<>|]{{5,128}}[\w!$%&*])",
        0.78,
        r"pass|pwd|pw|kennwort|zugangscode|api|secret|access|auth|token|private|encryption|"
        r"credential|"
        r"login|pin|code|otp|contrase|clave|mdp|wachtwoord|senha|palavra|parola",
    ),
    exact_shape(
        EntityType.API_KEY,
        r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]{0,20000}?"
        r"(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
        1.0,
        r"-----begin",
    ),
)


def finders() -> tuple[Finder, ...]:
    """Load detect-secrets' plugins."""
    return (*_SHAPES, _Words())
