"""One product, five channels: what comes back for each, and what Presscheck changed.

export OPENAI_BASE_URL=http://127.0.0.1:8400/v1 OPENAI_API_KEY=psk_...
python examples/five_channels.py
"""

import asyncio

import openai

CHANNELS = ("x", "instagram", "linkedin", "email", "sms")
BRIEF = "A short text for {channel} about the new single-origin coffee of our roastery"


async def write(client: openai.AsyncOpenAI, channel: str) -> str:
    try:
        completion = await client.chat.completions.create(
            model="demo/copywriter",
            messages=[{"role": "user", "content": BRIEF.format(channel=channel)}],
            extra_body={"presscheck": {"channel": channel, "detail": "full"}},
        )
    except openai.BadRequestError as error:
        return f"[{channel}] {error.code}: {error.message}"
    presscheck = completion.model_dump()["presscheck"]
    lines = [f"[{channel}] {presscheck['verdict']}: {completion.choices[0].message.content}"]
    lines += [f"    {f['action']:5} {f['rule']}: {f['reason']}" for f in presscheck["findings"]]
    return "\n".join(lines)


async def main() -> None:
    async with openai.AsyncOpenAI() as client:
        for text in await asyncio.gather(*(write(client, channel) for channel in CHANNELS)):
            print(text)


asyncio.run(main())
