"""guardrails-ai, both ways: its validators in a policy, and Presscheck's in a Guard.

PRESSCHECK_POLICIES=examples/no_hype.yaml presscheck serve
export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
python examples/guardrails_both_ways.py
"""

import os
from typing import Any

import httpx

from policies.guardrails import guard, shipped


def check_with_ban_list(text: str) -> None:
    """Have the server check a text by a policy in which guardrails-ai's ban list is at work."""
    response = httpx.post(
        f"{os.environ['OPENAI_BASE_URL']}/check",
        headers={"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
        json={"text": text, "policy": "no_hype"},
        timeout=60,
    )
    result = response.raise_for_status().json()
    print(f"{result['verdict']:8} {text}")
    for finding in result["findings"]:
        print(f"         {finding['rule']} in “{finding['text']}”: {finding['reason']}")


def validate_with_guard(check: str, on_fail: str, text: str) -> None:
    """Validate a text in this process, by a Guard that uses one of our checks."""
    validator = shipped(check, on_fail=on_fail)
    # After `policies.guardrails`, which keeps guardrails-ai from fetching and reporting.
    from guardrails.errors import ValidationError

    print(f"{check}, on_fail={on_fail}: ", end="")
    try:
        outcome: Any = guard().use(validator).validate(text)
    except ValidationError as error:
        print(f"raised {type(error).__name__}: {error}")
        return
    state = "passed" if outcome.validation_passed else "failed"
    print(f"{state}, output {outcome.validated_output!r}")
    if outcome.reask:
        print(f"    to ask the model again with: {outcome.reask.fail_results[0].error_message}")


print("--- A guardrails-ai validator in a policy of Presscheck\n")
check_with_ban_list("Created with AI. A drill with two speeds and a spare battery.")
check_with_ban_list("Created with AI. A revolutionary drill.")

print("\n--- A check of Presscheck in a Guard\n")
validate_with_guard("bias", "fix", "Ask our salesmen about it.")
CLAIM = "Our balm cures eczema in three days."
# No wording makes this claim true, so there is nothing to fix it with: the output is None.
for reaction in ("fix", "noop", "reask", "exception"):
    validate_with_guard("claims", reaction, CLAIM)
