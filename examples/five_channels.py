"""One product, five channels: what comes back for each, and what Presscheck changed.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
python examples/five_channels.py
"""

import asyncio
import textwrap

import openai

CHANNELS = {
    "x": "A tweet",
    "instagram": "An Instagram caption",
    "linkedin": "A LinkedIn post",
    "email": "An email",
    "sms": "An SMS",
}
PRODUCT = "about the new single-origin coffee of our roastery"


async def write(client: openai.AsyncOpenAI, channel: str, kind: str) -> str:
    """Ask for one text, and describe what came back."""
    try:
        completion = await client.chat.completions.create(
            model="demo/copywriter",
            messages=[{"role": "user", "content": f"{kind} {PRODUCT}"}],
            extra_body={"presscheck": {"channel": channel, "detail": "full"}},
        )
    except openai.BadRequestError as error:  # blocked, or waiting for a reviewer
        return f"=== {channel}: {error.code}\n\n{error.message}\n"
    content = completion.choices[0].message.content or ""
    # `detail: full` adds this object; without it the answer has OpenAI's shape and no more.
    presscheck = completion.model_dump()["presscheck"]
    lines = [f"=== {channel}: {presscheck['verdict']}, {len(content)} characters", ""]
    lines += [textwrap.indent(content, "    "), ""]
    for finding in presscheck["findings"]:
        lines += [f"  {finding['action']}: {finding['rule']}", f"       {finding['reason']}"]
    return "\n".join([*lines, ""])


async def main() -> None:
    """Write for all channels at once."""
    async with openai.AsyncOpenAI() as client:
        texts = await asyncio.gather(*(write(client, *channel) for channel in CHANNELS.items()))
    print("\n".join(texts))


asyncio.run(main())
