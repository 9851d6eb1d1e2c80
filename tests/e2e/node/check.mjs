// What the Node SDK makes of Presscheck's answers: one line of JSON for each case.
// OPENAI_BASE_URL and OPENAI_API_KEY are those of a running server with the demo model.
import OpenAI from "openai";

let requests = 0;
const client = new OpenAI({
  maxRetries: 2,
  fetch: (...call) => {
    requests += 1;
    return fetch(...call);
  },
});

const ask = (content, more = {}) =>
  client.chat.completions.create({
    model: "demo/copywriter",
    messages: [{ role: "user", content }],
    ...more,
  });

const cases = {
  async passed() {
    // The brief asks for a disclosure, so the draft has one and nothing is inserted.
    const { data, response } = await ask(
      "A post about the sourdough of our bakery. Mention that AI wrote it.",
    ).withResponse();
    return {
      verdict: response.headers.get("x-presscheck-verdict"),
      content: data.choices[0].message.content,
    };
  },
  async fixed() {
    const { data, response } = await ask("A post about the sourdough of our bakery", {
      presscheck: { detail: "full" },
    }).withResponse();
    return {
      verdict: response.headers.get("x-presscheck-verdict"),
      content: data.choices[0].message.content,
      rules: data.presscheck.findings.map((finding) => finding.rule),
    };
  },
  async streamed() {
    let content = "";
    let finishReason = null;
    for await (const chunk of await ask("A post about the sourdough of our bakery", {
      stream: true,
    })) {
      content += chunk.choices[0]?.delta?.content ?? "";
      finishReason = chunk.choices[0]?.finish_reason ?? finishReason;
    }
    return { content, finishReason };
  },
  async blocked() {
    return refusal(await ask("A post for our new eczema balm").catch((error) => error));
  },
  async blockedStream() {
    const stream = ask("A post for our new eczema balm", { stream: true });
    return refusal(await stream.catch((error) => error));
  },
};

function refusal(error) {
  return {
    isBadRequest: error instanceof OpenAI.BadRequestError,
    status: error.status,
    code: error.code,
    reviewId: error.error?.presscheck?.review_id,
    rules: error.error?.presscheck?.findings.map((finding) => finding.rule),
  };
}

for (const [name, run] of Object.entries(cases)) {
  requests = 0;
  const result = await run();
  console.log(JSON.stringify({ name, ...result, requests }));
}
