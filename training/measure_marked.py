"""Measure the whole search for personal data on marked prompts, and show what it gets wrong.

    python training/measure_marked.py training/pii/dev/mixed.txt [--wrong]

The prompts of training/pii/dev/ are never trained on: rules and thresholds are set by them, so
that the test part of the data stays unseen. Figures are those of `presscheck eval pii`; of what is
to be kept, phone numbers and e-mail addresses are left out, for our labels call every one personal.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from marked import MarkedPrompt, read_marked

from policies.load import load_policies
from proxy.evaluation import LabelledRequest, Occurrence, Tally, find_with_presscheck, measure
from proxy.evaluation.figures import Find
from proxy.evaluation.labelled import user_says
from proxy.redaction import Redactor

_PATH = "messages[0].content"
_CONTACT = re.compile(r"@|(?:\d\D{0,2}){7}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--wrong", action="store_true", help="print every miss and false alarm")
    options = parser.parse_args()
    prompts = [prompt for file in options.files for prompt in read_marked(file)]
    requests = [_labelled(prompt) for prompt in prompts]
    policies = load_policies()
    redactor = Redactor(policies.models.personal_data, policies.find("default").policy.pii)
    find = find_with_presscheck(redactor)
    whole = measure(requests, find)
    print(f"all: {_line(whole)}")
    for type in sorted(whole.types):
        print(
            f"  {type:14} recall {_share(whole.recall(type))} of {whole.known[type]}, "
            f"precision {_share(whole.precision(type))} of {whole.entities[type]}"
        )
    for lang in sorted({prompt.lang for prompt in prompts}):
        of_lang = [r for p, r in zip(prompts, requests, strict=True) if p.lang == lang]
        print(f"{lang}: {_line(measure(of_lang, find))}")
    print(f"in small letters: {_line(measure([r.lowered() for r in requests], find))}")
    if options.wrong:
        for prompt, request in zip(prompts, requests, strict=True):
            for line in _wrong(prompt, request, find):
                print(prompt.lang, line)


def _labelled(prompt: MarkedPrompt) -> LabelledRequest:
    known = [Occurrence(t, _PATH, start, end) for start, end, t in prompt.spans if t != "KEEP"]
    kept = {prompt.text[start:end] for start, end, type in prompt.spans if type == "KEEP"}
    return LabelledRequest(
        user_says(prompt.text),
        tuple(known),
        tuple(sorted(string for string in kept if not _CONTACT.search(string))),
    )


def _line(tally: Tally) -> str:
    return (
        f"F2 {_share(tally.f2())}, precision {_share(tally.precision())}, recall "
        f"{_share(tally.recall())}, persons {_share(tally.recall('PERSON'))}, kept "
        f"{_share(tally.untouched)} of {tally.kept.total()}"
    )


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"


def _wrong(prompt: MarkedPrompt, request: LabelledRequest, find: Find) -> Iterator[str]:
    entities = find(request.body)
    for known in request.known:
        missing = [
            i
            for i in range(known.start, known.end)
            if prompt.text[i].isalnum() and not any(e.start <= i < e.end for e in entities)
        ]
        if missing:
            yield f"missed {known.type} {_around(prompt.text, known)}"
    kept = [Occurrence(t, _PATH, start, end) for start, end, t in prompt.spans if t == "KEEP"]
    for entity in entities:
        if not _meets(entity, request.known):
            place = "kept" if _meets(entity, kept) else "plain"
            yield f"taken for {entity.type} ({place}) {_around(prompt.text, entity)}"


def _meets(entity: Occurrence, others: Sequence[Occurrence]) -> bool:
    return any(entity.overlaps(other) for other in others)


def _around(text: str, at: Occurrence) -> str:
    return repr(f"{text[max(0, at.start - 40) : at.start]}⟦{text[at.start : at.end]}⟧{text[at.end : at.end + 25]}")


if __name__ == "__main__":
    main()
