"""Collect the name lists of the tagger from Faker's (MIT): validators/models/pii-tagger.names.txt.

    python training/collect_names.py TOKENIZER_JSON

Given names, an empty line, family names; one word each, spelt as the tagger's vocabulary spells
them: small letters without accents. Beside Faker's there are those of training/names.yaml.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import yaml
from faker.config import AVAILABLE_LOCALES

from training_locales import LOCALES
from validators.pii.tagger import NAMES, open_tokenizer

_WORD = re.compile(r"[a-z\u00df-\u024f']{3,}")


def collect(prefix: str) -> set[str]:
    found: set[str] = set()
    for locale in LOCALES:
        if locale not in AVAILABLE_LOCALES:
            continue
        try:
            provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
        except ImportError:
            # Some locales have companies and streets, but people of another.
            continue
        for attribute in dir(provider):
            names = getattr(provider, attribute)
            if attribute.startswith(prefix) and isinstance(names, list | tuple | dict):
                found.update(name for name in names if isinstance(name, str))
    return found


def main() -> None:
    normalise = open_tokenizer(Path(sys.argv[1])).normalizer.normalize_str
    lists = yaml.safe_load((Path(__file__).parent / "names.yaml").read_text(encoding="utf-8"))
    parts = []
    for prefix, more in (("first_names", lists["given"]), ("last_names", lists["surnames"])):
        words = {w for name in collect(prefix) for w in re.split(r"[\s-]+", normalise(name))}
        words |= set(normalise(more).split())
        parts.append("\n".join(sorted(word for word in words if _WORD.fullmatch(word))))
    NAMES.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
