import { expect, it } from "vitest";
import { z } from "zod";
import { defineBackend, type Backend } from "../contract/backend.ts";
import { createSecrets } from "../contract/http/secrets.ts";
import { createTestGateway } from "./__fixtures__/test-gateway.ts";
import { redactErrors } from "./redact-errors.ts";

const secret = "sk-very-secret";
const { signal } = new AbortController();

/** As an author may write one: nothing of it survives outside its own object. */
class Service implements Backend {
  readonly #key = secret;
  readonly #names = ["m"];

  get capabilities() {
    return this.#names.length > 0 ? { embedding: async () => ({ embeddings: [], usage: {} }) } : {};
  }
  takesAnyModel() {
    return this.#names.length > 0;
  }
  async listModels() {
    return this.#names.map((name) => ({ name }));
  }
  async healthCheck() {
    return { status: "degraded" as const, reason: `${this.#key} is not taken` };
  }
  async load() {
    throw new Error(`refused: ${this.#key}`);
  }
  // oxlint-disable-next-line eslint/require-yield -- it fails before anything comes
  async *pull(): AsyncGenerator<never, void> {
    throw new Error(`refused: ${this.#key}`);
  }
}

function guarded(): Backend {
  const secrets = createSecrets();
  secrets.add(secret);
  return redactErrors(new Service(), secrets);
}

it("leaves a backend what it is, a class too", async () => {
  const backend = guarded();
  expect(Object.keys(backend.capabilities)).toEqual(["embedding"]);
  expect(backend.takesAnyModel?.()).toBe(true);
  expect(await backend.listModels?.(signal)).toEqual([{ name: "m" }]);
  expect(backend.unload).toBeUndefined();
});

it("lets no secret out, thrown or told", async () => {
  const backend = guarded();
  expect(await backend.healthCheck?.(signal)).toEqual({
    status: "degraded",
    reason: "*** is not taken",
  });
  const refused = { message: "refused: ***" };
  await expect(backend.load?.("m", { signal, progress() {} })).rejects.toMatchObject(refused);
  const pulling = backend.pull?.("m", { signal })[Symbol.asyncIterator]();
  await expect(pulling?.next()).rejects.toMatchObject(refused);
});

it("knows the secrets that a backend is configured with before any is sent", async () => {
  const definition = defineBackend({
    type: "acme",
    config: z.strictObject({ apiKey: z.string() }),
    sends: "nothing",
    create: ({ config, log }) => ({
      capabilities: {},
      async initialize() {
        log.info(`begins with ${config.apiKey}`);
        throw new Error(`no such key: ${config.apiKey}`);
      },
    }),
  });
  const gateway = createTestGateway([definition], { backends: { acme: { apiKey: secret } } });
  const asked = gateway.call("chat", { prompt: "hello" }, { model: "acme/any" });
  await expect(asked).rejects.toMatchObject({ message: "no such key: ***" });
  expect(gateway.lines.join()).toMatch(/begins with \*\*\*/);
  await gateway.close();
});
