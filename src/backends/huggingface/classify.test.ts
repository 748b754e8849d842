import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallContext } from "../../contract/backend.ts";
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

function classify(
  request: { input: string; labels?: string[]; multiLabel?: boolean },
  model: string,
  more: Partial<CallContext> = {},
) {
  return tiny.backend.capabilities.classification!(request, contextOf(model, more));
}

it("gives a classifier's own labels", async () => {
  const { labels, usage } = await classify({ input: "I love it" }, "test/sentiment");
  expect(labels).toEqual([
    { label: "NEGATIVE", score: expect.closeTo(0.047, 3) },
    { label: "POSITIVE", score: expect.closeTo(0.953, 3) },
  ]);
  expect(usage).toEqual({ inputTokens: 5 });
});

it("names its labels to who asks for others", async () => {
  const request = { input: "I love it", labels: ["POSITIVE", "happy"] };
  await expect(classify(request, "test/sentiment")).rejects.toMatchObject({
    code: "invalid-request",
    message: expect.stringContaining('"happy". Its labels: NEGATIVE, POSITIVE.'),
  });
});

it("judges each label by itself where the model was trained so", async () => {
  const folder = await tiny.variant("sentiment", "several");
  const file = join(folder, "config.json");
  await extendJson(file, { problem_type: "multi_label_classification" });
  const { labels } = await classify({ input: "love hate" }, "test/several");
  for (const { score } of labels) expect(score).toBeCloseTo(1 / (1 + Math.exp(-3)), 4);
});

it("warns where labels that exclude each other are wanted by themselves", async () => {
  const warnings: string[] = [];
  const request = { input: "love", labels: ["POSITIVE"], multiLabel: true };
  const warn = (message: string) => warnings.push(message);
  const { labels } = await classify(request, "test/sentiment", { warn });
  expect(labels).toEqual([{ label: "POSITIVE", score: expect.closeTo(0.953, 3) }]);
  expect(warnings).toHaveLength(1);
});

it("finds a topic among any labels, and several where several hold", async () => {
  const labels = ["sports", "politics", "technology"];
  const one = await classify({ input: "president election vote", labels }, "test/nli");
  expect(one.labels[1]).toEqual({ label: "politics", score: expect.closeTo(0.995, 3) });
  expect(one.usage.inputTokens).toBe(3 * 11);
  const input = "president election vote football team";
  const all = await classify({ input, labels, multiLabel: true }, "test/nli");
  expect(all.labels.map(({ score }) => score > 0.9)).toEqual([true, true, false]);
  await expect(classify({ input }, "test/nli")).rejects.toMatchObject({
    code: "invalid-request",
    message: "test/nli has no labels of its own.",
  });
});

it("takes a thousand labels", async () => {
  const labels = Array.from({ length: 1000 }, (_, index) => `vote ${index}`);
  const { labels: scored } = await classify({ input: "law", labels }, "test/nli");
  expect(scored.map(({ label }) => label)).toEqual(labels);
  expect(scored.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 6);
});
