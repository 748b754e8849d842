import type { ServerResponse } from "node:http";
import { describe, expect, it } from "vitest";
import { createGuardedFetch } from "../../contract/http/guarded-fetch.ts";
import type { RecordedAnswer } from "../../../test/peers/recorded-server.ts";
import { knowingChat, openOllama, recording } from "./__fixtures__/open-ollama.ts";

const soon = () => AbortSignal.timeout(10_000);
const waiting = () => ({ signal: soon(), progress() {} });
const inMemory = (...names: string[]) =>
  JSON.stringify({ models: names.map((name) => ({ name })) });
const said = { messages: [{ role: "user", content: [{ type: "text", text: "hi" }] }] };

describe("health", () => {
  it("tells of a model that has left memory by itself", async () => {
    await using ollama = await openOllama({
      "POST /api/show": recording("show"),
      "POST /api/generate": recording("load"),
      "GET /api/version": recording("version"),
      "GET /api/ps": [recording("ps"), recording("ps"), recording("ps-empty")],
    });
    await ollama.backend.load!("smollm2:135m", waiting());
    expect(await ollama.backend.healthCheck!(soon())).toEqual({ status: "healthy" });
    expect(ollama.unloaded).toEqual([]);
    expect(await ollama.backend.healthCheck!(soon())).toEqual({ status: "healthy" });
    expect(await ollama.backend.healthCheck!(soon())).toEqual({ status: "healthy" });
    expect(ollama.unloaded, "told once").toEqual(["smollm2:135m"]);
  });

  it.each([
    ["0.12.5", "degraded"],
    ["0.9.0", "degraded"],
    ["0.12.6", "healthy"],
    ["0.34.2", "healthy"],
    ["0.0.0", "healthy"],
  ])("of version %s, which may cut prompts in silence, is %s", async (version, status) => {
    await using ollama = await openOllama({
      "GET /api/version": { status: 200, body: { version } },
      "GET /api/ps": recording("ps-empty"),
    });
    expect(await ollama.backend.healthCheck!(soon())).toMatchObject({ status });
  });

  it("says how to start an Ollama that is down, and that all has left memory", async () => {
    const server = await openOllama({
      "POST /api/show": recording("show"),
      "POST /api/generate": recording("load"),
      "GET /api/ps": recording("ps"),
    });
    await server.backend.load!("smollm2:135m", waiting());
    await server[Symbol.asyncDispose]();
    expect(await server.backend.healthCheck!(soon())).toEqual({
      status: "unhealthy",
      reason: expect.stringMatching(
        /^Ollama can't be reached at 127\.0\.0\.1:\d+: .+\. Start it: `ollama serve`\.$/,
      ),
    });
    expect(server.unloaded).toEqual([undefined]);
    await expect(server.backend.listModels!(soon())).rejects.toMatchObject({
      code: "backend-unavailable",
      remedy: "Start it: `ollama serve`.",
    });
  });

  it.each<[string, RecordedAnswer]>([
    ["a page", { status: 200, contentType: "text/html", body: "<!doctype html><p>Hello" }],
    ["another API", { status: 200, body: { detail: "nothing" } }],
    ["an API without it", recording("error-no-route")],
  ])("is bad where %s answers", async (_, answer) => {
    await using ollama = await openOllama({ "GET /api/version": answer, "GET /api/ps": answer });
    const { status, reason } = await ollama.backend.healthCheck!(soon());
    expect(status).toBe("unhealthy");
    expect(reason).toMatch(/baseUrl/);
  });
});

it("a model that is loaded while another one's loading is looked at is not taken for lost", async () => {
  const held = Promise.withResolvers<void>();
  const listed = Promise.withResolvers<void>();
  let asked = 0;
  await using ollama = await openOllama({
    "POST /api/show": recording("show"),
    "POST /api/generate": recording("load"),
    "GET /api/ps": async (_: unknown, response: ServerResponse) => {
      asked += 1;
      if (asked > 1) return response.end(inMemory("a:latest", "b:latest"));
      listed.resolve();
      await held.promise;
      return response.end(inMemory("a:latest"));
    },
  });
  const first = ollama.backend.load!("a", waiting());
  await listed.promise;
  await ollama.backend.load!("b", waiting());
  held.resolve();
  await first;
  expect(ollama.unloaded).toEqual([]);
});

it("an engine that dies has taken its model with it", async () => {
  await using ollama = await openOllama({
    ...knowingChat,
    "POST /api/generate": recording("load"),
    "POST /api/chat": recording("runner-killed-stream"),
  });
  await ollama.backend.load!("smollm2:135m", waiting());
  await expect(ollama.call("chat", said)).rejects.toMatchObject({ code: "backend-error" });
  expect(ollama.unloaded).toEqual(["smollm2:135m"]);
});

it.each([
  ["a schema", { responseSchema: { type: "object" } }, /went away while it worked.*responseSchema/],
  ["none", {}, /can't be reached/],
])("an Ollama that goes away before a word, asked with %s", async (_, asked, message) => {
  await using ollama = await openOllama({
    ...knowingChat,
    "POST /api/chat": (_: unknown, response: ServerResponse) => void response.destroy(),
  });
  await expect(ollama.call("chat", { ...said, ...asked })).rejects.toMatchObject({
    code: "backend-unavailable",
    message: expect.stringMatching(message),
  });
});

it("a caller who leaves closes the connection upstream", async () => {
  const closed = Promise.withResolvers<number>();
  const endless = (_: unknown, response: ServerResponse) => {
    response.on("close", () => closed.resolve(performance.now()));
    response.writeHead(200).write('{"message":{"content":"a"},"done":false}\n');
  };
  await using ollama = await openOllama({ ...knowingChat, "POST /api/chat": endless });
  const { fetch, close } = createGuardedFetch();
  const controller = new AbortController();
  const { signal } = controller;
  const context = { model: "m", signal, stream: true, fetch, warn() {}, progress() {} };
  const chat = ollama.backend.capabilities.chat!(said as never, context)[Symbol.asyncIterator]();
  await chat.next();
  const next = chat.next();
  controller.abort();
  await expect(next).rejects.toMatchObject({ code: "cancelled" });
  await closed.promise;
  await close();
});

it("a key is sent as bearer token, and in no other way", async () => {
  await using ollama = await openOllama(
    { "GET /api/version": recording("version"), "GET /api/ps": recording("ps-empty") },
    { apiKey: "sk-very-secret" },
  );
  await ollama.backend.healthCheck!(soon());
  for (const { headers, path } of ollama.requests) {
    expect(headers.authorization).toBe("Bearer sk-very-secret");
    expect(path).not.toContain("secret");
  }
});

/** Vectors that tell which text they are for. */
function embed(request: { body: unknown }, response: ServerResponse): void {
  const { input } = request.body as { input: string[] };
  const embeddings = input.map((each) => [Number(each), 0]);
  response.end(JSON.stringify({ embeddings, prompt_eval_count: input.length }));
}

describe("embedding", () => {
  const answers = { ...knowingChat, "POST /api/embed": embed };

  it("of many texts is split and joined in order", async () => {
    await using ollama = await openOllama(answers, { contextSize: 256 });
    const input = Array.from({ length: 2049 }, (_, index) => String(index));
    const { embeddings, usage } = (await ollama.call("embedding", { input })) as {
      embeddings: number[][];
      usage: { inputTokens: number };
    };
    expect(embeddings.map(([first]) => first)).toEqual(input.map(Number));
    expect(usage.inputTokens).toBe(2049);
    const asked = ollama.requests.filter(({ path }) => path === "/api/embed");
    expect(asked).toHaveLength(5);
    expect(asked[0]?.body).toMatchObject({ truncate: false, options: { num_ctx: 256 } });
  });

  it("tells what it could not honour", async () => {
    await using ollama = await openOllama(answers);
    await ollama.call("embedding", { input: ["1"], dimensions: 5, purpose: "query" });
    expect(ollama.warnings).toEqual([
      expect.stringContaining("purpose"),
      expect.stringContaining("gave 2 where 5"),
    ]);
    expect(ollama.requests.at(-1)?.body).toMatchObject({ dimensions: 5 });
  });

  it("with too few vectors is no answer", async () => {
    await using ollama = await openOllama({ ...answers, "POST /api/embed": recording("embed") });
    await expect(ollama.call("embedding", { input: ["1"] })).rejects.toMatchObject({
      code: "invalid-response",
    });
  });
});

describe("a model of a cloud", () => {
  const show = { capabilities: ["completion"], remote_model: "x", remote_host: "https://cloud" };
  const answers = {
    "GET /api/ps": recording("ps-empty"),
    "POST /api/show": { status: 200, body: show },
  };

  it.each([
    [{ name: "gpt-oss:120b-cloud" }],
    [{ name: "glm:cloud" }],
    [{ name: "mine:latest", remote_host: "https://cloud" }],
  ])("%j is remote, and takes no memory here", async (listed) => {
    const models = [{ digest: "d", size: 384, ...listed }];
    await using ollama = await openOllama({
      ...answers,
      "GET /api/tags": { status: 200, body: { models } },
    });
    expect(await ollama.backend.listModels!(soon())).toMatchObject([
      { privacy: "remote", memoryBytes: 0 },
    ]);
    expect(await ollama.backend.load!(listed.name, waiting())).toEqual({ memoryBytes: 0 });
    expect(ollama.requests.map(({ path }) => path)).not.toContain("/api/generate");
  });
});

it("an Ollama that does not tell what it has in memory serves nevertheless", async () => {
  await using ollama = await openOllama({
    "GET /api/tags": recording("tags-pulled"),
    "GET /api/version": recording("version"),
    "GET /api/ps": recording("error-no-route"),
    "POST /api/show": recording("show"),
    "POST /api/generate": recording("load"),
  });
  expect(await ollama.backend.listModels!(soon())).toMatchObject([{ loaded: false }]);
  expect(await ollama.backend.load!("smollm2:135m", waiting())).toEqual({ memoryBytes: 0 });
  expect(await ollama.backend.healthCheck!(soon())).toEqual({ status: "healthy" });
  expect(ollama.unloaded).toEqual([]);
});
