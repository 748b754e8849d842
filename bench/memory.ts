import { setTimeout as sleep } from "node:timers/promises";
import { createModelyard } from "../src/index.ts";
import { preparedModels } from "../test/peers/ollama-store.ts";
import { startOllama } from "../test/peers/ollama.ts";
import { megabytes } from "./interleave.ts";
import { chatModel, embeddingModelFolder, chatModelFolder, onnxModel } from "./model-folder.ts";
import { residentBytesOfTree } from "./process-tree.ts";
import type { BarGroup } from "./row.ts";

/** An engine with nothing loaded and nothing to do ends after 5 s. */
const settleMs = 7_000;

/** Two embedded models fit the budget; when one of Ollama's comes, the one that was used least recently goes, and its memory with it. */
export const memory: BarGroup = async ({ say }) => {
  await using ollama = await startOllama();
  await using modelyard = createModelyard({
    backends: {
      "llama-cpp": {
        type: "llama-cpp",
        threads: 1,
        gpu: false,
        contextSize: 1024,
        modelsDir: await chatModelFolder(),
      },
      huggingface: { type: "huggingface", threads: 1, cacheDir: await embeddingModelFolder() },
      ollama: { type: "ollama", baseUrl: ollama.url, contextSize: 8192 },
    },
    memory: { budget: "720MB" },
  });
  const third = `ollama/${preparedModels.chat}`;
  const loaded = async () =>
    (await modelyard.models()).flatMap((model) => (model.loaded ? [model.name] : []));
  /** Ours alone: what Ollama takes, Ollama knows. */
  const resident = async () => {
    await sleep(settleMs);
    return (await residentBytesOfTree(process.pid)) - (await residentBytesOfTree(ollama.pid));
  };
  const ask = (model: string) => modelyard.chat({ prompt: "Hello.", maxTokens: 4 }, { model });

  const embed = () => modelyard.embed({ input: "Hello." }, { model: onnxModel });

  say("one embedded model");
  await embed();
  const before = await resident();
  say("a second one");
  await ask(chatModel);
  const between = await resident();
  const two = await loaded();
  say("one of Ollama's, for which there is no room beside both");
  await embed();
  await ask(third);
  const after = await resident();
  const left = await loaded();
  const evicted =
    two.includes(chatModel) &&
    two.includes(onnxModel) &&
    left.includes(onnxModel) &&
    !left.includes(chatModel);
  const ratio = after / before;
  return [
    {
      what: "resident memory once the least recently used of two embedded models made room for Ollama's, against before it was loaded",
      ours: `${megabytes(after)} (${megabytes(between)} with both)`,
      theirs: megabytes(before),
      ratio,
      bar: "≤ 1.1 ×, the right one unloaded",
      met: ratio <= 1.1 && evicted && left.includes(third),
    },
  ];
};
