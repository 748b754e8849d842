import { describe, expect, it } from "vitest";
import { preparedModels } from "./ollama-store.ts";
import { startOllama } from "./ollama.ts";
import { skipWithout } from "./skip-without.ts";

describe.skipIf(await skipWithout(startOllama))("a real Ollama", () => {
  it("lists the prepared models, dies as a whole, and comes back with them", async () => {
    await using ollama = await startOllama();
    expect(await get(`${ollama.url}/api/version`)).toEqual({ version: "0.12.11" });
    expect(await modelNames(ollama.url)).toEqual(["minilm:latest", "smollm2:135m"]);
    expect(await ollama.killRunners()).toBe(0);
    await load(ollama.url, preparedModels.chat);

    const { pid } = ollama;
    await ollama.kill();
    await expect(fetch(ollama.url)).rejects.toThrow("fetch failed");
    expect(() => process.kill(-pid, 0)).toThrow("ESRCH"); // its runner, too

    await ollama.startAgain();
    expect(ollama.pid).not.toBe(pid);
    expect(await modelNames(ollama.url)).toEqual(["minilm:latest", "smollm2:135m"]);
    await load(ollama.url, preparedModels.chat);
    expect(await ollama.killRunners()).toBe(1);
  });

  it("starts with an empty store, on a port of one's choice", async () => {
    await using first = await startOllama({ models: "empty" });
    expect(await modelNames(first.url)).toEqual([]);
    await first.stop();
    const port = Number(new URL(first.url).port);
    await using second = await startOllama({ models: "empty", port });
    expect(second.url).toBe(first.url);
  });
});

async function get(url: string): Promise<unknown> {
  return (await fetch(url, { headers: { connection: "close" } })).json();
}

async function modelNames(url: string): Promise<string[]> {
  const { models } = (await get(`${url}/api/tags`)) as { models: { name: string }[] };
  return models.map(({ name }) => name).toSorted();
}

async function load(url: string, model: string): Promise<void> {
  const body = JSON.stringify({ model, stream: false });
  const headers = { connection: "close" };
  const response = await fetch(`${url}/api/generate`, { method: "POST", headers, body });
  expect(await response.json()).toMatchObject({ done: true, done_reason: "load" });
}
