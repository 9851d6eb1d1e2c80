"""`/v1/keys`: API keys, for a key with the scope `admin`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from proxy.api import KeyRequest, parse
from proxy.body import read_json
from proxy.errors import InvalidRequestError
from proxy.services import Visitor
from proxy.store.records import ApiKey

router = APIRouter()


@router.post("/keys", status_code=201)
async def create_key(visitor: Visitor) -> dict[str, Any]:
    """Create a key; its secret is in this answer and nowhere else."""
    visitor.envelope.endpoint = "keys"
    visitor.require("admin")
    services = visitor.services
    body = parse(KeyRequest, await read_json(visitor.request, services.settings.limits))
    if body.policy is not None:
        try:
            services.policies.find(body.policy)
        except KeyError as error:
            raise InvalidRequestError(f"{error.args[0]}.", param="policy") from error
    key, secret = await services.store.create_key(
        body.name, body.team, body.policy, body.scopes, actor=visitor.caller.key_id
    )
    return {**_body(key), "key": secret}


@router.get("/keys")
async def list_keys(visitor: Visitor) -> dict[str, Any]:
    """Every key, without its secret."""
    visitor.envelope.endpoint = "keys"
    visitor.require("admin")
    return {
        "object": "list",
        "data": [_body(key) for key in await visitor.services.store.list_keys()],
    }


@router.delete("/keys/{key_id}")
async def revoke_key(visitor: Visitor, key_id: str) -> dict[str, Any]:
    """Revoke a key; it stops working at once."""
    visitor.envelope.endpoint = "keys"
    visitor.require("admin")
    store = visitor.services.store
    return _body(await store.revoke_key(key_id, actor=visitor.caller.key_id))


def _body(key: ApiKey) -> dict[str, Any]:
    return {
        "object": "key",
        "id": key.id,
        "name": key.name,
        "team": key.team,
        "policy": key.policy,
        "scopes": list(key.scopes),
        "created_at": key.created_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
