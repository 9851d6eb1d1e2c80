"""What can be wrong with a policy, a rule file or the configuration."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from pydantic import ValidationError

# What may have been meant as a name of ours: one word without a number in it, or an id.
_NAME = re.compile(r"(?!(?:\D*\d){5})[A-Za-z][\w.-]{0,39}|(?:key|rv|req)_[\w-]{1,40}")


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
    if problem["type"] == "value_error":
        # Our own validators name the value themselves, as far as it may be shown.
        return f"{field}: {problem['ctx']['error']}"
    got = repr(problem["input"])
    return f"{field}: {problem['msg']} (got {got if len(got) <= 100 else got[:100] + '…'})"


def quoted(value: str) -> str:
    """Quote a wrong value in what its sender is told, where it cannot be somebody's data.

    An error is logged and shown in more places than the request that it is about.
    """
    return repr(value) if may_be_told(value) else "(not repeated: it could be somebody's data)"


def may_be_told(value: str) -> bool:
    """Whether a wrong value looks like a name or an id of ours and like nobody's data."""
    return _NAME.fullmatch(value) is not None


def nearest(name: str, known: list[str]) -> str:
    """Say which known name was probably meant, as the end of a sentence; empty if none is near."""
    matches = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {matches[0]!r}?" if matches else ""
