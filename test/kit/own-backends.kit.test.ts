import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyBackendDefinition } from "../../src/contract/backend.ts";
import aiSdk from "../../src/backends/ai-sdk/index.ts";
import echo from "../../src/backends/echo.ts";
import huggingface from "../../src/backends/huggingface/index.ts";
import llamaCpp from "../../src/backends/llama-cpp/index.ts";
import ollama from "../../src/backends/ollama/index.ts";
import openAiCompatible from "../../src/backends/openai-compatible/index.ts";
import {
  chaosUpstream,
  formatReport,
  testBackend,
  type KitOptions,
} from "../../src/testing/index.ts";
import { tinyModels } from "../models/tiny-models.ts";
import { fakeOllama } from "./fake-ollama.ts";

let openAi: Awaited<ReturnType<typeof chaosUpstream>>;
beforeAll(async () => {
  openAi = await chaosUpstream();
});
afterAll(() => openAi.close());

/** What the tiny models go on with. */
const goOn = (prompt: string) => ({ completion: { prompt } });

/** The badge; of what is not gold the whole report, so that a failed test shows what is wrong. */
async function badgeOf(definition: AnyBackendDefinition, options?: KitOptions): Promise<string> {
  const report = await testBackend(definition, options);
  return report.badge.level === "gold" ? "gold" : formatReport(report);
}

it("echo", async () => {
  expect(await badgeOf(echo)).toBe("gold");
});

it("openai-compatible", { timeout: 60_000 }, async () => {
  const config = { baseUrl: `${openAi.url}/v1`, profile: "plain" };
  expect(await badgeOf(openAiCompatible, { config })).toBe("gold");
});

it("ai-sdk", { timeout: 60_000 }, async () => {
  const config = {
    provider: "@ai-sdk/openai-compatible",
    options: {
      name: "chaos",
      baseURL: `${openAi.url}/v1`,
      apiKey: "key-that-is-nobodys",
      supportsStructuredOutputs: true,
    },
    models: ["chaos"],
  };
  // What it declares holds of providers that can; this one warns of what it can't.
  const skip = { "requests/declared": "What a provider can do differs from one to the other." };
  expect(await badgeOf(aiSdk, { config, models: "chaos", skip })).toBe("gold");
});

it("ollama", { timeout: 60_000 }, async () => {
  await using server = await fakeOllama();
  expect(await badgeOf(ollama, { config: { baseUrl: server.url } })).toBe("gold");
});

it("llama-cpp", { timeout: 120_000 }, async () => {
  const { chatGguf, embedGguf } = await tinyModels();
  const modelsDir = await mkdtemp(path.join(tmpdir(), "modelyard-kit-"));
  try {
    await copyFile(chatGguf, path.join(modelsDir, "tiny-chat.gguf"));
    await copyFile(embedGguf, path.join(modelsDir, "tiny-embed.gguf"));
    const models = {
      chat: "tiny-chat.gguf",
      completion: "tiny-chat.gguf",
      classification: "tiny-chat.gguf",
      embedding: "tiny-embed.gguf",
    };
    const config = { modelsDir, threads: 1, gpu: false };
    expect(await badgeOf(llamaCpp, { config, models, requests: goOn("Once upon") })).toBe("gold");
  } finally {
    await rm(modelsDir, { recursive: true, force: true });
  }
});

it("huggingface", { timeout: 120_000 }, async () => {
  const { onnxDirectory } = await tinyModels();
  const models = {
    chat: "test/lm",
    completion: "test/lm",
    classification: "test/nli",
    embedding: "test/embed",
  };
  const config = { cacheDir: onnxDirectory, threads: 1 };
  expect(await badgeOf(huggingface, { config, models, requests: goOn("tick") })).toBe("gold");
});
