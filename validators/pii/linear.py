"""Regular expressions of a policy, searched in a time that grows with the text and no faster."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import re2
import regex

from validators.expressions import Deadline

MAX_LENGTH = 1_000

# What a compiled expression may hold; RE2 itself refuses `.{1,1000}{1,1000}` and the like. The
# larger an expression is, the more states a search goes through for each letter.
_MAX_BYTES = 1 << 20
_MAX_STEPS = 4_000
_SECONDS = 4.0
# What matches nothing at all is found everywhere. One of these shows it.
_PROBES = ("", "a", "A", "1", " ", "-", "\n")
# A byte of its own is no letter, and what begins in the middle of one has no place in the text.
_SINGLE_BYTE = regex.compile(r"(?<!\\)(?:\\\\)*\\C")
# Half of a pair of UTF-16, alone; it has no UTF-8.
_SURROGATE = regex.compile(r"[\ud800-\udfff]")


class LinearPattern:
    """An expression in the syntax of RE2: no lookaround, no references back.

    The group `value`, or else the whole match, is what is found.
    """

    def __init__(self, expression: str) -> None:
        """Compile the expression.

        Raises:
            ValueError: it is too long, not in the syntax of RE2, or matches nothing at all.
        """
        if len(expression) > MAX_LENGTH:
            raise ValueError(
                f"the expression has {len(expression):,} characters, and {MAX_LENGTH:,} may be: "
                "make several of it, or a list of words"
            )
        if _SINGLE_BYTE.search(expression):
            raise ValueError("the expression has \\C, a single byte: write . for any character")
        options = re2.Options()
        options.max_mem = _MAX_BYTES
        options.log_errors = False
        try:
            self._compiled = re2.compile(expression, options)
        except re2.error as error:
            raise ValueError(
                f"RE2 does not take the expression: {_said(error)} (it has no lookaround and no "
                "references back; write + for a large {1,1000})"
            ) from error
        if self._compiled.programsize > _MAX_STEPS:
            raise ValueError(
                "the expression is too large once its repetitions are written out: write + for "
                "{1,1000}, and fewer classes such as \\pL{1,30}"
            )
        if any(match.group() == "" for text in _PROBES for match in self._compiled.finditer(text)):
            raise ValueError("the expression also matches nothing at all: let it ask for something")
        self._group = self._compiled.groupindex.get("value", 0)

    def spans(
        self, text: str, accept: Callable[[str], bool] | None = None
    ) -> Iterator[tuple[int, int]]:
        """Yield the spans of what is found and accepted.

        A match that is not accepted may hide one that begins inside it, which is looked for too.

        Raises:
            TimeoutError: it takes too long. Each search is linear, but there may be many.
        """
        deadline = Deadline(_SECONDS)
        # RE2 reads UTF-8. Its Python wrapper would encode the whole text again for every search.
        encoded = _SURROGATE.sub("\ufffd", text).encode()
        done = (0, 0)
        position = 0
        while match := self._compiled.search(encoded, position):
            deadline.timeout()
            start, end = match.span(self._group)
            if start < end and (accept is None or accept(encoded[start:end].decode())):
                first = done[1] + len(encoded[done[0] : start].decode())
                done = (end, first + len(encoded[start:end].decode()))
                yield first, done[1]
                position = match.end()
            else:
                position = _next_letter(encoded, match.start())


def _next_letter(encoded: bytes, position: int) -> int:
    position += 1
    while position < len(encoded) and encoded[position] & 0xC0 == 0x80:
        position += 1
    return position


def _said(error: re2.error) -> str:
    """RE2's own words, which it gives as bytes."""
    said = error.args[0]
    return said.decode(errors="replace") if isinstance(said, bytes) else str(said)
