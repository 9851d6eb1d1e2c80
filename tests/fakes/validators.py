"""Validators that fail in every way a check can fail."""

import time
from collections.abc import Callable, Sequence

from pydantic import BaseModel

from validators.base import Context, Finding, ValidatorError
from validators.registry import Registration
from validators.rules import Rule

TRIGGER = "trigger"


class NoConfig(BaseModel, frozen=True, extra="forbid"):
    """Nothing to set."""


class _Failing:
    def __init__(self, fail: Callable[[], Sequence[Finding]]) -> None:
        self._fail = fail

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        return self._fail() if TRIGGER in text else ()


class _Quoting:
    """Fails on what speaks of a customer, and says of what."""

    def __init__(self, fail: Callable[[str], Sequence[Finding]]) -> None:
        self._fail = fail

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        return self._fail(text) if "customer" in text else ()


def _quoting(fail: Callable[[str], Sequence[Finding]]) -> Registration:
    def create(config: NoConfig, rules: Sequence[Rule]) -> _Quoting:
        return _Quoting(fail)

    return Registration(NoConfig, create)


def _registration(fail: Callable[[], Sequence[Finding]]) -> Registration:
    def create(config: NoConfig, rules: Sequence[Rule]) -> _Failing:
        return _Failing(fail)

    return Registration(NoConfig, create)


def _give_up() -> Sequence[Finding]:
    raise ValidatorError("the model is gone")


def _break() -> Sequence[Finding]:
    raise ZeroDivisionError("a secret text")


def _stall() -> Sequence[Finding]:
    time.sleep(8)
    return ()


def _misname() -> Sequence[Finding]:
    return [Finding("house.unheard_of", 0, 1, 1.0, "Why.")]


def _give_up_on(text: str) -> Sequence[Finding]:
    raise ValidatorError(f"no result for {text}")


def _break_on(text: str) -> Sequence[Finding]:
    raise KeyError(text)


def _misname_after(text: str) -> Sequence[Finding]:
    return [Finding(text, 0, 1, 1.0, text)]


gives_up = _registration(_give_up)
breaks = _registration(_break)
stalls = _registration(_stall)
misnames = _registration(_misname)
quotes = _quoting(_give_up_on)
breaks_quoting = _quoting(_break_on)
misnames_quoting = _quoting(_misname_after)
