import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import classStyle from "../../examples/backends/class-style.ts";
import echo from "../../examples/backends/echo.ts";
import embeddingOnly from "../../examples/backends/embedding-only.ts";
import httpApi from "../../examples/backends/http-api.ts";
import jobApi from "../../examples/backends/job-api.ts";
import jsonLines from "../../examples/backends/json-lines.ts";
import keywordClassifier from "../../examples/backends/keyword-classifier.ts";
import openAiLike from "../../examples/backends/openai-like.ts";
import plainJson from "../../examples/backends/plain-json.ts";
import { startAcme } from "../../examples/backends/servers/acme-server.ts";
import sseWithErrors from "../../examples/backends/sse-with-errors.ts";
import staticAnswers from "../../examples/backends/static-answers.ts";
import twoCapabilities from "../../examples/backends/two-capabilities.ts";
import wrapsAnother from "../../examples/backends/wraps-another.ts";
import type { ConfigurationInput } from "../../src/gateway/configuration.ts";
import {
  createTestGateway,
  type TestGateway,
} from "../../src/gateway/__fixtures__/test-gateway.ts";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";

const folder = path.resolve(import.meta.dirname, "../../examples/backends");
const definitions = [
  echo,
  httpApi,
  staticAnswers,
  openAiLike,
  plainJson,
  jobApi,
  jsonLines,
  sseWithErrors,
  embeddingOnly,
  keywordClassifier,
  twoCapabilities,
  wrapsAnother,
  classStyle,
];

let acme: Awaited<ReturnType<typeof startAcme>>;
let openAi: ChaosUpstream;
let gateway: TestGateway;
beforeAll(async () => {
  [acme, openAi] = await Promise.all([startAcme(), chaosUpstream({ text: "Said by a server." })]);
  const baseUrl = acme.url;
  const backends = Object.fromEntries(
    definitions.map(({ type, upstream }) => [
      type,
      { type, ...(upstream === undefined ? {} : { baseUrl }) },
    ]),
  );
  const openAiLikeConfig = { type: "openai-like", baseUrl: `${openAi.url}/v1`, apiKey: "key-1" };
  gateway = createTestGateway(definitions, {
    backends: {
      ...backends,
      "openai-like": openAiLikeConfig,
      acme: { type: "acme", baseUrl: openAi.url },
      "static-answers": { type: "static-answers", otherwise: null },
    },
  } as ConfigurationInput);
});
afterAll(async () => {
  await gateway.close();
  await Promise.all([acme.close(), openAi.close()]);
});

describe("the examples", () => {
  it.each(fs.readdirSync(folder).filter((name) => /\.(ts|py)$/.test(name)))(
    "%s has fewer than 50 lines",
    (name) => {
      const lines = fs.readFileSync(path.join(folder, name), "utf8").trimEnd().split("\n");
      expect(lines.length).toBeLessThan(50);
    },
  );

  it.each([
    ["echo-example/parrot", "hello", "hello"],
    ["static-answers/list", "Hello", "Hello. How can I help?"],
    ["openai-like/chaos", "hello", "Said by a server."],
    ["http-api/small", "hello you", "hello you"],
    ["acme/chaos", "hello", "Said by a server."],
    ["plain-json/standard", "hello", "User: hello\nAssistant:"],
    ["job-api/any", "hello you", "User: hello you\nAssistant:"],
    ["json-lines/any", "hello you", "hello you"],
    ["sse-with-errors/any", "hello you", "hello you"],
    ["with-rules/any", "hello", "Answer in one sentence. hello"],
    ["class-style/standard", "hello", "User: hello\nAssistant:"],
  ])("%s answers %s", async (model, prompt, text) => {
    const result = await gateway.call("chat", { prompt }, { model });
    expect(result.result).toMatchObject({ text, finishReason: "stop" });
  });

  it("say what goes wrong in our words", async () => {
    const asked = gateway.call("chat", { prompt: "hello" }, { model: "sse-with-errors/nobody" });
    await expect(asked).rejects.toMatchObject({ code: "model-not-found" });
    const unanswered = gateway.call("chat", { prompt: "why" }, { model: "static-answers/list" });
    await expect(unanswered).rejects.toMatchObject({ code: "invalid-request" });
  });

  it("make vectors, and sort by them and by words", async () => {
    const vectors = await gateway.call(
      "embedding",
      { input: ["abc", "abd"] },
      { model: "embedding-only/vectors" },
    );
    expect(vectors.result).toMatchObject({ dimensions: 8 });
    for (const model of ["embedding-only/vectors", "keyword-classifier/keywords"]) {
      const request = { input: "It came late and broken", labels: ["praise", "complaint"] };
      const sorted = await gateway.call("classification", request, { model });
      expect((sorted.result as { labels: object[] }).labels).toHaveLength(2);
    }
  });
});
