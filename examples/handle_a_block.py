"""A block: what the tool sees, what the reviewer decides, and the released text.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
export REVIEWER_KEY=psk_...   # presscheck keys create --team compliance --scope review
python examples/handle_a_block.py
"""

import os

import httpx
import openai

base = os.environ["OPENAI_BASE_URL"]
client = openai.OpenAI()

# 1. The tool asks, and the draft makes a claim that the policy blocks.
try:
    client.chat.completions.create(
        model="demo/copywriter",
        messages=[{"role": "user", "content": "A Facebook post for our new eczema balm"}],
    )
    raise SystemExit("The demo model was expected to break a rule.")
except openai.BadRequestError as error:
    assert error.code == "content_filter", error
    assert isinstance(error.body, dict)
    blocked = error.body["presscheck"]
print("blocked, review", blocked["review_id"])
for finding in blocked["findings"]:
    print(f"  {finding['rule']}: “{finding['text']}”: {finding['reason']}")

# 2. A reviewer reads the item and approves it with an edit, which is checked again.
reviewer = httpx.Client(headers={"authorization": f"Bearer {os.environ['REVIEWER_KEY']}"})
address = f"{base}/reviews/{blocked['review_id']}"
item = reviewer.get(address).raise_for_status().json()
decided = reviewer.post(
    f"{address}/decision",
    json={
        "decision": "approve",
        "reason": "R83",  # edited
        "text": "Created with AI. A rich balm that soothes dry skin.",
        "version": item["version"],
    },
)
print("reviewer:", decided.raise_for_status().json()["state"])

# 3. The tool, which has waited, fetches the released text.
tool = httpx.Client(headers={"authorization": f"Bearer {client.api_key}"})
print("released:", tool.get(address).raise_for_status().json()["text"])
