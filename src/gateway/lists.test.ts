import { describe, expect, it, vi } from "vitest";
import {
  createEngine,
  createTestGateway as gatewayOf,
  echoing,
} from "./__fixtures__/test-gateway.ts";

describe("lists", () => {
  it("show what each model can do, what is derived, and aliases of all kinds first", async () => {
    const gateway = gatewayOf(
      {
        engine: createEngine([{ name: "a", contextTokens: 512, capabilities: ["chat"] }]).backend,
        any: echoing,
        down: {
          capabilities: { embedding: async () => ({ embeddings: [], usage: {} }) },
          listModels: () => Promise.reject(new Error("connection refused")),
        },
      },
      {
        models: [
          { name: "listed", targets: ["engine/a"] },
          { name: "unlisted", targets: ["any/thing"] },
          { name: "unreachable", targets: ["down/x"] },
        ],
      },
    );
    const common = { loaded: false, installed: true, health: "unknown", privacy: "remote" };
    const chat = {
      capabilities: ["chat", "completion", "classification"],
      derived: ["completion", "classification"],
      ...common,
    };
    expect(await gateway.models()).toMatchObject([
      { name: "listed", backend: "engine", targets: ["engine/a"], contextTokens: 512, ...chat },
      { name: "unlisted", backend: "any", targets: ["any/thing"], ...chat },
      { name: "unreachable", backend: "down", targets: ["down/x"], ...common },
      { name: "engine/a", backend: "engine", contextTokens: 512, ...chat },
    ]);
    expect((await gateway.models({ capability: "embedding" })).map(({ name }) => name)).toEqual([
      "unreachable",
    ]);
    // Told once, however often it is asked.
    await gateway.models();
    expect(gateway.lines.filter((line) => line.startsWith("down can't list"))).toEqual([
      "down can't list its models: connection refused",
    ]);
  });

  it("ask for health only where it is wanted, and wait for no answer that never comes", async () => {
    let asked = 0;
    const gateway = gatewayOf({
      ill: {
        capabilities: {},
        healthCheck() {
          asked++;
          return new Promise(() => {});
        },
      },
    });
    expect(await gateway.backends()).toMatchObject([{ health: "unknown" }]);
    expect(asked).toBe(0);
    expect(await gateway.backends({ health: true, signal: AbortSignal.timeout(20) })).toMatchObject(
      [{ health: "unhealthy" }],
    );
  });

  it("say of a backend that says nothing that it did not answer", async () => {
    vi.useFakeTimers();
    const gateway = gatewayOf({
      silent: { capabilities: {}, healthCheck: () => new Promise(() => {}) },
    });
    const asking = gateway.backends({ health: true });
    await vi.advanceTimersByTimeAsync(2_000);
    const reason = expect.stringMatching(/^It did not answer within 2 s\. Check .*address/);
    expect(await asking).toMatchObject([{ health: "unhealthy", reason }]);
    vi.useRealTimers();
  });
});
