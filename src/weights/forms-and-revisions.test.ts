import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { filesBelow, temporaryFolder } from "./__fixtures__/sample-files.ts";
import { useFileServer } from "./__fixtures__/use-file-server.ts";
import { choosePytorchFiles } from "./choose-pytorch-files.ts";
import { createWeightsStore, type PullOptions, type WeightsStore } from "./store.ts";

const server = useFileServer();

const names = [
  "config.json",
  "tokenizer.json",
  "model.safetensors",
  "pytorch_model.bin",
  "modules.json",
  "1_Pooling/config.json",
  "2_Dense/config.json",
  "2_Dense/model.safetensors",
  "2_Dense/pytorch_model.bin",
  "onnx/model.onnx",
  "onnx/model_quantized.onnx",
  "onnx/model_fp16.onnx",
];

/** A repository at a revision, whose files say which commit they are of. */
function serve(revision: string, commit: string, files = names): void {
  const siblings = files.map((rfilename) => ({ rfilename }));
  for (const name of [revision, commit])
    server.files.set(`/api/models/owner/repo/revision/${name}`, {
      body: JSON.stringify({ sha: commit, siblings }),
    });
  for (const file of files)
    server.files.set(`/owner/repo/resolve/${commit}/${file}`, {
      body: `${file} of ${commit}`,
      headers: { "x-repo-commit": commit },
    });
}

async function openStore(): Promise<WeightsStore> {
  return createWeightsStore({
    directory: await temporaryFolder(),
    environment: { HF_ENDPOINT: server.url },
  });
}

async function pull(store: WeightsStore, reference: string, options?: PullOptions) {
  const steps = store.pull(reference, options);
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return step.value;
  }
}

test("fetches the form that is asked for, beside those that are here, and of their commit", async () => {
  serve("main", "c1");
  const store = await openStore();
  await pull(store, "owner/repo");
  serve("main", "c2");
  const model = await pull(store, "owner/repo", { form: "fp16" });
  const files = await filesBelow(model.path);
  expect(files.filter((file) => file.startsWith("onnx/"))).toEqual([
    "onnx/model_fp16.onnx",
    "onnx/model_quantized.onnx",
  ]);
  for (const file of files)
    expect(await readFile(join(model.path, file), "utf8")).toBe(`${file} of c1`);
  expect(model.revision).toBe("c1");
  const asked = server.requests.length;
  await pull(store, "owner/repo", { form: "fp16" });
  await pull(store, "owner/repo", { form: "q8" });
  expect(server.requests).toHaveLength(asked);
});

test("names the forms that a repository has where it lacks one", async () => {
  serve("main", "c1");
  await expect(pull(await openStore(), "owner/repo", { form: "q4" })).rejects.toMatchObject({
    code: "download-failed",
    message: expect.stringContaining("owner/repo is not there as q4.") as string,
    remedy: 'Set "dtype" to one that is: q8, fp16, fp32.',
  });
});

test("keeps a pinned revision beside the branch, and gives each what it asks for", async () => {
  serve("main", "c2");
  serve("v1.0", "c1");
  serve(encodeURIComponent("refs/pr/7"), "c3");
  server.files.set("/api/models/owner/repo/revision/refs/pr/7", {
    body: JSON.stringify({ sha: "c3", siblings: names.map((rfilename) => ({ rfilename })) }),
  });
  const store = await openStore();
  for (const [reference, commit] of [
    ["owner/repo", "c2"],
    ["owner/repo@v1.0", "c1"],
    ["hf:owner/repo@refs%2Fpr%2F7", "c3"],
  ] as const) {
    const model = await pull(store, reference);
    expect(model.name).toBe(reference.replace("hf:", ""));
    expect(await readFile(join(model.path, "config.json"), "utf8")).toBe(
      `config.json of ${commit}`,
    );
    expect(await store.find(reference)).toEqual(model);
    expect(await store.find(model.name)).toEqual(model);
  }
  expect(await store.list()).toHaveLength(3);
  expect(await store.remove("owner/repo@v1.0")).toBe(true);
  expect(await store.list()).toHaveLength(2);
});

test("fetches what Python reads: one format of the weights, the steps of a sentence-transformer", async () => {
  serve("main", "c1");
  const store = await openStore();
  const model = await pull(store, "owner/repo", { form: "pytorch" });
  expect(await filesBelow(model.path)).toEqual([
    "1_Pooling/config.json",
    "2_Dense/config.json",
    "2_Dense/model.safetensors",
    "config.json",
    "model.safetensors",
    "modules.json",
    "tokenizer.json",
  ]);
  // the step's folder is no model of its own
  expect((await store.list()).map(({ name }) => name)).toEqual(["owner/repo"]);
  const both = await pull(store, "owner/repo");
  expect(await filesBelow(both.path)).toContain("onnx/model_quantized.onnx");
});

test("takes weights in parts, and those before safetensors; says what has none", () => {
  const parts = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];
  const index = "model.safetensors.index.json";
  expect(choosePytorchFiles("a/b", ["config.json", index, ...parts, "README.md"])).toEqual([
    ...parts,
    index,
    "config.json",
  ]);
  expect(choosePytorchFiles("a/b", ["config.json", "pytorch_model.bin", "run.py"])).toEqual([
    "pytorch_model.bin",
    "config.json",
  ]);
  expect(() => choosePytorchFiles("a/b", ["config.json", "x.gguf"])).toThrow("a/b has no weights");
});
