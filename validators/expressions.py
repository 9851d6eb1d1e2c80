"""The expressions of rules: compiled once with their word lists, searched under a deadline."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import regex

from validators.rules import Rule

# Expressions may come from a customer's file and texts from anybody, so each search has a deadline,
# and so have all those of one check together: what runs away is a failed check, not a stuck server.
# An ordinary text of 400,000 characters takes about six seconds of a check.
_SECONDS_PER_SEARCH = 2.0
_SECONDS_PER_CHECK = 10.0

# What the file of a customer may ask to have compiled: a megabyte of it takes a minute.
MAX_LENGTH = 5_000
_MAX_WORD_LENGTH = 200

_LISTS = regex.compile(r"\\L<(\w+(?:\|\w+)*)>")


class Deadline:
    """What is left of the time that one check may take, in seconds of its thread's work.

    Not of the clock: a busy machine is no reason to refuse a text.
    """

    def __init__(self, seconds: float = _SECONDS_PER_CHECK) -> None:
        self._end = time.thread_time() + seconds

    def timeout(self) -> float:
        """How long the next search may take.

        Raises:
            TimeoutError: nothing is left.
        """
        left = self._end - time.thread_time()
        if left <= 0:
            raise TimeoutError
        return min(left, _SECONDS_PER_SEARCH)


def compile_expression(rule: Rule, expression: str) -> regex.Pattern[str]:
    r"""Compile an expression of a rule.

    `\L<name>` stands for its word list of that name, `\L<one|other>` for two lists as one, which
    is several times faster to search than an alternation of both.

    Raises:
        ValueError: it is too long or does not compile, or no list has that name; the message has
            both names.
    """
    if len(expression) > MAX_LENGTH:
        raise ValueError(
            f"rule {rule.id}: an expression has {len(expression):,} characters, and "
            f"{MAX_LENGTH:,} may be: make several patterns of it, or a list of words"
        )

    def words(match: regex.Match[str]) -> str:
        names = match[1].split("|")
        if unknown := [name for name in names if name not in rule.words]:
            raise ValueError(f"rule {rule.id}: no word list is named {unknown[0]!r}")
        return any_of(word for name in names for word in rule.words[name])

    try:
        return regex.compile(_LISTS.sub(words, expression), regex.IGNORECASE | regex.MULTILINE)
    except regex.error as error:
        raise ValueError(f"rule {rule.id}: {expression!r} is no expression: {error}") from error
    except RecursionError as error:
        raise ValueError(f"rule {rule.id}: an expression nests too deeply") from error


def compile_optional(rule: Rule, expression: str | None) -> regex.Pattern[str] | None:
    return None if expression is None else compile_expression(rule, expression)


def any_of(words: Iterable[str]) -> str:
    r"""Write an expression for any of these words in any case, the longest that fits first.

    It shares what words begin with (`s(?:ale|old)`), so a search gives up after a letter or two
    where `\L<words>` of the `regex` module tries one word after the other.

    Raises:
        ValueError: a word is too long to be one.
    """
    tree: dict[str, Any] = {}
    for word in words:
        if len(word) > _MAX_WORD_LENGTH:
            raise ValueError(
                f"a word has {len(word):,} characters, and {_MAX_WORD_LENGTH} may be: "
                f"{word[:30]!r}…"
            )
        branch = tree
        for letter in word.lower():
            branch = branch.setdefault(letter, {})
        branch[_END] = {}
    return f"(?:{_written(tree)})" if tree else "(?!)"


_END = ""


def _written(tree: dict[str, Any]) -> str:
    # Letters with the same rest share it: `[sz]ation`.
    starts: dict[str, list[str]] = {}
    for letter, branch in tree.items():
        if letter != _END:
            starts.setdefault(_written(branch), []).append(regex.escape(letter))
    ways = [(f"[{''.join(s)}]" if len(s) > 1 else s[0]) + rest for rest, s in starts.items()]
    if not ways or (len(ways) == 1 and _END not in tree):
        return "".join(ways)
    return f"(?:{'|'.join(ways)})" + ("?" if _END in tree else "")
