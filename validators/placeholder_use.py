"""How an answer uses the placeholders that its request gave out: as they are, or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from validators.base import Context, Finding
from validators.jurisdictions import applies
from validators.pii.entities import EntityType
from validators.placeholders import Token, Tokens, names
from validators.rules import Rule

_INVENTED = "privacy.placeholder.invented"
_LOST = "privacy.placeholder.lost"
_TYPES = frozenset(map(str, EntityType))
# The only placeholders that a text is expected to use. Whoever is named in a brief is mostly
# written to or written about; a number or an address is often there for the writer to know.
_PERSON = f"{{{{{EntityType.PERSON}_"


@dataclass(frozen=True, slots=True)
class Use:
    """What was found, and the spans of everything in a text that is accounted for by it."""

    findings: tuple[Finding, ...] = ()
    spans: tuple[tuple[int, int], ...] = ()

    def covers(self, start: int, end: int) -> bool:
        """Whether a place in the text is one of a placeholder."""
        return any(start < last and first < end for first, last in self.spans)


class PlaceholderUse:
    """Find placeholders that were never given out, and people whose placeholder is gone.

    A text that belongs to no request with placeholders has neither.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._invented = next((rule for rule in rules if rule.id == _INVENTED), None)
        self._lost = next((rule for rule in rules if rule.id == _LOST), None)

    def check(self, text: str, context: Context) -> Use:
        if not context.placeholders:
            return Use()
        tokens = Tokens(names(context.placeholders), _TYPES)
        used, unknown = [], []
        for token in tokens.find(text):
            if token.name:
                used.append(token)
            elif token.is_unmistakable:
                unknown.append(token)
        # What the caller wrote in the brief, an example or a merge field, is the caller's own.
        own = _own_names(tokens, context.brief) if unknown else frozenset()
        accounted = [*used, *(token for token in unknown if own.intersection(token.names))]
        invented = [token for token in unknown if not own.intersection(token.names)]
        findings: list[Finding] = []
        if self._invented and applies(self._invented, context):
            findings += _report(self._invented, invented)
            accounted += invented
        if self._lost and applies(self._lost, context) and not used and _expects_people(context):
            end = len(text)
            findings.append(
                Finding(self._lost.id, end, end, 0.9, self._lost.reason, self._lost.suggestion)
            )
        return Use(tuple(findings), tuple((token.start, token.end) for token in accounted))


def _own_names(tokens: Tokens, brief: str) -> frozenset[str]:
    return frozenset(name for token in tokens.find(brief) for name in token.names)


def _report(rule: Rule, tokens: Sequence[Token]) -> Iterator[Finding]:
    for token in tokens:
        yield Finding(rule.id, token.start, token.end, 0.95, rule.reason, rule.suggestion)


def _expects_people(context: Context) -> bool:
    """Whether the text to publish was asked for with somebody named in the newest message."""
    awaited = context.awaited & context.placeholders
    return context.kind == "copy" and any(token.startswith(_PERSON) for token in awaited)
