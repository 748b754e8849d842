import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  llamaServerPackage,
  startLlamaServer,
  type LlamaServer,
} from "../../../test/peers/llama-server.ts";
import { minilmGguf } from "../../../test/peers/minilm-gguf.ts";
import { pythonPackage } from "../../../test/peers/python-package.ts";
import { skipWithout } from "../../../test/peers/skip-without.ts";
import { smallModel } from "../../../test/peers/small-model.ts";
import { chat } from "../../contract/capabilities/chat.ts";
import { createAiSdk } from "./__fixtures__/create-ai-sdk.ts";

const skip = await skipWithout(() => pythonPackage(llamaServerPackage), smallModel, minilmGguf);

interface Completion {
  choices: { message: { content: string }; finish_reason: string }[];
  usage: { prompt_tokens: number; completion_tokens: number };
}

async function post<Answer>(url: string, body: object): Promise<Answer> {
  const headers = { "content-type": "application/json", connection: "close" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  return (await response.json()) as Answer;
}

function compatible(url: string) {
  const options = { baseURL: `${url}/v1`, supportsStructuredOutputs: true };
  return createAiSdk({ provider: "@ai-sdk/openai-compatible", options });
}

describe.skipIf(skip)("@ai-sdk/openai-compatible on a real llama.cpp server", () => {
  let server: LlamaServer;
  beforeAll(async () => {
    server = await startLlamaServer({ model: await smallModel(), alias: "smollm2" });
  });
  afterAll(() => server?.stop());

  it.each([
    ["to its end", 40],
    ["up to a limit", 4],
  ])("says, counts and ends %s what the server does", async (_name, maxTokens) => {
    const prompt = "What is the capital of France? Answer in one word.";
    const direct = await post<Completion>(`${server.url}/v1/chat/completions`, {
      model: "smollm2",
      messages: [{ role: "user", content: prompt }],
      temperature: 0,
      seed: 7,
      max_tokens: maxTokens,
    });
    const asked = { prompt, temperature: 0, seed: 7, maxTokens };
    const { text, finishReason, usage } = chat.collect(
      await compatible(server.url).chat(asked, { model: "smollm2" }),
    );
    const [choice] = direct.choices;
    expect(text).toBe(choice?.message.content);
    expect(finishReason).toBe(choice?.finish_reason);
    expect(usage).toMatchObject({
      inputTokens: direct.usage.prompt_tokens,
      outputTokens: direct.usage.completion_tokens,
    });
  });

  it("holds an answer to a schema", async () => {
    const sdk = compatible(server.url);
    const { labels } = await sdk.classify(
      { input: "The parcel came late and broken.", labels: ["praise", "complaint"] },
      { model: "smollm2" },
    );
    expect(labels.map(({ score }) => score).toSorted()).toEqual([0, 1]);
    expect(sdk.warnings).toEqual([expect.stringMatching(/^The scores are 1 for what/)]);
  });
});

describe.skipIf(skip)("embedding with it", () => {
  it("gives the server's vectors, of length 1", async () => {
    const server = await startLlamaServer({
      model: await minilmGguf(),
      alias: "minilm",
      contextTokens: 512,
      embeddings: true,
    });
    const input = ["The cat sits on the mat.", "Stock prices fell sharply today."];
    const direct = await post<{
      data: { embedding: number[] }[];
      usage: { prompt_tokens: number };
    }>(`${server.url}/v1/embeddings`, { model: "minilm", input });
    const { embeddings, usage } = await compatible(server.url).embed(
      { input },
      { model: "minilm" },
    );
    await server.stop();
    expect(usage.inputTokens).toBe(direct.usage.prompt_tokens);
    embeddings.forEach((vector, index) => {
      expect(Math.hypot(...vector)).toBeCloseTo(1, 9);
      const expected = direct.data[index]?.embedding ?? [];
      vector.forEach((value, place) => expect(value).toBeCloseTo(expected[place] ?? Infinity, 5));
    });
  });
});
