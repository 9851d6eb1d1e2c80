"""How well personal data is found, and what must stay left alone, beside vanilla Presidio.

Both see the same texts: those that `proxy.wire` walks in a request. Presscheck strips a request
as the pipeline does under the shipped default policy; Presidio analyses text by text with its
default recognizers and threshold, and with the language model en_core_web_sm: its default one,
en_core_web_lg, is on no package index. Then

- an occurrence is *found* when every letter and digit of it is covered by found entities of any
  type, for that is what keeps it from leaving; **recall** is the share found, by the type that
  the data says;
- an entity is *right* when it overlaps an occurrence of any type; **precision** is the share of
  right ones, by the type that was found;
- **F2** is 5PR/(4P+R): a miss weighs more than a false alarm;
- a kept string is *untouched* when no entity overlaps any place in its request where it stands
  outside of personal data;
- small letters: the same texts with every letter small.

National ids are one type. Types that Presscheck does not have (URL, NRP, ...) are "other" and
count in the total, which is over all occurrences and all entities.
"""

from proxy.evaluation.datasets import DataError, DataSet, Part, read_data_sets
from proxy.evaluation.figures import Comparison, Tally, compare, measure
from proxy.evaluation.finders import find_with_presidio, find_with_presscheck, vanilla_analyzer
from proxy.evaluation.labelled import OTHER, LabelledRequest, Occurrence

__all__ = [
    "OTHER",
    "Comparison",
    "DataError",
    "DataSet",
    "LabelledRequest",
    "Occurrence",
    "Part",
    "Tally",
    "compare",
    "find_with_presidio",
    "find_with_presscheck",
    "measure",
    "read_data_sets",
    "vanilla_analyzer",
]
