"""Small guardrails-ai validators, each with one habit that real ones have."""

from __future__ import annotations

import threading
from typing import Any

from guardrails.validator_base import FailResult, PassResult, Validator, register_validator
from guardrails_ai.types import ErrorSpan

# Where the two callers of a Forgetful validator wait for each other.
_MEETING = threading.Barrier(2, timeout=10)


@register_validator(name="tests/american", data_type="string")
class American(Validator):  # type: ignore[misc]
    """Spells two words the American way, and names no spans."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        fixed = value.replace("colour", "color").replace("grey", "gray")
        return PassResult() if fixed == value else FailResult(error_message="", fix_value=fixed)


@register_validator(name="tests/spans", data_type="string")
class Spans(Validator):  # type: ignore[misc]
    """Fails at each "cheap" and puts "affordable" there."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        starts = [at for at in range(len(value)) if value.startswith("cheap", at)]
        return FailResult(
            error_message=f"quotes {value}",
            error_spans=[ErrorSpan(start=at, end=at + 5, reason=value) for at in starts],
            fix_value=value.replace("cheap", "affordable"),
        )


@register_validator(name="tests/beyond", data_type="string")
class Beyond(Validator):  # type: ignore[misc]
    """Fails at a span that is not in the text."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        span = ErrorSpan(start=3, end=len(value) + 9, reason="")
        return FailResult(error_message="", error_spans=[span])


@register_validator(name="tests/rewriting", data_type="string")
class Rewriting(Validator):  # type: ignore[misc]
    """Offers another text altogether."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        return FailResult(error_message="", fix_value="other " * 5000)


@register_validator(name="tests/silent", data_type="string")
class Silent(Validator):  # type: ignore[misc]
    """Forgets to give a result."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        return None


@register_validator(name="tests/failing", data_type="string")
class Failing(Validator):  # type: ignore[misc]
    """Breaks."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        raise KeyError(value)


@register_validator(name="tests/forgetful", data_type="string")
class Forgetful(Validator):  # type: ignore[misc]
    """Keeps the text in itself while it looks, as competitor_check does."""

    def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
        self.text = value
        _MEETING.wait()
        span = ErrorSpan(start=0, end=len(self.text), reason="")
        return FailResult(error_message="", error_spans=[span])


@register_validator(name="tests/demanding", data_type="string")
class Demanding(Validator):  # type: ignore[misc]
    """Cannot work without metadata."""

    required_metadata_keys = ("sources",)
