"""guardrails-ai, both ways: its validators behind our protocol, and ours as its validators."""

from __future__ import annotations

import copy
import difflib
import functools
import importlib
import itertools
import re
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel

from validators.base import Channel, Context, Edit, Evidence, Finding, Validator, ValidatorError
from validators.jurisdictions import applies
from validators.rules import Rule
from validators.shared_models import Models

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]+")
# A fix that rewrites more words than this is a new text, not an edit of the old one.
_MAX_CHANGED_TOKENS = 2000
# How often a fix may make another one necessary.
_MAX_ROUNDS = 3


class GuardrailsConfig(BaseModel, frozen=True, extra="forbid"):
    """Which validator, and the rule that its failures break.

    `validator` is a class as `module:Class`, or the id under which an installed package registers
    it, like `guardrails/ban_list`. `args` are the arguments of the class. `rule` is
    `guardrails.<name>` if not given, as in `guardrails.ban_list`.
    """

    validator: str
    args: dict[str, Any] = {}
    rule: str | None = None

    @property
    def name(self) -> str:
        """The short name of the validator, as in `ban_list`."""
        return re.split(r"[./]", self.validator.partition(":")[0])[-1]

    @property
    def rule_id(self) -> str:
        return self.rule or f"guardrails.{self.name}"


class GuardrailsValidator:
    """Run one installed guardrails-ai validator as a pure function of the text.

    There is no Guard and so no history, and each call has its own copy of the validator: some
    keep the text they look at in themselves. Remote inference is refused. Reason and suggestion
    are the rule's, as the validator's own message may quote the text.
    """

    def __init__(self, config: GuardrailsConfig, rules: Sequence[Rule]) -> None:
        """Import the package and build its validator, models loaded.

        Raises:
            ValueError: the rule is not among `rules`.
            ValidatorError: the package or its model is missing, or it does not take `args`.
        """
        self._config = config
        self._rule = _find_rule(config, rules)
        self._base = import_guardrails()
        self._validator = self._build()

    def check(self, text: str, context: Context) -> Sequence[Finding]:
        if not applies(self._rule, context):
            return []
        try:
            result = copy.copy(self._validator).validate(text, {})
        except Exception as error:
            raise ValidatorError(f"{self._config.validator} failed") from error
        if isinstance(result, self._base.PassResult):
            return []
        if not isinstance(result, self._base.FailResult):
            raise ValidatorError(f"{self._config.validator} gave no result")
        edits = _edits(text, result.fix_value) if isinstance(result.fix_value, str) else []
        return [
            Finding(
                rule=self._rule.id,
                start=start,
                end=end,
                score=1.0,
                reason=self._rule.reason,
                suggestion=self._rule.suggestion,
                edit=_joined(text, [edit for edit in edits if _touches(edit, start, end)]),
            )
            for start, end in _spans(text, result.error_spans)
        ]

    def _build(self) -> Any:
        name = self._config.validator
        try:
            validator = self._find()(**self._config.args)
        except Exception as error:
            raise ValidatorError(f"the validator {name} cannot be built: {error}") from error
        if missing := validator.required_metadata_keys:
            keys = ", ".join(missing)
            raise ValidatorError(f"the validator {name} needs metadata that no check has: {keys}")
        if not validator.use_local:
            raise ValidatorError(f"the validator {name} would send texts to a remote service")
        return validator

    def _find(self) -> Any:
        module, colon, class_name = self._config.validator.partition(":")
        if colon:
            return getattr(importlib.import_module(module), class_name)
        # A package registers its validators when it is imported, and is named after its id.
        importlib.import_module(f"guardrails_ai.{self._config.name}")
        return self._base.validators_registry[self._config.validator]


@functools.cache
def export_validators() -> Mapping[str, type[Any]]:
    """Return our validators as guardrails-ai classes, registered as `presscheck/<name>`.

    A class takes the rules to check, and what the text is for:

        claims = export_validators()["claims"]
        guard = Guard().use(claims(rules, channel=channel, on_fail="fix"))

    A text fails with a finding of `min_score` or more. Its `fix_value` is the text with every
    finding repaired, and None where one has no repair: half a fix would pass for a whole one.
    """
    from validators.registry import VALIDATORS, create_validator  # It imports this module.

    base = import_guardrails()
    models = Models()

    class PresscheckValidator(base.Validator):  # type: ignore[misc, name-defined]
        """One of Presscheck's validators for a Guard."""

        name: str

        def __init__(
            self,
            rules: Sequence[Rule],
            *,
            config: Mapping[str, Any] | None = None,
            channel: Channel | None = None,
            jurisdictions: Sequence[str] = (),
            evidence: Sequence[Evidence] = (),
            brief: str = "",
            min_score: float = 0.5,
            on_fail: Any = None,
        ) -> None:
            super().__init__(on_fail=on_fail, use_local=True)
            self._check = create_validator(self.name, config or {}, rules, models)
            self._min_score = min_score
            self._context = Context(
                channel=channel or Channel(),
                jurisdictions=tuple(jurisdictions),
                brief=brief,
                evidence=tuple(evidence),
            )

        def _validate(self, value: Any, metadata: dict[str, Any]) -> Any:
            del metadata
            if not isinstance(value, str):
                raise TypeError(f"presscheck/{self.name} checks text, not {type(value).__name__}")
            findings = _findings(self._check, value, self._context, self._min_score)
            if not findings:
                return base.PassResult()
            return base.FailResult(
                error_message=" ".join(dict.fromkeys(finding.reason for finding in findings)),
                error_spans=[
                    base.ErrorSpan(start=finding.start, end=finding.end, reason=finding.reason)
                    for finding in findings
                ],
                fix_value=_repaired(self._check, value, self._context, self._min_score),
            )

    classes = {
        name: type(f"Presscheck{name.title()}", (PresscheckValidator,), {"name": name})
        for name, registration in VALIDATORS.items()
        if registration.config is not GuardrailsConfig
    }
    for name, exported in classes.items():
        base.register_validator(name=f"presscheck/{name}", data_type="string")(exported)
    return classes


def _find_rule(config: GuardrailsConfig, rules: Sequence[Rule]) -> Rule:
    for rule in rules:
        if rule.id == config.rule_id:
            return rule
    raise ValueError(
        f"there is no rule {config.rule_id!r} for the findings of {config.validator}: "
        "add it to `custom_rules`"
    )


def import_guardrails() -> Any:
    """Import guardrails-ai without its habits: it needs no account, fetches and reports nothing.

    It fetches a data set of nltk on import wherever nltk is installed, for a function that is not
    used here. It reports each use of a validator to its makers, and a Guard would switch that on
    again, so what does the reporting is taken away for the whole process.
    """
    with _hidden("nltk"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        base = importlib.import_module("guardrails.validator_base")
    settings = importlib.import_module("guardrails.settings").settings
    settings.rc = type(settings.rc)(enable_metrics=False, use_remote_inferencing=False)
    reporting = importlib.import_module("guardrails.utils.hub_telemetry_utils").HubTelemetry()
    reporting._tracer = None
    return base


@contextmanager
def _hidden(name: str) -> Iterator[None]:
    """Let `import name` fail; this is how Python spells it."""
    module = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]
        if module is not None:
            sys.modules[name] = module


def _spans(text: str, error_spans: Sequence[Any] | None) -> list[tuple[int, int]]:
    """The spans of a failure in whole words, or the whole text where there are no usable ones.

    Some validators are a character off (ban_list 0.1.0 starts one too late).
    """
    spans = []
    for span in error_spans or ():
        start, end = span.start, span.end
        if not 0 <= start <= end <= len(text):
            return [(0, len(text))]
        while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
            start -= 1
        while 0 < end < len(text) and text[end - 1].isalnum() and text[end].isalnum():
            end += 1
        spans.append((start, end))
    return sorted(set(spans)) or [(0, len(text))]


def _edits(before: str, after: str) -> list[Edit]:
    """The changes from one text to another, in whole words; none where it is rewritten.

    Nor where a change leaves a piece of a word behind, as the fix of ban_list 0.1.0 does.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    first = next(
        (index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b),
        min(len(old), len(new)),
    )
    last = 0
    while last < min(len(old), len(new)) - first and old[-1 - last] == new[-1 - last]:
        last += 1
    old, new = old[: len(old) - last], new[: len(new) - last]
    if max(len(old), len(new)) - first > _MAX_CHANGED_TOKENS:
        return []
    offsets = [0]
    for token in old:
        offsets.append(offsets[-1] + len(token))
    edits = []
    matcher = difflib.SequenceMatcher(None, old[first:], new[first:], autojunk=False)
    for operation, i, j, k, m in matcher.get_opcodes():
        if operation == "equal":
            continue
        edit = Edit(offsets[first + i], offsets[first + j], "".join(new[first + k : first + m]))
        if _leaves_a_piece(before[edit.start : edit.end], edit.replacement.strip()):
            return []
        edits.append(edit)
    return edits


def _leaves_a_piece(replaced: str, rest: str) -> bool:
    return bool(rest) and rest in replaced and rest not in _TOKEN.findall(replaced)


def _touches(edit: Edit, start: int, end: int) -> bool:
    return edit.start <= end and edit.end >= start


def _joined(text: str, edits: Sequence[Edit]) -> Edit | None:
    """One edit that does the work of several, in order."""
    if not edits:
        return None
    start, end = edits[0].start, edits[-1].end
    moved = [Edit(edit.start - start, edit.end - start, edit.replacement) for edit in edits]
    return Edit(start, end, _apply(text[start:end], moved))


def _apply(text: str, edits: Sequence[Edit]) -> str:
    for edit in sorted(edits, key=lambda edit: (edit.start, edit.end), reverse=True):
        text = text[: edit.start] + edit.replacement + text[edit.end :]
    return text


def _findings(validator: Validator, text: str, context: Context, min_score: float) -> list[Finding]:
    return [finding for finding in validator.check(text, context) if finding.score >= min_score]


def _repaired(validator: Validator, text: str, context: Context, min_score: float) -> str | None:
    """Apply every finding's edit until nothing is found; None if that does not come about."""
    for _ in range(_MAX_ROUNDS):
        findings = _findings(validator, text, context, min_score)
        if not findings:
            return text
        edits = {finding.edit for finding in findings if finding.edit}
        if any(finding.edit is None for finding in findings) or _overlap(edits):
            return None
        text = _apply(text, list(edits))
    return None if _findings(validator, text, context, min_score) else text


def _overlap(edits: set[Edit]) -> bool:
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    return any(later.start < earlier.end for earlier, later in itertools.pairwise(ordered))
