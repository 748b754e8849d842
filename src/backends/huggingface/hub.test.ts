import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { tinyModels } from "../../../test/models/tiny-models.ts";
import type { Backend, PullResult } from "../../contract/backend.ts";
import type { PullProgress } from "../../contract/progress.ts";
import { contextOf, createBackend } from "./__fixtures__/tiny-backend.ts";
import { startTinyHub, type TinyHub } from "./__fixtures__/tiny-hub.ts";

const never = new AbortController().signal;
const token = "hf_never-to-be-seen";
let hub: TinyHub;
let folders: string;
let cacheDir: string;

beforeAll(async () => {
  folders = join((await tinyModels()).onnxDirectory, "test");
  hub = await startTinyHub();
});
afterAll(() => hub.close());
beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "modelyard-hub-"));
  hub.files.clear();
  hub.requests.length = 0;
  vi.stubEnv("HF_ENDPOINT", hub.url);
  vi.stubEnv("HF_TOKEN", "");
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(cacheDir, { recursive: true, force: true });
});

async function pull(backend: Backend, model: string) {
  const progress: PullProgress[] = [];
  const steps = backend.pull!(model, { signal: never })[Symbol.asyncIterator]();
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return { progress, result: step.value as PullResult };
    progress.push(step.value);
  }
}

function listed(backend: Backend) {
  return backend.listModels!(never).then((models) =>
    models.filter(({ name }) => name.includes("/")),
  );
}

function classify(backend: Backend, model: string) {
  return backend.capabilities.classification!({ input: "I love it" }, contextOf(model));
}

it("fetches a model by its name at the hub, tells how far it is, and runs it; then without the hub", async () => {
  await hub.add("owner/sentiment", join(folders, "sentiment"));
  const backend = createBackend({ cacheDir });
  const { progress, result } = await pull(backend, "hf:owner/sentiment");
  expect(result.name).toBe("owner/sentiment");
  expect(progress.at(-1)).toMatchObject({ phase: "pull", doneBytes: expect.any(Number) });
  expect(progress.at(-1)?.doneBytes).toBe(progress.at(-1)?.totalBytes);
  expect(await classify(backend, "owner/sentiment")).toMatchObject({ usage: { inputTokens: 5 } });
  vi.stubEnv("MODELYARD_OFFLINE", "1");
  vi.stubEnv("HF_ENDPOINT", "http://127.0.0.1:9");
  const offline = createBackend({ cacheDir });
  expect(await listed(offline)).toMatchObject([{ name: "owner/sentiment", installed: true }]);
  await classify(offline, "owner/sentiment");
  await expect(pull(offline, "owner/other")).rejects.toMatchObject({
    code: "download-failed",
    message: expect.stringContaining("offline nothing is fetched"),
  });
});

it("keeps to the configured revision, and to the one that a name says", async () => {
  await hub.add("owner/model", join(folders, "sentiment"));
  await hub.add("owner/model", join(folders, "embed"), { revision: "v1.0", commit: "c1" });
  const latest = createBackend({ cacheDir });
  const pinned = createBackend({ cacheDir, revision: "v1.0" });
  await pull(latest, "owner/model");
  expect(await listed(pinned)).toMatchObject([
    { name: "owner/model", installed: false, description: "Here at another revision" },
  ]);
  await expect(classify(pinned, "owner/model")).rejects.toMatchObject({
    code: "model-not-found",
    message: "owner/model is here, but not at revision v1.0.",
  });
  expect((await pull(pinned, "owner/model")).result.name).toBe("owner/model");
  expect(await listed(pinned)).toMatchObject([
    { name: "owner/model", installed: true, capabilities: ["embedding"] },
  ]);
  const { embedding } = pinned.capabilities;
  expect((await embedding!({ input: ["good"] }, contextOf("owner/model"))).embeddings).toHaveLength(
    1,
  );
  await classify(latest, "owner/model");
  expect((await listed(latest)).map(({ name }) => name)).toEqual([
    "owner/model",
    "owner/model@v1.0",
  ]);
  await latest.capabilities.embedding!({ input: ["good"] }, contextOf("owner/model@v1.0"));
  // the commit that a branch stood for is a revision like any other
  await classify(createBackend({ cacheDir, revision: "c0ffee" }), "owner/model");
  await pinned.remove?.("owner/model");
  expect((await listed(latest)).map(({ name }) => name)).toEqual(["owner/model"]);
});

it("fetches the form of the weights that is configured, and names those that there are", async () => {
  await hub.add("owner/embed", join(folders, "embed"));
  await pull(createBackend({ cacheDir }), "owner/embed");
  const coarse = createBackend({ cacheDir, dtype: "q4" });
  expect(await listed(coarse)).toMatchObject([{ installed: false, capabilities: ["embedding"] }]);
  await pull(coarse, "owner/embed");
  expect(await listed(coarse)).toMatchObject([{ installed: true }]);
  await expect(
    pull(createBackend({ cacheDir, dtype: "fp16" }), "owner/embed"),
  ).rejects.toMatchObject({
    code: "download-failed",
    remedy: 'Set "dtype" to one that is: q8, q4, fp32.',
  });
});

it("says of a gated model where to ask for access and how to give a token, and never the token", async () => {
  await hub.add("owner/gated", join(folders, "embed"));
  hub.gate("owner/gated");
  const page = `${hub.url}/owner/gated`;
  await expect(pull(createBackend({ cacheDir }), "owner/gated")).rejects.toMatchObject({
    code: "download-failed",
    message: expect.stringContaining(`${page} is gated; HF_TOKEN is not set`),
    remedy: `Ask for access at ${page}, and give a token of that account: set HF_TOKEN, or "token" of the backend in the configuration.`,
  });
  const backend = createBackend({ cacheDir, token });
  const refused: unknown = await pull(backend, "owner/gated").catch((error: unknown) => error);
  expect(String(refused)).toContain("a token is given, but its account has no access");
  expect(JSON.stringify(refused)).not.toContain(token);
  expect(hub.requests.at(-1)?.headers.authorization).toBe(`Bearer ${token}`);
});
