import { describe, expect, it } from "vitest";
import { tinyModels } from "../models/tiny-models.ts";
import { llamaServerPackage, startLlamaServer } from "./llama-server.ts";
import { MissingIngredient } from "./missing-ingredient.ts";
import { minilmGguf } from "./minilm-gguf.ts";
import { pythonPackage } from "./python-package.ts";
import { skipWithout } from "./skip-without.ts";
import { smallModel } from "./small-model.ts";

async function post(url: string, body: object): Promise<unknown> {
  const headers = { "content-type": "application/json", connection: "close" };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).json();
}

const skip = await skipWithout(() => pythonPackage(llamaServerPackage), smallModel, minilmGguf);

describe.skipIf(skip)("a real llama.cpp server", () => {
  it("serves a tiny model until it is stopped", async () => {
    const server = await startLlamaServer({
      model: (await tinyModels()).chatGguf,
      slots: 2,
      contextTokens: 512,
    });
    const body = {
      messages: [{ role: "user", content: "Who are you?" }],
      temperature: 0,
      max_tokens: 20,
    };
    expect(await post(`${server.url}/v1/chat/completions`, body)).toMatchObject({
      model: "tiny-chat",
      choices: [{ message: { content: "Hello from the tiny test model." }, finish_reason: "stop" }],
    });
    await server.stop();
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
    expect(() => process.kill(server.pid, 0)).toThrow("ESRCH");
  });

  it("says what the server said when it can't start", async () => {
    await expect(startLlamaServer({ model: import.meta.filename })).rejects.toThrow(
      /before it was ready/,
    );
    await expect(startLlamaServer({ model: "no-such.gguf" })).rejects.toThrow(MissingIngredient);
  });

  it("chats with the small model", async () => {
    const server = await startLlamaServer({ model: await smallModel() });
    const messages = [
      { role: "user", content: "What is the capital of France? Answer in one word." },
    ];
    const answer = await post(`${server.url}/v1/chat/completions`, {
      messages,
      temperature: 0,
      max_tokens: 20,
    });
    expect(JSON.stringify(answer)).toContain("Paris");
    await server.stop();
  });

  it("embeds with MiniLM", async () => {
    const server = await startLlamaServer({
      model: await minilmGguf(),
      contextTokens: 512,
      embeddings: true,
    });
    const input = [
      "The cat sits on the mat.",
      "A cat is sitting on a mat.",
      "Stock prices fell sharply today.",
    ];
    const answer = (await post(`${server.url}/v1/embeddings`, { input })) as {
      data: { embedding: number[] }[];
    };
    await server.stop();
    const [first = [], second = [], third = []] = answer.data.map(({ embedding }) => embedding);
    const similarity = (other: number[]) =>
      first.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0);
    expect(similarity(second)).toBeCloseTo(0.97, 2); // what the full model gives
    expect(similarity(third)).toBeLessThan(0.2);
  });
});
