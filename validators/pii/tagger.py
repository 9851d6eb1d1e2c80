"""The shipped model that tags personal data in context, as an ONNX graph."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import regex
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer

from validators.base import ValidatorError
from validators.expressions import Deadline
from validators.pii.entities import EntityType

_MODELS = Path(__file__).parents[1] / "models"
MODEL = _MODELS / "pii-tagger.onnx"
VOCABULARY = _MODELS / "pii-tagger.tokenizer.json"
NAMES = _MODELS / "pii-tagger.names.txt"
DIGESTS = _MODELS / "pii-tagger.sha256"
# What the model learns beside each token: see `token_kinds`.
KINDS = 64

# What a token can be. KEEP is a name that is not personal: a brand, a product, a public figure;
# telling it apart from everything else makes the model surer of what is.
TYPES = (
    EntityType.PERSON,
    EntityType.LOCATION,
    EntityType.MEDICAL,
    EntityType.DATE_OF_BIRTH,
    EntityType.ORDER_ID,
    EntityType.CUSTOMER_ID,
    EntityType.EMAIL_ADDRESS,
    EntityType.PHONE_NUMBER,
    EntityType.CREDIT_CARD,
    EntityType.IBAN_CODE,
    EntityType.IP_ADDRESS,
    EntityType.API_KEY,
    EntityType.URL_TOKEN,
    EntityType.NATIONAL_ID,
)
LABELS = ("O", "KEEP", *(f"{prefix}-{type}" for type in TYPES for prefix in "BI"))

# Tokens the model reads at once, and how many of them it reads twice, so that every token has
# words on both sides.
WINDOW = 192
OVERLAP = 32
_BATCH = 8
# Of its thread's work, for all texts of a request: who has waited for longer has left by then.
_SECONDS = 30.0

# The numbers of [CLS] and [SEP] in the vocabulary.
CLS, SEP = 101, 102
# A word that is less likely than this to be personal data is none.
_MIN_SCORE = 0.3

_LETTER = regex.compile(r"\p{L}")

# The tokens that the model reads at once, and the kind of each.
_Window = tuple[tuple[int, ...], tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Tag:
    """A run of tokens of one type, with the mean probability that they are of it."""

    type: EntityType
    start: int
    end: int
    score: float


class NameLists:
    """Words that are names somewhere, of people, families or places, and words that are none."""

    GIVEN, FAMILY, PLACE, WORD = 1, 2, 4, 8

    def __init__(self, path: Path = NAMES) -> None:
        self._kinds: dict[str, int] = {}
        lists = path.read_text(encoding="utf-8").split("\n\n")
        kinds = (self.GIVEN, self.FAMILY, self.PLACE, self.WORD)
        for kind, words in zip(kinds, lists, strict=True):
            for word in words.split():
                self._kinds[word] = self._kinds.get(word, 0) | kind

    def kind(self, word: str) -> int:
        """What a word of a text is known as, added up."""
        bare = "".join(
            c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)
        )
        return self._kinds.get(bare.lower(), 0)

    def kinds(self, encoding: Encoding) -> list[int]:
        """For each token, which names its word may be, added up; the model does without WORD."""
        words: dict[int | None, str] = {}
        for token, word in zip(encoding.tokens, encoding.word_ids, strict=True):
            words[word] = words.get(word, "") + token.removeprefix("##")
        known = {number: self._kinds.get(word, 0) % self.WORD for number, word in words.items()}
        return [known[word] for word in encoding.word_ids]


def spelling(text: str, encoding: Encoding) -> list[int]:
    """How each token is written, which the vocabulary of small letters does not tell.

    0 small letters or none, 1 a capital first, 2 capitals, 3 mixed; plus 4 where it begins a line.
    """
    kinds = []
    previous = 0
    for start, end in encoding.offsets:
        piece = text[start:end]
        if piece.islower() or not _LETTER.search(piece):
            kind = 0
        elif piece.isupper() and len(piece) > 1:
            kind = 2
        else:
            kind = 1 if piece[0].isupper() else 3
        begins_line = start == 0 or "\n" in text[previous:start]
        kinds.append(kind + 4 * begins_line)
        previous = end
    return kinds


def token_kinds(spellings: Sequence[int], names: Sequence[int]) -> list[int]:
    """One number for both, under `KINDS`: what the model learns beside each token."""
    return [8 * name + written for written, name in zip(spellings, names, strict=True)]


class Tagger:
    """Tag personal data with the model. Safe to call from many threads."""

    def __init__(self, names: NameLists) -> None:
        """Load the model.

        Raises:
            ValidatorError: a file of it is not the one that was shipped.
        """
        # Heavy.
        import onnxruntime

        _verify()

        options = onnxruntime.SessionOptions()
        # The caller's pool decides how many texts are read at a time.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(
            str(MODEL),
            options,
            providers=["CPUExecutionProvider"],
            # What it puts in the place of an addition and a normalisation takes four times as long.
            disabled_optimizers=["SkipLayerNormFusion"],
        )
        self._tokenizer = open_tokenizer(VOCABULARY)
        self._names = names

    def tag(self, texts: Sequence[str]) -> list[list[Tag]]:
        """Tag the texts; the tags of each are in order and do not overlap.

        Raises:
            ValidatorError: they are too many to be read in time.
        """
        deadline = Deadline(_SECONDS)
        read = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        kinds = [
            token_kinds(spelling(text, encoding), self._names.kinds(encoding))
            for text, encoding in zip(texts, read, strict=True)
        ]
        # A tokenizer's encoding writes its lists anew each time that they are asked for.
        ids = [encoding.ids for encoding in read]
        scores = [np.zeros((len(tokens), len(LABELS)), np.float32) for tokens in ids]
        # Equal windows are read once: two readings of a text share most of theirs, and a text that
        # repeats one sign 200,000 times has a handful.
        places: dict[_Window, list[tuple[int, int]]] = defaultdict(list)
        for number, tokens in enumerate(ids):
            for start in _starts(len(tokens)):
                end = start + WINDOW
                window = tuple(tokens[start:end]), tuple(kinds[number][start:end])
                places[window].append((number, start))
        # Windows of about one length together: a batch is as wide as its longest.
        windows = sorted(places, key=lambda window: len(window[0]))
        for first in range(0, len(windows), _BATCH):
            try:
                deadline.timeout()
            except TimeoutError as error:
                raise ValidatorError("the search for names ran out of time") from error
            batch = windows[first : first + _BATCH]
            for window, probabilities in zip(batch, self._score(batch), strict=True):
                for number, start in places[window]:
                    # Each token is scored by the window in which it has more words around it.
                    skipped = OVERLAP // 2 if start else 0
                    end = start + len(probabilities)
                    scores[number][start + skipped : end] = probabilities[skipped:]
        return [
            decode(encoding, probabilities)
            for encoding, probabilities in zip(read, scores, strict=True)
        ]

    def _score(self, windows: Sequence[_Window]) -> list[NDArray[np.float32]]:
        """The probability of each label by token."""
        shape = (len(windows), max(len(ids) for ids, _ in windows) + 2)
        tokens, spellings = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        lengths = np.array([len(ids) + 2 for ids, _ in windows], np.int32)
        for row, (ids, kinds) in enumerate(windows):
            tokens[row, : lengths[row]] = [CLS, *ids, SEP]
            spellings[row, 1 : lengths[row] - 1] = kinds
        inputs = {"input_ids": tokens, "token_type_ids": spellings, "lengths": lengths}
        [logits] = self._session.run(None, inputs)
        exponents = np.exp(logits - logits.max(-1, keepdims=True))
        probabilities = exponents / exponents.sum(-1, keepdims=True)
        return [
            rows[1 : len(ids) + 1] for rows, (ids, _) in zip(probabilities, windows, strict=True)
        ]


def _verify() -> None:
    """Compare the files with the digests that were shipped with them."""
    try:
        lines = DIGESTS.read_text(encoding="ascii").splitlines()
        for digest, name in (line.split() for line in lines):
            if hashlib.sha256((DIGESTS.parent / name).read_bytes()).hexdigest() != digest:
                raise ValidatorError(
                    f"{name} does not match {DIGESTS.name}: the file is damaged or was changed; "
                    "install Presscheck again"
                )
    except (OSError, ValueError) as error:
        raise ValidatorError(f"the tagger cannot be read: {error}") from error


def open_tokenizer(vocabulary: Path) -> Tokenizer:
    """Read the vocabulary, for texts of any length."""
    tokenizer: Tokenizer = Tokenizer.from_file(str(vocabulary))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def decode(encoding: Encoding, scores: NDArray[np.float32]) -> list[Tag]:
    """Join the tokens that are personal data, word by word, into tags."""
    if not len(scores):
        return []
    words, offsets = encoding.word_ids, encoding.offsets
    firsts = [i for i, word in enumerate(words) if not i or word != words[i - 1]]
    counts = np.diff([*firsts, len(words)])[:, None]
    by_word = np.add.reduceat(scores, firsts, axis=0) / counts
    begins, inside = by_word[:, 2::2], by_word[:, 3::2]
    by_type = begins + inside
    personal = by_type.sum(1)
    tags: list[Tag] = []
    run: list[int] = []

    def close() -> None:
        if run:
            best = int(by_type[run].sum(0).argmax())
            start = offsets[firsts[run[0]]][0]
            end_word = run[-1] + 1
            end_token = firsts[end_word] if end_word < len(firsts) else len(words)
            end = offsets[end_token - 1][1]
            tags.append(Tag(TYPES[best], start, end, float(personal[run].mean())))
            run.clear()

    for word in range(len(firsts)):
        if personal[word] < _MIN_SCORE:
            close()
            continue
        type_ = by_type[word].argmax()
        is_new = run and (
            type_ != by_type[run[-1]].argmax() or begins[word, type_] > inside[word, type_]
        )
        if is_new:
            close()
        run.append(word)
    close()
    return tags


def _starts(length: int) -> Iterator[int]:
    """Where the windows over so many tokens begin."""
    if length:
        yield 0
    yield from range(WINDOW - OVERLAP, max(length - OVERLAP, 0), WINDOW - OVERLAP)
