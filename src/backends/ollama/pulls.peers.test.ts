import { describe, expect, it } from "vitest";
import type { Progress } from "../../contract/progress.ts";
import { preparedModels } from "../../../test/peers/ollama-store.ts";
import { startOllama } from "../../../test/peers/ollama.ts";
import { startRegistry } from "../../../test/peers/registry.ts";
import { skipWithout } from "../../../test/peers/skip-without.ts";
import { gatewayTo } from "./__fixtures__/ollama-gateway.ts";

const model = `ollama/${preparedModels.chat}`;
const word = { prompt: "Say hello.", maxTokens: 2, temperature: 0, seed: 1 };
/** The weights of the model, about. */
const wholeBytes = 98_000_000;

describe.skipIf(await skipWithout(startOllama, startRegistry))("a missing model", () => {
  it("is pulled once for ten callers, with progress to each", async () => {
    await using registry = await startRegistry({ bytesPerSecond: 60_000_000 });
    await registry.push(preparedModels.chat);
    const environment = registry.ollamaEnvironment;
    await using ollama = await startOllama({ models: "empty", environment });
    await using gateway = gatewayTo(ollama.url, { autoPull: true });

    const heard = Array.from({ length: 10 }, (): Progress[] => []);
    const leaving = new AbortController();
    const left = gateway.call("chat", word, { model, signal: leaving.signal });
    const answers = heard.map((events) =>
      gateway.call("chat", word, { model, onProgress: (event) => events.push(event) }),
    );
    await expect.poll(() => registry.sentBytes, { timeout: 20_000 }).toBeGreaterThan(1_000_000);
    leaving.abort(); // stops nothing while others wait
    await expect(left).rejects.toMatchObject({ code: "cancelled" });
    for (const { result } of await Promise.all(answers))
      expect(result).toMatchObject({ finishReason: "length" });

    expect(registry.sentBytes).toBeLessThan(wholeBytes * 1.1);
    for (const events of heard) {
      const done = events.flatMap((each) => (each.phase === "pull" ? [each.doneBytes] : []));
      expect(done.length).toBeGreaterThan(3);
      expect(done).toEqual(done.toSorted((a, b) => a - b));
      expect(done.at(-1)).toBeGreaterThan(wholeBytes);
      expect(events.map(({ phase }) => phase)).toContain("load");
    }
  });

  it("that was given up half-way goes on where it stopped", async () => {
    await using registry = await startRegistry({ bytesPerSecond: 60_000_000 });
    await registry.push(preparedModels.chat);
    const environment = registry.ollamaEnvironment;
    await using ollama = await startOllama({ models: "empty", environment });
    await using gateway = gatewayTo(ollama.url);

    const controller = new AbortController();
    const leave = () => {
      if (registry.sentBytes > 30_000_000) controller.abort();
    };
    await expect(
      gateway.pull(model, { signal: controller.signal, onProgress: leave }),
    ).rejects.toMatchObject({ code: "cancelled" });
    const sentBefore = registry.sentBytes;
    const events: Progress[] = [];
    const pulled = await gateway.pull(model, { onProgress: (event) => events.push(event) });
    expect(pulled).toMatchObject({ model, digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) });
    expect(registry.sentBytes - sentBefore).toBeLessThan(wholeBytes - 10_000_000);
    expect(await gateway.models()).toMatchObject([{ name: model, installed: true }]);
    await gateway.remove(model);
    expect(await gateway.models()).toEqual([]);
  });

  it("is pulled to its end though Ollama itself is killed meanwhile", async () => {
    await using registry = await startRegistry({ bytesPerSecond: 60_000_000 });
    await registry.push(preparedModels.chat);
    // Else an Ollama that starts throws away what it has of a model.
    const environment = { ...registry.ollamaEnvironment, OLLAMA_NOPRUNE: "1" };
    await using ollama = await startOllama({ models: "empty", environment });
    await using gateway = gatewayTo(ollama.url);

    const pulling = gateway.pull(model);
    await expect.poll(() => registry.sentBytes, { timeout: 20_000 }).toBeGreaterThan(30_000_000);
    await ollama.kill();
    await ollama.startAgain();
    expect(await pulling).toMatchObject({ model });
  });

  it("that no registry has is named as such, and not fetched unasked", async () => {
    await using registry = await startRegistry();
    const environment = registry.ollamaEnvironment;
    await using ollama = await startOllama({ models: "empty", environment });
    await using gateway = gatewayTo(ollama.url);
    await expect(gateway.pull("ollama/no-such-model")).rejects.toMatchObject({
      code: "model-not-found",
      model: "no-such-model",
    });
    await expect(gateway.call("chat", word, { model })).rejects.toMatchObject({
      code: "model-not-found",
      remedy: expect.stringContaining("modelyard pull"),
    });
    expect(registry.sentBytes).toBe(0);
  });

  it("named with the host of a registry on this device comes by plain HTTP", async () => {
    await using registry = await startRegistry();
    await registry.push(preparedModels.chat);
    await using ollama = await startOllama({ models: "empty" });
    await using gateway = gatewayTo(ollama.url);
    const name = `ollama/${registry.host}/library/${preparedModels.chat}`;
    expect(await gateway.pull(name)).toMatchObject({ model: name });
    expect((await gateway.call("chat", word, { model: name })).result).toMatchObject({
      finishReason: "length",
    });
  });
});
