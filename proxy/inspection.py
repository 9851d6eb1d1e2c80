"""Runs validators: in a bounded pool of threads, with a deadline, never on the event loop."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from policies.decide import Inspection
from policies.errors import quoted
from policies.load import ActiveGuardrail
from proxy.telemetry import Telemetry
from validators.base import Context, Finding, ValidatorError
from validators.registry import VALIDATORS

_P = ParamSpec("_P")
_R = TypeVar("_R")
_log = logging.getLogger(__name__)


class Inspector:
    """The pool that all CPU work of checks runs in."""

    def __init__(self, telemetry: Telemetry, *, threads: int, timeout_seconds: float) -> None:
        self._telemetry = telemetry
        self._timeout = timeout_seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="check")

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

    async def run(self, function: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Call a plain function in the pool; its time counts from when a thread takes it up.

        Raises:
            ValidatorError: it took longer than the deadline. Its thread ends when it is done.
        """
        loop = asyncio.get_running_loop()
        begun = asyncio.Event()

        def call() -> _R:
            loop.call_soon_threadsafe(begun.set)
            return function(*args, **kwargs)

        future = loop.run_in_executor(self._pool, call)
        await begun.wait()
        try:
            return await asyncio.wait_for(future, self._timeout)
        except TimeoutError as error:
            raise ValidatorError(f"no result within {self._timeout:g} seconds") from error

    async def inspect(
        self, text: str, context: Context, guardrails: Sequence[ActiveGuardrail]
    ) -> tuple[Inspection, ...]:
        """Let every guardrail look at a text; one result for each, in their order."""
        looks = (self._look(guardrail, text, context) for guardrail in guardrails)
        return tuple(await asyncio.gather(*looks))

    async def _look(self, guardrail: ActiveGuardrail, text: str, context: Context) -> Inspection:
        def check() -> tuple[tuple[Finding, ...], float]:
            started = time.perf_counter()
            try:
                found = tuple(guardrail.validator.check(text, context))
            except ValidatorError as error:
                if guardrail.guardrail.validator in VALIDATORS:
                    raise
                # The words of a check that is not ours may quote the text.
                raise ValidatorError("it gave up, and its own words are not kept") from error
            return found, (time.perf_counter() - started) * 1000

        try:
            findings, milliseconds = await self.run(check)
            _refuse_unknown_rules(guardrail, findings)
        except ValidatorError as error:
            problem = str(error)
            _log.error("check failed", extra={"guardrail": guardrail.name, "problem": problem})
        except Exception as error:  # noqa: BLE001 - code that broke is a check without a result
            problem = f"{type(error).__name__} in its code"
            _log.error("check broke", exc_info=error, extra={"guardrail": guardrail.name})
        else:
            self._telemetry.checked(guardrail.name, milliseconds)
            return Inspection(guardrail, findings, milliseconds)
        self._telemetry.check_failed(guardrail.name)
        return Inspection(guardrail, (), 0.0, problem)


def _refuse_unknown_rules(guardrail: ActiveGuardrail, findings: Sequence[Finding]) -> None:
    """A finding under a name that the policy does not know would vanish without a word."""
    if unknown := sorted({f.rule for f in findings} - guardrail.rules.keys()):
        raise ValidatorError(f"it reports {quoted(unknown[0])}, which is none of its rules")
