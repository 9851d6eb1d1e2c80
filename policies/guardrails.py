"""Our validators for guardrails-ai, with the rules that we ship.

Take the guard from here too: guardrails-ai fetches a data set when it is imported and reports each
use to its makers, and importing this module first keeps it from both.
"""

from __future__ import annotations

import importlib
from typing import Any

from policies.catalogue import load_catalogue
from validators.guardrails import export_validators, import_guardrails

import_guardrails()


def guard() -> Any:
    """A `guardrails.Guard` that reports to nobody."""
    return importlib.import_module("guardrails").Guard()


def shipped(name: str, **options: Any) -> Any:
    """A registered guardrails-ai `Validator` with the shipped rules of its family.

    `guard().use(shipped("claims", on_fail="fix"))`; the options are those of
    `validators.guardrails.export_validators`.

    Raises:
        KeyError: there is no such validator; the message names those there are.
    """
    exported = export_validators()
    if name not in exported:
        raise KeyError(f"no validator is named {name!r}; there are {', '.join(exported)}")
    return exported[name](load_catalogue().family(name), **options)
