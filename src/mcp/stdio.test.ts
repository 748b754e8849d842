import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { clientKinds, connectClient } from "./__fixtures__/clients.ts";
import { checkFace } from "./__fixtures__/face-checks.ts";
import { initialize } from "./__fixtures__/http-requests.ts";

const program = fileURLToPath(new URL("./__fixtures__/stdio-entry.ts", import.meta.url));

const call = (id: number, model: string, prompt = "hi") => ({
  jsonrpc: "2.0",
  id,
  method: "tools/call",
  params: { name: "chat", arguments: { prompt, model } },
});

describe.concurrent.each(clientKinds)("serveStdio with client %s", (kind) => {
  checkFace(() => connectClient(kind, { program }), { dropsLate: true });
});

describe("serveStdio", () => {
  const started: ChildProcessWithoutNullStreams[] = [];
  afterEach(() => {
    for (const child of started.splice(0)) child.kill("SIGKILL");
  });

  /** The program, and what it wrote so far: whole lines of each stream. */
  function start(environment: Record<string, string> = {}) {
    const child = spawn(process.execPath, [program], { env: { ...process.env, ...environment } });
    started.push(child);
    let output = "";
    let errors = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => (output += part));
    child.stderr.setEncoding("utf8").on("data", (part: string) => (errors += part));
    const send = (message: object) => child.stdin.write(`${JSON.stringify(message)}\n`);
    const lines = () => output.split("\n").filter((line) => line !== "");
    return {
      child,
      send,
      errors: () => errors,
      messages: () => lines().map((line) => JSON.parse(line) as Record<string, unknown>),
      /** Settles with the answer to a request. */
      answer: (id: number | null) =>
        expect
          .poll(() => lines().find((line) => line.includes(`"id":${id}`)), { timeout: 10_000 })
          .toBeDefined()
          .then(() => JSON.parse(lines().find((line) => line.includes(`"id":${id}`)) ?? "{}")),
      async closeInput() {
        child.stdin.end();
        const [code] = (await once(child, "exit")) as [number];
        return code;
      },
      seen: (text: string) => expect.poll(() => errors, { timeout: 10_000 }).toContain(text),
    };
  }

  it("survives garbage, and says what it was", async () => {
    const server = start();
    server.child.stdin.write("garbage\n\n[1,2\n");
    server.child.stdin.write(Buffer.from([0xff, 0xfe, 0x00, 0x0a]));
    server.child.stdin.write('{"jsonrpc":"2.0"}\n');
    server.send(initialize);
    expect(await server.answer(1)).toHaveProperty("result.protocolVersion", "2025-11-25");
    const codes = server
      .messages()
      .flatMap(({ error }) => (error as { code?: number })?.code ?? []);
    expect(codes).toEqual([-32_700, -32_700, -32_700, -32_600]);
  });

  it("answers a line that is too long, wherever its id stands, and goes on", async () => {
    const server = start({ MAX_MESSAGE_BYTES: "100000" });
    server.send(initialize);
    server.send(call(2, "trial/plain", "x".repeat(200_000)));
    const { id: _, ...rest } = call(0, "trial/plain", "x".repeat(200_000));
    server.send({ ...rest, id: 3 });
    expect(await server.answer(2)).toMatchObject({
      error: { message: expect.stringContaining("too long") as string },
    });
    expect(await server.answer(3)).toHaveProperty("error.code", -32_600);
    server.send(call(4, "trial/plain"));
    expect(await server.answer(4)).toHaveProperty("result.structuredContent.text", "hi");
  });

  it("refuses a level of logging that there is not, and keeps to one that there is", async () => {
    const server = start();
    server.send(initialize);
    await server.answer(1);
    const set = (id: number, params: object) =>
      server.send({ jsonrpc: "2.0", id, method: "logging/setLevel", params });
    set(2, { level: "waring" });
    expect(await server.answer(2)).toMatchObject({
      error: {
        code: -32_602,
        message: expect.stringMatching(/must be one of debug, .*"warning"/) as string,
      },
    });
    set(3, {});
    expect(await server.answer(3)).toHaveProperty("error.code", -32_602);
    set(4, { level: "error" });
    expect(await server.answer(4)).toHaveProperty("result", {});
    server.send(call(5, "trial/warning"));
    await server.answer(5);
    set(6, { level: "debug" });
    await server.answer(6);
    server.send(call(7, "trial/warning"));
    await server.answer(7);
    const told = server.messages().filter(({ method }) => method === "notifications/message");
    expect(told).toHaveLength(1);
  });

  it("writes all progress before the result: text in order, bytes up to the last", async () => {
    const server = start();
    server.send(initialize);
    const prompt = Array.from({ length: 40 }, (_, index) => `word${index}`).join(" ");
    const { params, ...rest } = call(2, "trial/slow", prompt);
    server.send({ ...rest, params: { ...params, _meta: { progressToken: "text" } } });
    const given = { name: "pull_model", arguments: { model: "trial/plain" } };
    const pull = { ...given, _meta: { progressToken: "bytes" } };
    server.send({ jsonrpc: "2.0", id: 3, method: "tools/call", params: pull });
    await server.answer(2);
    await server.answer(3);
    const messages = server.messages();
    const toldBefore = (id: number, token: string) => {
      const notes = messages.slice(
        0,
        messages.findIndex((each) => each["id"] === id),
      );
      const told = notes.map((each) => each["params"] as Record<string, unknown> | undefined);
      return told.filter((each) => each?.["progressToken"] === token);
    };
    const text = toldBefore(2, "text").map((each) => each?.["message"]);
    expect(text.length).toBeGreaterThan(3);
    expect(text.join("")).toBe(prompt);
    const bytes = toldBefore(3, "bytes");
    expect(bytes.length).toBeGreaterThan(2);
    expect(bytes.at(-1)).toMatchObject({ progress: 1_000_000, total: 1_000_000 });
    const late = messages.slice(messages.findLastIndex((each) => "id" in each) + 1);
    expect(late.filter(({ method }) => method === "notifications/progress")).toEqual([]);
  });

  it("takes a message of 10 MB", async () => {
    const server = start();
    server.send(initialize);
    const prompt = "x".repeat(10_000_000);
    server.send(call(2, "trial/plain", prompt));
    const { result } = await server.answer(2);
    expect(result.structuredContent.text === prompt).toBe(true);
  });

  it("stops the work when a call is cancelled, and sends no answer", async () => {
    const server = start();
    server.send(initialize);
    server.send(call(2, "trial/stuck"));
    await server.seen("stuck");
    server.send({
      jsonrpc: "2.0",
      method: "notifications/cancelled",
      params: { requestId: 2, reason: "enough" },
    });
    await server.seen("stopped");
    server.send(call(3, "trial/plain"));
    await server.answer(3);
    expect(server.messages().map(({ id }) => id)).toEqual([1, 3]);
  });

  it("ends when its input is closed between calls", async () => {
    const server = start();
    server.send(initialize);
    await server.answer(1);
    expect(await server.closeInput()).toBe(0);
  });

  it("ends when its input is closed in mid-call, and stops the work", async () => {
    const server = start();
    server.send(initialize);
    server.send(call(2, "trial/stuck"));
    await server.seen("stuck");
    // The call would take longer than a test may.
    expect(await server.closeInput()).toBe(0);
    expect(server.errors()).toContain("stopped");
  });

  it("ends when nobody reads its output any more", async () => {
    const server = start();
    server.send(initialize);
    await server.answer(1);
    server.child.stdout.destroy();
    server.send(call(2, "trial/slow", "many words ".repeat(20)));
    const [code] = (await once(server.child, "exit")) as [number];
    expect(code).toBe(0);
  });

  it("tells a client that the models have changed", async () => {
    const server = start();
    server.send(initialize);
    server.send({ jsonrpc: "2.0", method: "notifications/initialized" });
    server.send(call(2, "trial/plain"));
    await server.answer(2);
    server.send({
      jsonrpc: "2.0",
      id: 3,
      method: "tools/call",
      params: { name: "pull_model", arguments: { model: "trial/plain" } },
    });
    await expect
      .poll(() => server.messages().map(({ method }) => method), { timeout: 10_000 })
      .toContain("notifications/resources/list_changed");
  });
});
