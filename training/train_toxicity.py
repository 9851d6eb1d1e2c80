"""Train the toxicity scorer that ships: validators/models/toxicity_ngrams.npz.

    python training/train_toxicity.py DATA [--out FOLDER]

DATA is the folder with `train/` and `domain/train/` (see the model card for what is in them). Needs
scikit-learn and scipy beside Presscheck's own dependencies; takes some minutes on two cores. A
fixed seed gives the same weights. Prints the figures that go into the model card.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix, vstack
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.metrics import average_precision_score, roc_auc_score

from validators.scorers import hash_features
from validators.text import normalise

# The labels of Detoxify's that can be learned well enough from this data by counting words. Threats
# and attacks on groups are left to "toxicity": alone they came out at an average precision of 0.14
# and 0.33, too little for rules that block.
LABELS = ("toxicity", "obscene", "insult")
BUCKETS = 2**18
SEED = 0
# What a sentence written for Presscheck counts: of the toxicity pairs, of copy, of HARMLESS.
DOMAIN_WEIGHT = 5.0
CLEAN_WEIGHT = 3.0
HARMLESS_WEIGHT = 40.0
PENALTY = 3e-6
EPOCHS = 6
LONGEST = 400
FOLDS = 5
# Lines of copy, written for this, whose words look worse than they are.
HARMLESS = Path(__file__).parent / "harmless.txt"


@dataclass(frozen=True)
class Example:
    """A sentence with its labels; a label that nobody gave is missing."""

    text: str
    labels: dict[str, bool]
    weight: float = 1.0
    family: str = ""
    text_id: str = ""


CLEAN = dict.fromkeys(LABELS, False)


def read(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def sentences(text: str) -> list[str]:
    copy = normalise(text)
    return [copy.text[start:end] for start, end in copy.sentences]


def labelled(row: dict) -> dict[str, bool]:
    """The labels of a public row: a clean one has none; on a toxic one most may be unknown."""
    given = {name: bool(value) for name, value in row.get("labels", {}).items()}
    if not row["label"] and not any(given.values()):
        return CLEAN
    return {**{name: given[name] for name in LABELS if name in given}, "toxicity": True}


# Each public source with the most rows taken from it and what one of them counts: what its caveats
# allow. Left out: Perspective scores (terms), EDOS (clean rows may be rude), MLMA (noisy labels).
TOXIC_SOURCES: dict[str, tuple[int, float]] = {
    "tox_jigsaw6_mini": (9_300, 1.0),
    "tox_wikitalk_binary": (6_500, 0.7),
    "tox_wiki_context": (6_000, 0.7),
    "tox_davidson": (8_000, 0.4),
    "tox_paradetox": (16_000, 0.5),
    "tox_hatemoji_build": (5_400, 0.7),
    "tox_convabuse": (2_900, 0.5),
    "tox_surge": (1_000, 1.0),
    "tox_fox_news": (1_600, 0.5),
    "tox_identity_madlibs": (3_000, 0.4),
}
CLEAN_SOURCES: dict[str, tuple[int, float]] = {
    "copy_retail_demo": (2_500, 1.0),
    "copy_products_misc": (500, 1.0),
    "copy_search_ads": (200, 1.0),
    "copy_mozilla_web": (1_300, 1.0),
    "copy_case_studies": (3_500, 1.0),
    "copy_darkpattern": (2_400, 1.0),
    "copy_clickbait": (6_000, 0.5),
}
DOMAIN_CLEAN = ("clean_copy", "claims", "disclosure")


def public_examples(folder: Path) -> Iterator[Example]:
    chance = random.Random(SEED)
    for name, (most, weight) in TOXIC_SOURCES.items():
        rows = list(read(folder / f"{name}.jsonl.gz"))
        for row in chance.sample(rows, min(most, len(rows))):
            text, labels = normalise(row["text"]).text, labelled(row)
            if any(labels.values()) and len(text) > LONGEST:
                continue  # Nobody says which of its sentences is the toxic one.
            yield Example(text[:LONGEST], labels, weight, name)
    for row in read(folder / "tox_civil_spans.jsonl.gz"):
        for start, end in row["spans"][:1]:
            copy = normalise(row["text"])
            first, last = copy.sentence_at(start)
            if end <= last and last - first <= LONGEST:
                yield Example(copy.text[first:last], {"toxicity": True}, 0.5)
    for name, (most, weight) in CLEAN_SOURCES.items():
        rows = list(read(folder / f"{name}.jsonl.gz"))
        for row in chance.sample(rows, min(most, len(rows))):
            for sentence in sentences(row["text"]):
                yield Example(sentence, CLEAN, weight)


def domain_examples(folder: Path) -> Iterator[Example]:
    """The texts written for Presscheck, by sentence; only a sentence with a span is toxic."""
    for row in read(folder / "toxicity.jsonl.gz"):
        pair = sorted(filter(None, (row["id"], row["contrast"])))[0]
        labels = {name: bool(row["labels"][name]) for name in LABELS}
        marked = [normalise(span).text for span in row["spans"]]
        parts = sentences(row["text"])
        for part in parts:
            is_marked = len(parts) == 1 or any(s in part or part in s for s in marked)
            given = labels if is_marked else CLEAN
            yield Example(part, given, DOMAIN_WEIGHT, pair, f"toxicity/{row['id']}")
    for number, line in enumerate(HARMLESS.read_text(encoding="utf-8").splitlines()):
        yield Example(line, CLEAN, HARMLESS_WEIGHT, f"harmless-{number}", f"harmless/{number}")
    for name in DOMAIN_CLEAN:
        for row in read(folder / f"{name}.jsonl.gz"):
            for part in sentences(row["text"]):
                yield Example(part, CLEAN, CLEAN_WEIGHT, row["id"], f"{name}/{row['id']}")


def fold_of(example: Example) -> int:
    """A family stands in one fold, so that no minimal pair is on both sides."""
    return zlib.crc32(example.family.encode()) % FOLDS


def is_kept_back(example: Example) -> bool:
    """A seventh of the two best-labelled public sources, only to measure on."""
    measured = example.family in {"tox_jigsaw6_mini", "tox_surge"}
    return measured and zlib.crc32(example.text.encode()) % 7 == 0


def features(examples: Sequence[Example]) -> csr_matrix:
    """The matrix of what the scorer sees."""
    columns, values, starts = [], [], [0]
    for example in examples:
        found, weights = hash_features(example.text, BUCKETS)
        columns.append(found)
        values.append(weights)
        starts.append(starts[-1] + len(found))
    return csr_matrix(
        (np.concatenate(values), np.concatenate(columns), np.array(starts)),
        shape=(len(examples), BUCKETS),
    )


def fit(matrix: csr_matrix, examples: Sequence[Example]) -> dict[str, tuple[np.ndarray, float]]:
    """Weights and intercept per label, each from the rows that have it."""
    fitted = {}
    for label in LABELS:
        rows = [n for n, e in enumerate(examples) if label in e.labels]
        target = np.array([examples[n].labels[label] for n in rows])
        weights = np.array([examples[n].weight for n in rows])
        model = SGDClassifier(
            loss="log_loss", alpha=PENALTY, max_iter=EPOCHS, tol=None, average=True,
            random_state=SEED,
        )  # fmt: skip
        model.fit(matrix[rows], target, sample_weight=weights)
        fitted[label] = (model.coef_[0], float(model.intercept_[0]))
    return fitted


def calibrate(logits: np.ndarray, target: np.ndarray) -> tuple[float, float]:
    """Platt's slope and offset, on texts that the weights have not seen."""
    model = LogisticRegression(C=1e3).fit(logits[:, None], target)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def out_of_fold(
    public: csr_matrix, public_examples: Sequence[Example],
    domain: csr_matrix, domain_examples: Sequence[Example],
) -> dict[str, np.ndarray]:  # fmt: skip
    """The logits of each domain sentence by weights that have not seen its family."""
    folds = np.array([fold_of(example) for example in domain_examples])
    logits = {label: np.zeros(len(domain_examples)) for label in LABELS}
    for fold in range(FOLDS):
        seen, unseen = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        examples = [*public_examples, *(domain_examples[n] for n in seen)]
        matrix = vstack([public, domain[seen]], format="csr")
        for label, (weights, intercept) in fit(matrix, examples).items():
            logits[label][unseen] = domain[unseen] @ weights + intercept
    return logits


def report(
    examples: Sequence[Example], logits: dict[str, np.ndarray],
    calibration: dict[str, tuple[float, float]],
) -> None:  # fmt: skip
    """Print what the model card says: per label, and for any finding in a text."""
    highest: dict[str, float] = defaultdict(float)
    toxic: dict[str, bool] = defaultdict(bool)
    for label in LABELS:
        slope, offset = calibration[label]
        rows = [n for n, example in enumerate(examples) if label in example.labels]
        target = np.array([examples[n].labels[label] for n in rows])
        scores = 1 / (1 + np.exp(-(slope * logits[label][rows] + offset)))
        found = scores >= 0.5
        right = int((found & target).sum())
        print(
            f"  {label:16} of {target.sum():4}  AUC {roc_auc_score(target, scores):.3f}  "
            f"AP {average_precision_score(target, scores):.3f}  "
            f"precision {right / max(1, found.sum()):.2f}  recall {right / target.sum():.2f}"
        )
        for n, score, is_toxic in zip(rows, scores, target, strict=True):
            name = examples[n].text_id or f"public/{n}"
            highest[name] = max(highest[name], score)
            toxic[name] |= bool(is_toxic)
    for source in sorted({name.split("/")[0] for name in highest}):
        ids = [name for name in highest if name.startswith(f"{source}/")]
        hits = [name for name in ids if highest[name] >= 0.5]
        right = sum(toxic[name] for name in hits)
        print(
            f"  {source}: {len(ids)} texts, {sum(toxic[n] for n in ids)} toxic, "
            f"{right} found, {len(hits) - right} false alarms"
        )


def save(
    path: Path, fitted: dict[str, tuple[np.ndarray, float]],
    calibration: dict[str, tuple[float, float]],
) -> None:  # fmt: skip
    """Fold the calibration into the weights, make them 8-bit, write them with their checksum."""
    columns, scales, intercepts = [], [], []
    for label in LABELS:
        (weights, intercept), (slope, offset) = fitted[label], calibration[label]
        # The few largest weights set no scale for all the others: they are clipped.
        scale = np.quantile(np.abs(weights), 0.99995) / 127
        columns.append(np.clip(np.round(weights / scale), -127, 127).astype(np.int8))
        scales.append(scale * slope)
        intercepts.append(intercept * slope + offset)
    with path.open("wb") as file:
        np.savez_compressed(
            file,
            labels=np.array(LABELS),
            weights=np.stack(columns, axis=1),
            scales=np.array(scales),
            intercepts=np.array(intercepts),
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name(f"{path.name}.sha256").write_text(f"{digest}  {path.name}\n", encoding="ascii")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, default=Path("validators/models"))
    arguments = parser.parse_args()

    every = list(public_examples(arguments.data / "train"))
    public_rows = [row for row in every if not is_kept_back(row)]
    kept_back = [row for row in every if is_kept_back(row)]
    domain_rows = list(domain_examples(arguments.data / "domain" / "train"))
    public, domain = features(public_rows), features(domain_rows)
    print(f"{len(public_rows)} public sentences, {len(domain_rows)} written for Presscheck")

    logits = out_of_fold(public, public_rows, domain, domain_rows)
    calibration = {
        label: calibrate(logits[label], np.array([row.labels[label] for row in domain_rows]))
        for label in LABELS
    }
    print("Out of fold, on what was written for Presscheck:")
    report(domain_rows, logits, calibration)

    fitted = fit(vstack([public, domain], format="csr"), [*public_rows, *domain_rows])
    print("On the public comments that were kept back:")
    matrix = features(kept_back)
    logits = {label: matrix @ weights + bias for label, (weights, bias) in fitted.items()}
    report(kept_back, logits, calibration)

    path = arguments.out / "toxicity_ngrams.npz"
    save(path, fitted, calibration)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
