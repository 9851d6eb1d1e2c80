"""The model providers, by LiteLLM's Router: retries, fallbacks, timeouts and cooldowns are its."""

from __future__ import annotations

import copy
import json
import logging
import math
import os
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import litellm
from litellm.constants import openai_compatible_providers
from litellm.exceptions import Timeout
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
from litellm.llms.base_llm.chat.transformation import BaseLLMException
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients
from litellm.router import Router
from litellm.types.router import RouterRateLimitError

from policies.errors import nearest
from proxy.errors import ModelNotFoundError, UpstreamError
from proxy.settings import (
    UNUSED_ROUTER_SETTINGS,
    ModelEntry,
    Settings,
    SettingsError,
    is_secret,
)

_DEMO_PREFIX = "demo/"
# What a caller may say to LiteLLM itself. Everything else goes to the provider as it is, inside
# `extra_body`: LiteLLM takes its own options by the same way, and one of them, `api_base`, would
# send the provider's key wherever the caller likes. The stream fields are left out, as the whole
# answer is checked before any of it goes on.
_LITELLM_FIELDS = frozenset(
    {
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "modalities",
        "model",
        "n",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "stop",
        "store",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_k",
        "top_logprobs",
        "top_p",
        "user",
        "verbosity",
        "web_search_options",
    }
)
_OPENAI_PROVIDERS = frozenset({"openai", "azure", "custom_openai", "openrouter", "mistral"})
_STREAM_FIELDS = frozenset({"stream", "stream_options"})
# Settings of `litellm_settings` that the router takes by the same name.
_SHARED_SETTINGS = (
    "num_retries",
    "fallbacks",
    "default_fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "allowed_fails",
)
# The fields of an answer; of a message, those that are there even when they are null.
_ANSWER_FIELDS = ("id", "object", "created", "model")
_OPTIONAL_ANSWER_FIELDS = ("system_fingerprint", "service_tier")
_USAGE_FIELDS = frozenset(
    {
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
        "prompt_tokens_details",
        "completion_tokens_details",
        "cached_tokens",
        "audio_tokens",
        "reasoning_tokens",
        "accepted_prediction_tokens",
        "rejected_prediction_tokens",
    }
)
_OPTIONAL_MESSAGE_FIELDS = (
    "reasoning_content",
    "tool_calls",
    "function_call",
    "annotations",
    "audio",
)
# What LiteLLM writes around a provider's message.
_LITELLM_PREFIX = re.compile(r"^(?:(?:litellm\.)?\w+: |\w+Exception - )+")
_LITELLM_SUFFIX = re.compile(r"\s*\n(?:LiteLLM: |model=|Deployment Info: |Set ').*", re.DOTALL)
_KEY = re.compile(r"\b(?:sk|pk|psk|key|Bearer|Basic)[-_ ][\w*.+/=-]{8,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model that callers may name, or a pattern of names like `openai/*`."""

    id: str
    owned_by: str


@dataclass(frozen=True, slots=True)
class _Alias:
    """Another name of a model; a hidden one works and is not listed."""

    model: str
    is_hidden: bool


class Upstream:
    """Ask the model that a request names, and answer in OpenAI's shape.

    Built in any thread; `complete` and `close` belong to one event loop.
    """

    def __init__(self, settings: Settings) -> None:
        """Build the router; nothing is connected yet.

        Raises:
            SettingsError: LiteLLM does not take these models or router settings.
        """
        _quieten()
        # LiteLLM's own meaning of this section: what providers read from the environment.
        os.environ.update(
            {name: str(value) for name, value in settings.environment_variables.items()}
        )
        self._entries = settings.model_list
        self._aliases = _aliases(settings)
        self._secrets = frozenset(_secrets(settings))
        if any(entry.target.startswith(_DEMO_PREFIX) for entry in self._entries):
            from proxy.demo import register_demo

            register_demo()
        self._router = self._create_router(settings)

    def models(self) -> list[ModelInfo]:
        """The models that callers may name, in the order of the configuration."""
        owners = {entry.model_name: entry.target.partition("/")[0] for entry in self._entries}
        for name, alias in self._aliases.items():
            if not alias.is_hidden:
                owners.setdefault(name, owners.get(alias.model, "litellm"))
        return [ModelInfo(name, owner) for name, owner in owners.items()]

    async def complete(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Send a chat completion request, without streaming, and return the completion.

        Cancelling this cancels the call to the provider.

        Raises:
            ModelNotFoundError: no model of the configuration has this name.
            UpstreamError: the provider refused or failed, or did not answer in time.
        """
        model = str(request.get("model"))
        if not self._deployments(model):
            known = [info.id for info in self.models()]
            raise ModelNotFoundError(
                f"There is no model {model!r}{nearest(model, known)}. "
                f"Configured are: {', '.join(known)}.",
                param="model",
            )
        try:
            response = await self._router.acompletion(**self._arguments(model, request))
        except Exception as error:
            raise self._translate(error, model) from error
        answer = _openai_shape(response.model_dump())
        if not answer["choices"]:
            raise UpstreamError(f"The provider of model {model!r} answered without any choice.")
        return answer

    async def close(self) -> None:
        """Close the connections to the providers."""
        self._router.discard()  # type: ignore[no-untyped-call]
        await GLOBAL_LOGGING_WORKER.flush()
        await close_litellm_async_clients()  # type: ignore[no-untyped-call]
        litellm.in_memory_llm_clients_cache.flush_cache()  # type: ignore[no-untyped-call]

    def _create_router(self, settings: Settings) -> Router:
        arguments = _router_arguments(settings)
        valid = Router.get_valid_args()
        for name in arguments:
            if name not in valid:
                problem = f"LiteLLM's router has no such setting{nearest(name, valid)}"
                raise SettingsError("settings", f"router_settings.{name}", problem)
        models = copy.deepcopy([entry.model_dump() for entry in self._entries])
        try:
            return Router(model_list=models, **arguments)
        except Exception as error:
            problem = f"LiteLLM's router does not take this: {self._redact(str(error))}"
            raise SettingsError("settings", "model_list or router_settings", problem) from error

    def _arguments(self, model: str, request: Mapping[str, Any]) -> dict[str, Any]:
        arguments = {name: value for name, value in request.items() if name in _LITELLM_FIELDS}
        others = {
            name: value
            for name, value in request.items()
            if name not in _LITELLM_FIELDS | _STREAM_FIELDS
        }
        deployments = self._deployments(model)
        if others and all(map(_takes_any_field, deployments)):
            # Given here it takes the place of the configured one, which must not get lost.
            for entry in deployments:
                others |= entry.litellm_params.get("extra_body", {})
            arguments["extra_body"] = others
        return arguments

    def _deployments(self, model: str) -> list[ModelEntry]:
        """The deployments that may answer to a name, fallbacks aside."""
        group = self._aliases[model].model if model in self._aliases else model
        exact = [entry for entry in self._entries if entry.model_name == group]
        return exact or [
            entry
            for entry in self._entries
            if re.fullmatch(re.escape(entry.model_name).replace(r"\*", ".+"), group)
        ]

    def _translate(self, error: Exception, model: str) -> UpstreamError:
        """Make our error of whatever LiteLLM raised, with the provider's own status and words."""
        links = list(_chain(error))
        headers = _headers(links)
        if isinstance(error, Timeout):
            message = f"The provider of model {model!r} did not answer in time."
            return UpstreamError(message, status=504, code="upstream_timeout")
        if isinstance(error, RouterRateLimitError):
            seconds = str(max(1, math.ceil(error.cooldown_time)))
            return UpstreamError(
                f"Every provider of model {model!r} is cooling down after failures; "
                f"try again in {seconds} s.",
                status=429,
                code="rate_limit_exceeded",
                headers={"Retry-After": seconds},
            )
        status = _status(links)
        # LiteLLM says 500 of whatever it cannot place, such as a connection that broke.
        is_theirs = bool(headers) or status != 500
        if status is None or not 400 <= status < 600 or not is_theirs:
            return UpstreamError(
                f"The provider of model {model!r} could not be reached, or its answer was not "
                "usable."
            )
        said = _provider_error(links)
        message = self._redact(str(said.get("message") or _without_wrapping(str(error))))
        return UpstreamError(
            _explain(status, model, message),
            status=status,
            type=said.get("type") if status not in (401, 403) else None,
            code=said.get("code") or ("rate_limit_exceeded" if status == 429 else None),
            param=said.get("param"),
            headers={"Retry-After": headers["retry-after"]} if "retry-after" in headers else None,
        )

    def _redact(self, message: str) -> str:
        for secret in self._secrets:
            message = message.replace(secret, "[redacted]")
        return _KEY.sub("[redacted]", message)


def _quieten() -> None:
    """Keep LiteLLM's log lines and prints away: they may quote prompts, answers and keys."""
    # Said by pydantic about LiteLLM's own types.
    warnings.filterwarnings("ignore", r".*is using the `ReadOnly` qualifier", UserWarning)
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _takes_any_field(entry: ModelEntry) -> bool:
    """Whether a provider speaks OpenAI's API itself, and may know fields that we do not."""
    provider = litellm.get_llm_provider(
        model=entry.target, custom_llm_provider=entry.litellm_params.get("custom_llm_provider")
    )[1]
    return provider in _OPENAI_PROVIDERS or provider in openai_compatible_providers


def _aliases(settings: Settings) -> dict[str, _Alias]:
    return {
        name: _Alias(group["model"], bool(group.get("hidden")))
        if isinstance(group, dict)
        else _Alias(group, is_hidden=False)
        for name, group in (settings.router_settings.get("model_group_alias") or {}).items()
    }


def _router_arguments(settings: Settings) -> dict[str, Any]:
    """LiteLLM's two places for router settings and our defaults, as arguments of the router."""
    general = settings.litellm_settings
    arguments: dict[str, Any] = {
        "timeout": general.get("request_timeout", settings.upstream_timeout_seconds)
    }
    arguments |= {name: general[name] for name in _SHARED_SETTINGS if name in general}
    arguments |= {
        name: value
        for name, value in settings.router_settings.items()
        if name not in UNUSED_ROUTER_SETTINGS
    }
    if general.get("drop_params"):
        given = arguments.get("default_litellm_params") or {}
        arguments["default_litellm_params"] = {"drop_params": True, **given}
    # LiteLLM writes into what it is given.
    return copy.deepcopy(arguments)


def _secrets(settings: Settings) -> Iterator[str]:
    parameters = [entry.litellm_params for entry in settings.model_list]
    for values in (*parameters, settings.environment_variables):
        for name, value in values.items():
            if isinstance(value, str) and len(value) >= 8 and is_secret(name):
                yield value


def _openai_shape(response: Mapping[str, Any]) -> dict[str, Any]:
    """Copy what OpenAI's API knows of a completion, and the reasoning; drop the rest."""
    return {
        **{name: response[name] for name in _ANSWER_FIELDS},
        "choices": [_choice(choice) for choice in response["choices"]],
        "usage": _usage(response.get("usage") or {}),
        **_present(response, _OPTIONAL_ANSWER_FIELDS),
    }


def _choice(choice: Mapping[str, Any]) -> dict[str, Any]:
    message = choice["message"]
    # LiteLLM keeps a refusal, of all fields, among those that only one provider knows.
    foreign = message.get("provider_specific_fields") or {}
    return {
        "index": choice["index"],
        "message": {
            "role": message["role"],
            "content": message["content"],
            "refusal": message.get("refusal") or foreign.get("refusal"),
            **_present(message, _OPTIONAL_MESSAGE_FIELDS),
        },
        "logprobs": choice.get("logprobs"),
        "finish_reason": choice["finish_reason"],
    }


def _present(source: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: source[name] for name in names if source.get(name) is not None}


def _usage(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _usage(value) if isinstance(value, dict) else value
        for name, value in counts.items()
        if name in _USAGE_FIELDS and value is not None
    }


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _status(links: list[BaseException]) -> int | None:
    """The status that the provider answered with, or that LiteLLM made of what went wrong."""
    # LiteLLM knows few of the statuses, and calls a 529 a 500; the link below has the real one.
    answered = [link for link in links if isinstance(link, BaseLLMException) and link.headers]
    status = getattr((answered or links)[0], "status_code", None)
    return status if isinstance(status, int) else None


def _headers(links: list[BaseException]) -> Mapping[str, str]:
    """The headers of the provider's answer, in lower case; empty if there was none."""
    for link in links:
        for name in ("litellm_response_headers", "headers"):
            if headers := getattr(link, name, None):
                return {key.lower(): value for key, value in headers.items()}
    return {}


def _provider_error(links: list[BaseException]) -> Mapping[str, Any]:
    """The provider's error object, as far as it is in OpenAI's shape."""
    for link in links:
        body = getattr(link, "body", None) or _parsed(_without_wrapping(str(link)))
        inner = body.get("error", body) if isinstance(body, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("message"), str):
            return {
                name: inner[name]
                for name in ("message", "type", "code", "param")
                if isinstance(inner.get(name), str)
            }
    return {}


def _parsed(text: str) -> Any:
    """The JSON document that a text is, as LiteLLM quotes some providers; None if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _without_wrapping(message: str) -> str:
    return _LITELLM_PREFIX.sub("", _LITELLM_SUFFIX.sub("", message)).strip()


def _explain(status: int, model: str, message: str) -> str:
    if status == 401:
        # Whatever a provider says about a key is not repeated.
        return (
            f"The provider of model {model!r} refused the credentials that Presscheck is "
            "configured with. Your Presscheck key is fine; ask your administrator."
        )
    if status in (403, 429) or status >= 500:
        return f"The provider of model {model!r} says: {message}"
    return message
