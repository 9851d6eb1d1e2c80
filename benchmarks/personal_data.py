"""How long it takes to strip personal data, against vanilla Presidio and against a shorter text."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

from benchmarks.briefs import BRIEFS
from policies.load import Policies
from proxy.evaluation import vanilla_analyzer
from proxy.redaction import Redactor

_ROUNDS = 10
_LONG_ROUNDS = 3
_SIZES_KB = (10, 100)


def measure_personal_data(policies: Policies) -> None:
    """Print what a brief takes beside Presidio, and what a KB of a long text takes."""
    redactor = Redactor(policies.models.personal_data, policies.find("default").policy.pii)
    analyzer = vanilla_analyzer()
    ours, theirs = _alternate(
        redactor.strip_text,
        lambda text: analyzer.analyze(text, language="en"),
        BRIEFS * _ROUNDS,
    )
    words = statistics.median(len(brief.split()) for brief in BRIEFS)
    print(f"\n{f'personal data, briefs of {words:.0f} words':62}  median    p95  ratio")
    for name, spent in {
        "vanilla Presidio: AnalyzerEngine.analyze": theirs,
        "Presscheck: strip_text": ours,
    }.items():
        ratio = statistics.median(spent) / statistics.median(theirs)
        print(f"{name:62} {figures(spent)} {ratio:6.2f}")

    by_size: dict[int, list[float]] = {size: [] for size in _SIZES_KB}
    for _ in range(_LONG_ROUNDS):
        for size, spent in by_size.items():
            spent.append(_time(redactor.strip_text, _long_text(size)) / size)
    shortest = statistics.median(by_size[_SIZES_KB[0]])
    print(f"\n{'personal data, one long text':62}  per KB         ratio")
    for size, spent in by_size.items():
        per_kb = statistics.median(spent)
        print(f"{f'{size} KB':62} {per_kb:6.1f}     ms {per_kb / shortest:9.2f}")


def figures(spent: Sequence[float]) -> str:
    """The median and the 95th percentile."""
    p95 = statistics.quantiles(spent, n=20)[-1]
    return f"{statistics.median(spent):6.1f} {p95:6.1f} ms"


def _alternate(
    first: Callable[[str], object], second: Callable[[str], object], texts: Sequence[str]
) -> tuple[list[float], list[float]]:
    """Time both on each text in turn, so that a slow moment of the machine meets both."""
    for text in texts[:5]:
        first(text)
        second(text)
    pairs = [(_time(first, text), _time(second, text)) for text in texts]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]


def _time(call: Callable[[str], object], text: str) -> float:
    started = time.perf_counter()
    call(text)
    return (time.perf_counter() - started) * 1000


def _long_text(kilobytes: int) -> str:
    """Briefs upon briefs; each has its own customer, so what is found grows with the text."""
    # Every brief is longer than 250 characters.
    parts = (
        f"{BRIEFS[number % len(BRIEFS)]}\n"
        f"Order #{88000 + number}, customer.{number}@post.example.\n\n"
        for number in range(kilobytes * 4)
    )
    return "".join(parts)[: kilobytes * 1000]
