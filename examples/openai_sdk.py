"""The `openai` SDK against Presscheck: only the base URL and the key differ.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
python examples/openai_sdk.py
"""

import openai

client = openai.OpenAI()  # reads OPENAI_BASE_URL and OPENAI_API_KEY
messages: list[openai.types.chat.ChatCompletionMessageParam] = [
    {"role": "user", "content": "An Instagram post about the new sourdough of our bakery"}
]

# Plain. `extra_body` carries Presscheck's own options; leave it out and the key's policy applies.
completion = client.chat.completions.create(
    model="demo/copywriter",
    messages=messages,
    extra_body={"presscheck": {"channel": "instagram", "jurisdiction": "UK"}},
)
print("plain:   ", completion.choices[0].message.content)

# As a stream: the same text, sentence by sentence, once it has passed.
print("streamed: ", end="")
for chunk in client.chat.completions.create(
    model="demo/copywriter",
    messages=messages,
    stream=True,
    extra_body={"presscheck": {"channel": "instagram", "jurisdiction": "UK"}},
):
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
print()

# What Presscheck did stands in the headers of every response.
raw = client.chat.completions.with_raw_response.create(model="demo/copywriter", messages=messages)
for name in ("x-request-id", "x-presscheck-verdict", "x-presscheck-policy", "server-timing"):
    print(f"{name}: {raw.headers[name]}")
