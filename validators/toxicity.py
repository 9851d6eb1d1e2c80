"""Toxicity, by the patterns of its rules and by a model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

import regex
from pydantic import BaseModel, model_validator

from validators.base import Context, Finding, ValidatorError
from validators.jurisdictions import applies
from validators.patterns import Patterns, PatternsConfig
from validators.rules import Rule
from validators.scorers import DetoxifyScorer, NgramScorer, Scorer
from validators.text import NormalisedText, normalise

Label = Literal[
    "toxicity",
    "severe_toxicity",
    "obscene",
    "threat",
    "insult",
    "identity_attack",
    "sexual_explicit",
]

SHIPPED_WEIGHTS = Path(__file__).parent / "models" / "toxicity_ngrams.npz"

# Which rule a label speaks for, and how a marketer reads it. The general labels come last: they say
# that something is wrong and not what, so they have a rule of their own.
_GENERAL = "toxicity.model"
_RULES: dict[str, tuple[str, str]] = {
    "threat": ("toxicity.threat", "a threat"),
    "identity_attack": ("toxicity.hate", "an attack on a group of people"),
    "insult": ("toxicity.harassment", "an insult"),
    "obscene": ("toxicity.profanity", "obscene"),
    "sexual_explicit": ("toxicity.sexual", "sexually explicit"),
    "toxicity": (_GENERAL, "toxic"),
    "severe_toxicity": (_GENERAL, "very toxic"),
}
# Emphasis and code of Markdown: pairs of marks around words. Where they stand inside a word
# (f**k), or one of them does, they hide a letter and stay.
_EMPHASIS = regex.compile(
    r"(?<![\w*_~`])(\*{1,3}|_{1,3}|~~|`{1,3})(?=[^\s*_~`])([^\n]{0,300}?[^\s*_~`])\1(?![\w*_~`])"
)
# Models give some score to the most harmless text. Below this they have seen nothing.
_LEAST = 0.1


class ToxicityConfig(BaseModel, frozen=True, extra="forbid"):
    """How toxicity is scored, beside the patterns of the rules.

    `shipped` needs nothing. `detoxify` needs the extra `presscheck[detoxify]` and either
    `checkpoint` and `tokenizer` (a file in Detoxify's format, and the folder with tokenizer and
    config of its base model) or `allow_download`, which fetches the published `model`; without
    `allow_download` nothing reaches for the network.

    `labels` are the model's labels to report, all that it knows if unset. `allow` lists brand
    tokens that never count, such as a beer called Bastard, exactly as the brand writes them.
    """

    backend: Literal["shipped", "detoxify"] = "shipped"
    model: Literal["original", "unbiased", "multilingual"] = "original"
    checkpoint: Path | None = None
    tokenizer: Path | None = None
    allow_download: bool = False
    labels: frozenset[Label] | None = None
    allow: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _refuse_settings_of_the_other_backend(self) -> ToxicityConfig:
        unused = self.model_fields_set & {"model", "checkpoint", "tokenizer", "allow_download"}
        if self.backend == "shipped" and unused:
            raise ValueError(f"{', '.join(sorted(unused))}: only with `backend: detoxify`")
        return self


class Toxicity:
    """Report what the patterns find, and each sentence that the model finds toxic.

    The patterns are certain and know words; the model adds recall. In a sentence where a pattern
    saw the same rule broken, or where a label that says more is as sure as the general one, the
    weaker finding adds nothing and is left out.
    """

    def __init__(
        self, config: ToxicityConfig, rules: Sequence[Rule], scorer: Scorer | None = None
    ) -> None:
        """Compile the patterns and load the model that the configuration names.

        `scorer` is one that is loaded already, in its place.

        Raises:
            ValidatorError: the model, a setting it needs or the extra is missing.
        """
        self._patterns = Patterns(PatternsConfig(), rules)
        self._scorer = scorer or _load_scorer(config)
        labels: frozenset[str] = config.labels or frozenset(self._scorer.labels)
        if unknown := labels.difference(self._scorer.labels):
            raise ValidatorError(
                f"toxicity: this model has no label {min(unknown)!r}; "
                f"`labels` may hold {', '.join(self._scorer.labels)}"
            )
        by_id = {rule.id: rule for rule in rules}
        self._labels = [
            (label, by_id[rule_id], f"The toxicity model reads this sentence as {words}.")
            for label, (rule_id, words) in _RULES.items()
            if label in labels and rule_id in by_id
        ]
        self._allowed = (
            regex.compile(r"(?<!\w)\L<tokens>(?!\w)", tokens=config.allow) if config.allow else None
        )

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        if self._allowed:
            # A word of the same length that means nothing: every offset stays true.
            text = self._allowed.sub(lambda match: "q" * len(match[0]), text)
        copy = normalise(_without_emphasis(text))
        found = list(self._patterns.find(copy, context))
        return [*found, *self._score(copy, context, found)]

    def _score(
        self, copy: NormalisedText, context: Context, found: Sequence[Finding]
    ) -> Iterator[Finding]:
        sentences = [copy.text[start:end] for start, end in copy.sentences]
        for span, scores in zip(copy.sentences, self._scorer.score(sentences), strict=True):
            start, end = copy.original_span(*span)
            surest: dict[str, float] = {}
            for finding in found:
                if start <= finding.start < end:
                    surest[finding.rule] = max(finding.score, surest.get(finding.rule, 0.0))
            for label, rule, reason in self._labels:
                rivals = surest.values() if rule.id == _GENERAL else [surest.get(rule.id, 0.0)]
                is_new = scores[label] > max(rivals, default=0.0)
                if not is_new or scores[label] < _LEAST or not applies(rule, context):
                    continue
                surest[rule.id] = scores[label]
                yield Finding(rule.id, start, end, scores[label], reason, rule.suggestion)


def _without_emphasis(text: str) -> str:
    """Put spaces for Markdown's marks, so that every offset stays true."""
    return _EMPHASIS.sub(_without_marks, text)


def _without_marks(match: regex.Match[str]) -> str:
    spaces = " " * len(match[1])
    return f"{spaces}{_without_emphasis(match[2])}{spaces}"


def _load_scorer(config: ToxicityConfig) -> Scorer:
    if config.backend == "shipped":
        return NgramScorer(SHIPPED_WEIGHTS)
    if config.checkpoint and config.tokenizer:
        return DetoxifyScorer.from_files(config.checkpoint, config.tokenizer)
    if config.tokenizer:
        raise ValidatorError("toxicity: `tokenizer` goes with a `checkpoint`; set both")
    if config.allow_download:
        return DetoxifyScorer.downloaded(config.model, config.checkpoint)
    missing = "tokenizer" if config.checkpoint else "checkpoint"
    raise ValidatorError(
        f"toxicity: the backend detoxify needs `{missing}`: set `checkpoint` and `tokenizer` to "
        "local files, or `allow_download: true` to fetch the published model"
    )
