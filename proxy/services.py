"""The objects of one app, built once by its lifespan, and how routes get at them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from policies.load import Policies
from proxy.api import Options
from proxy.auth import Caller, authenticate, require
from proxy.envelope import Envelope
from proxy.inspection import Inspector
from proxy.options import LoosenedError, find_policy, header_options, resolve
from proxy.optouts import OptOuts
from proxy.pipeline import Exchange, Pipeline
from proxy.rechecking import ReleaseDesk
from proxy.settings import Settings
from proxy.store.records import EventKind
from proxy.store.store import Store
from proxy.telemetry import Telemetry
from proxy.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Services:
    """What a request may use."""

    settings: Settings
    policies: Policies
    store: Store
    optouts: OptOuts
    upstream: Upstream
    inspector: Inspector
    desk: ReleaseDesk
    pipeline: Pipeline
    telemetry: Telemetry


@dataclass(frozen=True, slots=True)
class Visit:
    """One authenticated request: who calls, and what its response will carry."""

    services: Services
    request: Request
    envelope: Envelope
    caller: Caller

    def require(self, scope: str) -> None:
        """Refuse a key without this scope."""
        require(self.caller, scope)

    async def exchange(self, endpoint: str, body: Options | None) -> Exchange:
        """Settle the terms of this request; a try to loosen them is refused and kept."""
        self.envelope.endpoint = endpoint
        services = self.services
        try:
            terms = resolve(
                services.policies,
                self.caller,
                body,
                header_options(self.request.headers),
                self.request.path_params.get("policy"),
                services.settings.default_policy,
            )
        except LoosenedError as error:
            await services.store.append(
                EventKind.OPTION_REFUSED,
                actor=self.caller.key_id,
                subject=self.envelope.request_id,
                payload={"message": error.message, "endpoint": endpoint},
            )
            raise
        self.envelope.policy = terms.reference
        return Exchange(
            self.envelope.request_id, endpoint, self.caller, terms, self.envelope.timings
        )


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


async def _visit(request: Request, services: Annotated[Services, Depends(_services)]) -> Visit:
    envelope: Envelope = request.state.envelope
    caller = await authenticate(request.headers.get("authorization"), services.store)
    envelope.key_id = caller.key_id
    if named := request.path_params.get("policy"):
        find_policy(services.policies, named)
    return Visit(services, request, envelope, caller)


WithServices = Annotated[Services, Depends(_services)]
Visitor = Annotated[Visit, Depends(_visit)]
