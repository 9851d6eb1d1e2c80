"""A check of your own: sentences that are too long to read on a phone.

A validator takes text and context and returns findings. It knows no policy: what follows from a
finding, and from which score on, stands in `policy.yaml` beside this file. Run it with

    presscheck check examples/custom_validator/post.txt \
        --config examples/custom_validator/presscheck.yaml --policy readable
"""

from collections.abc import Sequence

from pydantic import BaseModel

from validators.base import Context, Finding
from validators.registry import Registration
from validators.rules import Rule
from validators.text import normalise


class LongSentencesConfig(BaseModel, frozen=True, extra="forbid"):
    """`max_words` is what a reader takes in at once."""

    max_words: int = 25


class LongSentences:
    """Report sentences with too many words; twice as many score 1."""

    def __init__(self, config: LongSentencesConfig, rules: Sequence[Rule]) -> None:
        self._max_words = config.max_words
        (self._rule,) = rules

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        normalised = normalise(text)
        findings = []
        for start, end in normalised.sentences:
            words = len(normalised.text[start:end].split())
            if words > self._max_words:
                original_start, original_end = normalised.original_span(start, end)
                findings.append(
                    Finding(
                        rule=self._rule.id,
                        start=original_start,
                        end=original_end,
                        score=min(1.0, words / self._max_words / 2),
                        reason=f"{words} words in one sentence: hard to follow on a phone.",
                        suggestion=self._rule.suggestion,
                    )
                )
        return findings


long_sentences = Registration(LongSentencesConfig, LongSentences)
