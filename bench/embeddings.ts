import { builtInDefinitions } from "../src/app/built-in-definitions.ts";
import { createModelyard } from "../src/index.ts";
import { MissingIngredient } from "../test/peers/missing-ingredient.ts";
import { compare, textsPerSecond } from "./interleave.ts";
import { embeddingModelFolder, ggufModel, onnxModel, onnxName } from "./model-folder.ts";
import { texts } from "./prompts.ts";
import type { BarGroup, Limit, Row } from "./row.ts";

const sentences = ["The cat sits on the mat.", "A cat is sitting on a mat."];
const largestDifference = 0.02;
const textsInCall = 1000;
const lengths: { words: number; limit: Limit }[] = [
  { words: 8, limit: { atLeast: 1.4 } },
  { words: 60, limit: { atLeast: 0.9 } },
];

type Embed = (input: string[]) => Promise<number[][]>;

/** MiniLM in both formats: whether it says what the plain library says, and what a call of many texts gains. */
export const embeddings: BarGroup = async ({ rounds, say }) => {
  const definitions = await builtInDefinitions();
  if (!definitions.some(({ type }) => type === "huggingface")) {
    throw new MissingIngredient("the backend huggingface is not built in yet");
  }
  const folder = await embeddingModelFolder();
  await using modelyard = createModelyard({
    backends: {
      "llama-cpp": { type: "llama-cpp", threads: 1, gpu: false, modelsDir: folder },
      huggingface: { type: "huggingface", cacheDir: folder },
    },
  });
  const embedWith =
    (model: string): Embed =>
    async (input) =>
      (await modelyard.embed({ input }, { model })).embeddings;
  const onnx = embedWith(onnxModel);

  say("cosines");
  const [ofOnnx, ofGguf, ofPlain] = [
    await cosineBy(onnx),
    await cosineBy(embedWith(ggufModel)),
    await cosineBy(await plainLibrary(folder)),
  ];
  const rows: Row[] = [
    near("cosine of two sentences, MiniLM ONNX, against the plain library", ofOnnx, ofPlain),
    near("cosine of two sentences, MiniLM GGUF, against the plain library", ofGguf, ofPlain),
    near("cosine of two sentences, MiniLM ONNX, against GGUF", ofOnnx, ofGguf),
  ];
  for (const { words, limit } of lengths) {
    say(`${textsInCall} texts of ${words} words`);
    const input = texts(textsInCall, words);
    rows.push(
      await compare({
        what: `${textsInCall} texts of ${words} words in one call, against one by one`,
        rounds,
        limit,
        ours: () => speed(async () => void (await onnx(input))),
        theirs: () =>
          speed(async () => {
            for (const text of input) await onnx([text]);
          }),
        format: textsPerSecond,
      }),
    );
  }
  return rows;
};

/** transformers.js on the same folder, as its own documentation uses it. */
async function plainLibrary(folder: string): Promise<Embed> {
  const { env, pipeline } = await import("@huggingface/transformers");
  env.allowRemoteModels = false;
  env.localModelPath = folder;
  const extract = await pipeline("feature-extraction", onnxName, { dtype: "q8" });
  return async (input) =>
    (await extract(input, { pooling: "mean", normalize: true })).tolist() as number[][];
}

async function cosineBy(embed: Embed): Promise<number> {
  const [first = [], second = []] = await embed(sentences);
  return first.reduce((sum, value, index) => sum + value * (second[index] ?? 0), 0);
}

function near(what: string, ours: number, theirs: number): Row {
  return {
    what,
    ours: ours.toFixed(4),
    theirs: theirs.toFixed(4),
    bar: `± ${largestDifference}`,
    met: Math.abs(ours - theirs) <= largestDifference,
  };
}

async function speed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return textsInCall / ((performance.now() - startedAt) / 1000);
}
