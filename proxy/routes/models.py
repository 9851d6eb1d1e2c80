"""`GET /v1/models`: the models of the configuration."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from policies.errors import quoted
from proxy.errors import ModelNotFoundError
from proxy.services import Visitor
from proxy.upstream import ModelInfo

router = APIRouter()


@router.get("/models")
async def list_models(visitor: Visitor) -> dict[str, Any]:
    """The models that a request may name, in OpenAI's shape."""
    visitor.envelope.endpoint = "models"
    return {"object": "list", "data": [_body(m) for m in visitor.services.upstream.models()]}


@router.get("/models/{model:path}")
async def retrieve_model(visitor: Visitor, model: str) -> dict[str, Any]:
    """One model by its name."""
    visitor.envelope.endpoint = "models"
    for known in visitor.services.upstream.models():
        if known.id == model:
            return _body(known)
    raise ModelNotFoundError(f"There is no model {quoted(model)}.")


def _body(model: ModelInfo) -> dict[str, Any]:
    # The configuration does not know when a model was made.
    return {"id": model.id, "object": "model", "created": 0, "owned_by": model.owned_by}
