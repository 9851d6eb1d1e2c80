"""What can be wrong with a policy, a rule file or the configuration."""

from __future__ import annotations

import difflib
from pathlib import Path

from pydantic import ValidationError


class PolicyError(Exception):
    """A file is wrong, so the server does not start. Says which file, where in it, and why."""

    def __init__(self, path: Path | str, where: str, problem: str) -> None:
        self.path, self.where, self.problem = str(path), where, problem
        super().__init__(": ".join(part for part in (str(path), where, problem) if part))


def describe(error: ValidationError) -> str:
    """Put the first problem of a pydantic error into one sentence, with the field and the value."""
    problem = error.errors(include_url=False)[0]
    field = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        return f"unknown key {field!r}"
    return f"{field}: {problem['msg']} (got {problem['input']!r})"


def nearest(name: str, known: list[str]) -> str:
    """Say which known name was probably meant, as the end of a sentence; empty if none is near."""
    matches = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""
