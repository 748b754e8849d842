import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { request as rawRequest } from "undici";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { writeRankGguf } from "../../../test/models/bert-gguf.ts";
import {
  llamaServerPackage,
  startLlamaServer,
  type LlamaServer,
} from "../../../test/peers/llama-server.ts";
import { minilmGguf } from "../../../test/peers/minilm-gguf.ts";
import { pythonPackage } from "../../../test/peers/python-package.ts";
import { skipWithout } from "../../../test/peers/skip-without.ts";
import { smallModel } from "../../../test/peers/small-model.ts";
import { chat, type ChatInput } from "../../contract/capabilities/chat.ts";
import { classification } from "../../contract/capabilities/classification.ts";
import { completion } from "../../contract/capabilities/completion.ts";
import { rerank } from "../../contract/capabilities/rerank.ts";
import { toUsage } from "./convert/to-usage.ts";
import { tryBackend, tryChat } from "./__fixtures__/try-backend.ts";

const skip = await skipWithout(() => pythonPackage(llamaServerPackage), smallModel, minilmGguf);

interface Answer {
  choices: { message: { content: string }; text: string; finish_reason: string }[];
  usage: object;
  data: { embedding: number[] }[];
}

async function straight(server: LlamaServer, path: string, body: object): Promise<Answer> {
  const { body: answer } = await rawRequest(`${server.url}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", connection: "close" },
    body: JSON.stringify(body),
  });
  return (await answer.json()) as Answer;
}

async function untilIdle(server: LlamaServer): Promise<number> {
  const start = performance.now();
  for (;;) {
    const { body } = await rawRequest(`${server.url}/slots`, { headers: { connection: "close" } });
    const slots = (await body.json()) as { is_processing: boolean }[];
    if (!slots.some((slot) => slot.is_processing)) return performance.now() - start;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const trialOf = (server: LlamaServer, model: string) => {
  const trial = tryBackend({ baseUrl: server.url });
  return { ...trial, context: { ...trial.context, model } };
};

async function capabilitiesOf(server: LlamaServer) {
  const { backend, context } = trialOf(server, "any");
  return (await backend.listModels!(context.signal)).map(({ capabilities }) => capabilities);
}

describe.skipIf(skip)("real llama.cpp servers", () => {
  let chatServer: LlamaServer;
  let embeddingServer: LlamaServer;
  beforeAll(async () => {
    [chatServer, embeddingServer] = await Promise.all([
      startLlamaServer({ model: await smallModel(), alias: "smollm2" }),
      startLlamaServer({
        model: await minilmGguf(),
        alias: "minilm",
        embeddings: true,
        contextTokens: 512,
      }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([chatServer?.stop(), embeddingServer?.stop()]);
  });

  it("say by themselves whether they give vectors", async () => {
    expect(await capabilitiesOf(chatServer)).toEqual([["chat", "completion", "classification"]]);
    expect(await capabilitiesOf(embeddingServer)).toEqual([undefined]); // may be any, as far as it tells
  });

  it.each<[string, ChatInput, object]>([
    ["a limit", { prompt: "Say hello.", maxTokens: 8 }, { max_tokens: 8 }],
    [
      "a stop",
      { prompt: "Say hello.", maxTokens: 60, stop: ["?"] },
      { max_tokens: 60, stop: ["?"] },
    ],
    ["an end of its own", { prompt: "Answer in one word: what is the capital of France?" }, {}],
  ])("chat as they do when asked straight, with %s, streamed and not", async (_, input, body) => {
    const options = { temperature: 0, seed: 1 };
    const expected = await straight(chatServer, "/v1/chat/completions", {
      model: "smollm2",
      messages: [{ role: "user", content: input.prompt }],
      ...options,
      ...body,
    });
    for (const stream of [true, false]) {
      const trial = trialOf(chatServer, "smollm2");
      const { events, error } = await tryChat(
        { ...trial, context: { ...trial.context, stream } },
        { ...input, ...options },
      );
      expect(error).toBeUndefined();
      const result = chat.collect(events);
      const [choice] = expected.choices;
      expect(result.text).toBe(choice?.message.content);
      expect(events.at(-1)).toMatchObject({ rawReason: choice?.finish_reason });
      const { raw: _raw, cachedInputTokens: _cached, ...usage } = toUsage(expected.usage);
      expect(result.usage).toMatchObject(usage);
      expect(trial.warnings).toEqual([]);
    }
  });

  it("complete as they do when asked straight", async () => {
    const body = { prompt: "Once upon a time", max_tokens: 8, temperature: 0 };
    const expected = await straight(chatServer, "/v1/completions", body);
    const { backend, context } = trialOf(chatServer, "smollm2");
    const events = [];
    const request = { prompt: body.prompt, maxTokens: 8, temperature: 0 };
    for await (const event of backend.capabilities.completion!(request, context))
      events.push(event);
    expect(completion.collect(events)).toMatchObject({
      text: expected.choices[0]?.text,
      finishReason: expected.choices[0]?.finish_reason,
      usage: { inputTokens: 4, outputTokens: 8 },
    });
  });

  it("answer in JSON that a schema allows", async () => {
    const { events } = await tryChat(trialOf(chatServer, "smollm2"), {
      prompt: "Which colour has the sky?",
      responseSchema: { enum: ["red", "blue"] },
      maxTokens: 20,
      temperature: 0,
    });
    expect(["red", "blue"]).toContain(JSON.parse(chat.collect(events).text));
  });

  it("say that a model can't call tools, or see, rather than ignore them", async () => {
    const tools = [{ name: "get_weather", inputSchema: { type: "object" } }];
    const { error } = await tryChat(trialOf(chatServer, "smollm2"), { prompt: "Rome?", tools });
    expect(error).toMatchObject({
      code: "capability-not-supported",
      message: "smollm2 can't call tools: its chat template has no place for them.",
    });
    const picture = { type: "image" as const, data: "iVBORw0KGgo=", mediaType: "image/png" };
    const messages = [{ role: "user" as const, content: [picture] }];
    expect((await tryChat(trialOf(chatServer, "smollm2"), { messages })).error).toMatchObject({
      code: "capability-not-supported",
      message: "smollm2 can't see images.",
    });
  });

  it("embed as they do when asked straight", async () => {
    const input = ["A man is eating food.", "The girl is carrying a baby."];
    const expected = await straight(embeddingServer, "/v1/embeddings", { model: "minilm", input });
    const { backend, context } = trialOf(embeddingServer, "minilm");
    const { embeddings, usage } = await backend.capabilities.embedding!({ input }, context);
    expect(usage).toMatchObject(toUsage(expected.usage));
    for (const [at, vector] of embeddings.entries())
      for (const [place, value] of vector.entries())
        expect(value).toBeCloseTo(expected.data[at]?.embedding[place] ?? NaN, 5);
  });

  it("embed 2,049 texts in their order", async () => {
    const { backend, context } = trialOf(embeddingServer, "minilm");
    const input = Array.from({ length: 2_049 }, (_, at) => (at % 2 === 0 ? "cat" : "money"));
    const { embeddings } = await backend.capabilities.embedding!({ input }, context);
    expect(embeddings).toHaveLength(2_049);
    const near = (one: number, other: number) =>
      embeddings[one]!.reduce((sum, value, at) => sum + value * embeddings[other]![at]!, 0);
    expect(near(0, 2_048)).toBeCloseTo(1, 3);
    expect(near(1, 2_048)).toBeLessThan(0.7);
  });

  it("classify by likelihoods, one label or several", async () => {
    const { backend, context, warnings } = trialOf(chatServer, "smollm2");
    const request = { input: "The parcel came late and broken.", labels: ["praise", "complaint"] };
    const one = classification.collect(
      await backend.capabilities.classification!(request, context),
    );
    expect(one.labels.map(({ score }) => score).reduce((sum, score) => sum + score)).toBeCloseTo(1);
    expect(warnings).toHaveLength(1);
    expect(one.usage.inputTokens).toBeGreaterThan(20);
    const several = await backend.capabilities.classification!(
      { ...request, multiLabel: true },
      context,
    );
    for (const { score } of several.labels) expect(score).toBeGreaterThanOrEqual(0);
  });

  it("classify by vectors where a model only embeds", async () => {
    const { backend, context, warnings } = trialOf(embeddingServer, "minilm");
    const { labels } = classification.collect(
      await backend.capabilities.classification!(
        {
          input: "The striker scored a goal in the football match.",
          labels: ["sports", "cooking"],
        },
        context,
      ),
    );
    expect(labels[0]?.label).toBe("sports");
    expect(warnings).toEqual([expect.stringContaining("near")]);
  });

  const query = "Who scored in the football match?";
  const documents = ["A recipe for bread with flour and water.", "The striker scored a goal."];
  const rankerOf = (server: LlamaServer, model: string) => {
    const trial = tryBackend({ baseUrl: server.url, profile: "llama-server" });
    const rank = () =>
      trial.backend.capabilities.rerank!({ query, documents }, { ...trial.context, model });
    return { ...trial, rank };
  };

  it("rank by vectors where a model only embeds", async () => {
    const { rank, warnings } = rankerOf(embeddingServer, "minilm");
    const { results, usage } = rerank.collect(await rank());
    expect(results.map(({ index }) => index)).toEqual([1, 0]);
    expect(usage.inputTokens).toBeGreaterThan(10);
    expect(warnings).toEqual([expect.stringContaining("does no reranking")]);
  });

  it("rank as they do when asked straight", async () => {
    const folder = await mkdtemp(join(tmpdir(), "modelyard-rank-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const model = join(folder, "rank.gguf");
    await writeRankGguf(model);
    const server = await startLlamaServer({ model, reranking: true, contextTokens: 512 });
    onTestFinished(() => server.stop());
    const body = { query, documents };
    const expected = (await straight(server, "/v1/rerank", body)) as unknown as {
      results: { index: number; relevance_score: number }[];
    };
    const { rank, warnings } = rankerOf(server, "rank");
    const { results, usage } = rerank.collect(await rank());
    const best = expected.results.toSorted((a, b) => b.relevance_score - a.relevance_score);
    expect(results.map(({ index }) => index)).toEqual(best.map(({ index }) => index));
    expect(results[0]?.score).toBeCloseTo(best[0]?.relevance_score ?? Number.NaN, 3);
    expect(usage.inputTokens).toBeGreaterThan(10);
    expect(warnings).toEqual([]);
  });

  it("refuse what does not fit, and what they can't do, each with its code", async () => {
    const long = { prompt: "word ".repeat(3_000), maxTokens: 8 };
    expect((await tryChat(trialOf(chatServer, "smollm2"), long)).error).toMatchObject({
      code: "context-length-exceeded",
      details: { contextTokens: 2048, inputTokens: expect.any(Number) },
    });
    const { backend, context } = trialOf(chatServer, "smollm2");
    await expect(backend.capabilities.embedding!({ input: ["Hi"] }, context)).rejects.toMatchObject(
      { code: "capability-not-supported" },
    );
    expect(
      (await tryChat(trialOf(embeddingServer, "minilm"), { prompt: "Hi" })).error,
    ).toMatchObject({
      code: "capability-not-supported",
    });
  });

  it("stop when the caller leaves", async () => {
    const { backend, context } = trialOf(chatServer, "smollm2");
    const controller = new AbortController();
    const request = chat.request.parse({
      prompt: "Tell a long story.",
      maxTokens: 1_500,
      temperature: 0,
    });
    const started = backend.capabilities.chat!(request, { ...context, signal: controller.signal });
    let left = 0;
    const listening = (async () => {
      for await (const event of started) {
        if (event.type !== "text-delta" || controller.signal.aborted) continue;
        left = performance.now();
        controller.abort();
      }
    })();
    await expect(listening).rejects.toMatchObject({ code: "cancelled" });
    expect(performance.now() - left).toBeLessThan(1_000);
    expect(await untilIdle(chatServer)).toBeLessThan(2_000);
  });
});
