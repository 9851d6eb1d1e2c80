"""YAML -> policies ready to work, or a PolicyError naming the file, the guardrail and the field."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policies.catalogue import Catalogue, CatalogueRule, load_catalogue, read_yaml
from policies.channels import Channels, load_channels
from policies.errors import PolicyError, describe, nearest, quoted
from policies.schema import Guardrail, Overlay, Policy
from validators.base import Validator, ValidatorError
from validators.registry import VALIDATORS, Registration
from validators.rules import Stage
from validators.shared_models import Models

SHIPPED_FOLDER = Path(__file__).parent
_NOT_POLICIES = {"channels.yaml", "citations.yaml", "legal_calendar.yaml"}


@dataclass(frozen=True, slots=True)
class ActiveGuardrail:
    """A guardrail with its validator built and its rules resolved, for one stage."""

    name: str
    stage: Stage
    guardrail: Guardrail
    rules: Mapping[str, CatalogueRule]
    validator: Validator


@dataclass(frozen=True, slots=True)
class ActivePolicy:
    """A policy ready to work.

    `document` is all that decides its verdicts, the policy and its rules, as canonical JSON;
    `version` is the hash of the document.
    """

    policy: Policy
    version: str
    document: str
    guardrails: tuple[ActiveGuardrail, ...]

    @property
    def reference(self) -> str:
        return f"{self.policy.name}@{self.version}"

    def at(self, stage: Stage) -> tuple[ActiveGuardrail, ...]:
        return tuple(active for active in self.guardrails if active.stage == stage)


@dataclass(frozen=True, slots=True)
class Policies:
    """Every policy by name, with the channels and rules they speak of.

    `models` are those that the validators share.
    """

    active: Mapping[str, ActivePolicy]
    channels: Channels
    catalogue: Catalogue
    models: Models

    def find(self, reference: str) -> ActivePolicy:
        """Return a policy by `name` or `name@version`; a version may be cut after 8 digits.

        Raises:
            KeyError: there is no such policy, or not in this version; the message says which is.
        """
        name, _, version = reference.partition("@")
        if name not in self.active:
            raise KeyError(f"unknown policy {quoted(reference)}{nearest(name, list(self.active))}")
        found = self.active[name]
        wanted = version.removeprefix("sha256:")
        if version and (len(wanted) < 8 or not found.version[len("sha256:") :].startswith(wanted)):
            raise KeyError(f"old policy {name!r}: it is now {found.version}, not {quoted(version)}")
        return found


def load_policies(folders: Sequence[Path] = (), models: Models | None = None) -> Policies:
    """Read the shipped policies and the customer's, and build their validators.

    A customer's policy may replace a shipped one by taking its name. `models` are loaded as far as
    the policies need them.

    Raises:
        PolicyError: a file is wrong; the message names the file, the place and the problem.
    """
    catalogue, channels = load_catalogue(), load_channels()
    documents = {}
    for path in _files([SHIPPED_FOLDER, *folders]):
        document = read_yaml(path)
        if not isinstance(document, dict):
            raise PolicyError(path, "", "a policy file holds a mapping, with `name` first")
        documents[str(document.get("name", path.stem))] = (path, document)
    models = models or Models()
    workshop = _Workshop(catalogue, channels, models)
    active = {
        name: workshop.activate(path, _inherit(name, documents))
        for name, (path, _) in documents.items()
    }
    return Policies(active, channels, catalogue, models)


def _files(places: Iterable[Path]) -> list[Path]:
    files = []
    for place in places:
        if place.is_dir():
            files += [p for p in sorted(place.glob("*.yaml")) if p.name not in _NOT_POLICIES]
        elif place.is_file():
            files.append(place)
        else:
            raise PolicyError(place, "", "there is no such file or folder")
    return files


def _inherit(name: str, documents: Mapping[str, tuple[Path, dict[str, Any]]]) -> dict[str, Any]:
    """Lay a policy over the one it extends: mappings merge, everything else replaces."""
    lineage: list[dict[str, Any]] = []
    seen: list[str] = []
    following: str | None = name
    while following is not None:
        path, document = documents[name] if not seen else documents[seen[-1]]
        if following in seen:
            raise PolicyError(path, "extends", f"{' -> '.join([*seen, following])} is a circle")
        if following not in documents:
            raise PolicyError(
                path,
                "extends",
                f"unknown policy {following!r}{nearest(following, list(documents))}",
            )
        seen.append(following)
        lineage.append(documents[following][1])
        following = documents[following][1].get("extends")
    merged: dict[str, Any] = {}
    for document in reversed(lineage):
        # A description belongs to one policy alone.
        merged = _merge({k: v for k, v in merged.items() if k != "description"}, document)
    return {**merged, "name": name}


def _merge(base: dict[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for key, value in over.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = _merge(merged[key], value) if both else value
    return merged


class _Workshop:
    """Builds policies; validators with the same configuration and rules are built once."""

    def __init__(self, catalogue: Catalogue, channels: Channels, models: Models) -> None:
        self._catalogue = catalogue
        self._channels = channels
        self._models = models
        self._built: dict[str, Validator] = {}

    def activate(self, path: Path, document: Mapping[str, Any]) -> ActivePolicy:
        try:
            policy = Policy.model_validate(document)
        except ValidationError as error:
            raise PolicyError(path, "", _with_nearest(error)) from error
        rules = {**self._catalogue.rules, **{rule.id: rule for rule in policy.custom_rules}}
        self._check_names(path, policy, rules)
        guardrails = tuple(
            self._activate_guardrail(path, name, guardrail, stage, rules, policy)
            for name, guardrail in policy.guardrails.items()
            for stage in guardrail.stages
        )
        canonical = _document(policy, guardrails)
        version = f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
        return ActivePolicy(policy, version, canonical, guardrails)

    def _check_names(self, path: Path, policy: Policy, rules: Mapping[str, CatalogueRule]) -> None:
        if policy.defaults.channel not in self._channels.profiles:
            raise PolicyError(
                path,
                "defaults.channel",
                f"unknown channel {policy.defaults.channel!r}"
                f"{nearest(policy.defaults.channel, list(self._channels.profiles))}",
            )
        overlays: dict[str, Overlay] = {"": Overlay(rules=policy.rules)}
        for channel, overlay in policy.channels.items():
            if channel not in self._channels.profiles:
                known = list(self._channels.profiles)
                problem = f"unknown channel {channel!r}{nearest(channel, known)}"
                raise PolicyError(path, "channels", problem)
            overlays[f"channels.{channel}."] = overlay
        for jurisdiction, overlay in policy.jurisdictions.items():
            overlays[f"jurisdictions.{jurisdiction}."] = overlay
        for place, overlay in overlays.items():
            for pattern in overlay.rules:
                if not _select(pattern, rules):
                    raise PolicyError(
                        path,
                        f"{place}rules",
                        f"no rule is named {pattern!r}{nearest(pattern, list(rules))}",
                    )

    def _activate_guardrail(
        self,
        path: Path,
        name: str,
        guardrail: Guardrail,
        stage: Stage,
        rules: Mapping[str, CatalogueRule],
        policy: Policy,
    ) -> ActiveGuardrail:
        where = f"guardrails.{name}"
        registration = _registration(path, where, guardrail.validator)
        chosen: dict[str, CatalogueRule] = {}
        for pattern in guardrail.rules or (f"{guardrail.validator}.*",):
            selected = _select(pattern, rules)
            if guardrail.rules and not selected:
                problem = f"no rule is named {pattern!r}{nearest(pattern, list(rules))}"
                raise PolicyError(path, f"{where}.rules", problem)
            chosen |= {rule.id: rule for rule in selected if stage in rule.stages}
        try:
            config = registration.config.model_validate(guardrail.config)
        except ValidationError as error:
            raise PolicyError(path, f"{where}.config", _with_nearest(error)) from error
        key = json.dumps(
            [
                guardrail.validator,
                config.model_dump(mode="json"),
                [rule.model_dump(mode="json") for rule in chosen.values()],
            ],
            sort_keys=True,
        )
        if key not in self._built:
            try:
                self._built[key] = registration.build(config, list(chosen.values()), self._models)
            except (ValueError, ValidatorError) as error:
                raise PolicyError(path, where, str(error)) from error
        return ActiveGuardrail(name, stage, guardrail, chosen, self._built[key])


def _registration(path: Path, where: str, validator: str) -> Registration:
    """Find a validator by its name, or by `module:name` where a customer brings one."""
    if validator in VALIDATORS:
        return VALIDATORS[validator]
    module, _, attribute = validator.partition(":")
    if not attribute:
        problem = f"unknown validator {validator!r}{nearest(validator, list(VALIDATORS))}"
        raise PolicyError(path, f"{where}.validator", problem)
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise PolicyError(path, f"{where}.validator", str(error)) from error
    if not isinstance(found, Registration):
        problem = f"{validator!r} is no validators.registry.Registration"
        raise PolicyError(path, f"{where}.validator", problem)
    return found


def _select(pattern: str, rules: Mapping[str, CatalogueRule]) -> list[CatalogueRule]:
    return [rule for rule in rules.values() if fnmatchcase(rule.id, pattern)]


def _document(policy: Policy, guardrails: Iterable[ActiveGuardrail]) -> str:
    document = {
        "policy": policy.model_dump(mode="json"),
        "rules": {
            rule.id: rule.model_dump(mode="json", exclude={"examples"})
            for active in guardrails
            for rule in active.rules.values()
        },
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _with_nearest(error: ValidationError) -> str:
    problem = error.errors(include_url=False)[0]
    if problem["type"] != "extra_forbidden":
        return describe(error)
    known = set(Policy.model_fields) | set(Guardrail.model_fields)
    return describe(error) + nearest(str(problem["loc"][-1]), sorted(known))
