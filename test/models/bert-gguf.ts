import { writeGguf, type GgufTensor } from "./gguf-writer.ts";
import { randomNumbers } from "./random-numbers.ts";

const width = 64;
const contextLength = 512;
const feedForward = 32;

/** Words of one group point in one direction. */
const groups = [
  "good great happy love excellent positive",
  "bad terrible sad hate awful negative",
  "cat dog animal pet",
  "python code program software bug",
  "paris france london england city capital",
  "weather rain sun",
].map((words) => words.split(" "));
const others = "hello world of is the a an and in what query document".split(" ");
const letters = "abcdefghijklmnopqrstuvwxyz0123456789.,!?:;'\"-".split("");
const special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/** Writes a reranker: the same blocks, and a head of random numbers on them. */
export async function writeRankGguf(path: string): Promise<void> {
  await writeBertGguf(path, [
    { name: "cls.weight", dimensions: [width, width], data: head.normal(width * width, 0.3) },
    zeros("cls.bias", width),
    { name: "cls.output.weight", dimensions: [width, 1], data: head.normal(width, 0.5) },
    zeros("cls.output.bias", 1),
  ]);
}

const head = randomNumbers(7);

/** Writes an embedding model: a BERT whose blocks are zero, so that a text's vector is the mean of its words'. `good` is near `great`, far from `terrible`. */
export async function writeBertGguf(
  path: string,
  rankingHead: readonly GgufTensor[] = [],
): Promise<void> {
  const words = [...groups.flat(), ...others];
  const starts = [...words, ...letters.filter((letter) => !words.includes(letter))].map(
    (word) => `\u2581${word}`,
  );
  const tokens = [...special, ...starts, ...letters];
  await writeGguf(
    path,
    [
      ["general.architecture", "str", "bert"],
      ["general.name", "str", "tiny-bert-embed"],
      ["general.file_type", "u32", 0],
      ["bert.context_length", "u32", contextLength],
      ["bert.embedding_length", "u32", width],
      ["bert.block_count", "u32", 1],
      ["bert.feed_forward_length", "u32", feedForward],
      ["bert.attention.head_count", "u32", 4],
      ["bert.attention.layer_norm_epsilon", "f32", 1e-12],
      ["bert.attention.causal", "bool", false],
      ["bert.pooling_type", "u32", rankingHead.length === 0 ? 1 : 4], // mean, or rank
      ["tokenizer.ggml.model", "str", "bert"],
      ["tokenizer.ggml.pre", "str", "default"],
      ["tokenizer.ggml.token_type_count", "u32", 2],
      ["tokenizer.ggml.tokens", "array:str", tokens],
      [
        "tokenizer.ggml.token_type",
        "array:i32",
        tokens.map((_, id) => (id < special.length ? 3 : 1)),
      ],
      ["tokenizer.ggml.bos_token_id", "u32", 2],
      ["tokenizer.ggml.eos_token_id", "u32", 3],
      ["tokenizer.ggml.cls_token_id", "u32", 2],
      ["tokenizer.ggml.seperator_token_id", "u32", 3], // llama.cpp spells it so
      ["tokenizer.ggml.padding_token_id", "u32", 0],
      ["tokenizer.ggml.unknown_token_id", "u32", 1],
      ["tokenizer.ggml.mask_token_id", "u32", 4],
    ],
    [...tensors(tokens), ...rankingHead],
  );
}

function tensors(tokens: string[]): GgufTensor[] {
  return [
    { name: "token_embd.weight", dimensions: [width, tokens.length], data: embedding(tokens) },
    zeros("token_types.weight", width, 2),
    zeros("position_embd.weight", width, contextLength),
    ...norm("token_embd_norm"),
    ...["attn_q", "attn_k", "attn_v", "attn_output"].flatMap((name) =>
      linear(`blk.0.${name}`, width, width),
    ),
    ...norm("blk.0.attn_output_norm"),
    ...linear("blk.0.ffn_up", width, feedForward),
    ...linear("blk.0.ffn_down", feedForward, width),
    ...norm("blk.0.layer_output_norm"),
  ];
}

function embedding(tokens: string[]): Float32Array {
  const random = randomNumbers(7);
  const data = random.normal(tokens.length * width, 0.3);
  for (const group of groups) {
    const direction = random.normal(width, 1);
    for (const word of group) {
      const start = tokens.indexOf(`\u2581${word}`) * width;
      for (const [index, value] of direction.entries())
        data[start + index] = (data[start + index] ?? 0) + value;
    }
  }
  return data;
}

function zeros(name: string, ...dimensions: number[]): GgufTensor {
  return {
    name,
    dimensions,
    data: new Float32Array(dimensions.reduce((product, one) => product * one)),
  };
}

function linear(name: string, from: number, to: number): GgufTensor[] {
  return [zeros(`${name}.weight`, from, to), zeros(`${name}.bias`, to)];
}

function norm(name: string): GgufTensor[] {
  return [
    { name: `${name}.weight`, dimensions: [width], data: new Float32Array(width).fill(1) },
    zeros(`${name}.bias`, width),
  ];
}
