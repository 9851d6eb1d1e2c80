"""API keys: who may call, for which team, under which policy, to do what."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from policies.errors import quoted
from proxy.errors import InvalidRequestError, NotFoundError
from proxy.store.audit import Ledger
from proxy.store.canonical import row_sha256, sha256
from proxy.store.records import ApiKey, EventKind
from proxy.store.tables import api_keys

SCOPES = ("generate", "check", "review", "optouts", "admin")
DEFAULT_SCOPES = ("generate", "check")
SECRET_PREFIX = "psk_"


async def create(
    connection: AsyncConnection,
    ledger: Ledger,
    *,
    name: str,
    team: str,
    policy: str | None,
    scopes: Sequence[str],
    actor: str,
) -> tuple[ApiKey, str]:
    """Make a key. The secret is returned this once; it cannot be read again."""
    secret = SECRET_PREFIX + secrets.token_urlsafe(32)
    row: dict[str, Any] = {
        "id": f"key_{secrets.token_hex(8)}",
        "name": _filled("name", name),
        "team": _filled("team", team),
        "policy": policy,
        "scopes": _known(scopes),
        "secret_sha256": _secret_sha256(secret),
        "created_at": dt.datetime.now(dt.UTC),
        "revoked_at": None,
    }
    await connection.execute(sa.insert(api_keys), row)
    key = _as_key(row)
    ledger.append(
        EventKind.KEY_CREATED,
        actor=actor,
        subject=key.id,
        payload={
            "name": key.name,
            "team": key.team,
            "policy": key.policy,
            "scopes": key.scopes,
            "row_sha256": row_sha256(row),
        },
    )
    return key, secret


async def find(connection: AsyncConnection, secret: str) -> ApiKey | None:
    """The key with this secret, unless it was revoked."""
    rows = await connection.execute(
        sa.select(api_keys).where(
            api_keys.c.secret_sha256 == _secret_sha256(secret), api_keys.c.revoked_at.is_(None)
        )
    )
    row = rows.mappings().one_or_none()
    return None if row is None else _as_key(row)


async def revoke(connection: AsyncConnection, ledger: Ledger, key_id: str, *, actor: str) -> ApiKey:
    """Take a key out of use for good; a key that was revoked before stays as it is."""
    rows = await connection.execute(sa.select(api_keys).where(api_keys.c.id == key_id))
    row = rows.mappings().one_or_none()
    if row is None:
        raise NotFoundError(
            f"There is no key {quoted(key_id)}. `presscheck keys list` shows the ids.", param="id"
        )
    if row["revoked_at"] is not None:
        return _as_key(row)
    revoked = dict(row) | {"revoked_at": dt.datetime.now(dt.UTC)}
    await connection.execute(
        sa.update(api_keys).where(api_keys.c.id == key_id).values(revoked_at=revoked["revoked_at"])
    )
    ledger.append(
        EventKind.KEY_REVOKED,
        actor=actor,
        subject=key_id,
        payload={"row_sha256": row_sha256(revoked)},
    )
    return _as_key(revoked)


async def every(connection: AsyncConnection) -> list[ApiKey]:
    """All keys, the oldest first, revoked ones too."""
    rows = await connection.execute(
        sa.select(api_keys).order_by(api_keys.c.created_at, api_keys.c.id)
    )
    return [_as_key(row) for row in rows.mappings()]


def _secret_sha256(secret: str) -> str:
    # A plain hash is right here: a secret of 256 random bits cannot be guessed from its hash, so
    # there is nothing for salt or a slow hash to protect, and every request looks one up.
    return sha256(secret)


def _filled(field: str, value: str) -> str:
    if not value.strip():
        raise InvalidRequestError(f"A key needs a {field}.", param=field)
    return value


def _known(scopes: Sequence[str]) -> tuple[str, ...]:
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        what = f"Unknown scope {quoted(unknown[0])}" if unknown else "A key needs a scope"
        raise InvalidRequestError(
            f"{what}. Use one or more of: {', '.join(SCOPES)}.", param="scope"
        )
    return tuple(scope for scope in SCOPES if scope in scopes)


def _as_key(row: Any) -> ApiKey:
    return ApiKey(
        id=row["id"],
        name=row["name"],
        team=row["team"],
        policy=row["policy"],
        scopes=tuple(row["scopes"]),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )
