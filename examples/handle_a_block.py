"""A block: what the tool sees, what the reviewer decides, and the released text.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
export REVIEWER_KEY=$(presscheck keys create --team compliance --scope review)
python examples/handle_a_block.py
"""

import os

import httpx
import openai

client = openai.OpenAI()
reviews = f"{os.environ['OPENAI_BASE_URL']}/reviews"
tool = httpx.Client(headers={"authorization": f"Bearer {client.api_key}"}, timeout=60)
reviewer = httpx.Client(
    headers={"authorization": f"Bearer {os.environ['REVIEWER_KEY']}"}, timeout=60
)

print("1. The tool asks, and the draft makes a claim that the policy blocks.\n")
try:
    client.chat.completions.create(
        model="demo/copywriter",
        messages=[{"role": "user", "content": "A Facebook post for our new eczema balm"}],
        extra_body={"presscheck": {"channel": "facebook"}},
    )
    raise SystemExit("This draft was expected to be blocked.")
except openai.BadRequestError as error:
    # A 400, so that no SDK tries again; `content_held_for_review` is the other code to expect.
    assert error.code == "content_filter", error
    assert isinstance(error.body, dict)
    blocked = error.body["presscheck"]
print(f"   verdict: {blocked['verdict']}, review {blocked['review_id']}")
for finding in blocked["findings"]:
    if finding["action"] == "block":
        print(f"   {finding['rule']} in “{finding['text']}”")
        print(f"   {finding['reason']}")

print("\n2. A reviewer reads it, and approves it with other words, which are checked again.\n")
address = f"{reviews}/{blocked['review_id']}"
item = reviewer.get(address).raise_for_status().json()
print(f"   state: {item['state']}")
decided = reviewer.post(
    f"{address}/decision",
    json={
        "decision": "approve",
        "reason": "R83",  # approved with edits
        "text": "Created with AI. A rich balm that soothes dry skin.",
        "version": item["version"],  # refused if somebody else has decided since
    },
)
print(f"   state: {decided.raise_for_status().json()['state']}")

print("\n3. The tool fetches the released text.\n")
print("  ", tool.get(address).raise_for_status().json()["text"])
