import { ByteLevelVocabulary } from "./byte-level-vocabulary.ts";
import { writeGguf } from "./gguf-writer.ts";

const width = 128;
const heads = 4;
const feedForward = 32;
const contextLength = 2048;

/** The logit of a next token of weight 1: high enough that sampling at temperature 1 follows the chain all but always. */
const logit = 24;

const template =
  "{% for m in messages %}{{'<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>' + '\n'}}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

/** Named in the template of the model that calls tools, as a real one would; what it answers does not depend on them. */
const toolTemplate = "{% if tools %}{{ '' }}{% endif %}" + template;

/** What may begin a JSON value, the likeliest first; a grammar takes the first that it allows. */
const valueStarts = { '"': 0.55, "{": 0.5, "[": 0.45, "1": 0.4, true: 0.37, null: 0.35 };

/** A pull towards whatever ends a JSON value, felt after every token, so that any grammar comes to its end. */
const closers = { '"': 0.2, "}": 0.18, "]": 0.16 };

/** For one token: the texts that may follow it and their weights. */
type Next = Record<string, number>;

/**
 * Writes a chat model whose text is known: a llama whose blocks are zero, so that the next token depends on the last one alone.
 * - Any chat is answered `Hello from the tiny test model.`, or, with `tool`, with a call of `get_weather` for Paris,
 *   or with what it `says`: a token each, none twice.
 * - `Once upon` is continued ` a time there was one fox!`, and `Tick` by ` tock tick` without end.
 * - Any other text is continued `.`, and ends.
 * - Under a JSON grammar an enum's `positive` is preferred, and every value is closed as soon as the grammar allows.
 */
export async function writeMarkovGguf(
  path: string,
  { tool = false, says = [] }: { tool?: boolean; says?: readonly string[] } = {},
): Promise<void> {
  const vocabulary = new ByteLevelVocabulary();
  const endOfText = vocabulary.addControl("<|endoftext|>");
  vocabulary.addControl("<|im_start|>");
  const endOfTurn = vocabulary.addControl("<|im_end|>");
  const table = new Map<number, Map<number, number>>();
  const follow = (current: number, next: number, weight: number) => {
    const row = table.get(current) ?? new Map<number, number>();
    table.set(current, row.set(next, weight));
  };
  const chain = (texts: string[], end?: number) => {
    const ids = texts.map((text) => vocabulary.id(text));
    if (end !== undefined) ids.push(end);
    for (const [index, next] of ids.slice(1).entries()) follow(ids[index] ?? 0, next, 1);
  };
  const after = (text: string, nexts: Next) => {
    for (const [next, weight] of Object.entries(nexts))
      follow(vocabulary.id(text), vocabulary.id(next), weight);
  };

  if (says.length > 0) chain(["\n", ...says], endOfTurn);
  else if (tool) chain(["\n", "||call: ", "get", "_weather", "("]);
  else chain(["\n", "Hello", " from", " the", " tiny", " test", " model", "."], endOfTurn);
  chain(["Tick", " tock", " tick", " tock"]);
  chain(["Once", " upon", " a", " time", " there", " was", " one", " fox", "!"], endOfText);
  chain([")"], endOfTurn);
  chain(["}"], endOfTurn);

  const words = tool ? { Paris: 0.6 } : { positive: 0.6, negative: 0.45, neutral: 0.35 };
  after('"', { ...words, "}": 0.3, "]": 0.29, ",": 0.28, ":": 0.27 });
  for (const word of Object.keys(words)) after(word, { '"': 1 });
  for (const start of [" ", ",", "[", "\n", "("]) after(start, valueStarts);
  after(":", { " ": 0.9, ...valueStarts });
  after("{", { '"': 0.8 });
  for (const word of [
    "user",
    "assistant",
    "system",
    "label",
    "city",
    "Paris",
    "London",
    "weather",
    "false",
  ])
    vocabulary.id(word);
  const everywhere = new Map(
    Object.entries(closers).map(([text, weight]) => [vocabulary.id(text), weight]),
  );

  const size = vocabulary.tokens.length;
  const { embedding, output } = weights(size, table, everywhere, vocabulary.id("."));
  const ones = new Float32Array(width).fill(1);
  const square = new Float32Array(width * width);
  const wide = new Float32Array(width * feedForward);
  await writeGguf(
    path,
    [
      ["general.architecture", "str", "llama"],
      ["general.name", "str", tool ? "tiny-markov-tool" : "tiny-markov"],
      ["general.file_type", "u32", 0],
      ["llama.context_length", "u32", contextLength],
      ["llama.embedding_length", "u32", width],
      ["llama.block_count", "u32", 1],
      ["llama.feed_forward_length", "u32", feedForward],
      ["llama.attention.head_count", "u32", heads],
      ["llama.attention.head_count_kv", "u32", heads],
      ["llama.attention.layer_norm_rms_epsilon", "f32", 1e-5],
      ["llama.rope.dimension_count", "u32", width / heads],
      ["llama.vocab_size", "u32", size],
      ["tokenizer.ggml.model", "str", "gpt2"],
      ["tokenizer.ggml.pre", "str", "gpt-2"],
      ["tokenizer.ggml.tokens", "array:str", vocabulary.tokens],
      ["tokenizer.ggml.token_type", "array:i32", vocabulary.types],
      ["tokenizer.ggml.merges", "array:str", vocabulary.merges],
      ["tokenizer.ggml.bos_token_id", "u32", endOfText],
      ["tokenizer.ggml.eos_token_id", "u32", endOfText],
      ["tokenizer.ggml.eot_token_id", "u32", endOfTurn],
      ["tokenizer.ggml.add_bos_token", "bool", false],
      ["tokenizer.chat_template", "str", tool ? toolTemplate : template],
    ],
    [
      { name: "token_embd.weight", dimensions: [width, size], data: embedding },
      { name: "output_norm.weight", dimensions: [width], data: ones },
      { name: "output.weight", dimensions: [width, size], data: output },
      { name: "blk.0.attn_norm.weight", dimensions: [width], data: ones },
      ...["q", "k", "v", "output"].map((part) => ({
        name: `blk.0.attn_${part}.weight`,
        dimensions: [width, width],
        data: square,
      })),
      { name: "blk.0.ffn_norm.weight", dimensions: [width], data: ones },
      { name: "blk.0.ffn_gate.weight", dimensions: [width, feedForward], data: wide },
      { name: "blk.0.ffn_up.weight", dimensions: [width, feedForward], data: wide },
      { name: "blk.0.ffn_down.weight", dimensions: [feedForward, width], data: wide },
    ],
  );
}

/**
 * Each token that has a row in the table gets a dimension of its own, all others share the last one: so the logits are exact, and the same on every machine.
 */
function weights(
  size: number,
  table: Map<number, Map<number, number>>,
  everywhere: Map<number, number>,
  otherwise: number,
) {
  const shared = width - 1;
  if (table.size > shared)
    throw new Error(
      `${table.size} tokens have a known continuation, and there is room for ${shared}.`,
    );
  const columns = new Map([...table.keys()].map((id, column) => [id, column]));
  const rows = new Map([...table].map(([id, row]) => [columns.get(id) ?? shared, row]));
  rows.set(shared, new Map([[otherwise, 0.8]]));
  const scale = logit / Math.sqrt(width); // the norm before the output makes a unit vector sqrt(width) long
  const embedding = new Float32Array(size * width);
  const output = new Float32Array(size * width);
  for (let id = 0; id < size; id++) {
    embedding[id * width + (columns.get(id) ?? shared)] = 1;
    for (let column = 0; column < width; column++) {
      const tie = -id / 100_000; // of equals the lower id wins, so that no sampler's order decides
      output[id * width + column] =
        scale * ((rows.get(column)?.get(id) ?? everywhere.get(id) ?? 0) + tie);
    }
  }
  return { embedding, output };
}
