import { join } from "node:path";
import { writeOnnxFolder } from "./onnx-folder.ts";
import { onnxLanguageModel } from "./onnx-language-model.ts";
import { onnxModel, onnxNode, onnxTensor, onnxValue } from "./onnx-writer.ts";
import { randomNumbers } from "./random-numbers.ts";
import { specialTokens, wordPieceTokenizer } from "./word-piece-tokenizer.ts";

const width = 32;

/** What the models know of the world: the words of a topic. */
const topics = {
  positive: ["good", "great", "happy", "love", "excellent", "positive"],
  negative: ["bad", "terrible", "sad", "hate", "awful", "negative"],
  sports: ["football", "team", "goal", "match", "sports"],
  politics: ["election", "president", "vote", "law", "politics"],
  tech: ["python", "code", "software", "computer", "technology"],
};
const topicList = Object.values(topics);
const others = "this example is about text the a i it was and of in .".split(" ");
const vocabulary = [...specialTokens, ...new Set([...topicList.flat(), ...others])];

const inputs = ["input_ids", "attention_mask"].map((name) =>
  onnxValue(name, "int64", ["batch", "sequence"]),
);
const tokenTypes = onnxValue("token_type_ids", "int64", ["batch", "sequence"]);
const axes = [
  onnxTensor("axis1", [1], new BigInt64Array([1n])),
  onnxTensor("axis2", [1], new BigInt64Array([2n])),
];

/**
 * Writes four models of a few kilobytes as `<folder>/test/<name>`:
 * `embed` (words of one topic are near), `sentiment` (NEGATIVE, POSITIVE), `nli` (zero-shot by topic) and `lm` (see {@link onnxLanguageModel}).
 */
export async function writeOnnxModels(folder: string): Promise<void> {
  const { tokenizer, config: tokenizerConfig } = wordPieceTokenizer(vocabulary);
  const bert = (name: string, config: object, model: Buffer) =>
    writeOnnxFolder(join(folder, "test", name), {
      config: { ...bertConfig, ...config },
      tokenizer,
      tokenizerConfig,
      model,
    });
  await bert("embed", { architectures: ["BertModel"] }, embeddingModel());
  await bert("sentiment", classifier(["NEGATIVE", "POSITIVE"]), sentimentModel());
  await bert("nli", classifier(["contradiction", "neutral", "entailment"]), entailmentModel());
  await writeOnnxFolder(join(folder, "test", "lm"), onnxLanguageModel());
}

const bertConfig = {
  model_type: "bert",
  hidden_size: width,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  intermediate_size: 64,
  max_position_embeddings: 128,
  vocab_size: vocabulary.length,
  pad_token_id: 0,
};

function classifier(labels: string[]) {
  const label2id = Object.fromEntries(labels.map((label, id) => [label, id]));
  return { architectures: ["BertForSequenceClassification"], id2label: { ...labels }, label2id };
}

/** A table with a row for each token, and in it `columns` numbers. */
function tokenTable(
  name: string,
  columns: number,
  fill: (set: (word: string, column: number, value: number) => void) => void,
): Buffer {
  const data = new Float32Array(vocabulary.length * columns);
  fill((word, column, value) => (data[vocabulary.indexOf(word) * columns + column] = value));
  return onnxTensor(name, [vocabulary.length, columns], data);
}

/** A token's vector is its topic's direction and a little of its own. */
function embeddingModel(): Buffer {
  const random = randomNumbers(1);
  const table = tokenTable("embedding", width, (set) => {
    const topicOf = new Map(topicList.flatMap((words) => words.map((word) => [word, words])));
    const directions = new Map(
      topicList.map((words) => [
        words,
        Array.from({ length: width }, () => random.uniform() - 0.5),
      ]),
    );
    for (const word of vocabulary) {
      const direction = directions.get(topicOf.get(word) ?? []);
      for (let column = 0; column < width; column++)
        set(word, column, (direction?.[column] ?? 0) + 0.2 * (random.uniform() - 0.5));
    }
  });
  return onnxModel({
    nodes: [onnxNode("Gather", ["embedding", "input_ids"], "last_hidden_state", { axis: 0 })],
    tensors: [table],
    inputs,
    outputs: [onnxValue("last_hidden_state", "float", ["batch", "sequence", width])],
  });
}

/** Each negative word counts for the first label, each positive one for the second. */
function sentimentModel(): Buffer {
  const table = tokenTable("weights", 2, (set) => {
    for (const word of topics.negative) set(word, 0, 3);
    for (const word of topics.positive) set(word, 1, 3);
  });
  return onnxModel({
    nodes: [
      onnxNode("Gather", ["weights", "input_ids"], "each", { axis: 0 }),
      onnxNode("Cast", ["attention_mask"], "mask", { to: 1 }),
      onnxNode("Unsqueeze", ["mask", "axis2"], "column"),
      onnxNode("Mul", ["each", "column"], "masked"),
      onnxNode("ReduceSum", ["masked", "axis1"], "logits", { keepdims: 0 }),
    ],
    tensors: [table, ...axes],
    inputs,
    outputs: [onnxValue("logits", "float", ["batch", 2])],
  });
}

/** Entailment is how many words of a topic the premise has, times those of the hypothesis. */
function entailmentModel(): Buffer {
  const table = tokenTable("topics", topicList.length, (set) => {
    for (const [column, words] of topicList.entries())
      for (const word of words) set(word, column, 1);
  });
  return onnxModel({
    nodes: [
      onnxNode("Gather", ["topics", "input_ids"], "each", { axis: 0 }),
      onnxNode("Cast", ["token_type_ids"], "types", { to: 1 }),
      onnxNode("Unsqueeze", ["types", "axis2"], "isHypothesis"),
      onnxNode("Sub", ["one", "isHypothesis"], "isPremise"),
      onnxNode("Mul", ["each", "isPremise"], "premise"),
      onnxNode("Mul", ["each", "isHypothesis"], "hypothesis"),
      onnxNode("ReduceSum", ["premise", "axis1"], "premiseTopics", { keepdims: 0 }),
      onnxNode("ReduceSum", ["hypothesis", "axis1"], "hypothesisTopics", { keepdims: 0 }),
      onnxNode("Mul", ["premiseTopics", "hypothesisTopics"], "shared"),
      onnxNode("ReduceSum", ["shared", "axis1"], "similarity", { keepdims: 1 }),
      onnxNode("Mul", ["similarity", "weights"], "logits"),
    ],
    tensors: [
      table,
      ...axes,
      onnxTensor("one", [1], new Float32Array([1])),
      onnxTensor("weights", [1, 3], new Float32Array([-2, 0, 2])),
    ],
    inputs: [...inputs, tokenTypes],
    outputs: [onnxValue("logits", "float", ["batch", 3])],
  });
}
