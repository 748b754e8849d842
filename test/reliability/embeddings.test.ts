import { afterEach, beforeEach, expect, it } from "vitest";
import openAiCompatible from "../../src/backends/openai-compatible/index.ts";
import {
  createTestGateway,
  type TestGateway,
} from "../../src/gateway/__fixtures__/test-gateway.ts";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { hang, late } from "../../src/testing/faults/connection.ts";

let first: ChaosUpstream;
let second: ChaosUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  [first, second] = await Promise.all([chaosUpstream(), chaosUpstream()]);
  const backend = {
    type: "openai-compatible",
    profile: "plain",
    models: ["chaos"],
    timeouts: { firstTokenMs: 1_000 },
    retry: { attempts: 1 },
  };
  gateway = createTestGateway([openAiCompatible], {
    backends: {
      first: { ...backend, baseUrl: `${first.url}/v1` },
      second: { ...backend, baseUrl: `${second.url}/v1` },
    },
    models: [{ name: "vectors", targets: ["first/chaos", "second/chaos"] }],
  });
});

afterEach(async () => {
  await gateway.close({ drainMs: 0 });
  await Promise.all([first.close(), second.close()]);
});

const embed = (model: string, input: string | string[]) =>
  gateway.call("embedding", { input }, { model });

it("an embedding is not waited for longer than for the beginning of an answer", async () => {
  first.use(() => hang("before-headers"));
  await expect(embed("first/chaos", "one")).rejects.toMatchObject({
    code: "timeout",
    backend: "first",
    message: expect.stringContaining("gave no answer for 1000 ms"),
    remedy: expect.stringContaining("timeouts.firstTokenMs"),
  });
});

it("goes on to the next target where the first one hangs", async () => {
  first.use(() => hang("before-headers"));
  const { target, result } = await embed("vectors", "one");
  expect(target.backend).toBe("second");
  expect(result).toMatchObject({ embeddings: [expect.any(Array)] });
});

it("gives a large batch more time", async () => {
  first.use(() => late(2_500));
  const text = "word ".repeat(200);
  const { target } = await embed(
    "vectors",
    Array.from({ length: 160 }, () => text),
  );
  expect(target.backend).toBe("first");
  await expect(embed("first/chaos", text)).rejects.toMatchObject({ code: "timeout" });
});
