"""Our validators for guardrails-ai, with the rules that we ship."""

from __future__ import annotations

from typing import Any

from policies.catalogue import load_catalogue
from validators.guardrails import export_validators


def shipped(name: str, **options: Any) -> Any:
    """A registered guardrails-ai `Validator` with the shipped rules of its family.

    `Guard().use(shipped("claims", on_fail="fix"))`; the options are those of
    `validators.guardrails.export_validators`.

    Raises:
        KeyError: there is no such validator; the message names those there are.
    """
    exported = export_validators()
    if name not in exported:
        raise KeyError(f"no validator is named {name!r}; there are {', '.join(exported)}")
    return exported[name](load_catalogue().family(name), **options)
