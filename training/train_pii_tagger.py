"""Train the tagger of personal data that ships: validators/models/pii-tagger.onnx.

    python training/train_pii_tagger.py DATA BASE [--out FOLDER] [--holdout] [--epochs N]

DATA is the folder with `train/` and `domain/train/`; BASE is a folder with the files of
all-MiniLM-L6-v2 (Apache-2.0): config.json, model.safetensors, tokenizer.json. Needs torch,
transformers, faker and onnx beside Presscheck's own dependencies. About an hour on two idle cores;
a run that was stopped goes on from the last finished epoch. `--holdout` keeps an eighth of the
prompts of `domain/train/` and of training/pii/ out and measures on them; the shipped weights are
trained on everything, for as many epochs.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import shutil
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
import torch
from faker import Faker
from faker.config import AVAILABLE_LOCALES
from onnxruntime.quantization import QuantType, quantize_dynamic
from marked import read_marked
from pii_tagger_graph import build_graph
from torch.nn import functional
from training_locales import LOCALES
from transformers import BertConfig, BertForTokenClassification

from validators.pii.tagger import (
    CLS,
    KINDS,
    LABELS,
    NAMES,
    SEP,
    TYPES,
    WINDOW,
    NameLists,
    decode,
    open_tokenizer,
    spelling,
    token_kinds,
)
from validators.text import normalise

HERE = Path(__file__).parent
SEED = 0
BATCH = 32
LEARNING_RATE = 3e-4
_LABEL = {str(type): str(type) for type in TYPES} | {
    "KEEP": "KEEP",
    # presidio-research
    "STREET_ADDRESS": "LOCATION",
    "ADDRESS": "LOCATION",
    "ZIP_CODE": "LOCATION",
    "US_DRIVER_LICENSE": "NATIONAL_ID",
    "ORGANIZATION": "KEEP",
    "GPE": "KEEP",
    # wnut
    "person": "PERSON",
    "corporation": "KEEP",
    "product": "KEEP",
    "location": "KEEP",
    "group": "KEEP",
    "creative-work": "KEEP",
}
@dataclass(frozen=True)
class Example:
    text: str
    spans: tuple[tuple[int, int, str], ...]
    source: str
    lang: str = "en"
    # How often it is read in an epoch.
    weight: float = 1.0


def is_held_out(key: str, one_of: int) -> bool:
    return zlib.crc32(key.encode()) % one_of == 0


def read_jsonl(path: Path) -> Iterator[dict[str, Any]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def at_path(value: Any, path: str) -> Any:
    for step in path.split("."):
        value = value[int(step)] if step.isdigit() else value[step]
    return value


def normal(example: Example) -> Example:
    """The example as the tagger reads it: normalised."""
    copy = normalise(example.text)
    starts = copy.offsets
    spans = []
    for start, end, label in example.spans:
        inside = [i for i in range(len(copy.text)) if start <= starts[i] < end]
        if inside:
            spans.append((inside[0], inside[-1] + 1, label))
    return Example(copy.text, tuple(spans), example.source, example.lang, example.weight)


def domain_prompts(data: Path, part: str = "train") -> Iterator[tuple[str, Example]]:
    for row in read_jsonl(data / "domain" / part / "pii_prompts.jsonl.gz"):
        paths = {p["path"] for p in row["pii"]} | {
            f"{i}.content"
            for i, m in enumerate(row["messages"])
            if isinstance(m.get("content"), str)
        }
        for path in sorted(paths):
            text = at_path(row["messages"], path)
            if not isinstance(text, str):
                continue
            spans = [
                (p["start"], p["end"], label_of(p["type"])) for p in row["pii"] if p["path"] == path
            ]
            for kept in row["keep"]:
                for match in re.finditer(re.escape(kept), text):
                    if not any(s < match.end() and match.start() < e for s, e, _ in spans):
                        spans.append((*match.span(), "KEEP"))
            yield row["id"], Example(text, tuple(spans), "domain", row["lang"], 4)


def label_of(type_: str) -> str:
    return _LABEL.get(type_) or ("NATIONAL_ID" if re.match(r"[A-Z]{2}_", type_) else "O")


def marked_prompts() -> Iterator[tuple[str, Example]]:
    for path in sorted((HERE / "pii").glob("*.txt")):
        for prompt in read_marked(path):
            yield f"{path.name}:{prompt.text[:80]}", Example(
                prompt.text,
                tuple((start, end, label_of(type_)) for start, end, type_ in prompt.spans),
                path.stem,
                prompt.lang,
                # The first files are harder than what people write.
                3 if path.stem[-1].isdigit() else 2,
            )


def public_examples(data: Path) -> Iterator[Example]:
    for row in read_jsonl(data / "train" / "pii_presidio_synth.jsonl.gz"):
        # The templates that `presscheck eval pii` measures on.
        if is_held_out(f"{row['origin']}:{row['template_id']}", 5):
            continue
        spans = tuple((s, e, label_of(t)) for s, e, t in row["spans"] if label_of(t) != "O")
        yield Example(row["text"], spans, "synth", weight=0.4)
    for row in read_jsonl(data / "train" / "pii_wnut17.jsonl.gz"):
        yield Example(
            row["text"],
            tuple((s, e, label_of(t)) for s, e, t in row["spans"]),
            "wnut",
            weight=0.3,
        )


class Names:
    """Names to put in the place of others, by what the token was."""

    def __init__(self, examples: Sequence[Example]) -> None:
        first, last = Counter(), Counter()
        for example in examples:
            for start, end, label in example.spans:
                if label == "PERSON" and example.source not in ("wnut", "synth"):
                    words = example.text[start:end].split()
                    first[words[0]] += 1
                    for word in words[1:]:
                        last[word] += 1
        self.first = [w for w in first if w[:1].isupper() and len(w) > 2]
        self.last = [w for w in last if w[:1].isupper() and len(w) > 2]
        for locale in LOCALES:
            if locale not in AVAILABLE_LOCALES:
                continue
            fake = Faker(locale)
            fake.seed_instance(SEED)
            for _ in range(150):
                given, family = fake.first_name(), fake.last_name()
                if given.isascii() or not re.search(r"[^\u0000-\u024f\u1e00-\u1eff' -]", given):
                    self.first.append(given)
                    self.last.append(family)


_WORD = re.compile(r"[^\W\d_]{3,}")


def vary(example: Example, names: Names, rng: random.Random) -> Example:
    """Other names and numbers in the same sentence, sometimes in small letters or capitals."""
    text, spans = example.text, sorted(example.spans)
    if example.source != "wnut" and spans and rng.random() < 0.75:
        mapping: dict[str, str] = {}
        out, moved, done = [], [], 0
        length = 0
        for start, end, label in spans:
            if start < done:
                continue
            piece = text[start:end]
            if label == "PERSON":
                for index, match in enumerate(_WORD.finditer(piece)):
                    word = match[0]
                    if word[0].isupper() or piece.islower():
                        pool = names.first if index == 0 else names.last
                        new = mapping.setdefault(word.casefold(), rng.choice(pool))
                        new = new.lower() if word.islower() else new
                        piece = re.sub(
                            rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])", "\0", piece, count=1
                        ).replace("\0", new.upper() if word.isupper() else new)
            elif label not in ("KEEP", "MEDICAL", "LOCATION") and rng.random() < 0.6:
                piece = re.sub(r"\d", lambda _: str(rng.randrange(10)), piece)
            out += [text[done:start], piece]
            length += start - done
            moved.append((length, length + len(piece), label))
            length += len(piece)
            done = end
        text, spans = "".join([*out, text[done:]]), moved
    chance = rng.random()
    if chance < 0.16 and example.source != "wnut" and len(text.lower()) == len(text):
        text = text.lower()
    elif chance < 0.18 and len(text.upper()) == len(text):
        text = text.upper()
    return Example(text, tuple(spans), example.source, example.lang)


class Encoder:
    def __init__(self, tokenizer_file: Path) -> None:
        self.tokenizer = open_tokenizer(tokenizer_file)
        self.names = NameLists()

    def encode(self, example: Example, rng: random.Random | None = None) -> tuple[list[int], list[int], list[int], Any]:
        encoding = self.tokenizer.encode(example.text, add_special_tokens=False)
        labels = [0] * len(encoding.ids)
        for start, end, label in example.spans:
            is_first = True
            for index, (s, e) in enumerate(encoding.offsets):
                if s < end and start < e:
                    if label == "KEEP":
                        labels[index] = labels[index] or 1
                    else:
                        labels[index] = LABELS.index(f"{'B' if is_first else 'I'}-{label}")
                        is_first = False
        names = self.names.kinds(encoding)
        if rng:
            # Most names are on no list: the model must not wait for one.
            unknown = 1.0 if rng.random() < 0.25 else 0.15
            forgotten = {w for w in set(encoding.word_ids) if rng.random() < unknown}
            names = [
                0 if word in forgotten else kind
                for kind, word in zip(names, encoding.word_ids, strict=True)
            ]
        kinds = token_kinds(spelling(example.text, encoding), names)
        return encoding.ids, kinds, labels, encoding

    def batches(
        self, examples: Sequence[Example], rng: random.Random
    ) -> Iterator[tuple[torch.Tensor, ...]]:
        rows = []
        for example in examples:
            ids, kinds, labels, _ = self.encode(example, rng)
            start = rng.randrange(max(1, len(ids) - WINDOW + 1)) if len(ids) > WINDOW else 0
            cut = slice(start, start + WINDOW)
            rows.append((ids[cut], kinds[cut], labels[cut]))
        rows.sort(key=lambda row: len(row[0]) + rng.random() * 12)
        groups = [rows[i : i + BATCH] for i in range(0, len(rows), BATCH)]
        rng.shuffle(groups)
        for group in groups:
            width = max(len(row[0]) for row in group) + 2
            tensors = torch.zeros((4, len(group), width), dtype=torch.long)
            tensors[3] = -100
            for number, (ids, kinds, labels) in enumerate(group):
                end = len(ids) + 2
                tensors[0, number, :end] = torch.tensor([CLS, *ids, SEP])
                tensors[1, number, 1 : end - 1] = torch.tensor(kinds)
                tensors[2, number, :end] = 1
                tensors[3, number, 1 : end - 1] = torch.tensor(labels)
            yield tuple(tensors)


def build_model(base: Path, layers: int) -> BertForTokenClassification:
    config = BertConfig.from_pretrained(
        base,
        num_labels=len(LABELS),
        type_vocab_size=KINDS,
        num_hidden_layers=layers,
        # Drawing the random numbers for these takes a quarter of the time of training.
        attention_probs_dropout_prob=0.0,
    )
    from safetensors.torch import load_file

    weights = load_file(base / "model.safetensors")
    weights = {f"bert.{name.removeprefix('bert.')}": value for name, value in weights.items()}
    types = weights.pop("bert.embeddings.token_type_embeddings.weight")
    model = BertForTokenClassification(config)
    missing, unexpected = model.load_state_dict(weights, strict=False)
    print("not in the base:", [name for name in missing], "not used:", unexpected[:4])
    with torch.no_grad():
        noise = torch.randn(KINDS, types.shape[1], generator=torch.Generator().manual_seed(SEED))
        model.bert.embeddings.token_type_embeddings.weight.copy_(types[0] + 0.02 * noise)
    return model


def logits_of(model: Any, batch: tuple[torch.Tensor, ...]) -> torch.Tensor:
    ids, kinds, mask, _ = batch
    return model(input_ids=ids, token_type_ids=kinds, attention_mask=mask).logits


def train(
    model: BertForTokenClassification,
    encoder: Encoder,
    examples: Sequence[Example],
    names: Names,
    epochs: int,
    learning_rate: float,
    checkpoint: Path,
) -> None:
    rng = random.Random(SEED)
    decay = [p for n, p in model.named_parameters() if p.dim() > 1]
    rest = [p for n, p in model.named_parameters() if p.dim() <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decay, "weight_decay": 0.01}, {"params": rest, "weight_decay": 0.0}],
        lr=learning_rate,
        fused=True,
    )
    steps = int(sum(e.weight for e in examples) / BATCH) * epochs
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min((step + 1) / (0.06 * steps), max(0.02, 1 - step / steps))
    )
    done = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        done = state["epochs"]
    for epoch in range(done, epochs):
        rng.seed(SEED + epoch)
        picked = []
        for example in examples:
            copies = int(example.weight) + (rng.random() < example.weight % 1)
            picked += [vary(example, names, rng) for _ in range(copies)]
        model.train()
        started, total, count = time.monotonic(), 0.0, 0
        for batch in encoder.batches(picked, rng):
            with torch.autocast("cpu", dtype=torch.bfloat16):
                logits = logits_of(model, batch)
            loss = functional.cross_entropy(
                logits.float().flatten(0, 1),
                batch[3].flatten(),
                ignore_index=-100,
                label_smoothing=0.03,
            )
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            total += float(loss.detach()) * len(batch[0])
            count += len(batch[0])
        seconds = time.monotonic() - started
        print(f"epoch {epoch + 1}: loss {total / count:.4f}, {count / seconds:.0f}/s", flush=True)
        torch.save(
            {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "schedule": schedule.state_dict(),
                "epochs": epoch + 1,
            },
            checkpoint,
        )


def measure(
    model: BertForTokenClassification, encoder: Encoder, examples: Sequence[Example]
) -> None:
    """Print how much of each type is covered, and how much of what is kept is touched."""
    model.eval()
    for lowered in (False, True):
        whole, covered, kept, touched, extra = Counter(), Counter(), 0, 0, 0
        for example in examples:
            if lowered:
                if len(example.text.lower()) != len(example.text):
                    continue
                example = Example(example.text.lower(), example.spans, example.source)
            ids, kinds, _, encoding = encoder.encode(example)
            if not ids or len(ids) > 500:
                continue
            batch = (
                torch.tensor([[CLS, *ids, SEP]]),
                torch.tensor([[0, *kinds, 0]]),
                torch.ones((1, len(ids) + 2), dtype=torch.long),
                None,
            )
            with torch.no_grad():
                scores = logits_of(model, batch).softmax(-1)[0, 1:-1].numpy()
            tags = [tag for tag in decode(encoding, scores) if tag.score >= 0.5]
            for start, end, label in example.spans:
                if label == "KEEP":
                    kept += 1
                    touched += any(t.start < end and start < t.end for t in tags)
                    continue
                whole[label] += 1
                inside = [
                    i
                    for i in range(start, end)
                    if example.text[i].isalnum() and not any(t.start <= i < t.end for t in tags)
                ]
                covered[label] += not inside
            extra += sum(
                not any(t.start < e and s < t.end for s, e, _ in example.spans) for t in tags
            )
        print("in small letters" if lowered else "as written")
        for label, number in whole.most_common():
            print(f"  {label:16} {covered[label]:4}/{number:4} {covered[label] / number:.3f}")
        print(f"  kept {1 - touched / max(kept, 1):.3f} of {kept}, tags elsewhere {extra}")


def export(model: BertForTokenClassification, tokenizer: Path, folder: Path) -> None:
    weights = {name: value.numpy() for name, value in model.state_dict().items()}
    graph = build_graph(
        weights, layers=model.config.num_hidden_layers, heads=model.config.num_attention_heads
    )
    onnx.save(graph, folder / "pii-tagger.fp32.onnx")
    small = folder / "pii-tagger.onnx"
    quantize_dynamic(
        folder / "pii-tagger.fp32.onnx",
        small,
        weight_type=QuantType.QInt8,
        per_channel=True,
        # Its inference of shapes does not know the fused operators.
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )
    shutil.copy(tokenizer, folder / "pii-tagger.tokenizer.json")
    shutil.copy(NAMES, folder / NAMES.name)
    names = ("pii-tagger.onnx", "pii-tagger.tokenizer.json", NAMES.name)
    digests = [f"{hashlib.sha256((folder / n).read_bytes()).hexdigest()}  {n}" for n in names]
    (folder / "pii-tagger.sha256").write_text("\n".join([*digests, ""]))
    print(f"{small.stat().st_size / 1e6:.1f} MB", *digests, sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("base", type=Path)
    parser.add_argument("--out", type=Path, default=Path("build/pii-tagger"))
    parser.add_argument("--holdout", action="store_true")
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--learning-rate", type=float, default=LEARNING_RATE)
    parser.add_argument("--layers", type=int, default=4)
    options = parser.parse_args()
    torch.manual_seed(SEED)
    options.out.mkdir(parents=True, exist_ok=True)
    keyed = [*domain_prompts(options.data), *marked_prompts()]
    held = [normal(e) for key, e in keyed if options.holdout and is_held_out(key, 8)]
    examples = [normal(e) for key, e in keyed if not (options.holdout and is_held_out(key, 8))]
    examples += [normal(e) for e in public_examples(options.data)]
    print(Counter(e.source for e in examples), len(held), "held out", flush=True)
    encoder = Encoder(options.base / "tokenizer.json")
    model = build_model(options.base, options.layers)
    train(
        model,
        encoder,
        examples,
        Names(examples),
        options.epochs,
        options.learning_rate,
        options.out / "checkpoint.pt",
    )
    export(model, options.base / "tokenizer.json", options.out)
    for source in sorted({e.source for e in held}):
        print(f"== {source}")
        measure(model, encoder, [e for e in held if e.source == source])


if __name__ == "__main__":
    main()
