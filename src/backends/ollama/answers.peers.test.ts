import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { preparedModels } from "../../../test/peers/ollama-store.ts";
import { startOllama } from "../../../test/peers/ollama.ts";
import { skipWithout } from "../../../test/peers/skip-without.ts";
import { discovery } from "./discover.ts";
import { askDirectly, gatewayTo } from "./__fixtures__/ollama-gateway.ts";

const chatModel = `ollama/${preparedModels.chat}`;
const settings = { maxTokens: 24, temperature: 0, seed: 1 };
const options = { num_predict: 24, temperature: 0, seed: 1 };

interface Direct {
  message?: { content: string };
  response?: string;
  done_reason: string;
  prompt_eval_count?: number;
  eval_count?: number;
}

/** What the same request says straight to Ollama. */
function resultOf(direct: object) {
  const { message, response, done_reason, prompt_eval_count, eval_count } = direct as Direct;
  return {
    text: message?.content ?? response,
    finishReason: done_reason,
    usage: { inputTokens: prompt_eval_count ?? 0, outputTokens: eval_count ?? 0 },
  };
}

describe.skipIf(await skipWithout(startOllama))("answers of a real Ollama", () => {
  let ollama: Awaited<ReturnType<typeof startOllama>>;
  let gateway: ReturnType<typeof gatewayTo>;
  beforeAll(async () => {
    ollama = await startOllama();
    gateway = gatewayTo(ollama.url);
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await ollama.stop();
  });

  async function streamed(capability: "chat" | "completion", request: object) {
    const { events } = await gateway.stream(capability, request, { model: chatModel });
    const all: never[] = [];
    for await (const event of events) all.push(event as never);
    expect(all.length).toBeGreaterThan(2);
    return gateway.capabilities.get(capability)!.collect(all as never);
  }

  it.each([
    [
      "ends by itself",
      { ...settings, maxTokens: 100, stop: "?" },
      { ...options, num_predict: 100, stop: ["?"] },
    ],
    ["is cut by maxTokens", settings, options],
  ])(
    "a chat that %s is the same as straight to Ollama, streamed and not",
    async (_, request, direct) => {
      const asked = { prompt: "Say hello.", ...request };
      const expected = resultOf(
        await askDirectly(ollama.url, "/api/chat", {
          model: preparedModels.chat,
          messages: [{ role: "user", content: "Say hello." }],
          stream: false,
          options: direct,
        }),
      );
      const whole = await gateway.call("chat", asked, { model: chatModel });
      expect(whole.result).toMatchObject(expected);
      expect(whole.warnings).toEqual([]);
      expect(await streamed("chat", asked)).toMatchObject(expected);
    },
  );

  it("a completion is the same as straight to Ollama, streamed and not", async () => {
    const asked = { prompt: "Once upon a time", ...settings };
    const expected = resultOf(
      await askDirectly(ollama.url, "/api/generate", {
        model: preparedModels.chat,
        prompt: "Once upon a time",
        raw: true,
        stream: false,
        options,
      }),
    );
    expect((await gateway.call("completion", asked, { model: chatModel })).result).toMatchObject(
      expected,
    );
    expect(await streamed("completion", asked)).toMatchObject(expected);
  });

  it("vectors are the same as straight to Ollama, and of length 1", async () => {
    const input = ["A man is eating food.", "The girl is carrying a baby."];
    const direct = (await askDirectly(ollama.url, "/api/embed", { model: "minilm", input })) as {
      embeddings: number[][];
      prompt_eval_count: number;
    };
    const { result } = await gateway.call("embedding", { input }, { model: "ollama/minilm" });
    expect(result).toMatchObject({
      embeddings: direct.embeddings,
      dimensions: 384,
      usage: { inputTokens: direct.prompt_eval_count },
    });
    const [first = []] = (result as typeof direct).embeddings;
    expect(Math.hypot(...first)).toBeCloseTo(1, 5);
  });

  it("tell it from other servers", async () => {
    const context = { fetch, signal: AbortSignal.timeout(5_000) };
    expect(await discovery.recognise(ollama.url, context)).toEqual({ baseUrl: ollama.url });
  });

  it("a schema is held", async () => {
    const responseSchema = {
      type: "object",
      properties: { city: { type: "string", maxLength: 20 } },
      required: ["city"],
    };
    const asked = { prompt: "Name the capital of Italy as JSON.", ...settings, responseSchema };
    const { result } = await gateway.call(
      "chat",
      { ...asked, maxTokens: 60 },
      { model: chatModel },
    );
    expect(JSON.parse((result as { text: string }).text)).toEqual({ city: expect.any(String) });
  });

  it.each([
    ["The striker scored a goal in the football match.", "sports"],
    ["Fry the onions in butter and add the rice.", "cooking"],
    ["The central bank raised interest rates again.", "finance"],
  ])("%j is sorted by the nearness of vectors into %s", async (input, label) => {
    const labels = ["sports", "cooking", "finance"];
    const asked = { input, labels };
    const { result } = await gateway.call("classification", asked, { model: "ollama/minilm" });
    const { labels: sorted } = result as { labels: { label: string; score: number }[] };
    expect(sorted[0]?.label).toBe(label);
    expect(sorted.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
  });

  it("a text is sorted by a model that chats into one of the labels", async () => {
    const asked = { input: "What a wonderful day.", labels: ["praise", "complaint"] };
    const { result, warnings } = await gateway.call("classification", asked, { model: chatModel });
    const { labels } = result as { labels: { label: string; score: number }[] };
    expect(labels.map(({ label }) => label).toSorted()).toEqual(["complaint", "praise"]);
    expect(labels.map(({ score }) => score)).toEqual([1, 0]);
    expect(warnings).toEqual([expect.stringContaining("gives no likelihoods")]);
  });

  const tool = { name: "weather", inputSchema: { type: "object", properties: {} } };
  const image = { type: "image", data: "aGk=", mediaType: "image/png" };
  it.each<[string, string, string, object, object]>([
    [
      "a prompt larger than the context",
      "chat",
      "context-length-exceeded",
      { prompt: "word ".repeat(6000) },
      { details: { contextTokens: 4096 } },
    ],
    [
      "a chat with an embedding model",
      "chat of minilm",
      "capability-not-supported",
      { prompt: "hi" },
      {},
    ],
    [
      "tools for a model without",
      "chat",
      "capability-not-supported",
      { prompt: "hi", tools: [tool] },
      {},
    ],
    [
      "an image for a text model",
      "chat",
      "capability-not-supported",
      { messages: [{ role: "user", content: [image] }] },
      {},
    ],
    [
      "a schema that it can't hold",
      "chat",
      "invalid-request",
      { prompt: "hi", responseSchema: { type: "string", pattern: "a(?=b)" } },
      {},
    ],
    [
      "a wrong option",
      "chat",
      "invalid-request",
      { prompt: "hi", providerOptions: { ollama: { options: { temperature: "hot" } } } },
      {},
    ],
    [
      "thinking asked of a model without",
      "chat",
      "capability-not-supported",
      { prompt: "hi", providerOptions: { ollama: { think: true } } },
      {},
    ],
    [
      "a text larger than the embedding model's context",
      "embedding of minilm",
      "context-length-exceeded",
      { input: "word ".repeat(2000) },
      { details: { contextTokens: 512 } },
    ],
    [
      "a model that it does not have",
      "chat of smollm2:135",
      "model-not-found",
      { prompt: "hi" },
      { message: expect.stringContaining("smollm2:135m") },
    ],
  ])("%s: a clear error", async (_, what, code, request, more) => {
    const [capability = "", name = preparedModels.chat] = what.split(" of ");
    const asked = gateway.call(capability, request, { model: `ollama/${name}` });
    await expect(asked).rejects.toMatchObject({ code, remedy: expect.any(String), ...more });
  });

  it("a configured window is used and listed, and loads a model once", async () => {
    await using narrow = gatewayTo(ollama.url, { contextSize: 512 });
    const ask = (prompt: string) =>
      narrow.call("chat", { prompt, ...settings, maxTokens: 2 }, { model: chatModel });
    await ask("hi");
    const before = await askDirectly(ollama.url, "/api/ps");
    expect(before).toMatchObject({ models: [{ context_length: 512 }] });
    await ask("hello");
    await expect(ask("word ".repeat(600))).rejects.toMatchObject({
      code: "context-length-exceeded",
      details: { contextTokens: 512 },
    });
    const listed = await narrow.models();
    expect(listed.find(({ name }) => name === chatModel)).toMatchObject({
      contextTokens: 512,
      loaded: true,
    });
  });
});
