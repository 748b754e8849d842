import { describe, expect, it } from "vitest";
import ollama from "../../src/backends/ollama/index.ts";
import { formatReport, testBackend } from "../../src/testing/index.ts";
import { preparedModels } from "../peers/ollama-store.ts";
import { startOllama } from "../peers/ollama.ts";
import { skipWithout } from "../peers/skip-without.ts";

// A model this small does not come to an end by itself.
const request = { prompt: "Count: one, two, three, four,", maxTokens: 24, temperature: 0 };

describe.skipIf(await skipWithout(startOllama))("a real Ollama", () => {
  it("behind our backend is gold", { timeout: 600_000 }, async () => {
    await using server = await startOllama();
    const { chat, embedding } = preparedModels;
    const report = await testBackend(ollama, {
      config: { baseUrl: server.url },
      models: { chat, completion: chat, embedding },
      requests: { chat: request, completion: request },
      timeoutMs: 30_000,
    });
    const { level } = report.badge;
    expect(level === "gold" ? level : formatReport(report)).toBe("gold");
  });
});
