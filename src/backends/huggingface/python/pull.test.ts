import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type { Backend } from "../../../contract/backend.ts";
import { startTinyHub, type TinyHub } from "../__fixtures__/tiny-hub.ts";
import { createPythonBackend } from "./__fixtures__/python-backend.ts";
import { writeStubModels } from "./__fixtures__/write-stub-models.ts";

const never = new AbortController().signal;
let hub: TinyHub;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "modelyard-python-pull-"));
  await writeStubModels(join(folder, "there"));
  hub = await startTinyHub();
  await hub.add("owner/llama", join(folder, "there", "test", "llama"));
  vi.stubEnv("HF_ENDPOINT", hub.url);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(folder, { recursive: true, force: true });
});

async function pull(backend: Backend, name: string) {
  const steps = backend.pull!(name, { signal: never })[Symbol.asyncIterator]();
  let last = await steps.next();
  while (last.done !== true) last = await steps.next();
  return last.value;
}

it("fetches what Python reads into the configured folder, and deletes it", async () => {
  const { backend } = createPythonBackend({ cacheDir: join(folder, "here") });
  expect(await pull(backend, "hf:owner/llama")).toMatchObject({ name: "owner/llama" });
  expect(await backend.listModels!(never)).toMatchObject([
    { name: "owner/llama", installed: true, capabilities: ["chat", "completion"] },
  ]);
  await backend.remove?.("owner/llama");
  expect(await backend.listModels!(never)).toEqual([]);
  await expect(backend.remove?.("owner/llama")).rejects.toMatchObject({ code: "model-not-found" });
});

it("takes the catalogue's names for what its models were converted from", async () => {
  const original = "sentence-transformers/all-MiniLM-L6-v2";
  await hub.add(original, join(folder, "there", "test", "sentences"));
  const { backend } = createPythonBackend({ cacheDir: join(folder, "here") });
  expect(await pull(backend, "all-minilm-l6-v2")).toMatchObject({ name: original });
  expect(await backend.listModels!(never)).toMatchObject([
    { name: original, aliases: ["all-minilm-l6-v2"], installed: true },
  ]);
  await backend.remove?.("all-minilm-l6-v2");
  expect(await backend.listModels!(never)).toEqual([]);
});

it("takes names at the hub alone", async () => {
  const { backend } = createPythonBackend({ cacheDir: join(folder, "here") });
  for (const name of ["all-minilm", "./folder", "https://example.com/x.gguf", "a/b/x.gguf"])
    await expect(pull(backend, name)).rejects.toMatchObject({ code: "invalid-request" });
});
