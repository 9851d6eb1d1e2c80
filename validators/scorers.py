"""How toxic each sentence is: the scorer that ships with Presscheck, and Detoxify.

A scorer gives probabilities under Detoxify's label names, so one can stand in for the other.
"""

from __future__ import annotations

import hashlib
import io
import itertools
import threading
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import regex
from numpy.typing import NDArray

from validators.base import ValidatorError

Scores = Mapping[str, float]


class Scorer(Protocol):
    """Gives each sentence a probability per label. Safe to call from many threads."""

    @property
    def labels(self) -> Sequence[str]:
        """The labels that this model knows."""
        ...

    def score(self, sentences: Sequence[str]) -> Sequence[Scores]:
        """Score every sentence, in order; raise ValidatorError if the model cannot run."""
        ...


_WORD = regex.compile(r"\w+|[^\w\s]")
_CHARACTER_GRAMS = (3, 4, 5)
# The least length that the counts are divided by: that of two or three words.
_FRAGMENT = 5.0


def hash_features(sentence: str, buckets: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Hash a sentence's words, word pairs and 3- to 5-character pieces: buckets and their values.

    A vector of values has the length one, and less for a few words: a fragment such as "Assess
    your needs" gives no ground to be sure. Training shares this function, so that a change here
    needs new weights.
    """
    words = _WORD.findall(sentence.lower())
    grams = (
        *(f"w {word}" for word in words),
        *(f"p {first} {second}" for first, second in itertools.pairwise(words)),
        *itertools.chain.from_iterable(_pieces(word) for word in words),
    )
    hashed = np.fromiter((zlib.crc32(gram.encode()) % buckets for gram in grams), np.int64)
    found, counts = np.unique(hashed, return_counts=True)
    length = max(float(np.linalg.norm(counts)), _FRAGMENT)
    return found, counts / length


def _pieces(word: str) -> Iterator[str]:
    padded = f"<{word}>"
    for size in _CHARACTER_GRAMS:
        for start in range(len(padded) - size + 1):
            yield padded[start : start + size]


# Trained on sentences of up to this length. In a longer one a few bad words drown, so it goes in
# overlapping windows of the usual length and the worst one counts. In characters.
_LONGEST_SENTENCE = 400
_WINDOW = 150
_OVERLAP = 50


class NgramScorer:
    """Logistic regression over hashed words and characters: the scorer that ships.

    It knows wording and little meaning. The weights are 8-bit numbers with one scale per label;
    `validators/models/toxicity_ngrams.md` says what they were trained on and how well they do.
    """

    def __init__(self, weights: Path) -> None:
        """Load the weights.

        Raises:
            ValidatorError: they are missing, or not the ones that the checksum beside them names.
        """
        with np.load(io.BytesIO(_read_verified(weights)), allow_pickle=False) as arrays:
            self.labels = tuple(str(label) for label in arrays["labels"])
            self._weights: NDArray[np.int8] = arrays["weights"]
            self._scales: NDArray[np.float64] = arrays["scales"]
            self._intercepts: NDArray[np.float64] = arrays["intercepts"]

    def score(self, sentences: Sequence[str]) -> Sequence[Scores]:
        return [self._score_one(sentence) for sentence in sentences]

    def _score_one(self, sentence: str) -> Scores:
        logits = np.max([self._logits(window) for window in _windows(sentence)], axis=0)
        return dict(zip(self.labels, (1 / (1 + np.exp(-logits))).tolist(), strict=True))

    def _logits(self, window: str) -> NDArray[np.float64]:
        buckets, values = hash_features(window, len(self._weights))
        logits: NDArray[np.float64] = values @ self._weights[buckets] * self._scales
        return logits + self._intercepts


def _windows(sentence: str) -> Iterator[str]:
    if len(sentence) <= _LONGEST_SENTENCE:
        yield sentence
        return
    for start in range(0, len(sentence) - _OVERLAP, _WINDOW - _OVERLAP):
        yield sentence[start : start + _WINDOW]


def _read_verified(path: Path) -> bytes:
    checksum = path.with_name(path.name + ".sha256")
    try:
        content = path.read_bytes()
        expected = checksum.read_text(encoding="ascii").split()[0]
    except (OSError, IndexError, UnicodeDecodeError) as error:
        raise ValidatorError(f"the toxicity weights cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != expected:
        raise ValidatorError(
            f"{path} does not match {checksum.name}: the file is damaged or was changed; "
            "install Presscheck again"
        )
    return content


# Detoxify's models read 512 tokens. Longer text goes in overlapping windows, so that nothing is
# cut off, and the worst window counts.
_WINDOW_TOKENS = 512
_OVERLAP_TOKENS = 64
_BATCH = 16

# The published checkpoints name their classes as the Jigsaw data sets did.
_DETOXIFY_NAMES = {
    "toxic": "toxicity",
    "severe_toxic": "severe_toxicity",
    "identity_hate": "identity_attack",
}


class DetoxifyScorer:
    """One of the Detoxify models, loaded by Detoxify itself."""

    def __init__(self, model: Any, tokenizer: Any, labels: Sequence[str]) -> None:
        import torch

        self._torch = torch
        self._model = model.eval()
        self._tokenizer = tokenizer
        # A fast tokenizer fails where two threads set its padding at the same moment.
        self._tokenizing = threading.Lock()
        self.labels = tuple(_DETOXIFY_NAMES.get(label, label) for label in labels)

    @classmethod
    def from_files(cls, checkpoint: Path, folder: Path) -> DetoxifyScorer:
        """Load a checkpoint of Detoxify's, and the folder with its tokenizer and config.

        Reaches no network. Detoxify's own constructor asks for the model's config there even if
        it is given a folder, so this calls the function beneath it, with the folder as the name
        of the model. A checkpoint is a pickle and can run code: take it from a source you trust.

        Raises:
            ValidatorError: the extra is not installed, a file is missing or cannot be used.
        """
        detoxify = _import_detoxify()
        import torch

        if not checkpoint.is_file():
            raise ValidatorError(f"toxicity: `checkpoint` names no file: {checkpoint}")
        if not folder.is_dir():
            raise ValidatorError(f"toxicity: `tokenizer` names no folder: {folder}")
        try:
            loaded = torch.load(checkpoint, map_location="cpu", weights_only=False)
            model, tokenizer = detoxify.get_model_and_tokenizer(
                **{**loaded["config"]["arch"]["args"], "model_type": str(folder)},
                state_dict=loaded["state_dict"],
            )
            labels = loaded["config"]["dataset"]["args"]["classes"]
        except Exception as error:
            raise ValidatorError(
                f"toxicity: {checkpoint} with {folder} is no Detoxify model: {error}"
            ) from error
        return cls(model, tokenizer, labels)

    @classmethod
    def downloaded(cls, name: str, checkpoint: Path | None) -> DetoxifyScorer:
        """Load a published model as Detoxify does: what is not on this machine is downloaded.

        Raises:
            ValidatorError: the extra is not installed, or the model could not be had.
        """
        detoxify = _import_detoxify()
        try:
            loaded = detoxify.load_checkpoint(name, checkpoint and str(checkpoint))
        except Exception as error:
            raise ValidatorError(
                f"toxicity: Detoxify's model {name!r} could not be loaded: {error}"
            ) from error
        return cls(*loaded)

    def score(self, sentences: Sequence[str]) -> Sequence[Scores]:
        if not sentences:
            return []
        worst = [dict.fromkeys(self.labels, 0.0) for _ in sentences]
        with self._tokenizing:
            windows = self._tokenizer(
                list(sentences),
                truncation=True,
                max_length=_WINDOW_TOKENS,
                stride=_OVERLAP_TOKENS,
                return_overflowing_tokens=True,
                padding=True,
                return_tensors="pt",
            )
        owners = windows.pop("overflow_to_sample_mapping").tolist()
        for start in range(0, len(owners), _BATCH):
            batch = {name: tensor[start : start + _BATCH] for name, tensor in windows.items()}
            try:
                with self._torch.no_grad():
                    scores = self._torch.sigmoid(self._model(**batch)[0])
            except RuntimeError as error:  # PyTorch's own, out of memory among them
                raise ValidatorError(f"toxicity: Detoxify could not score: {error}") from error
            for owner, row in zip(owners[start : start + _BATCH], scores.tolist(), strict=True):
                # A model may have more outputs than labels: the unbiased ones add identities.
                for label, score in zip(self.labels, row, strict=False):
                    worst[owner][label] = max(worst[owner][label], score)
        return worst


def _import_detoxify() -> Any:
    try:
        from detoxify import detoxify
    except ImportError as error:
        raise ValidatorError(
            "toxicity: the backend detoxify needs the extra: pip install 'presscheck[detoxify]'"
        ) from error
    return detoxify
