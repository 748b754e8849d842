import { expect, it } from "vitest";
import type { Backend } from "../contract/backend.ts";
import { createSecrets } from "../contract/http/secrets.ts";
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
