"""create_app(settings): builds each object once; its lifespan closes them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from policies.load import Policies
from policies.pii import Operator, PiiPolicy
from proxy.envelope import EnvelopeMiddleware
from proxy.errors import (
    InvalidRequestError,
    MethodNotAllowedError,
    NotFoundError,
    ProxyError,
)
from proxy.inspection import Inspector
from proxy.judging import Judge
from proxy.optouts import OptOuts
from proxy.pepper import make_pepper
from proxy.pipeline import Pipeline
from proxy.rechecking import ReleaseDesk
from proxy.redaction import Redactor
from proxy.routes import chat, check, health, keys, models, optouts, reviews
from proxy.services import Services
from proxy.settings import Settings
from proxy.store.store import Store
from proxy.telemetry import Telemetry
from proxy.upstream import Upstream
from validators.base import Context, ValidatorError

# Every check runs once on this before the server says that it is ready.
_WARM_UP = "Fresh bread from seven, every day. Ask for Laura Jiménez at hello@bakery.example."


def create_app(settings: Settings, policies: Policies) -> FastAPI:
    """Build the app. Models load when its lifespan starts, and it does not start without them.

    Raises:
        SettingsError: LiteLLM does not take the models or the router settings.
    """
    telemetry = Telemetry()
    upstream = Upstream(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            app.state.services = await _build(settings, policies, upstream, telemetry, stack)
            yield

    app = FastAPI(
        title="Presscheck",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    default = policies.find(settings.default_policy)
    app.add_middleware(EnvelopeMiddleware, telemetry=telemetry, default_policy=default.reference)
    app.include_router(health.router)
    for prefix in ("/v1", "/p/{policy}/v1"):
        for route in (chat, check, models, reviews, keys, optouts):
            app.include_router(route.router, prefix=prefix)
    app.add_exception_handler(ProxyError, _answer_proxy_error)
    app.add_exception_handler(RequestValidationError, _answer_validation_error)
    app.add_exception_handler(HTTPException, _answer_http_error)
    return app


async def _build(
    settings: Settings,
    policies: Policies,
    upstream: Upstream,
    telemetry: Telemetry,
    stack: AsyncExitStack,
) -> Services:
    inspector = Inspector(
        telemetry, threads=settings.workers, timeout_seconds=settings.check_timeout_seconds
    )
    stack.callback(inspector.close)
    personal_data = policies.models.personal_data
    pseudonym_key = _pseudonym_key(settings, policies)
    redactors = {
        active.version: Redactor(personal_data, active.policy.pii, pseudonym_key)
        for active in policies.active.values()
    }
    for redactor in redactors.values():
        stack.callback(redactor.close)
    await _warm_up(policies, redactors)
    store = await Store.open(settings.database_url)
    stack.push_async_callback(store.close)
    registry = OptOuts(store, settings)
    await registry.verify()
    for active in policies.active.values():
        await store.save_policy(active.policy.name, active.version, active.document)
    stack.push_async_callback(upstream.close)
    judge = Judge(inspector, telemetry)
    # What is kept has no personal data at all, but for the names that a policy keeps on purpose.
    keeping = {
        active.version: Redactor(personal_data, active.policy.pii.for_keeping())
        for active in policies.active.values()
    }
    pipeline = Pipeline(upstream, redactors, keeping, judge, inspector, store, registry)
    desk = ReleaseDesk(judge, inspector, policies, Redactor(personal_data, PiiPolicy()))
    return Services(
        settings, policies, store, registry, upstream, inspector, desk, pipeline, telemetry
    )


def _pseudonym_key(settings: Settings, policies: Policies) -> bytes | None:
    """What pseudonyms are keyed with, where a policy puts any."""
    rules = [
        rule for active in policies.active.values() for rule in active.policy.pii.entities.values()
    ]
    if not any(rule.operator is Operator.HASH for rule in rules):
        return None
    return make_pepper(settings).key("pseudonyms")


async def _warm_up(policies: Policies, redactors: dict[str, Redactor]) -> None:
    """Run every check once.

    Raises:
        ValidatorError: one gave no result, so the server must not start.
    """
    # Policies share validators; each runs once, under the name of the first that uses it.
    named = {
        id(guardrail.validator): (f"{active.policy.name}: {guardrail.name}", guardrail.validator)
        for active in policies.active.values()
        for guardrail in active.guardrails
    }
    for name, validator in named.values():
        try:
            validator.check(_WARM_UP, Context())
        except Exception as error:
            raise ValidatorError(f"the check {name} does not run: {error}") from error
    for redactor in redactors.values():
        redactor.strip_text(_WARM_UP)


def _json(body: object, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(body), status, headers, media_type="application/json")


async def _answer_proxy_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ProxyError)
    return _json(error.body(), error.status, error.headers)


async def _answer_validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    problem = error.errors()[0]
    field = ".".join(str(part) for part in problem["loc"][1:])
    refused = InvalidRequestError(f"{field}: {problem['msg']}.", param=field)
    return _json(refused.body(), refused.status)


async def _answer_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 404:
        message = "There is nothing at this address. The API begins at /v1."
    elif error.status_code == 405:
        message = f"This address does not take {request.method}."
    else:
        message = str(error.detail)
    known = {404: NotFoundError, 405: MethodNotAllowedError}
    refused = known.get(error.status_code, InvalidRequestError)(message)
    return _json(refused.body(), error.status_code, dict(error.headers or {}))
