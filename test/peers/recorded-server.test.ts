import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import pullCut from "../../src/backends/ollama/__fixtures__/pull-cut.json" with { type: "json" };
import stream from "../../src/backends/ollama/__fixtures__/chat-stream.json" with { type: "json" };
import version from "../../src/backends/ollama/__fixtures__/version.json" with { type: "json" };
import { startRecordedServer } from "./recorded-server.ts";

const backends = join(import.meta.dirname, "..", "..", "src", "backends");

describe("startRecordedServer", () => {
  it("answers by method and path, the last of several answers for good, and remembers what it was asked", async () => {
    await using server = await startRecordedServer({
      "GET /api/version": [{ status: 503, body: { error: "busy" } }, version],
      "POST /api/chat": stream,
    });
    const busy = await fetch(`${server.url}/api/version`);
    expect(busy.status).toBe(503);
    expect(await busy.json()).toEqual({ error: "busy" });
    for (const query of ["", "?again"])
      expect(await (await fetch(`${server.url}/api/version${query}`)).json()).toEqual(
        JSON.parse(version.response.body),
      );
    const chat = await fetch(`${server.url}/api/chat`, {
      method: "POST",
      headers: { authorization: "Bearer key" },
      body: JSON.stringify({ model: "m" }),
    });
    expect(chat.headers.get("content-type")).toBe("application/x-ndjson");
    expect(await chat.text()).toBe(stream.response.chunks.map(([, text]) => text).join(""));
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /api/version",
      "GET /api/version",
      "GET /api/version?again",
      "POST /api/chat",
    ]);
    expect(server.requests[3]).toMatchObject({
      body: { model: "m" },
      headers: { authorization: "Bearer key" },
    });
  });

  it("answers in order, and says so when it has no more answers", async () => {
    await using server = await startRecordedServer([
      version,
      { status: 200, contentType: "text/event-stream", body: "data: {}\n\n" },
    ]);
    expect((await fetch(server.url)).status).toBe(200);
    const second = await fetch(`${server.url}/other`);
    expect(second.headers.get("content-type")).toBe("text/event-stream");
    expect(await second.text()).toBe("data: {}\n\n");
    const third = await fetch(`${server.url}/third`, { method: "POST", body: "no json" });
    expect(third.status).toBe(599);
    expect(await third.text()).toContain("POST /third");
    expect(server.requests[2]?.body).toBe("no json");
  });

  it("sends a stream in the parts it was recorded in, at the pace asked for", async () => {
    const chunks = [
      [0, "a"],
      [1, "b"],
      [2, "c"],
    ];
    await using server = await startRecordedServer([{ status: 200, chunks }], { delayMs: 50 });
    const parts: string[] = [];
    const decoder = new TextDecoder();
    for await (const part of (await fetch(server.url)).body!) parts.push(decoder.decode(part));
    expect(parts).toEqual(["a", "b", "c"]);
  });

  it("cuts where the recording was cut, after all that came before", async () => {
    await using server = await startRecordedServer([pullCut]);
    const { body } = await fetch(server.url);
    let text = "";
    const decoder = new TextDecoder();
    await expect(async () => {
      for await (const part of body!) text += decoder.decode(part);
    }).rejects.toThrow("terminated");
    expect(text).toBe(pullCut.response.chunks.map(([, line]) => line).join(""));
  });

  it("leaves a fault to a function", async () => {
    await using server = await startRecordedServer({
      "GET /": (_request, response) => response.destroy(),
    });
    await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  });
});

it("every recorded answer that calls itself JSON is JSON", async () => {
  const folders = ["ollama/__fixtures__", "openai-compatible/__fixtures__/llama-server"];
  const broken: string[] = [];
  let count = 0;
  for (const folder of folders)
    for (const file of await readdir(join(backends, folder))) {
      if (!file.endsWith(".json")) continue;
      const { response } = JSON.parse(await readFile(join(backends, folder, file), "utf8")) as {
        response: { headers: Record<string, string>; body?: string; chunks?: [number, string][] };
      };
      const type = response.headers["content-type"] ?? "";
      const text = response.body ?? response.chunks!.map(([, part]) => part).join("");
      const pieces = type.includes("ndjson") ? text.trim().split("\n") : [text];
      if (!type.includes("json")) continue;
      count++;
      if (!pieces.every(isJson)) broken.push(file);
    }
  expect(broken).toEqual([]);
  expect(count).toBeGreaterThan(60);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
