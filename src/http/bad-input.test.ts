import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { Handlers } from "../contract/backend.ts";
import { saying } from "../gateway/__fixtures__/test-gateway.ts";
import { hello, serveBackend } from "./__fixtures__/serve-backend.ts";
import { speak } from "./__fixtures__/speak.ts";
import type { HttpServerOptions } from "./server.ts";

const chatPath = "/v1/chat/completions";
const chat = saying("hi");
const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

function jsonSchema(schema: unknown): object {
  return { type: "json_schema", json_schema: { name: "x", schema } };
}

function tool(change: object): object {
  return {
    type: "function",
    function: { name: "look", parameters: { type: "object" }, ...change },
  };
}

const noSchema = jsonSchema(7);

const deep = `${'{"items":'.repeat(5_000)}{}${"}".repeat(5_000)}`;

function manyFields(count: number): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`zzq${index}`, 1]));
}

function chatWith(change: object): string {
  return JSON.stringify({ ...hello, ...change });
}

/** A connection that reads only when it is told to. */
async function open(url: string): Promise<Socket> {
  const { port, hostname } = new URL(url);
  const socket = connect(Number(port), hostname).on("error", () => {});
  sockets.push(socket);
  await once(socket, "connect");
  return socket;
}

async function readToEnd(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("utf8").on("data", (part: string) => (text += part));
  await once(socket, "close");
  return text;
}

function head(length: number | "chunked", path = chatPath): string {
  const size = length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`;
  return `POST ${path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${size}\r\n\r\n`;
}

/** Says a word, and nothing more. */
const unending: NonNullable<Handlers["chat"]> = async function* () {
  yield { type: "text-delta", text: "begun" };
  await new Promise(() => {});
};

describe("bad input", () => {
  it("too much of it: headers of 1 MB, a long address, a body beyond the limit", async () => {
    const { url, post } = await serveBackend({ chat }, { maxBodyBytes: 100_000 });
    const refused = /^HTTP\/1.1 431 .*x-request-id: [\da-f-]{36}\r.*"code":"invalid-request"/s;
    const headers = `GET /health HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(1_000_000)}\r\n\r\n`;
    expect(await speak(url, headers)).toMatch(refused);
    expect(await speak(url, `GET /${"x".repeat(100_000)} HTTP/1.1\r\n\r\n`)).toMatch(refused);
    const response = await post(chatPath, { ...hello, user: "x".repeat(20 * 1024 * 1024) });
    expect(response.status).toBe(413);
    expect(await response.json()).toEqual({
      error: {
        message: "A body holds at most 100000 bytes.",
        type: "invalid_request_error",
        code: "invalid-request",
        param: null,
      },
    });
    const socket = await open(url);
    const text = readToEnd(socket);
    socket.write(head("chunked"));
    for (let sent = 0; sent < 20; sent++) socket.write(`10000\r\n${"x".repeat(65_536)}\r\n`);
    socket.write(`0\r\n\r\nGET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    expect(await text).toMatch(/^HTTP\/1.1 413 .*HTTP\/1.1 200 OK.*"status":"ok"/s);
  });

  it.each([
    ["malformed JSON", chatPath, '{"model":'],
    ["an empty body", chatPath, ""],
    ["a list", chatPath, "[]"],
    ["a text", chatPath, '"hi"'],
    ["wrong types", chatPath, '{"model":7,"messages":"hi"}'],
    ["a name of JavaScript's own", chatPath, '{"__proto__":{"a":1},"messages":[]}'],
    ["too many prompts", "/v1/completions", JSON.stringify({ prompt: Array(129).fill("") })],
    ["a name beyond all length", chatPath, chatWith({ model: "m".repeat(2_000) })],
    [
      "a schema nested thousands deep",
      chatPath,
      chatWith({ response_format: "DEEP" }).replace('"DEEP"', deep),
    ],
    ["more fields than anybody reads", chatPath, chatWith(manyFields(20_000))],
    ["a hundred unknown fields and more", chatPath, chatWith(manyFields(200))],
    ["wrong keys without end", chatPath, chatWith({ logit_bias: manyFields(9_000) })],
    ["a schema that is none", chatPath, chatWith({ response_format: noSchema })],
    ["an unknown field, nearly a known one", chatPath, chatWith({ temprature: 1 })],
    ["a stream of what can't be streamed", "/v1/classify", '{"input":"x","stream":true}'],
    ["text that is no UTF-8", chatPath, "\u00ff"],
    ["a broken address", "/v1/models/%zz", "{}"],
  ])("%s is 400 in the shape of every error", async (_what, path, body) => {
    const { url, lines } = await serveBackend({ chat });
    const init = { method: "POST", headers: { "content-type": "application/json" }, body };
    const response = await fetch(url + path, init);
    expect(response.status).toBe(400);
    expect(response.headers.get("x-request-id")).toMatch(/^[\da-f-]{36}$/);
    const text = await response.text();
    expect(text.length).toBeLessThan(1_000);
    expect(JSON.parse(text)).toMatchObject({
      error: { type: "invalid_request_error", code: "invalid-request" },
    });
    expect(lines).toEqual([]);
  });

  it.each([
    [
      { response_format: jsonSchema({ type: "nonsense" }) },
      "response_format.json_schema.schema.type",
      '"nonsense"',
    ],
    [
      { response_format: jsonSchema({ properties: { a: { items: 7 } } }) },
      "response_format.json_schema.schema.properties.a.items",
      "Must be a schema",
    ],
    [
      { tools: [tool({ parameters: { type: "zzz" } })] },
      "tools[0].function.parameters.type",
      '"zzz"',
    ],
    [
      { response_format: jsonSchema({ properties: { a: { $ref: "#/nope" } } }) },
      "response_format.json_schema.schema.properties.a.$ref",
      '"#/nope" points nowhere',
    ],
    [
      { tools: [tool({ parameters: { pattern: "(" } })] },
      "tools[0].function.parameters.pattern",
      '"(" is no regular expression',
    ],
    [{ tools: [tool({}), tool({ name: "a\nb" })] }, "tools[1].function.name", "control characters"],
    [{ tools: [tool({ name: "" })] }, "tools[0].function.name", "Must not be empty"],
    [{ tools: [tool({ name: "x".repeat(257) })] }, "tools[0].function.name", "longer than 256"],
  ])("%j names the place that is wrong", async (change, param, said) => {
    const { post } = await serveBackend({ chat });
    const response = await post(chatPath, { ...hello, ...change });
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { message: string; param: string } };
    expect(error).toMatchObject({ code: "invalid-request", param });
    expect(error.message).toContain(`${param}: `);
    expect(error.message).toContain(said);
  });

  it("a field called as what every object has is unknown like any other", async () => {
    const { post } = await serveBackend({ chat });
    const response = await post(chatPath, { ...hello, constructor: 1 });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-modelyard-warnings")).toContain("constructor is not known");
  });

  it("ten thousand messages are a request like any other", async () => {
    const { post } = await serveBackend({ chat });
    const messages = Array.from({ length: 10_000 }, () => hello.messages[0]);
    expect((await post(chatPath, { ...hello, messages })).status).toBe(200);
  });

  it("garbage behind a request does not get into its answer", async () => {
    const { url } = await serveBackend({ chat: unending });
    const socket = await open(url);
    const text = readToEnd(socket);
    const body = JSON.stringify({ ...hello, stream: true });
    socket.write(head(body.length) + body);
    await once(socket, "data");
    socket.write("garbage\r\n\r\n");
    expect(await text).toMatch(/^HTTP\/1.1 200 (?!.*HTTP\/1.1)/s);
  });
});

describe("a slow client", () => {
  const limits = { headersMs: 150, requestMs: 400, idleMs: 150, stallMs: 300, checkMs: 25 };

  it.each([
    ["says nothing", ""],
    ["sends half a request", "GET /health HTTP/1.1\r\nhost: loc"],
    ["sends half a body", `${head(1000)}{"model":`],
    ["sends half a body to /mcp", `${head(1000, "/mcp")}{"jsonrpc":`],
  ])(
    "that %s is told so with 408, and its connection closed though it keeps it",
    async (_, bytes) => {
      const { url } = await serveBackend({ chat }, { limits });
      const socket = await open(url);
      socket.allowHalfOpen = true;
      let text = "";
      socket.setEncoding("utf8").on("data", (part: string) => (text += part));
      socket.write(bytes);
      await once(socket, "end");
      expect(text).toMatch(/^HTTP\/1.1 408 .*"code":"invalid-request"/s);
      // It does not hang up itself; only where the other side has gone is what it sends refused.
      const timer = setInterval(() => socket.write(" "), 50);
      await new Promise((resolve) => socket.once("close", resolve));
      clearInterval(timer);
    },
  );

  it("that sends a byte at a time is ended, and keeps nobody waiting", async () => {
    const { url, post } = await serveBackend({ chat }, { limits });
    const socket = await open(url);
    const text = readToEnd(socket);
    socket.write(head(1000));
    const timer = setInterval(() => socket.write(" "), 20);
    expect((await post(chatPath, hello)).status).toBe(200);
    expect(await text).toMatch(/^HTTP\/1.1 408 /);
    clearInterval(timer);
  });

  it("that idles between two requests loses its connection", async () => {
    const { url } = await serveBackend({ chat }, { limits });
    const socket = await open(url);
    const text = readToEnd(socket);
    socket.write("GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
    expect(await text).toMatch(/^HTTP\/1.1 200 /);
  });

  it("that does not read is ended, what it holds is bounded, and the work upstream stops", async () => {
    const stopped = Promise.withResolvers<string>();
    const part = "x".repeat(10_000);
    let written = 0;
    const endless: NonNullable<Handlers["chat"]> = async function* (_, { signal }) {
      signal.addEventListener("abort", () => stopped.resolve(String(signal.reason.code)));
      for (; ; written++) yield { type: "text-delta", text: part };
    };
    const { url, post } = await serveBackend({ chat: endless }, { limits });
    const socket = await open(url);
    socket.pause();
    const body = JSON.stringify({ ...hello, stream: true });
    socket.write(head(body.length) + body);
    // That it goes on sending, empty lines here, is no sign that it reads.
    const timer = setInterval(() => socket.write("\r\n"), 50);
    expect(await stopped.promise).toBe("cancelled");
    clearInterval(timer);
    // What the two sockets' buffers hold; of ours there is one event and a bit.
    expect(written).toBeLessThan(2_000);
    expect((await post("/v1/embeddings", { input: "x" })).status).not.toBe(200);
  });

  it("that closes its own side alone has given up, though it still reads", async () => {
    const begun = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<string>();
    const silent: NonNullable<Handlers["chat"]> = async function* (_, { signal }) {
      begun.resolve();
      await once(signal, "abort");
      stopped.resolve(String(signal.reason.code));
      yield { type: "finish", reason: "stop", usage: {} };
    };
    const { url } = await serveBackend({ chat: silent }, { limits });
    const socket = await open(url);
    const text = readToEnd(socket);
    const body = JSON.stringify(hello);
    socket.write(head(body.length) + body);
    await begun.promise;
    socket.end();
    expect(await stopped.promise).toBe("cancelled");
    expect(await text).toBe("");
  });

  it("that reads slowly but steadily is served to the end", async () => {
    const text = "x".repeat(20_000);
    const { url } = await serveBackend(
      {
        async *chat() {
          for (let index = 0; index < 1000; index++) yield { type: "text-delta", text };
          yield { type: "finish", reason: "stop", usage: {} };
        },
      },
      { limits },
    );
    const socket = await open(url);
    const body = JSON.stringify({ ...hello, stream: true });
    socket.write(head(body.length) + body);
    let read = 0;
    let end = "";
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      read += chunk.length;
      end = (end + chunk.toString()).slice(-100);
      if (read % 7 === 0) await sleep(10);
      if (end.includes("[DONE]")) break;
    }
    expect(read).toBeGreaterThan(20_000_000);
  });

  it("that leaves a whole answer lying is ended too", async () => {
    const closed = Promise.withResolvers<boolean>();
    const mcpHandler: HttpServerOptions["mcpHandler"] = {
      handle(_, response) {
        response.once("close", () => closed.resolve(response.writableFinished));
        response.end("x".repeat(30_000_000));
      },
      async close() {},
    };
    const { url } = await serveBackend({ chat }, { limits, mcpHandler });
    const socket = await open(url);
    socket.pause();
    socket.write("GET /mcp HTTP/1.1\r\nhost: localhost\r\n\r\n");
    // That it goes on sending is no sign that it reads.
    const timer = setInterval(() => socket.write("\r\n"), 50);
    expect(await closed.promise).toBe(false);
    clearInterval(timer);
  });
});
