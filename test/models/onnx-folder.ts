import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface OnnxFolder {
  config: object;
  tokenizer: object;
  tokenizerConfig: object;
  generationConfig?: object;
  model: Buffer;
}

/** Writes a model as transformers.js looks for it; the same weights serve as fp32, q8 and q4. */
export async function writeOnnxFolder(folder: string, content: OnnxFolder): Promise<void> {
  await mkdir(join(folder, "onnx"), { recursive: true });
  const texts = {
    "config.json": content.config,
    "tokenizer.json": content.tokenizer,
    "tokenizer_config.json": content.tokenizerConfig,
    "generation_config.json": content.generationConfig,
  };
  for (const [name, value] of Object.entries(texts))
    if (value) await writeFile(join(folder, name), JSON.stringify(value, null, 1));
  for (const suffix of ["", "_quantized", "_q4"])
    await writeFile(join(folder, "onnx", `model${suffix}.onnx`), content.model);
}
