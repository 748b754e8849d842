import { readdirSync, readFileSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { preparedModels } from "../../../test/peers/ollama-store.ts";
import { startOllama } from "../../../test/peers/ollama.ts";
import { startRecordedServer } from "../../../test/peers/recorded-server.ts";
import { skipWithout } from "../../../test/peers/skip-without.ts";
import { recording } from "./__fixtures__/open-ollama.ts";
import { askDirectly, gatewayTo } from "./__fixtures__/ollama-gateway.ts";

const model = `ollama/${preparedModels.chat}`;
const story = { prompt: "Write a long story.", maxTokens: 400, temperature: 0, seed: 1 };
const word = { prompt: "Say hello.", maxTokens: 2, temperature: 0, seed: 1 };

/** How much CPU a process group has used so far, in seconds. */
function cpuSeconds(group: number): number {
  const ticks = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
        return Number(fields[2]) === group ? Number(fields[11]) + Number(fields[12]) : 0;
      } catch {
        return 0; // it has ended meanwhile
      }
    });
  return ticks.reduce((sum, each) => sum + each, 0) / 100;
}

describe.skipIf(await skipWithout(startOllama))("the life of a real Ollama", () => {
  it("an engine that is killed in mid-stream is an error, and the next call is answered", async () => {
    await using ollama = await startOllama();
    await using gateway = gatewayTo(ollama.url);
    const { events } = await gateway.stream("chat", story, { model });
    await events.next();
    expect(await ollama.killRunners()).toBe(1);
    const rest = async () => {
      for await (const event of events) expect(event.type).not.toBe("finish");
    };
    await expect(rest()).rejects.toMatchObject({ code: "backend-error", backend: "ollama" });
    expect((await gateway.call("chat", word, { model })).result).toMatchObject({
      finishReason: "length",
    });
  });

  it("killed: seen within 2 s; back: answers within 5 s", async () => {
    await using ollama = await startOllama();
    await using gateway = gatewayTo(ollama.url);
    const heard: { status: string; at: number; reason?: string }[] = [];
    gateway.on("health", (health) => heard.push({ ...health, at: performance.now() }));
    await gateway.call("chat", word, { model });
    await expect.poll(() => heard.at(-1)?.status).toBe("healthy");

    const killedAt = performance.now();
    await ollama.kill();
    await expect.poll(() => heard.at(-1)?.status, { timeout: 5_000 }).toBe("unhealthy");
    expect(heard.at(-1)!.at - killedAt).toBeLessThan(2_000);
    expect(heard.at(-1)?.reason).toContain("ollama serve");
    await expect(gateway.call("chat", word, { model })).rejects.toMatchObject({
      code: "backend-unavailable",
      remedy: expect.stringContaining("ollama serve"),
    });

    await ollama.startAgain();
    const backAt = performance.now();
    const { result } = await gateway.call("chat", word, { model });
    expect(result).toMatchObject({ finishReason: "length" });
    expect(performance.now() - backAt).toBeLessThan(5_000);
    await expect.poll(() => heard.at(-1)?.status, { timeout: 5_000 }).toBe("healthy");
  });

  it("killed in mid-stream: an error, never a whole answer", async () => {
    await using ollama = await startOllama();
    await using gateway = gatewayTo(ollama.url);
    const { events } = await gateway.stream("chat", story, { model });
    await events.next();
    const rest = async () => {
      for await (const event of events) expect(event.type).not.toBe("finish");
    };
    const read = rest();
    await Promise.all([
      expect(read).rejects.toMatchObject({
        code: expect.stringMatching(/^(stream-interrupted|backend-error)$/),
      }),
      ollama.kill(),
    ]);
  });

  it("a cancelled answer costs Ollama nothing more within 2 s", async () => {
    await using ollama = await startOllama();
    await using gateway = gatewayTo(ollama.url);
    const controller = new AbortController();
    const { signal } = controller;
    const { events } = await gateway.stream("chat", story, { model, signal });
    for (let count = 0; count < 3; count += 1) await events.next();
    controller.abort();
    await expect(events.next()).rejects.toMatchObject({ code: "cancelled" });
    await sleep(2_000);
    const before = cpuSeconds(ollama.pid);
    await sleep(1_000);
    // It is asked for its health meanwhile.
    expect(cpuSeconds(ollama.pid) - before).toBeLessThan(0.2);
  });

  it("unloading frees its memory, and the list says so", async () => {
    await using ollama = await startOllama();
    await using gateway = gatewayTo(ollama.url);
    await gateway.call("chat", word, { model });
    const loaded = async () => (await gateway.models()).find(({ name }) => name === model)?.loaded;
    expect(await loaded()).toBe(true);
    await gateway.unload(model);
    expect(await askDirectly(ollama.url, "/api/ps")).toEqual({ models: [] });
    expect(await loaded()).toBe(false);
  });

  it("a model whose time ran out is loaded again", async () => {
    await using ollama = await startOllama();
    await using gateway = gatewayTo(ollama.url, { keepAlive: 1 });
    const loads = async () => {
      const phases: string[] = [];
      await gateway.call("chat", word, { model, onProgress: ({ phase }) => phases.push(phase) });
      return phases.filter((phase) => phase === "load").length;
    };
    expect(await loads()).toBe(1);
    expect(await loads()).toBe(0);
    await expect
      .poll(() => askDirectly(ollama.url, "/api/ps"), { timeout: 10_000 })
      .toEqual({ models: [] });
    await sleep(2_000); // two probes
    expect(await loads()).toBe(1);
  });
});

it("a cancelled call's connection is closed upstream within 50 ms", async () => {
  const gaps: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    const closed = Promise.withResolvers<number>();
    const endless = (_: unknown, response: ServerResponse) => {
      response.on("close", () => closed.resolve(performance.now()));
      response.writeHead(200).write('{"message":{"content":"a"},"done":false}\n');
    };
    await using server = await startRecordedServer({
      "GET /api/tags": recording("tags-pulled"),
      "GET /api/ps": recording("ps"),
      "GET /api/version": recording("version"),
      "POST /api/show": recording("show"),
      "POST /api/generate": recording("load"),
      "POST /api/chat": endless,
    });
    await using gateway = gatewayTo(server.url);
    const controller = new AbortController();
    const { signal } = controller;
    const { events } = await gateway.stream("chat", word, { model, signal });
    await events.next();
    const abortedAt = performance.now();
    controller.abort();
    gaps.push((await closed.promise) - abortedAt);
  }
  expect(Math.min(...gaps)).toBeLessThan(50);
});
