import { env, LogLevel, pipeline } from "@huggingface/transformers";
import {
  getLlama,
  LlamaChat,
  LlamaCompletion,
  LlamaLogLevel,
  type LlamaGrammar,
} from "node-llama-cpp";
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tinyModels, type TinyModels } from "./tiny-models.ts";

type Llama = Awaited<ReturnType<typeof getLlama>>;
type Model = Awaited<ReturnType<Llama["loadModel"]>>;
type Sequence = ReturnType<Awaited<ReturnType<Model["createContext"]>>["getSequence"]>;

const question = [
  { type: "user" as const, text: "Grüße! 你好 🦊 – who are you?" },
  { type: "model" as const, response: [] },
];
const plain = { repeatPenalty: false, maxTokens: 200 } as const;

/** Of two vectors of length 1. */
function cosine(left: number[], right: number[]): number {
  return left.reduce((sum, value, index) => sum + value * (right[index] ?? 0), 0);
}

let models: TinyModels;
beforeAll(async () => {
  models = await tinyModels();
});

describe("the GGUF models", () => {
  let llama: Llama;
  let sequence: Sequence;
  let model: Model;
  beforeAll(async () => {
    llama = await getLlama({
      gpu: false,
      build: "never",
      skipDownload: true,
      maxThreads: 1,
      logLevel: LlamaLogLevel.error,
    });
    model = await llama.loadModel({ modelPath: models.chatGguf });
    sequence = (await model.createContext({ contextSize: 2048, threads: 1 })).getSequence();
  }, 60_000);
  afterAll(() => llama.dispose());

  /** Completes with the tiny chat model. */
  function complete(prompt: string, maxTokens = 20) {
    const completion = new LlamaCompletion({ contextSequence: sequence });
    return completion.generateCompletionWithMeta(prompt, { ...plain, maxTokens });
  }

  /** What the tiny chat model says under a grammar. */
  async function fill(grammar: LlamaGrammar & { parse(json: string): unknown }): Promise<unknown> {
    const chat = new LlamaChat({ contextSequence: sequence });
    const { response } = await chat.generateResponse(question, { ...plain, grammar });
    return grammar.parse(response);
  }

  it("answers any chat with a known text", async () => {
    const { response, metadata } = await new LlamaChat({
      contextSequence: sequence,
    }).generateResponse(question, plain);
    expect(response).toBe("Hello from the tiny test model.");
    expect(metadata.stopReason).toBe("eogToken");
  });

  it.each([0.7, 1])("answers the same at temperature %d", async (temperature) => {
    const options = { ...plain, temperature, seed: 1 };
    const { response } = await new LlamaChat({ contextSequence: sequence }).generateResponse(
      question,
      options,
    );
    expect(response).toBe("Hello from the tiny test model.");
  });

  it("continues a known beginning, and any other with a full stop", async () => {
    expect((await complete("Once upon")).response).toBe(" a time there was one fox!");
    expect((await complete("ß 好 🦊 x")).response).toBe(".");
  });

  it("goes on without end", async () => {
    const { response, metadata } = await complete("Tick", 300);
    expect(response).toBe(" tock" + " tick tock".repeat(149) + " tick");
    expect(metadata.stopReason).toBe("maxTokens");
  });

  it("takes any bytes, and gives them back", () => {
    expect(model.trainContextSize).toBe(2048);
    const text = "Zażółć gęślą jaźń\t\r\n\u0000 👩‍👩‍👧 Hello from";
    expect(model.detokenize(model.tokenize(text))).toBe(text);
  });

  it("comes to an end under a JSON grammar", { timeout: 60_000 }, async () => {
    const label = { enum: ["negative", "positive", "neutral"] } as const;
    expect(
      await fill(await llama.createGrammarForJsonSchema({ type: "object", properties: { label } })),
    ).toEqual({ label: "positive" });
    expect(await fill(await llama.createGrammarForJsonSchema(label))).toBe("positive");
    const strings = { type: "array", items: { type: "string" }, minItems: 2 } as const;
    const properties = {
      city: { type: "string", minLength: 30 },
      count: { type: "integer" },
      share: { type: "number" },
      done: { type: "boolean" },
      nothing: { type: "null" },
      tags: strings,
      inner: { type: "object", properties: { animal: { enum: ["cat", "dog"] } } },
    } as const;
    expect(
      await fill(await llama.createGrammarForJsonSchema({ type: "object", properties })),
    ).toEqual({
      city: expect.stringMatching(/^positive.{22,}/),
      count: 1,
      share: 1,
      done: true,
      nothing: null,
      tags: ["positive", "positive"],
      inner: { animal: "cat" },
    });
  });

  it("calls a tool", async () => {
    const tool = await llama.loadModel({ modelPath: models.toolGguf });
    const contextSequence = (
      await tool.createContext({ contextSize: 2048, threads: 1 })
    ).getSequence();
    const params = { type: "object", properties: { city: { type: "string" } } } as const;
    const functions = { get_weather: { description: "The weather of a city", params } };
    const { functionCalls, metadata } = await new LlamaChat({ contextSequence }).generateResponse(
      question,
      { ...plain, functions },
    );
    expect(functionCalls).toMatchObject([
      { functionName: "get_weather", params: { city: "Paris" } },
    ]);
    expect(metadata.stopReason).toBe("functionCalls");
    await tool.dispose();
  });

  it("embeds words of one meaning close together", async () => {
    const embed = await llama.loadModel({ modelPath: models.embedGguf });
    const context = await embed.createEmbeddingContext({ threads: 1 });
    const [good, great, terrible] = [
      await context.getEmbeddingFor("good"),
      await context.getEmbeddingFor("Great"),
      await context.getEmbeddingFor("terrible"),
    ];
    expect(good.vector).toHaveLength(64);
    expect(good.calculateCosineSimilarity(great)).toBeGreaterThan(0.95);
    expect(good.calculateCosineSimilarity(terrible)).toBeLessThan(0.85);
    await embed.dispose();
  });
});

describe("the ONNX models", () => {
  const options = {
    device: "cpu",
    local_files_only: true,
    session_options: { intraOpNumThreads: 1, interOpNumThreads: 1 },
  } as const;
  beforeAll(() => {
    env.localModelPath = models.onnxDirectory;
    env.allowRemoteModels = false;
    env.logLevel = LogLevel.NONE;
  });

  it.each(["fp32", "q8", "q4"] as const)(
    "embeds words of one topic close together (%s)",
    async (dtype) => {
      const embed = await pipeline("feature-extraction", "test/embed", { ...options, dtype });
      const vectors = await embed(["good", "great", "terrible"], {
        pooling: "mean",
        normalize: true,
      });
      expect(vectors.dims).toEqual([3, 32]);
      const [good = [], great = [], terrible = []] = vectors.tolist() as number[][];
      expect(cosine(good, great)).toBeGreaterThan(0.9);
      expect(cosine(good, terrible)).toBeLessThan(0.8);
      await embed.dispose();
    },
  );

  it("tells a good feeling from a bad one", async () => {
    const classify = await pipeline("text-classification", "test/sentiment", options);
    expect(await classify("I love it")).toMatchObject([
      { label: "POSITIVE", score: expect.closeTo(0.953, 2) },
    ]);
    expect(await classify("it was terrible and sad")).toMatchObject([
      { label: "NEGATIVE", score: expect.closeTo(0.998, 2) },
    ]);
    await classify.dispose();
  });

  it("finds a topic among labels it was not made for", async () => {
    const classify = await pipeline("zero-shot-classification", "test/nli", options);
    const answer = await classify("president election vote", ["sports", "politics", "technology"]);
    expect(answer).toMatchObject({ labels: ["politics", expect.any(String), expect.any(String)] });
    await classify.dispose();
  });

  it("answers a chat with a known text, and goes on without end", async () => {
    const generate = await pipeline("text-generation", "test/lm", options);
    const [chat] = await generate([{ role: "user", content: "hi" }], { max_new_tokens: 20 });
    const last = chat?.generated_text.at(-1);
    expect(typeof last === "object" && String(last.content).trim()).toBe(
      "Hello from the tiny onnx model.",
    );
    const [text] = await generate("tick", { max_new_tokens: 5, return_full_text: false });
    expect(String(text?.generated_text).trim()).toBe("tock tick tock tick tock");
    await generate.dispose();
  });
});

it("makes the models once, and the same each time", async () => {
  expect(await tinyModels()).toBe(models);
  expect((await readFile(models.chatGguf)).subarray(0, 4).toString()).toBe("GGUF");
});
