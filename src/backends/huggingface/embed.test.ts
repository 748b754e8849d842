import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ModelyardError } from "../../contract/errors.ts";
import {
  contextOf,
  extendJson,
  tinyBackend,
  type TinyBackend,
} from "./__fixtures__/tiny-backend.ts";

let tiny: TinyBackend;
beforeAll(async () => {
  tiny = await tinyBackend();
});
afterAll(() => tiny[Symbol.asyncDispose]());

type EmbeddingOptions = { dimensions?: number; purpose?: "query" | "document" };

function embed(input: string[], options: EmbeddingOptions = {}, model = "test/embed") {
  return tiny.backend.capabilities.embedding!({ input, ...options }, contextOf(model));
}

const cosine = (a: number[] = [], b: number[] = []) =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

it("puts words of one topic close together, each vector of length 1, with exact counts", async () => {
  const { embeddings, usage } = await embed(["good", "great", "terrible sad"]);
  const [good, great, terrible] = embeddings;
  for (const vector of embeddings) expect(Math.hypot(...vector)).toBeCloseTo(1, 12);
  expect(cosine(good, great)).toBeGreaterThan(0.9);
  expect(cosine(good, terrible)).toBeLessThan(0.8);
  // each word, and the two tokens around a text
  expect(usage).toEqual({ inputTokens: 3 + 3 + 4 });
});

it("gives the vectors in the order of the texts, the same as one by one", async () => {
  const words = ["good", "team", "vote", "code", "sad"];
  const texts = Array.from({ length: 60 }, (_, index) =>
    Array.from({ length: 1 + ((index * 7) % 23) }, (_, at) => words[(index + at) % 5]).join(" "),
  );
  const together = await embed(texts);
  for (const [index, text] of texts.entries()) {
    const { embeddings } = await embed([text]);
    expect(cosine(embeddings[0], together.embeddings[index])).toBeCloseTo(1, 5);
  }
});

it("puts the model's prefix before a text, by its purpose", async () => {
  const folder = await tiny.variant("embed", "prefixed");
  const prompts = { query: "football ", document: "law " };
  await writeFile(join(folder, "config_sentence_transformers.json"), JSON.stringify({ prompts }));
  const { embeddings } = await embed(["good"], { purpose: "query" }, "test/prefixed");
  const [plain = [], written] = (await embed(["good", "football good"])).embeddings;
  expect(cosine(embeddings[0], written)).toBeCloseTo(1, 6);
  expect(cosine(embeddings[0], plain)).toBeLessThan(0.95);
  const neutral = await embed(["good"], {}, "test/prefixed");
  expect(cosine(neutral.embeddings[0], plain)).toBeCloseTo(1, 6);
});

it("pools as the folder says", async () => {
  const folder = await tiny.variant("embed", "first");
  await cp(join(folder, "config.json"), join(folder, "1_Pooling", "config.json"));
  await writeFile(
    join(folder, "1_Pooling", "config.json"),
    JSON.stringify({ pooling_mode_cls_token: true }),
  );
  const { embeddings } = await embed(["good", "terrible sad awful"], {}, "test/first");
  // the first token is the same for every text, and this model looks at nothing else
  expect(cosine(embeddings[0], embeddings[1])).toBeCloseTo(1, 6);
});

it("shortens only what was trained for it", async () => {
  await expect(embed(["good"], { dimensions: 8 })).rejects.toMatchObject({
    code: "capability-not-supported",
    message: expect.stringContaining("32 dimensions"),
  });
  const folder = await tiny.variant("embed", "matryoshka");
  const file = join(folder, "config.json");
  await extendJson(file, { matryoshka_dimensions: [32, 16, 8] });
  const short = await embed(["good"], { dimensions: 8 }, "test/matryoshka");
  expect(short.embeddings[0]).toHaveLength(8);
  expect(Math.hypot(...(short.embeddings[0] ?? []))).toBeCloseTo(1, 12);
  for (const dimensions of [4, 33])
    await expect(embed(["good"], { dimensions }, "test/matryoshka")).rejects.toMatchObject({
      code: "invalid-request",
      message: expect.stringContaining("8 to 32"),
    });
});

it("refuses what is longer than the window, with the counts", async () => {
  await expect(embed(["good", "good ".repeat(127)])).rejects.toMatchObject({
    code: "context-length-exceeded",
    message: "Text 2 of 2 has 129 tokens, and test/embed takes 128.",
    details: { inputTokens: 129, contextTokens: 128 },
  });
  expect((await embed(["good ".repeat(126)])).usage.inputTokens).toBe(128);
});

it("refuses 10 MB at once", async () => {
  const begun = performance.now();
  await expect(embed(["good ".repeat(2_000_000)])).rejects.toMatchObject({
    code: "context-length-exceeded",
  });
  expect(performance.now() - begun).toBeLessThan(1000);
});

it("hears a cancel in the midst of many texts", async () => {
  const controller = new AbortController();
  const input = Array.from({ length: 200_000 }, () => "good team vote");
  const answer = tiny.backend.capabilities.embedding!(
    { input },
    contextOf("test/embed", { signal: controller.signal }),
  );
  const reason = new ModelyardError("cancelled", "enough");
  void answer.catch(() => undefined);
  await pause(300);
  controller.abort(reason);
  const begun = performance.now();
  await expect(answer).rejects.toBe(reason);
  expect(performance.now() - begun).toBeLessThan(500);
});
