import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { ProgressNote, TestClient } from "./clients.ts";

/**
 * What holds for every client over every transport. Inside a concurrent `describe` the calls share a connection at the same time.
 * `dropsLate`: clients drop progress that they read together with the result, as they do on stdio when they are busy.
 */
export function checkFace(
  connect: () => Promise<TestClient>,
  { dropsLate = false }: { dropsLate?: boolean } = {},
): void {
  let client: TestClient;
  beforeAll(async () => {
    client = await connect();
  });
  afterAll(() => client.close());

  it("lists at most 8 tools in at most 2,000 tokens", async () => {
    const tools = await client.tools();
    expect(tools.map(({ name }) => name)).toEqual([
      "chat",
      "complete",
      "embed",
      "classify",
      "list_models",
      "pull_model",
    ]);
    expect(JSON.stringify({ tools }).length / 4).toBeLessThan(2000);
  });

  it("answers a chat with exactly the surface's fields", async () => {
    const { content, structuredContent, _meta } = await client.call("chat", {
      prompt: "hello there",
    });
    expect(_meta?.["modelyard/call"]).toMatchObject({
      attempts: 1,
      steps: [{ did: "tried", target: "trial/plain", outcome: "done" }],
    });
    expect(content).toEqual([{ type: "text", text: "hello there" }]);
    expect(structuredContent).toEqual({
      text: "hello there",
      finishReason: "stop",
      usage: { outputTokens: 2 },
      model: "plain",
      backend: "trial",
    });
  });

  it("tells the text as it is written, complete and in order", async () => {
    const prompt = Array.from({ length: 40 }, (_, index) => `word${index}`).join(" ");
    const notes: ProgressNote[] = [];
    const startedAt = performance.now();
    const { structuredContent } = await client.call(
      "chat",
      { prompt, model: "trial/slow" },
      { onprogress: (note) => notes.push(note) },
    );
    expect(structuredContent?.["text"]).toBe(prompt);
    const told = notes.map(({ message }) => message ?? "").join("");
    expect(told).toBe(dropsLate ? prompt.slice(0, told.length) : prompt);
    const values = notes.map(({ progress }) => progress);
    expect(values).toEqual([...new Set(values)].toSorted((a, b) => a - b));
    // 40 words in 1.2 s, or more where the machine is busy: a few notifications, not one a word.
    expect(notes.length).toBeGreaterThan(dropsLate ? 0 : 3);
    expect(notes.length).toBeLessThanOrEqual(2 + (performance.now() - startedAt) / 150);
  });

  it("tells the place in the queue, loading, and that it is alive, before the first token", async () => {
    const notes: ProgressNote[] = [];
    const onprogress = (note: ProgressNote) => notes.push(note);
    await client.call("chat", { prompt: "hi", model: "trial/waiting" }, { onprogress });
    // It says that it is alive once a second, and that takes as long as it takes.
    const messages = [...new Set(notes.map(({ message }) => message))];
    const wanted = [
      "Waiting for a free place, 2 in line",
      "Loading waiting: 50 %",
      undefined,
      "hi",
    ];
    expect(messages).toEqual(dropsLate ? wanted.slice(0, messages.length) : wanted);
  });

  it("counts the bytes of a pull", async () => {
    const notes: ProgressNote[] = [];
    const onprogress = (note: ProgressNote) => notes.push(note);
    await client.call("pull_model", { model: "trial/plain" }, { onprogress });
    expect(notes.every(({ total }) => total === 1_000_000)).toBe(true);
    if (dropsLate) return;
    expect(notes.at(-1)).toMatchObject({ progress: 1_000_000 });
    expect(notes.length).toBeGreaterThan(2);
  });

  it("fetches neither paths nor URLs", async () => {
    for (const model of ["/etc/shadow", "trial//etc/shadow", "http://127.0.0.1:22/x.gguf"])
      expect(await problemOf(client, "pull_model", { model })).toMatch(
        /^forbidden: .*on the command line: modelyard pull/,
      );
  });

  it("names a wrong, an unknown and a missing argument", async () => {
    expect(await problemOf(client, "chat", { promt: "x" })).toMatch(/promt: Unknown.*"prompt"/);
    expect(await problemOf(client, "chat", { prompt: "x", modle: "y" })).toMatch(
      /modle: Unknown.*"model"/,
    );
    expect(await problemOf(client, "chat", { prompt: "x", temperature: "hot" })).toMatch(
      /temperature/,
    );
    expect(await problemOf(client, "chat", { prompt: "x", timeoutMs: -1 })).toMatch(
      /timeoutMs: .*at least 1/,
    );
    expect(await problemOf(client, "chat", { prompt: "x", model: 7 })).toMatch(
      /model: .*found number/,
    );
    expect(await problemOf(client, "chat", { prompt: "x", privacy: "local" })).toMatch(
      /privacy: Must be device, network or remote/,
    );
    const responseSchema = { properties: { a: { type: "nonsense" } } };
    expect(await problemOf(client, "chat", { prompt: "x", responseSchema })).toMatch(
      /^invalid-request: .*responseSchema\.properties\.a\.type: .*"nonsense"/,
    );
    expect(await problemOf(client, "complete", {})).toMatch(/prompt/);
    expect(await problemOf(client, "pull_model", {})).toMatch(/model: Missing/);
    expect(await problemOf(client, "list_models", { capability: "chatt" })).toMatch(/"chat"/);
    expect(await problemOf(client, "list_models", { cursor: "zzz" })).toMatch(/cursor/);
    expect(await problemOf(client, "classify", { input: "a", labels: ["b"] })).toMatch(/labels/);
  });

  it("answers an unknown tool with a protocol error that names the nearest", async () => {
    await expect(client.call("chatt", {})).rejects.toMatchObject({
      code: -32_602,
      message: expect.stringContaining('"chat"') as string,
    });
  });

  it("gives a failed call as code, message and remedy, and hides what it does not know", async () => {
    const refused = await client.call("chat", { prompt: "x", model: "trial/refusing" });
    expect(refused).toMatchObject({
      isError: true,
      content: [{ type: "text", text: "rate-limited: Too many. Wait." }],
      _meta: {
        error: { code: "rate-limited", retryAfterMs: 5, backend: "trial" },
        "modelyard/call": { steps: expect.any(Array) },
      },
    });
    const unknown = await client.call("chat", { prompt: "x", model: "nowhere/plain" });
    expect(unknown).toMatchObject({ isError: true, _meta: { error: { code: "model-not-found" } } });
  });

  it.each(["with", "without"])(
    "returns what there is when time is up, %s progress",
    async (how) => {
      const given = {
        prompt: "one word after another ".repeat(20),
        model: "trial/slow",
        timeoutMs: 400,
      };
      const options = how === "with" ? { onprogress() {} } : {};
      const { structuredContent } = await client.call("chat", given, options);
      expect(structuredContent).toMatchObject({
        text: expect.stringMatching(/^one word .*/) as string,
        finishReason: "timeout",
      });
    },
  );

  it("passes a warning on", async () => {
    const { structuredContent } = await client.call("chat", {
      prompt: "x",
      model: "trial/warning",
    });
    expect(structuredContent?.["warnings"]).toEqual(["topP was dropped."]);
  });

  it("gives vectors, and above 256 kB a link to them", async () => {
    const small = await client.call("embed", { input: ["a", "b"] });
    expect(small.content).toEqual([{ type: "text", text: "2 vectors of 3 dimensions" }]);
    expect(small.structuredContent?.["embeddings"]).toHaveLength(2);
    const input = Array.from({ length: 10 }, () => "a");
    const large = await client.call("embed", { input, model: "trial/wide" });
    expect(large.structuredContent).toEqual({
      dimensions: 4096,
      usage: { inputTokens: 10 },
      model: "wide",
      backend: "trial",
    });
    const link = large.content[1];
    expect(link).toMatchObject({ type: "resource_link", name: "embeddings" });
    const vectors = JSON.parse(await client.read(link?.uri ?? "")) as number[][];
    expect(vectors.map((row) => row.length)).toEqual(input.map(() => 4096));
  });

  it("lists models, and shows each as a resource", async () => {
    const { structuredContent } = await client.call("list_models", { query: "SPACE" });
    expect(structuredContent?.["models"]).toEqual([
      {
        name: "trial/org/with space:q4",
        backend: "trial",
        capabilities: ["chat", "completion", "embedding", "classification"],
        derived: ["completion", "classification"],
        loaded: false,
        health: expect.any(String) as string,
        state: expect.any(String) as string,
        privacy: "device",
      },
    ]);
    const uris = await client.resources();
    expect(uris).toContain("models://list");
    const uri = uris.find((each) => each.includes("space")) ?? "";
    expect(uri).toBe("models://trial/org/with%20space%3Aq4");
    expect(JSON.parse(await client.read(uri))).toMatchObject({ name: "trial/org/with space:q4" });
    await expect(client.read("models://trial/nothing")).rejects.toThrow(/not found/i);
  });

  it("goes on after a call was cancelled", async () => {
    const controller = new AbortController();
    const given = { prompt: "x", model: "trial/stuck" };
    const call = client.call("chat", given, { signal: controller.signal });
    void sleep(200).then(() => controller.abort());
    await expect(call).rejects.toThrow(/abort/i);
    expect((await client.call("chat", { prompt: "still here" })).content[0]?.text).toBe(
      "still here",
    );
  });
}

async function problemOf(client: TestClient, tool: string, given: Record<string, unknown>) {
  const { isError, content } = await client.call(tool, given);
  return isError === true ? content[0]?.text : "no error";
}
