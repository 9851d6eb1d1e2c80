"""`GET /v1/models`: the models of the configuration."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from proxy.services import Visitor

router = APIRouter()


@router.get("/models")
async def list_models(visitor: Visitor) -> dict[str, Any]:
    """The models that a request may name, in OpenAI's shape."""
    visitor.envelope.endpoint = "models"
    return {"object": "list", "data": visitor.services.upstream.models()}


@router.get("/models/{model:path}")
async def retrieve_model(visitor: Visitor, model: str) -> dict[str, Any]:
    """One model by its name."""
    visitor.envelope.endpoint = "models"
    visitor.services.upstream.require_model(model)
    known = {entry["id"]: entry for entry in visitor.services.upstream.models()}
    return known.get(model) or {
        "id": model,
        "object": "model",
        "created": 0,
        "owned_by": "presscheck",
    }
