"""`/healthz`, `/readyz` and `/metrics`: alive, able to judge, measured."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from proxy.services import WithServices
from validators.pii.languages import READ

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(services: WithServices) -> dict[str, Any]:
    """Every check has run once (the app does not start otherwise), and the store answers.

    In texts of any other language than those of `names_found_in`, names are not found.
    """
    await services.store.ping()
    return {"status": "ready", "names_found_in": sorted(READ)}


@router.get("/metrics")
async def metrics(services: WithServices) -> Response:
    """Prometheus' text format."""
    return Response(services.telemetry.exposition(), media_type=CONTENT_TYPE_LATEST)
