"""Validate copy that somebody already has; no model is called.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
python examples/check_existing_copy.py
"""

import os

import httpx

TEXTS = [
    "Written with AI. Fresh rye every Friday, from seven.",
    "Written with AI. Our balm cures eczema in three days.",
    "Written with AI. A drill so easy even a woman can use it.",
    "Fresh rye every Friday, from seven.",
]

response = httpx.post(
    f"{os.environ['OPENAI_BASE_URL']}/check",
    headers={"authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
    json={"texts": TEXTS, "channel": "facebook", "jurisdiction": ["UK", "DE"]},
    timeout=60,
)
response.raise_for_status()
for text, result in zip(TEXTS, response.json()["results"], strict=True):
    print(f"{result['verdict'].upper():8} {text}")
    for finding in result["findings"]:
        # A finding about something that is missing points at no words.
        words = f" in “{finding['text']}”" if finding["text"] else ""
        print(f"  {finding['rule']}{words}")
        print(f"    why:     {finding['reason']}")
        print(f"    basis:   {finding['basis'][0]}")
        print(f"    instead: {finding['suggestion']}")
    if result["verdict"] == "fixed":
        print(f"  publish:   {result['text']}")
    print()
