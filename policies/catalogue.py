"""The rule catalogue: every rule with its severity, action, legal basis and examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ValidationError

from policies.errors import PolicyError, describe
from validators.jurisdictions import covers
from validators.rules import Rule

RULES_FOLDER = Path(__file__).parent / "rules"
# Where a source holds that stands in a rule itself, by how its name begins; else everywhere.
_MARKETS = (
    (re.compile(r"\d+ (?:CFR|U\.S\.C\.)|FTC\b|state sweepstakes"), ("US",)),
    (re.compile(r"Cal\."), ("US-CA",)),
    (re.compile(r"UK\b|CAP\b|Equality Act"), ("UK",)),
    (re.compile(r"Directive\b|Reg(?:ulation)? \(E[CU]\)|AIA\b"), ("EU",)),
    (re.compile(r"GDPR\b"), ("EU", "UK")),
    (re.compile(r"CASL\b"), ("CA",)),
)


class Severity(StrEnum):
    """How much is at stake (DOMAIN.md 0.2)."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Action(StrEnum):
    """What follows from a finding, from the mildest to the strictest."""

    FLAG = "flag"
    FIX = "fix"
    REASK = "reask"
    REVIEW = "review"
    BLOCK = "block"

    @property
    def strictness(self) -> int:
        return list(Action).index(self)


Category = Literal[
    "toxicity",
    "bias",
    "unsupported_claim",
    "missing_disclosure",
    "manipulation",
    "targeting",
    "privacy",
]


class Examples(BaseModel, frozen=True, extra="forbid"):
    """Texts that must fire the rule and texts that must not: its first test.

    `{{EV}}` stands for a matching evidence record, `{{CTX: …}}` for what the brief says.
    """

    bad: tuple[str, ...] = ()
    ok: tuple[str, ...] = ()


class Citation(BaseModel, frozen=True, extra="forbid"):
    """A law, a code or a contract that asks for a rule, written out for people.

    It holds in `markets`, or everywhere if it names none.
    """

    text: str
    markets: tuple[str, ...] = ()


def _from_text(value: Any) -> Any:
    """A policy may give the text of a citation alone."""
    return Citation(text=value) if isinstance(value, str) else value


_CitationOrText = Annotated[
    Citation, BeforeValidator(_from_text, json_schema_input_type=str | Citation)
]


class CatalogueRule(Rule, frozen=True, extra="forbid"):
    """A rule with what follows from it."""

    category: Category
    severity: Severity
    action: Action
    basis: tuple[_CitationOrText, ...]
    examples: Examples = Examples()

    @property
    def family(self) -> str:
        return self.id.split(".", 1)[0]

    @property
    def basis_texts(self) -> tuple[str, ...]:
        return tuple(citation.text for citation in self.basis)

    def basis_in(self, markets: Iterable[str]) -> tuple[str, ...]:
        """What asks for the rule in these markets, before what asks for it everywhere.

        All of it where no market is given, or where nothing is known for the given ones.
        """
        wanted = tuple(markets)
        if not wanted:
            return self.basis_texts
        local = [c.text for c in self.basis if covers(c.markets, wanted)]
        everywhere = [c.text for c in self.basis if not c.markets]
        return (*local, *everywhere) or self.basis_texts


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules by id, in the order of their files."""

    rules: Mapping[str, CatalogueRule]

    def family(self, name: str) -> tuple[CatalogueRule, ...]:
        return tuple(rule for rule in self.rules.values() if rule.family == name)


def load_catalogue(folder: Path = RULES_FOLDER) -> Catalogue:
    """Read every rule file of a folder.

    Raises:
        PolicyError: a file, a rule or a citation is wrong; the message names which.
    """
    citations = read_yaml(folder.parent / "citations.yaml")
    rules: dict[str, CatalogueRule] = {}
    for path in sorted(folder.glob("*.yaml")):
        for rule in _read_family(path, citations):
            if rule.id in rules:
                raise PolicyError(path, f"rule {rule.id}", "there is another rule with this id")
            rules[rule.id] = rule
    return Catalogue(rules)


def read_yaml(path: Path) -> Any:
    """Parse one YAML file.

    Raises:
        PolicyError: the file is missing or no YAML; the message has the line.
    """
    try:
        # The C loader: the rule files are long, and the start waits for them.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise PolicyError(path, "", str(error)) from error


def _read_family(path: Path, citations: Mapping[str, Any]) -> list[CatalogueRule]:
    document = read_yaml(path)
    rules = []
    for number, raw in enumerate(document["rules"]):
        where = f"rule {raw.get('id', f'number {number + 1}')}"
        fields = {
            **raw,
            "category": document["category"],
            "words": document.get("words", {}),
            "basis": [_cite(entry, citations, path, where) for entry in raw["basis"]],
        }
        try:
            rules.append(CatalogueRule.model_validate(fields))
        except ValidationError as error:
            raise PolicyError(path, where, describe(error)) from error
    return rules


def _cite(entry: str, citations: Mapping[str, Any], path: Path, where: str) -> Citation:
    """Write a citation out: `HPCG` or `FTC5 s.5` by the registry, anything else as it stands.

    † marks what was not re-read in a source for the registry (DOMAIN.md, verification marks).
    """
    key, _, pinpoint = entry.partition(" ")
    if key not in citations:
        if key.isupper() and not pinpoint:
            raise PolicyError(path, where, f"no citation is named {key!r} in citations.yaml")
        text, unverified = entry, False
        markets = next((found for start, found in _MARKETS if start.match(entry)), ())
    else:
        separator = " " if pinpoint.startswith("(") else ", "
        text = citations[key]["name"] + (separator + pinpoint if pinpoint else "")
        unverified = citations[key]["status"] != "ok"
        markets = tuple(citations[key]["markets"])
    if "†" in text:
        text, unverified = text.replace(" †", "").replace("†", ""), True
    return Citation(text=f"{text} (unverified)" if unverified else text, markets=markets)
