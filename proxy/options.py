"""From what a caller asks to what applies: policy, channel, markets, mode, detail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from policies.decide import Plan, loosened, plan
from policies.errors import may_be_told, nearest, quoted
from policies.load import ActivePolicy, Policies
from policies.schema import PolicyMode
from proxy.api import Options, parse
from proxy.auth import Caller
from proxy.errors import InvalidRequestError, PermissionDeniedError
from validators.base import Context

_PREFIX = "x-presscheck-"
_HEADERS = {
    "policy": "x-presscheck-policy",
    "channel": "x-presscheck-channel",
    "jurisdiction": "x-presscheck-jurisdiction",
    "mode": "x-presscheck-mode",
    "detail": "x-presscheck-detail",
}


class LoosenedError(PermissionDeniedError):
    """A client asked for less than its key's policy demands; to be logged."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What applies to one request: the resolved rules, and what the texts are for."""

    plan: Plan
    context: Context
    wants_detail: bool

    @property
    def reference(self) -> str:
        return self.plan.active.reference


def header_options(headers: Mapping[str, str]) -> Options:
    """Read the `x-presscheck-` headers; an unknown one is refused like an unknown option."""
    known = set(_HEADERS.values())
    for header in headers:
        if header.startswith(_PREFIX) and header not in known:
            raise InvalidRequestError(
                f"Unknown header {quoted(header)}{nearest(header, sorted(known))}",
                param=header if may_be_told(header) else None,
            )
    given = {name: headers[header] for name, header in _HEADERS.items() if header in headers}
    return parse(Options, given, within="header")


def resolve(
    policies: Policies,
    caller: Caller,
    body: Options | None,
    headers: Options,
    path_policy: str | None,
    default_policy: str,
) -> Terms:
    """Lay body over headers over key over path (CONTRACT.md 3), and refuse to loosen.

    Raises:
        InvalidRequestError: an unknown policy, version or channel.
        LoosenedError: less than the policy of the key demands, or of the server for a key without.
    """
    body = body or Options()
    wanted = body.policy or headers.policy or caller.policy or path_policy or default_policy
    active = find_policy(policies, wanted)
    floor = find_policy(policies, caller.policy or default_policy)
    defaults = active.policy.defaults
    try:
        channel = policies.channels.find(body.channel or headers.channel or defaults.channel)
    except KeyError as error:
        raise InvalidRequestError(f"This request names an {error.args[0]}") from error
    asked = body.jurisdiction or headers.jurisdiction or defaults.jurisdictions
    context = Context(
        channel=channel,
        # The markets of the key's policy always apply: naming another one adds it.
        jurisdictions=tuple(dict.fromkeys((*asked, *floor.policy.defaults.jurisdictions))),
        evidence=(*active.policy.evidence, *body.evidence),
        today=dt.datetime.now(dt.UTC).date(),
    )
    mode = body.mode or headers.mode
    terms = Terms(
        plan=plan(active, context, PolicyMode(mode) if mode else None),
        context=context,
        wants_detail=(body.detail or headers.detail) == "full",
    )
    if problem := loosened(terms.plan, plan(floor, context)):
        raise LoosenedError(
            f"Your key's policy is {floor.policy.name!r}, and {active.policy.name!r} as you ask "
            f"for it is looser ({problem}). A request can only tighten what its key allows."
        )
    return terms


def find_policy(policies: Policies, reference: str) -> ActivePolicy:
    """A policy by `name` or `name@version`.

    Raises:
        InvalidRequestError: there is none; the message says which was probably meant.
    """
    try:
        return policies.find(reference)
    except KeyError as error:
        raise InvalidRequestError(f"This request names an {error.args[0]}") from error
