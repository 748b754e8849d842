import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeBertGguf } from "./bert-gguf.ts";
import { writeMarkovGguf } from "./markov-gguf.ts";
import { writeOnnxModels } from "./onnx-models.ts";

export interface TinyModels {
  /** A chat and completion model; see {@link writeMarkovGguf} for what it answers. */
  chatGguf: string;
  /** The same, calling `get_weather` in every chat. */
  toolGguf: string;
  /** An embedding model; see {@link writeBertGguf}. */
  embedGguf: string;
  /** What `env.localModelPath` of transformers.js wants: `test/embed`, `test/sentiment`, `test/nli`, `test/lm` are in it. */
  onnxDirectory: string;
}

let made: Promise<TinyModels> | undefined;

/** Models of less than a megabyte whose answers are known, written once into the system's temporary folder. */
export function tinyModels(): Promise<TinyModels> {
  return (made ??= make());
}

async function make(): Promise<TinyModels> {
  const folder = join(tmpdir(), `modelyard-tiny-models-${await generatorsHash()}`);
  const models = pathsIn(folder);
  if (existsSync(folder)) return models;
  const beside = await mkdtemp(`${folder}-`);
  const paths = pathsIn(beside);
  await writeMarkovGguf(paths.chatGguf);
  await writeMarkovGguf(paths.toolGguf, { tool: true });
  await writeBertGguf(paths.embedGguf);
  await writeOnnxModels(paths.onnxDirectory);
  try {
    await rename(beside, folder);
  } catch (error) {
    // another test worker was first: its folder is the same
    await rm(beside, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return models;
}

function pathsIn(folder: string): TinyModels {
  return {
    chatGguf: join(folder, "tiny-chat.gguf"),
    toolGguf: join(folder, "tiny-tool.gguf"),
    embedGguf: join(folder, "tiny-embed.gguf"),
    onnxDirectory: join(folder, "onnx"),
  };
}

/** A changed generator makes a new folder. */
async function generatorsHash(): Promise<string> {
  const names = (await readdir(import.meta.dirname)).filter(
    (name) => name.endsWith(".ts") && !name.endsWith(".test.ts"),
  );
  const hash = createHash("sha256");
  for (const name of names.toSorted())
    hash.update(name).update(await readFile(join(import.meta.dirname, name)));
  return hash.digest("hex").slice(0, 16);
}
