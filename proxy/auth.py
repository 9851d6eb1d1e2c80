"""An API key in a header -> a Caller."""

from __future__ import annotations

from dataclasses import dataclass

from proxy.errors import AuthenticationError, PermissionDeniedError
from proxy.store.store import Store

_CREATE_A_KEY = "`presscheck keys create --team marketing --policy default`"


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the key, and what it may do."""

    key_id: str
    team: str
    policy: str | None
    scopes: frozenset[str]


async def authenticate(authorization_header: str | None, store: Store) -> Caller:
    """The caller whose key the header carries.

    Raises:
        AuthenticationError: there is no key, or it is unknown or revoked. Which of these is not
            said, and all keys take the same way: one hash and one look into a unique index.
    """
    scheme, _, secret = (authorization_header or "").strip().partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret:
        raise AuthenticationError(
            'This needs an API key, sent as "Authorization: Bearer psk_…". '
            f"An operator creates one with {_CREATE_A_KEY}.",
            headers={"www-authenticate": "Bearer"},
        )
    key = await store.find_key(secret)
    if key is None:
        raise AuthenticationError(
            "This API key is unknown or was revoked. Check it for missing characters, or ask an "
            f"operator for a new one: {_CREATE_A_KEY}.",
            headers={"www-authenticate": "Bearer"},
        )
    return Caller(key.id, key.team, key.policy, frozenset(key.scopes))


def require(caller: Caller, scope: str) -> None:
    """Refuse a caller whose key lacks the scope."""
    if scope not in caller.scopes:
        has = ", ".join(sorted(caller.scopes))
        raise PermissionDeniedError(
            f"This needs the scope {scope!r}, and your key has: {has}. An operator creates a key "
            f"that has it with `presscheck keys create --team {caller.team} --scope {scope}`."
        )
