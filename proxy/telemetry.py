"""Logs and metrics: identifiers and counts, never text."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
# What a log record may carry beside its message. A list of what is allowed, so that a text or a
# header can never get in by being passed along.
_LOGGED = (
    "request_id",
    "endpoint",
    "method",
    "status",
    "verdict",
    "policy",
    "key_id",
    "milliseconds",
    "guardrail",
    "languages",
    "problem",
    "review_id",
    "code",
)


class Telemetry:
    """The metrics of one app; each app has its own, so nothing is global."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "presscheck_requests",
            "Requests by endpoint, status and verdict.",
            ("endpoint", "status", "verdict"),
            registry=self._registry,
        )
        self._findings = Counter(
            "presscheck_findings",
            "Findings by rule and action.",
            ("rule", "action"),
            registry=self._registry,
        )
        self._failed = Counter(
            "presscheck_check_failures",
            "Checks that gave no result.",
            ("guardrail",),
            registry=self._registry,
        )
        self._checks = Histogram(
            "presscheck_check_seconds",
            "Time of one check of one text.",
            ("guardrail",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._stages = Histogram(
            "presscheck_stage_seconds",
            "Time of a stage of a request.",
            ("stage",),
            buckets=_SECONDS,
            registry=self._registry,
        )

    def checked(self, guardrail: str, milliseconds: float) -> None:
        self._checks.labels(guardrail).observe(milliseconds / 1000)

    def check_failed(self, guardrail: str) -> None:
        self._failed.labels(guardrail).inc()

    def found(self, rule: str, action: str) -> None:
        self._findings.labels(rule, action).inc()

    def staged(self, stage: str, milliseconds: float) -> None:
        self._stages.labels(stage).observe(milliseconds / 1000)

    def answered(self, endpoint: str, status: int, verdict: str) -> None:
        self._requests.labels(endpoint, str(status), verdict).inc()

    def exposition(self) -> bytes:
        """The metrics in Prometheus' text format."""
        return generate_latest(self._registry)


class Timings:
    """How long the stages of one request took, in milliseconds."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._stages: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            spent = (time.perf_counter() - started) * 1000
            self._stages[name] = self._stages.get(name, 0.0) + spent

    def milliseconds(self) -> dict[str, float]:
        """Every stage and the total so far."""
        total = (time.perf_counter() - self._started) * 1000
        return {name: round(spent, 2) for name, spent in {**self._stages, "total": total}.items()}

    def header(self) -> str:
        """The value of `Server-Timing`."""
        return ", ".join(f"{name};dur={spent}" for name, spent in self.milliseconds().items())


class JsonFormatter(logging.Formatter):
    """One JSON object a line, with the fields of `_LOGGED` alone."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {name: getattr(record, name) for name in _LOGGED if hasattr(record, name)}
        if record.exc_info and record.exc_info[0]:
            # The type and the place, not the message: a message may quote the text.
            entry["error"] = record.exc_info[0].__name__
            trace = record.exc_info[2]
            while trace is not None and trace.tb_next is not None:
                trace = trace.tb_next
            if trace is not None:
                frame = trace.tb_frame
                entry["where"] = f"{frame.f_globals.get('__name__')}:{trace.tb_lineno}"
        return json.dumps(entry, ensure_ascii=False)


def configure_logging(level: str) -> None:
    """Write our logs as JSON lines to standard error, and keep libraries to warnings."""
    stream = logging.StreamHandler()
    stream.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [stream]
    root.setLevel(logging.WARNING)
    logging.getLogger("proxy").setLevel(level.upper())
