"""Toxicity with the real Detoxify, on a tiny checkpoint in the format of the published ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from policies.catalogue import load_catalogue
from validators.base import Context, ValidatorError
from validators.scorers import DetoxifyScorer
from validators.toxicity import Toxicity, ToxicityConfig

pytest.importorskip("detoxify", reason="needs the extra presscheck[detoxify]")
import torch
from detoxify import Detoxify
from transformers import BertConfig, BertForSequenceClassification

RULES = load_catalogue().family("toxicity")
CLASSES = ["toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate"]
LETTERS = "abcdefghijklmnopqrstuvwxyz"
TEXTS = ["free tea for all", "you are vile", "c", ""]


def save_model(folder: Path, classes: Sequence[str] = CLASSES, outputs: int = 6) -> Path:
    """A BERT that spells, with random weights: checkpoint and tokenizer as Detoxify wants them."""
    tokenizer = folder / "tokenizer"
    tokenizer.mkdir(parents=True)
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *LETTERS, *(f"##{c}" for c in LETTERS)]
    (tokenizer / "vocab.txt").write_text("\n".join(words), encoding="utf-8")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=512,
        initializer_range=1.0,
    )
    config.save_pretrained(tokenizer)
    config.num_labels = outputs
    torch.manual_seed(0)
    model = BertForSequenceClassification(config)
    arch = {
        "num_classes": outputs,
        "model_type": "bert-base-uncased",
        "model_name": "BertForSequenceClassification",
        "tokenizer_name": "BertTokenizer",
    }
    checkpoint = folder / "toxic.ckpt"
    torch.save(
        {
            "config": {"arch": {"args": arch}, "dataset": {"args": {"classes": list(classes)}}},
            "state_dict": model.state_dict(),
        },
        checkpoint,
    )
    return checkpoint


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("detoxify") / "model"
    save_model(folder)
    return folder


@pytest.fixture(scope="module")
def scorer(folder: Path) -> DetoxifyScorer:
    return DetoxifyScorer.from_files(folder / "toxic.ckpt", folder / "tokenizer")


def test_scores_are_those_of_detoxify_itself(
    folder: Path, scorer: DetoxifyScorer, tmp_path: Path
) -> None:
    # Detoxify's own constructor reaches no network where the model's name is a folder.
    loaded = torch.load(folder / "toxic.ckpt", weights_only=True)
    loaded["config"]["arch"]["args"]["model_type"] = str(folder / "tokenizer")
    torch.save(loaded, tmp_path / "local.ckpt")
    theirs = Detoxify(checkpoint=str(tmp_path / "local.ckpt")).predict(TEXTS)
    ours = scorer.score(TEXTS)
    assert set(theirs) == set(scorer.labels)
    for label, scores in theirs.items():
        assert [score[label] for score in ours] == pytest.approx(scores, abs=1e-5)


def test_labels_have_detoxify_s_names_whatever_the_checkpoint_calls_them(
    scorer: DetoxifyScorer,
) -> None:
    assert scorer.labels == (
        "toxicity",
        "severe_toxicity",
        "obscene",
        "threat",
        "insult",
        "identity_attack",
    )


def test_a_batch_gives_each_sentence_the_score_it_has_alone(scorer: DetoxifyScorer) -> None:
    texts = [f"{'tea ' * number}time" for number in range(40)]
    together = scorer.score(texts)
    for text, scores in zip(texts, together, strict=True):
        (alone,) = scorer.score([text])
        assert scores == pytest.approx(alone, abs=1e-4)


def test_no_sentences_have_no_scores(scorer: DetoxifyScorer) -> None:
    assert scorer.score([]) == []


def test_text_beyond_512_tokens_is_read_to_its_end_and_the_worst_window_counts(
    scorer: DetoxifyScorer,
) -> None:
    letters = [LETTERS[number % 7 + number % 19] for number in range(700)]  # one token each
    windows = [" ".join(letters[:510]), " ".join(letters[446:])]  # 510 and [CLS] and [SEP]
    (long,) = scorer.score([" ".join(letters)])
    first, second = scorer.score(windows)
    for label in scorer.labels:
        assert long[label] == pytest.approx(max(first[label], second[label]), abs=1e-5)


def test_the_further_outputs_of_the_unbiased_model_are_left_out(tmp_path: Path) -> None:
    checkpoint = save_model(tmp_path / "unbiased", [*CLASSES[:5], "sexual_explicit"], outputs=16)
    scorer = DetoxifyScorer.from_files(checkpoint, checkpoint.with_name("tokenizer"))
    (scores,) = scorer.score(["free tea"])
    assert list(scores) == list(scorer.labels)
    assert "sexual_explicit" in scores


def test_the_validator_reports_each_label_under_its_rule(folder: Path) -> None:
    config = ToxicityConfig(
        backend="detoxify", checkpoint=folder / "toxic.ckpt", tokenizer=folder / "tokenizer"
    )
    text = "Free tea for all. Cheap as sh*t."
    findings = Toxicity(config, RULES).check(text, Context())
    rules = {finding.rule for finding in findings}
    assert "toxicity.profanity" in rules
    sentences = {text[f.start : f.end] for f in findings if "model" in f.reason}
    assert sentences
    assert sentences <= {"Free tea for all.", "Cheap as sh*t."}


@pytest.fixture(scope="module")
def connections() -> Iterator[list[str]]:
    """What asks for the network while the list is in use. An audit hook cannot be taken out."""
    seen: list[str] = []

    def watch(event: str, _arguments: Any) -> None:
        if event in {"socket.connect", "socket.getaddrinfo"}:
            seen.append(event)

    sys.addaudithook(watch)
    yield seen
    seen.clear()


def test_local_files_touch_no_network(folder: Path, connections: list[str]) -> None:
    connections.clear()
    scorer = DetoxifyScorer.from_files(folder / "toxic.ckpt", folder / "tokenizer")
    scorer.score(TEXTS)
    assert connections == []


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({}, "checkpoint"),
        ({"checkpoint": Path("toxic.ckpt")}, "tokenizer"),
        ({"checkpoint": Path("gone.ckpt"), "tokenizer": Path("gone")}, "checkpoint"),
    ],
)
def test_a_missing_setting_or_file_is_named_and_nothing_is_downloaded(
    settings: Mapping[str, Path], named: str, connections: list[str]
) -> None:
    connections.clear()
    with pytest.raises(ValidatorError, match=f"`{named}`"):
        Toxicity(ToxicityConfig(backend="detoxify", **settings), RULES)
    assert connections == []


def test_a_file_that_is_no_checkpoint_is_refused(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.ckpt"
    torch.save({"weights": 1}, broken)
    with pytest.raises(ValidatorError, match="no Detoxify model"):
        DetoxifyScorer.from_files(broken, folder / "tokenizer")


def test_an_empty_tokenizer_folder_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValidatorError, match="no Detoxify model"):
        DetoxifyScorer.from_files(folder / "toxic.ckpt", tmp_path)
