import { describe, expect, it, onTestFinished } from "vitest";
import { startRecordedServer, type RecordedAnswer } from "../../../test/peers/recorded-server.ts";
import type { EmbeddingRequest } from "../../contract/capabilities/embedding.ts";
import { tryBackend } from "./__fixtures__/try-backend.ts";

async function trial(profile: string, answer: RecordedAnswer | RecordedAnswer[]) {
  const server = await startRecordedServer({ "POST /v1/embeddings": answer });
  onTestFinished(() => server.stop());
  const { backend, context, warnings } = tryBackend({ baseUrl: server.url, profile });
  const embed = (request: EmbeddingRequest) => backend.capabilities.embedding!(request, context);
  const sizes = () => server.requests.map(({ body }) => (body as { input: string[] }).input.length);
  return { embed, warnings, requests: server.requests, sizes };
}

/** Gives each text a vector that says which it is, the last first. */
const inAnyOrder: RecordedAnswer = ({ body }, response) => {
  const { input } = body as { input: string[] };
  const data = input.map((text, index) => ({ index, embedding: [Number(text), 1] })).toReversed();
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ data, usage: { prompt_tokens: input.length } }));
};
const json = (body: unknown, status = 200) => ({ status, body });
const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at));

describe("embeddings", () => {
  it.each<[string, number, number[]]>([
    ["plain", 2_049, [2_048, 1]],
    ["tei", 70, [32, 32, 6]],
  ])(
    "of more texts than %s takes at once are split and joined in order",
    async (profile, count, sizes) => {
      const { embed, sizes: sent } = await trial(profile, inAnyOrder);
      const { embeddings, usage } = await embed({ input: numbers(count) });
      expect(embeddings.map(([value = 0, one = 1]) => Math.round(value / one))).toEqual(
        numbers(count).map(Number),
      );
      expect(usage).toMatchObject({ inputTokens: count });
      expect(sent()).toEqual(sizes);
    },
  );

  it("learn how many a server takes", async () => {
    const refusal = json(
      { message: "batch size 5 > maximum allowed batch size 2", code: 413, type: "Validation" },
      413,
    );
    const { embed, sizes } = await trial("plain", [refusal, inAnyOrder]);
    expect((await embed({ input: numbers(5) })).embeddings).toHaveLength(5);
    expect(sizes()).toEqual([5, 2, 2, 1]);
  });

  it("are of length 1, from numbers or base64", async () => {
    const floats = Buffer.from(new Float32Array([3, 4]).buffer).toString("base64");
    const { embed } = await trial(
      "plain",
      json({ data: [{ embedding: floats }, { embedding: [0.3, 0.4] }, { embedding: [0, 0] }] }),
    );
    const { embeddings } = await embed({ input: ["a", "b", "c"] });
    expect(embeddings).toEqual([
      [0.6, 0.8].map((value) => expect.closeTo(value, 6)),
      [0.6, 0.8].map((value) => expect.closeTo(value, 6)),
      [0, 0],
    ]);
  });

  it("pass dimensions on, and refuse others than were asked for", async () => {
    const { embed, requests } = await trial("plain", json({ data: [{ embedding: [1, 0] }] }));
    expect((await embed({ input: ["a"], dimensions: 2 })).embeddings).toEqual([[1, 0]]);
    expect(requests[0]?.body).toMatchObject({ dimensions: 2, encoding_format: "float" });
    await expect(embed({ input: ["a"], dimensions: 1 })).rejects.toMatchObject({
      code: "capability-not-supported",
      remedy: "Leave dimensions out.",
    });
  });

  it("tell what a text is for where there is a word for it, and say where there is none", async () => {
    const nvidia = await trial("nvidia", json({ data: [{ embedding: [1] }] }));
    await nvidia.embed({ input: ["a"], purpose: "query" });
    expect(nvidia.requests[0]?.body).toMatchObject({ input_type: "query" });
    expect(nvidia.warnings).toEqual([]);
    const plain = await trial("plain", json({ data: [{ embedding: [1] }] }));
    await plain.embed({ input: ["a"], purpose: "query" });
    expect(plain.warnings).toEqual([expect.stringContaining("purpose was left out")]);
  });

  it.each<[string, unknown]>([
    ["too few", { data: [] }],
    ["no numbers", { data: [{ embedding: [null] }] }],
    ["no base64", { data: [{ embedding: "abc" }] }],
  ])("that are %s are no answer", async (_, body) => {
    const { embed } = await trial("plain", json(body));
    await expect(embed({ input: ["a"] })).rejects.toMatchObject({ code: "invalid-response" });
  });

  it("are refused where a service has none", async () => {
    const { embed } = await trial("groq", []);
    await expect(embed({ input: ["a"] })).rejects.toMatchObject({
      code: "capability-not-supported",
    });
  });
});
