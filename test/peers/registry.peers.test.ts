import { describe, expect, it } from "vitest";
import { preparedModels } from "./ollama-store.ts";
import { startOllama } from "./ollama.ts";
import { startRegistry } from "./registry.ts";
import { skipWithout } from "./skip-without.ts";

const model = preparedModels.chat;

interface PullEvent {
  status?: string;
  error?: string;
  completed?: number;
}

describe.skipIf(await skipWithout(startOllama, startRegistry))("a real registry", () => {
  it("gives a model by its plain name to an Ollama that has none, and the rest of it after a pull that was given up", async () => {
    await using registry = await startRegistry({ bytesPerSecond: 60_000_000 });
    await registry.push(model);
    await using ollama = await startOllama({
      models: "empty",
      environment: registry.ollamaEnvironment,
    });

    const givenUp = await pull(ollama.url, { model }, 20_000_000);
    expect(givenUp.at(-1)?.status).toMatch(/^pulling [0-9a-f]{12}$/);
    expect(await modelNames(ollama.url)).toEqual([]);
    // not started anew: it would throw away what it has of a model (but for OLLAMA_NOPRUNE=1)
    await expect.poll(() => settled(registry), { timeout: 20_000 }).toBe(true);
    const sentBytes = registry.sentBytes;

    const resumed = await pull(ollama.url, { model });
    expect(resumed.at(-1)).toEqual({ status: "success" });
    expect(await modelNames(ollama.url)).toEqual([model]);
    // 98 MB in all, of which it had some 20
    expect(sentBytes).toBeGreaterThan(10_000_000);
    expect(registry.sentBytes - sentBytes).toBeLessThan(98_000_000 - 10_000_000);
  });

  it("cuts a pull in the middle until it is mended; Ollama waits and goes on", async () => {
    await using registry = await startRegistry({ bytesPerSecond: 60_000_000 });
    await registry.push(model);
    await using ollama = await startOllama({ models: "empty" });

    const events = pull(ollama.url, { model: `${registry.host}/library/${model}`, insecure: true });
    await expect.poll(() => registry.sentBytes, { timeout: 20_000 }).toBeGreaterThan(10_000_000);
    registry.cut();
    await expect.poll(() => settled(registry), { timeout: 20_000 }).toBe(true);
    expect(registry.sentBytes).toBeLessThan(98_000_000);
    registry.mend();
    expect((await events).at(-1)).toEqual({ status: "success" });
    expect(await modelNames(ollama.url)).toEqual([`${registry.host}/library/${model}`]);
  });
});

/** The events of a pull, up to its end or until so much has come, which gives it up. */
async function pull(url: string, body: object, untilBytes = Infinity): Promise<PullEvent[]> {
  const response = await fetch(`${url}/api/pull`, {
    method: "POST",
    headers: { connection: "close" },
    body: JSON.stringify(body),
  });
  const events: PullEvent[] = [];
  let rest = "";
  for await (const text of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    events.push(...lines.map((line) => JSON.parse(line) as PullEvent));
    if ((events.at(-1)?.completed ?? 0) >= untilBytes) break;
  }
  return events;
}

/** Whether it sends nothing any more. */
async function settled(registry: { sentBytes: number }): Promise<boolean> {
  const before = registry.sentBytes;
  await new Promise((resolve) => setTimeout(resolve, 300));
  return registry.sentBytes === before;
}

async function modelNames(url: string): Promise<string[]> {
  const response = await fetch(`${url}/api/tags`, { headers: { connection: "close" } });
  const { models } = (await response.json()) as { models: { name: string }[] };
  return models.map(({ name }) => name);
}
