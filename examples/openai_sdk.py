"""The `openai` SDK against Presscheck: only the base URL and the key differ.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
python examples/openai_sdk.py
"""

import openai
from openai.types.chat import ChatCompletionMessageParam

MODEL = "demo/copywriter"
MESSAGES: list[ChatCompletionMessageParam] = [
    {"role": "user", "content": "An Instagram post about the new sourdough of our bakery"}
]
# Presscheck's own options; leave them out and the policy of the key applies.
OPTIONS = {"presscheck": {"channel": "instagram", "jurisdiction": "UK"}}

client = openai.OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY

print("--- The answer, checked; the first line is the label that was missing:\n")
completion = client.chat.completions.create(model=MODEL, messages=MESSAGES, extra_body=OPTIONS)
print(completion.choices[0].message.content)

print("\n--- The same as a stream, in pieces that have passed:\n")
for chunk in client.chat.completions.create(
    model=MODEL, messages=MESSAGES, stream=True, extra_body=OPTIONS
):
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)

print("\n\n--- What Presscheck did, in the headers of every response:\n")
raw = client.chat.completions.with_raw_response.create(
    model=MODEL, messages=MESSAGES, extra_body=OPTIONS
)
for name in ("x-request-id", "x-presscheck-verdict", "x-presscheck-policy", "server-timing"):
    print(f"{name}: {raw.headers[name]}")
