"""Everything a caller can be told went wrong, and its OpenAI error body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ProxyError(Exception):
    """A failure with a message that is fit for the caller: it names the wrong value and the fix.

    `details` becomes `error.presscheck`; `headers` go out with the response.
    """

    status = 500
    type = "server_error"
    code: str | None = "internal_error"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        details: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.details = details
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        """OpenAI's error object."""
        error: dict[str, Any] = {
            "message": self.message,
            "type": self.type,
            "param": self.param,
            "code": self.code,
        }
        if self.details is not None:
            error["presscheck"] = self.details
        return {"error": error}


class InvalidRequestError(ProxyError):
    """The request is malformed, or asks for something unknown."""

    status = 400
    type = "invalid_request_error"
    code = "invalid_request"


class NotFoundError(InvalidRequestError):
    """There is nothing under this address, or no model or review with this name."""

    status = 404
    code = "not_found"


class MethodNotAllowedError(InvalidRequestError):
    """The address is right and the method is not."""

    status = 405
    code = "method_not_allowed"


class ModelNotFoundError(NotFoundError):
    """The configuration has no model of this name."""

    code = "model_not_found"


class PayloadTooLargeError(InvalidRequestError):
    """The body is larger than the configured limit."""

    status = 413
    code = "request_too_large"


class RequestTimeoutError(InvalidRequestError):
    """The body did not arrive in time."""

    status = 408
    code = "request_timeout"


class AuthenticationError(ProxyError):
    """There is no API key, or not this one."""

    status = 401
    type = "authentication_error"
    code = "invalid_api_key"


class PermissionDeniedError(ProxyError):
    """The key may not do this."""

    status = 403
    type = "permission_error"
    code = "forbidden"


class ConflictError(InvalidRequestError):
    """A review item was decided by somebody else in the meantime."""

    code = "review_conflict"


class BlockedError(ProxyError):
    """The policy blocks the prompt or the answer; retrying the same request will not help."""

    status = 400
    type = "invalid_request_error"
    code = "content_filter"


class HeldError(BlockedError):
    """The answer waits for a reviewer."""

    code = "content_held_for_review"


class GuardrailUnavailableError(ProxyError):
    """A check could not run, and the policy fails closed."""

    status = 503
    code = "guardrail_unavailable"


class StoreError(ProxyError):
    """The database does not answer, so no verdict can be kept."""

    status = 503
    code = "store_unavailable"


class UpstreamError(ProxyError):
    """The model provider failed; its status is passed on."""

    status = 502
    type = "upstream_error"
    code = "upstream_error"

    def __init__(
        self,
        message: str,
        *,
        status: int = 502,
        type: str | None = None,
        code: str | None = None,
        param: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message, param=param, headers=headers)
        self.status = status
        self.type = type or self.type
        self.code = code or self.code
