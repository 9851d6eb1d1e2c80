"""What callers send and get, beside OpenAI's own shapes: options, checks, verdicts, findings."""

from __future__ import annotations

import difflib
from typing import Any, Literal, Self, TypeVar

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from policies.decide import DecidedFinding
from policies.errors import may_be_told, nearest, quoted
from proxy.errors import InvalidRequestError
from validators.base import Evidence

_ROLES = ("system", "developer", "user", "assistant", "tool", "function")
# The countries that the phone number library knows, which are those of ISO 3166, and ours.
_COUNTRIES = frozenset({*phonenumbers.SUPPORTED_REGIONS, "EU", "UK"})


class Options(BaseModel, frozen=True, extra="forbid"):
    """The options of one request (CONTRACT.md 3); unset means that somebody else decides."""

    policy: str | None = None
    channel: str | None = None
    jurisdiction: tuple[str, ...] | None = None
    evidence: tuple[Evidence, ...] = ()
    mode: Literal["enforce", "monitor"] | None = None
    detail: Literal["none", "full"] | None = None

    @field_validator("jurisdiction", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        """One jurisdiction, several separated by commas, or a list."""
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("jurisdiction")
    @classmethod
    def _codes(cls, codes: tuple[str, ...] | None) -> tuple[str, ...] | None:
        for code in codes or ():
            if code.partition("-")[0] not in _COUNTRIES:
                raise ValueError(f"{quoted(code)} is no market code, as in US, US-CA, EU, DE or UK")
        # ISO 3166 says GB where everybody, and every rule here, says UK.
        return tuple("UK" if code == "GB" else code for code in codes) if codes else codes


class ChatRequest(BaseModel):
    """A chat completion request: what the proxy itself reads of it; the rest passes through."""

    model_config = ConfigDict(extra="allow", frozen=True)

    model: str = Field(min_length=1)
    messages: list[dict[str, Any]] = Field(min_length=1)
    stream: bool | None = None
    stream_options: dict[str, Any] | None = None
    n: int | None = Field(default=None, ge=1, le=128)
    response_format: dict[str, Any] | None = None
    modalities: list[str] | None = None
    tools: list[dict[str, Any]] | None = None
    presscheck: Options | None = None

    @field_validator("messages")
    @classmethod
    def _with_roles(cls, messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
        for index, message in enumerate(messages):
            where = f"messages[{index}]"
            if message.get("role") not in _ROLES:
                raise ValueError(f"{where}.role is none of {', '.join(_ROLES)}")
            _refuse_odd_content(message.get("content"), where)
            for call in message.get("tool_calls") or ():
                if not isinstance(call, dict):
                    raise ValueError(f"{where}.tool_calls holds something that is no tool call")
        return messages

    @field_validator("tools")
    @classmethod
    def _with_types(cls, tools: list[dict[str, Any]] | None) -> list[dict[str, Any]] | None:
        for index, tool in enumerate(tools or ()):
            if not isinstance(tool.get("type"), str):
                raise ValueError(f"tools[{index}] has no type")
        return tools

    @field_validator("modalities")
    @classmethod
    def _readable(cls, modalities: list[str] | None) -> list[str] | None:
        if modalities and set(modalities) != {"text"}:
            raise ValueError("only text can be checked, so only text can be asked for")
        return modalities

    @property
    def wants_json(self) -> bool:
        kind = (self.response_format or {}).get("type")
        return kind in ("json_object", "json_schema")

    @property
    def wants_usage(self) -> bool:
        return bool((self.stream_options or {}).get("include_usage"))


def _refuse_odd_content(content: Any, where: str) -> None:
    """Content is text, a list of parts, or null; a text part has its text."""
    if not isinstance(content, str | list | None):
        raise ValueError(f"{where}.content is neither text, a list of parts nor null")
    for number, part in enumerate(content if isinstance(content, list) else ()):
        place = f"{where}.content[{number}]"
        if not isinstance(part, dict) or not isinstance(part.get("type"), str):
            raise ValueError(f"{place} is no content part with a type")
        if part["type"] == "text" and not isinstance(part.get("text"), str):
            raise ValueError(f"{place} is a text part without text")


class CheckRequest(Options, frozen=True, extra="forbid"):
    """A text that somebody already has, or several, with the options beside it."""

    text: str | None = None
    texts: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=1000)
    presscheck: Options | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.texts is None):
            raise ValueError("give either text or texts")
        return self


class AnonymizeRequest(Options, frozen=True, extra="forbid"):
    """A text or chat messages whose personal data is to be replaced."""

    text: str | None = None
    messages: list[dict[str, Any]] | None = None
    presscheck: Options | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.text is None) == (self.messages is None):
            raise ValueError("give either text or messages")
        return self


class DecisionRequest(BaseModel, frozen=True, extra="forbid"):
    """A reviewer's decision; `version` is that of the item as it was read."""

    decision: Literal["approve", "reject"]
    reason: str
    note: str = ""
    text: str | None = None
    version: int


class KeyRequest(BaseModel, frozen=True, extra="forbid"):
    """A new API key."""

    name: str = Field(min_length=1, max_length=200)
    team: str = Field(default="default", min_length=1, max_length=200)
    policy: str | None = None
    scopes: tuple[str, ...] = ("generate", "check")


_Model = TypeVar("_Model", bound=BaseModel)


def parse(model: type[_Model], body: Any, *, within: str = "") -> _Model:
    """Read a body or a part of one.

    Raises:
        InvalidRequestError: the first problem, with the field and the nearest known name.
    """
    try:
        return model.model_validate(body)
    except ValidationError as error:
        problem = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in (within, *problem["loc"]) if part != "")
    if problem["type"] == "extra_forbidden":
        name = str(problem["loc"][-1])
        known = sorted({*model.model_fields, *Options.model_fields})
        raise InvalidRequestError(
            f"Unknown option {quoted(name)}{nearest(name, known)}",
            param=field if may_be_told(name) else None,
        )
    message = problem["msg"].removeprefix("Value error, ")
    raise InvalidRequestError(f"{field or 'The body'}: {message}.", param=field or None)


def finding_body(finding: DecidedFinding, checked: str, start: int, end: int) -> dict[str, Any]:
    """A finding as the contract has it; `checked[start:end]` is the place it speaks of."""
    return {
        **stored_finding(finding),
        "start": start,
        "end": end,
        "text": checked[start:end],
    }


def stored_finding(finding: DecidedFinding) -> dict[str, Any]:
    """A finding as it is kept: as on the wire, but without the text."""
    return {
        "id": finding.id,
        "validator": finding.validator,
        "rule": finding.rule,
        "category": finding.category,
        "severity": finding.severity.value,
        "score": finding.score,
        "action": finding.action.value,
        "start": finding.start,
        "end": finding.end,
        "reason": finding.reason,
        "basis": list(finding.basis),
        "suggestion": finding.suggestion,
        "evidence": [
            {"id": match.id, "relation": match.relation, "score": round(match.score, 4)}
            for match in finding.evidence
        ],
    }


def diff(before: str, after: str) -> list[str]:
    """What an edit changed, as the lines of a unified diff without its header."""
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]
