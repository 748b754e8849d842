import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createPythonBackend } from "./__fixtures__/python-backend.ts";
import { findInHubCache, hubCacheDirectory, listHubCache } from "./hub-cache.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "modelyard-hub-cache-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(home, { recursive: true, force: true });
});

/** A model as huggingface_hub lays it down: blobs, and links to them for each commit. */
async function put(folder: string, commit: string, refs: string[], weights = "model.safetensors") {
  const model = join(home, "hub", folder);
  const snapshot = join(model, "snapshots", commit);
  await mkdir(snapshot, { recursive: true });
  await mkdir(join(model, "blobs"), { recursive: true });
  const config = JSON.stringify({ architectures: ["LlamaForCausalLM"] });
  for (const [name, text] of [
    ["config.json", config],
    [weights, "12345"],
  ] as const) {
    const blob = join(model, "blobs", `${commit}-${name}`);
    await writeFile(blob, text);
    await symlink(blob, join(snapshot, name));
  }
  for (const ref of refs) {
    await mkdir(join(model, "refs", ref, ".."), { recursive: true });
    await writeFile(join(model, "refs", ref), commit);
  }
}

function list(settings: object) {
  const { signal } = new AbortController();
  return createPythonBackend(settings).backend.listModels!(signal);
}

it("lies where huggingface_hub keeps it", () => {
  expect(hubCacheDirectory({ HF_HUB_CACHE: "/a", HF_HOME: "/b" })).toBe("/a");
  expect(hubCacheDirectory({ HF_HOME: "/b", XDG_CACHE_HOME: "/c" })).toBe(join("/b", "hub"));
  expect(hubCacheDirectory({ XDG_CACHE_HOME: "/c" })).toBe(join("/c", "huggingface", "hub"));
  expect(hubCacheDirectory({ HOME: "/d" })).toBe(join("/d", ".cache", "huggingface", "hub"));
});

it("gives the models that Python can run, each at the revision that is asked for", async () => {
  await put("models--owner--name", "c1", ["main"]);
  await put("models--owner--name", "c2", ["refs/pr/7"]);
  await put("models--owner--long--name", "c5", ["main"]);
  await put("models--owner--onnx", "c3", ["main"], "model.onnx");
  await put("datasets--owner--data", "c4", ["main"]);
  const directory = join(home, "hub");
  const found = await listHubCache(directory);
  expect(found.toSorted((left, right) => left.path.localeCompare(right.path))).toEqual([
    expect.objectContaining({ name: "owner/long--name" }),
    {
      name: "owner/name",
      path: join(directory, "models--owner--name/snapshots/c1"),
      sizeBytes: 43,
    },
  ]);
  expect((await findInHubCache(directory, "owner/long--name"))?.path).toMatch(/c5$/);
  for (const revision of ["refs/pr/7", "c2"])
    expect((await findInHubCache(directory, "owner/name", revision))?.path).toMatch(/c2$/);
  for (const revision of ["v9", "../snapshots/c2", "../../models--owner--name/snapshots/c2"])
    expect(await findInHubCache(directory, "owner/name", revision)).toBeUndefined();
  expect(await listHubCache(join(home, "nothing"))).toEqual([]);
});

it("is looked into where no folder is configured", async () => {
  await put("models--owner--name", "c1", ["main"]);
  await put("models--owner--name", "c2", ["v2"]);
  vi.stubEnv("HF_HOME", home);
  vi.stubEnv("XDG_CACHE_HOME", join(home, "cache"));
  expect(await list({})).toMatchObject([{ name: "owner/name", installed: true }]);
  expect(await list({ revision: "v2" })).toMatchObject([{ name: "owner/name" }]);
  expect(await list({ revision: "v3" })).toEqual([]);
  expect(await list({ cacheDir: join(home, "own") })).toEqual([]);
});
