import { describe, expect, it } from "vitest";
import { createGuardedFetch } from "../../contract/http/guarded-fetch.ts";
import { startRecordedServer } from "../../../test/peers/recorded-server.ts";
import { discovery } from "./discover.ts";
import { knowingChat, openOllama, recording, recordings } from "./__fixtures__/open-ollama.ts";

/*
 * Every answer that was recorded from a real Ollama, read through the backend. The last test names those that were forgotten.
 */

const used = new Set<string>();
const chatRequest = {
  messages: [{ role: "user", content: [{ type: "text", text: "Say hello." }] }],
};

/** What a handler makes of one recording. */
async function answerTo(
  name: string,
  capability: "chat" | "completion" | "embedding",
  request: object = chatRequest,
) {
  used.add(name);
  const recorded = recording(name);
  const path = { chat: "/api/chat", completion: "/api/generate", embedding: "/api/embed" };
  const ollama = await openOllama({ ...knowingChat, [`POST ${path[capability]}`]: recorded });
  try {
    return { answered: await ollama.call(capability, request), unloaded: ollama.unloaded };
  } catch (error) {
    return { error, unloaded: ollama.unloaded };
  } finally {
    await ollama[Symbol.asyncDispose]();
  }
}

function textIn(events: readonly { type?: string; text?: string }[]): string {
  return events.map(({ type, text }) => (type === "text-delta" ? text : "")).join("");
}

const hello = "I'm so glad you're here! I hope it's";

describe("an answer", () => {
  it.each([
    ["chat", hello, "length", 12, 12],
    ["chat-again", hello, "length", 12, 12],
    ["chat-stream", hello, "length", 12, 12],
    [
      "chat-stop",
      `${hello} a great place to chat with you. What brings you in today`,
      "stop",
      12,
      26,
    ],
    ["chat-schema", '{\n  "city": "ITALIA"\n}', "stop", 17, 13],
    ["chat-logprobs", "I'm", "length", 12, 2],
    ["error-unknown-option", "The phrase", "length", 10, 2],
    ["overflow-truncated", "", "stop", 256, 1],
  ])("%s is read to its end", async (name, text, reason, inputTokens, outputTokens) => {
    const { answered } = await answerTo(name, "chat");
    const events = answered as object[];
    expect(textIn(events)).toBe(text);
    expect(events.at(-1)).toMatchObject({
      type: "finish",
      reason,
      rawReason: reason,
      usage: {
        inputTokens,
        outputTokens,
        raw: { prompt_eval_count: inputTokens, eval_count: outputTokens },
      },
    });
  });

  it("chat-stream comes piece by piece", async () => {
    const { answered } = await answerTo("chat-stream", "chat");
    expect(answered).toHaveLength(12 + 1);
  });

  it("chat-logprobs hands them on as they came", async () => {
    const { answered } = await answerTo("chat-logprobs", "chat");
    expect(answered).toMatchObject([
      {
        text: "I'm",
        logprobs: [
          { token: "I", bytes: [73], top: [{ token: "I" }, { token: "Hello" }, { token: '"' }] },
          { token: "'m", logprob: -0.48028790950775146 },
        ],
      },
      { type: "finish" },
    ]);
  });

  it.each(["generate", "generate-stream"])("%s continues a text", async (name) => {
    const { answered } = await answerTo(name, "completion", { prompt: "Once upon a time" });
    const events = answered as object[];
    expect(textIn(events)).toBe(", the city of Nova Haven was ruled by a powerful sor");
    expect(events.at(-1)).toMatchObject({
      reason: "length",
      usage: { inputTokens: 4, outputTokens: 12 },
    });
  });

  it.each([
    ["embed", ["A man is eating food.", "The girl is carrying a baby."], 13],
    ["embed-chat-model", ["hello"], 1],
  ])("%s gives a vector for each text", async (name, input, inputTokens) => {
    const { answered } = await answerTo(name, "embedding", { input });
    const { embeddings } = JSON.parse(recording(name).response.body as string);
    expect(answered).toMatchObject({ embeddings, usage: { inputTokens } });
  });
});

describe("an answer that is none", () => {
  it.each([
    ["error-unknown-model-chat", "model-not-found", /no-such-model/],
    ["error-unknown-model-stream", "model-not-found", /no-such-model/],
    ["error-no-model", "invalid-request", /model is required/],
    ["error-bad-json", "invalid-request", /unexpected EOF/],
    ["error-bad-type", "invalid-request", /cannot unmarshal/],
    ["error-bad-option", "invalid-request", /"temperature" must be/],
    ["error-no-route", "backend-error", /page not found/],
    ["error-tools", "capability-not-supported", /does not support tools/],
    ["error-think", "capability-not-supported", /does not support thinking/],
    ["error-chat-embedding-model", "capability-not-supported", /does not support chat/],
    ["runner-killed", "backend-error", /unexpectedly stopped/],
    ["runner-killed-stream", "backend-error", /unexpected EOF/],
    ["chat-stream-cut", "stream-interrupted", /broke off/],
  ])("%s is %s", async (name, code, message) => {
    const { error } = await answerTo(name, "chat");
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(message),
      remedy: expect.stringMatching(/^.+\.$/),
    });
  });

  it("overflow-refused says how large the context is", async () => {
    const { error } = await answerTo("overflow-refused", "chat");
    expect(error).toMatchObject({
      code: "context-length-exceeded",
      message: expect.stringContaining("4096 tokens"),
      details: { contextTokens: 4096 },
    });
  });

  it("an overflow has both counts where Ollama tells them, as it does since 0.34", async () => {
    const said = {
      code: 400,
      message: "request (2622 tokens) exceeds the available context size (512 tokens)",
      type: "exceed_context_size_error",
      n_prompt_tokens: 2622,
      n_ctx: 512,
    };
    await using ollama = await openOllama({
      ...knowingChat,
      "POST /api/chat": { status: 400, body: { error: JSON.stringify({ error: said }) } },
    });
    await expect(ollama.call("chat", chatRequest)).rejects.toMatchObject({
      code: "context-length-exceeded",
      message:
        "The input of 2622 tokens does not fit into the context of smollm2:135m, which is 512 tokens.",
      details: { inputTokens: 2622, contextTokens: 512 },
    });
  });

  it("embed-too-long is refused", async () => {
    const { error } = await answerTo("embed-too-long", "embedding", { input: ["long"] });
    expect(error).toMatchObject({ code: "context-length-exceeded" });
  });
});

describe("a model", () => {
  it("stands in the list with what it can do", async () => {
    for (const name of ["tags", "ps", "show", "show-embedding"]) used.add(name);
    await using ollama = await openOllama({
      "GET /api/tags": recording("tags"),
      "GET /api/ps": recording("ps"),
      "POST /api/show": [recording("show-embedding"), recording("show")],
    });
    const signal = AbortSignal.timeout(10_000);
    const models = await ollama.backend.listModels!(signal);
    expect(models).toMatchObject([
      {
        name: "minilm:latest",
        aliases: ["minilm"],
        capabilities: ["embedding"],
        contextTokens: 512,
        sizeBytes: 25279367,
        loaded: false,
      },
      {
        name: "smollm2:135m",
        aliases: [],
        capabilities: ["chat", "completion"],
        contextTokens: 4096,
        memoryBytes: 190948608,
        loaded: true,
        licence: "apache-2.0",
      },
    ]);
    await ollama.backend.listModels!(signal);
    const shown = ollama.requests.filter(({ path }) => path === "/api/show");
    expect(shown, "described once for each digest").toHaveLength(2);
  });

  it.each([
    ["tags-empty", []],
    ["tags-pulled", ["smollm2:135m"]],
    ["tags-pulled-host", ["127.0.0.1:PORT/library/smollm2:135m"]],
  ])("%s", async (name, names) => {
    used.add(name).add("ps-empty");
    await using ollama = await openOllama({
      "GET /api/tags": recording(name),
      "GET /api/ps": recording("ps-empty"),
      "POST /api/show": recording("show"),
    });
    const models = await ollama.backend.listModels!(AbortSignal.timeout(10_000));
    expect(models.map((model) => model.name)).toEqual(names);
  });

  it("that was deleted since it was listed is left out", async () => {
    used.add("error-unknown-model-show");
    await using ollama = await openOllama({
      "GET /api/tags": recording("tags"),
      "GET /api/ps": recording("ps-empty"),
      "POST /api/show": recording("error-unknown-model-show"),
    });
    expect(await ollama.backend.listModels!(AbortSignal.timeout(10_000))).toEqual([]);
  });

  it("is loaded and unloaded", async () => {
    for (const name of ["load", "unload", "embed-empty"]) used.add(name);
    await using ollama = await openOllama({
      "POST /api/show": [recording("show"), recording("show-embedding")],
      "POST /api/generate": [recording("load"), recording("unload")],
      "POST /api/embed": recording("embed-empty"),
      "GET /api/ps": [recording("ps"), recording("ps"), recording("ps-empty")],
    });
    const context = { signal: AbortSignal.timeout(10_000), progress() {} };
    // All of it in memory of the machine, none of a GPU.
    expect(await ollama.backend.load!("smollm2:135m", context)).toEqual({ memoryBytes: 190948608 });
    await ollama.backend.unload!("smollm2:135m");
    expect(ollama.requests.at(-3)).toMatchObject({
      path: "/api/generate",
      body: { model: "smollm2:135m", keep_alive: 0 },
    });
    await ollama.backend.load!("minilm", context);
    expect(ollama.requests.at(-2)).toMatchObject({ path: "/api/embed", body: { input: [] } });
    expect(ollama.unloaded).toEqual([]);
  });

  it.each([
    ["delete", "smollm2:135m"],
    ["delete-host", "127.0.0.1:5000/library/smollm2:135m"],
  ])("%s", async (name, model) => {
    used.add(name);
    await using ollama = await openOllama({ "DELETE /api/delete": recording(name) });
    await ollama.backend.remove!(model);
    expect(ollama.requests).toMatchObject([{ method: "DELETE", body: { model } }]);
  });

  it("that is not there can't be deleted", async () => {
    used.add("error-unknown-model-delete");
    const answers = { "DELETE /api/delete": recording("error-unknown-model-delete") };
    await using ollama = await openOllama(answers);
    await expect(ollama.backend.remove!("no-such-model")).rejects.toMatchObject({
      code: "model-not-found",
    });
  });
});

describe("a pull", () => {
  const weights = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53";

  it.each(["pull", "pull-again", "pull-resumed"])(
    "%s counts its bytes to the end",
    async (name) => {
      used.add(name);
      await using ollama = await openOllama({
        "POST /api/pull": recording(name),
        "GET /api/tags": recording("tags-pulled"),
      });
      const { progress, result } = await ollama.pull("smollm2:135m");
      const done = progress.map(({ doneBytes }) => doneBytes);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      const { doneBytes, totalBytes } = progress.at(-1)!;
      expect(doneBytes).toBe(totalBytes);
      expect(doneBytes).toBeGreaterThan(98362432);
      expect(result).toEqual({ name: "smollm2:135m", sizeBytes: 98363007, sha256: weights });
    },
  );

  it("pull-once, in one piece, is a pull as well", async () => {
    used.add("pull-once");
    await using ollama = await openOllama({
      "POST /api/pull": recording("pull-once"),
      "GET /api/tags": recording("tags-pulled"),
    });
    const { progress, result } = await ollama.pull("smollm2:135m");
    expect(progress).toEqual([]);
    expect(result).toEqual({ name: "smollm2:135m", sizeBytes: 98363007 });
  });

  it("pull-cut goes on where it was cut", async () => {
    used.add("pull-cut");
    await using ollama = await openOllama({
      "POST /api/pull": [recording("pull-cut"), recording("pull-resumed")],
      "GET /api/tags": recording("tags-pulled"),
    });
    const { progress, result } = await ollama.pull("smollm2:135m");
    const done = progress.map(({ doneBytes }) => doneBytes);
    expect(done).toEqual(done.toSorted((a, b) => a - b));
    expect(result).toMatchObject({ name: "smollm2:135m" });
    expect(ollama.requests.filter(({ path }) => path === "/api/pull")).toHaveLength(2);
  });

  it.each([
    ["error-missing-manifest-pull", "model-not-found"],
    ["error-missing-manifest-pull-once", "model-not-found"],
    ["error-pull-unreachable", "download-failed"],
    ["error-pull-no-insecure", "download-failed"],
  ])("%s is %s", async (name, code) => {
    used.add(name);
    await using ollama = await openOllama({
      "POST /api/pull": recording(name),
      "GET /api/tags": recording("tags"),
    });
    await expect(ollama.pull("smollm:135m")).rejects.toMatchObject({
      code,
      message: expect.stringContaining('Did you mean "smollm2:135m"?'),
      remedy: expect.stringMatching(/^.+\.$/),
    });
    const pulls = ollama.requests.filter(({ path }) => path === "/api/pull");
    expect(pulls, "nothing had come: it is not tried again").toHaveLength(1);
  });
});

it("version, root and error-no-route tell an Ollama from its imitators", async () => {
  for (const name of ["version", "root"]) used.add(name);
  const answers = {
    "GET /": recording("root"),
    "GET /api/version": recording("version"),
    "GET /api/tags": recording("tags"),
    "GET /api/nothing": recording("error-no-route"),
  };
  await using real = await startRecordedServer(answers);
  await using imitator = await startRecordedServer({
    ...answers,
    "GET /api/nothing": { status: 404, body: { detail: "Not Found" } },
  });
  const { fetch, close } = createGuardedFetch();
  const context = { fetch, signal: AbortSignal.timeout(10_000) };
  expect(await discovery.recognise(real.url, context)).toEqual({ baseUrl: real.url });
  expect(await discovery.recognise(imitator.url, context)).toBeUndefined();
  await close();
});

it("every recording has been read", () => {
  expect(recordings.filter((name) => !used.has(name))).toEqual([]);
});
