"""The model providers, by LiteLLM's Router: retries, fallbacks, timeouts and cooldowns are its."""

from __future__ import annotations

import copy
import json
import logging
import math
import os
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import litellm
from litellm.constants import openai_compatible_providers
from litellm.exceptions import Timeout
from litellm.integrations.custom_logger import CustomLogger
from litellm.litellm_core_utils.logging_worker import GLOBAL_LOGGING_WORKER
from litellm.llms.base_llm.chat.transformation import BaseLLMException
from litellm.llms.custom_httpx.async_client_cleanup import close_litellm_async_clients
from litellm.router import Router
from litellm.types.router import RouterRateLimitError
from pydantic import ValidationError

from policies.errors import nearest, quoted
from proxy.errors import InvalidRequestError, ModelNotFoundError, ProxyError, UpstreamError
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
# Of these, what OpenAI's own API does not know.
_FOREIGN_FIELDS = frozenset({"thinking", "top_k"})
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
# What a configuration says where it wants to decide itself when a deployment rests.
_COOLDOWN_SETTINGS = frozenset(
    {"allowed_fails", "allowed_fails_policy", "cooldown_time", "disable_cooldowns"}
)
# What a value looks like that is a setting and no text.
_SETTING = re.compile(r"[\w.:/@+-]{1,200}", re.ASCII)
# LiteLLM hides what Gemini wants to see again in the id of a tool call.
_CALL_ID = re.compile(r"[\w.:/@+-]{1,200}?(?:__thought__[\w+/=-]+)?", re.ASCII)
_FINISH_REASONS = frozenset({"stop", "length", "tool_calls", "content_filter", "function_call"})
# No vocabulary has a longer token.
_MAX_TOKEN = 128
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
# What code says of a value that has another shape than it expects.
_WRONG_SHAPE = (AttributeError, IndexError, KeyError, TypeError, ValidationError)
# What LiteLLM writes around a provider's message.
_LITELLM_PREFIX = re.compile(r"^(?:(?:litellm\.)?\w+: |\w+Exception - )+")
_LITELLM_SUFFIX = re.compile(
    r"\s*(?:\n(?:LiteLLM: |model=|Deployment Info: |Set '|Received Messages=)|To drop these, ).*",
    re.DOTALL,
)
_KEY = re.compile(r"\b(?:sk|pk|psk|key|Bearer|Basic)[-_ ][\w*.+/=-]{8,}", re.IGNORECASE)


class _CallWatch(CustomLogger):
    """Notes in `_CALLS` that a request is on its way to a provider."""

    def log_pre_api_call(self, model: Any, messages: Any, kwargs: Any) -> None:
        if (calls := _CALLS.get()) is not None:
            calls.append(str(model))


# The models that were called for the request at hand.
_CALLS: ContextVar[list[str] | None] = ContextVar("_CALLS", default=None)
_WATCH = _CallWatch()


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
        _watch_calls()
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
        self._default_parameters = _default_parameters(settings)
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
            InvalidRequestError: no request to the provider can be made of this one.
            UpstreamError: the provider refused or failed, or did not answer in time.
        """
        model = str(request.get("model"))
        if not self._deployments(model):
            known = [info.id for info in self.models()]
            raise ModelNotFoundError(
                f"There is no model {quoted(model)}{nearest(model, known) or '.'} "
                f"Configured are: {', '.join(known)}.",
                param="model",
            )
        calls: list[str] = []
        _CALLS.set(calls)
        try:
            response = await self._router.acompletion(**self._arguments(model, request))
        except Exception as error:
            raise self._translate(error, model, was_called=bool(calls)) from error
        try:
            # Pydantic would warn of a wrong type by printing the value, which is text.
            answer = _Answer(model, _declared_tools(request)).copy(
                response.model_dump(warnings=False)
            )
        except _WRONG_SHAPE as error:
            problem = f"The answer of the provider of model {model!r} is not in OpenAI's shape."
            raise UpstreamError(problem) from error
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
        try:
            return Router(model_list=_model_list(settings), **arguments)
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
        if allowed := self._unlisted(model, arguments):
            arguments["allowed_openai_params"] = sorted(allowed)
        if others and all(map(_takes_any_field, deployments)):
            # Given here it takes the place of the configured one, which must not get lost.
            for entry in deployments:
                others |= entry.litellm_params.get("extra_body", {})
            arguments["extra_body"] = others
        return arguments

    def _unlisted(self, model: str, arguments: Mapping[str, Any]) -> set[str]:
        """The fields of OpenAI's API that LiteLLM does not list for a model, and that may go on.

        It refuses them for every name it has not heard of, though the provider may know them.
        """
        given = arguments.keys() - _FOREIGN_FIELDS - {"model", "messages"}
        allowed: set[str] = set()
        for entry in self._deployments(model):
            parameters = self._default_parameters | entry.litellm_params
            if _takes_any_field(entry) and not parameters.get("drop_params"):
                allowed |= given - _listed_fields(entry, model)
            allowed |= set(parameters.get("allowed_openai_params") or ())
        return allowed

    def _deployments(self, model: str) -> list[ModelEntry]:
        """The deployments that may answer to a name, fallbacks aside."""
        group = self._aliases[model].model if model in self._aliases else model
        exact = [entry for entry in self._entries if entry.model_name == group]
        return exact or [
            entry
            for entry in self._entries
            if re.fullmatch(re.escape(entry.model_name).replace(r"\*", ".+"), group)
        ]

    def _translate(self, error: Exception, model: str, *, was_called: bool) -> ProxyError:
        """Make our error of whatever LiteLLM raised, with the provider's own status and words."""
        links = list(_chain(error))
        headers = _headers(links)
        if not was_called and isinstance(links[-1], _WRONG_SHAPE):
            return InvalidRequestError(
                f"No request to the provider of model {model!r} can be made of this one: something "
                "in `messages`, `tools` or `response_format` is not in the shape of OpenAI's API."
            )
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
    # Said about a malformed answer, with the values in it.
    warnings.filterwarnings("ignore", "Pydantic serializer warnings", UserWarning)
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    for name in ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _watch_calls() -> None:
    if _WATCH not in litellm.input_callback:
        litellm.input_callback.append(_WATCH)


def _takes_any_field(entry: ModelEntry) -> bool:
    """Whether a provider speaks OpenAI's API itself, and may know fields that we do not."""
    provider = _name_and_provider(entry)[1]
    return provider in _OPENAI_PROVIDERS or provider in openai_compatible_providers


def _listed_fields(entry: ModelEntry, model: str) -> set[str]:
    """The fields of OpenAI's API that LiteLLM knows a deployment to take."""
    name, provider = _name_and_provider(entry)
    if "*" in name:
        name = model.rpartition("/")[2]
    return set(litellm.get_supported_openai_params(model=name, custom_llm_provider=provider) or ())


def _name_and_provider(entry: ModelEntry) -> tuple[str, str]:
    name, provider, *_ = litellm.get_llm_provider(
        model=entry.target, custom_llm_provider=entry.litellm_params.get("custom_llm_provider")
    )
    return name, provider


def _model_list(settings: Settings) -> list[dict[str, Any]]:
    """The deployments as the router takes them; the only one of its name never rests.

    LiteLLM lets a deployment rest after one 401 or 404. Where no other can take its place, that
    makes the mistake of one caller an outage for all. A configuration that speaks of cooldowns is
    followed instead.
    """
    # LiteLLM writes into what it is given.
    models = copy.deepcopy([entry.model_dump() for entry in settings.model_list])
    if _COOLDOWN_SETTINGS & (settings.router_settings.keys() | settings.litellm_settings.keys()):
        return models
    names = Counter(entry.model_name for entry in settings.model_list)
    for model in models:
        own = model["model_info"].keys() | model["litellm_params"].keys()
        if names[model["model_name"]] == 1 and not _COOLDOWN_SETTINGS & own:
            model["model_info"]["cooldown_time"] = 0
    return models


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
    if parameters := _default_parameters(settings):
        arguments["default_litellm_params"] = parameters
    # LiteLLM writes into what it is given.
    return copy.deepcopy(arguments)


def _default_parameters(settings: Settings) -> dict[str, Any]:
    """What holds for every deployment that does not say otherwise."""
    dropping = {"drop_params": True} if settings.litellm_settings.get("drop_params") else {}
    return {**dropping, **(settings.router_settings.get("default_litellm_params") or {})}


def _secrets(settings: Settings) -> Iterator[str]:
    parameters = [entry.litellm_params for entry in settings.model_list]
    for values in (*parameters, settings.environment_variables):
        for name, value in values.items():
            if isinstance(value, str) and len(value) >= 8 and is_secret(name):
                yield value


def _declared_tools(request: Mapping[str, Any]) -> frozenset[str]:
    """The names of the tools and functions that a request offers."""
    offered = [
        *(
            tool.get("function") or tool.get("custom") or tool
            for tool in request.get("tools") or ()
        ),
        *(request.get("functions") or ()),
    ]
    return frozenset(str(tool.get("name")) for tool in offered if isinstance(tool, dict))


@dataclass(frozen=True, slots=True)
class _Answer:
    """Copies what OpenAI's API knows of a completion, and the reasoning; drops the rest.

    Words of the provider stay where they are checked: the content, the refusal, the reasoning,
    the citations and what a tool is called with. Elsewhere only what looks like a setting passes.
    A value of a wrong type raises one of `_WRONG_SHAPE`.
    """

    model: str
    tools: frozenset[str]

    def copy(self, response: Mapping[str, Any]) -> dict[str, Any]:
        """The completion as it may go on to the checks."""
        return {
            "id": _setting(response["id"]) or f"chatcmpl-{uuid4().hex}",
            "object": "chat.completion",
            "created": _number(response["created"]),
            "model": _setting(response["model"]) or self.model,
            "choices": [self._choice(choice) for choice in response["choices"]],
            "usage": _usage(response.get("usage") or {}),
            **_present(
                system_fingerprint=_setting(response.get("system_fingerprint")),
                service_tier=_setting(response.get("service_tier")),
            ),
        }

    def _choice(self, choice: Mapping[str, Any]) -> dict[str, Any]:
        message = self._message(choice["message"])
        reason = choice["finish_reason"]
        return {
            "index": _number(choice["index"]),
            "message": message,
            "logprobs": _logprobs(choice.get("logprobs"), message),
            "finish_reason": reason if reason in _FINISH_REASONS else "stop",
        }

    def _message(self, message: Mapping[str, Any]) -> dict[str, Any]:
        # LiteLLM keeps a refusal, of all fields, among those that only one provider knows.
        foreign = message.get("provider_specific_fields") or {}
        function = message.get("function_call")
        return {
            "role": "assistant",
            "content": _text(message["content"]),
            "refusal": _text(message.get("refusal") or foreign.get("refusal")),
            **_present(
                reasoning_content=_text(message.get("reasoning_content")),
                tool_calls=[self._call(call) for call in message.get("tool_calls") or ()] or None,
                function_call=self._function(function, "arguments") if function else None,
                annotations=message.get("annotations"),
            ),
        }

    def _call(self, call: Mapping[str, Any]) -> dict[str, Any]:
        identifier = call.get("id")
        is_plain = isinstance(identifier, str) and _CALL_ID.fullmatch(identifier)
        kind, field = ("custom", "input") if call.get("custom") else ("function", "arguments")
        return {
            "id": identifier if is_plain else f"call_{uuid4().hex}",
            "type": kind,
            kind: self._function(call[kind], field),
        }

    def _function(self, function: Mapping[str, Any], field: str) -> dict[str, Any]:
        if function["name"] not in self.tools:
            raise UpstreamError(
                f"Model {self.model!r} called a tool that the request does not declare."
            )
        return {"name": function["name"], field: _text(function[field]) or ""}


def _setting(value: Any) -> str | None:
    return value if isinstance(value, str) and _SETTING.fullmatch(value) else None


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} in the place of text")
    return value


def _number(value: Any) -> int:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError(f"{type(value).__name__} in the place of a number")
    return int(value)


def _logprobs(given: Any, message: Mapping[str, Any]) -> dict[str, Any] | None:
    """The log probabilities, if their tokens spell the text of the message and nothing else.

    They are no reason to lose an answer: None where they are malformed.
    """
    if given is None:
        return None
    copied: dict[str, Any] = {}
    try:
        for place in ("content", "refusal"):
            tokens = [_token(token) for token in given.get(place) or ()]
            if tokens and "".join(token["token"] for token in tokens) != message[place]:
                return None
            copied[place] = tokens or None
    except (*_WRONG_SHAPE, ValueError):
        return None
    return copied


def _token(given: Mapping[str, Any]) -> dict[str, Any]:
    alternatives = [_alternative(token) for token in given.get("top_logprobs") or ()]
    return {**_alternative(given), "top_logprobs": alternatives}


def _alternative(given: Mapping[str, Any]) -> dict[str, Any]:
    token, probability = given["token"], float(given["logprob"])
    if len(token) > _MAX_TOKEN or not math.isfinite(probability):
        raise ValueError("this is no token with its probability")
    # What the provider says of the bytes might spell something else.
    return {"token": token, "logprob": probability, "bytes": list(token.encode())}


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _usage(counts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: _usage(value) if isinstance(value, dict) else _number(value)
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
