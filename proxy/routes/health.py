"""`/healthz`, `/readyz` and `/metrics`: alive, able to judge, measured."""

from __future__ import annotations

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from proxy.services import WithServices

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(services: WithServices) -> dict[str, str]:
    """Every check has run once (the app does not start otherwise), and the store answers."""
    await services.store.ping()
    return {"status": "ready"}


@router.get("/metrics")
async def metrics(services: WithServices) -> Response:
    """Prometheus' text format."""
    return Response(services.telemetry.exposition(), media_type=CONTENT_TYPE_LATEST)
