import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const labels = (...names: string[]) => ({ id2label: { ...names } });

/** Writes the folders of models that the stub libraries beside this file pretend to run: a folder of descriptions, with weights that nobody reads. */
export async function writeStubModels(directory: string): Promise<void> {
  const models: Record<string, Record<string, object>> = {
    llama: {
      "config.json": { architectures: ["LlamaForCausalLM"], max_position_embeddings: 64 },
      "tokenizer_config.json": { chat_template: "chat: MESSAGES" },
    },
    boundless: {
      "config.json": { architectures: ["LlamaForCausalLM"] },
      "tokenizer_config.json": { chat_template: "MESSAGES <think>" },
    },
    endless: {
      "config.json": { architectures: ["LlamaForCausalLM"], max_position_embeddings: 100_000 },
      "tokenizer_config.json": { chat_template: "MESSAGES" },
    },
    sentiment: {
      "config.json": {
        architectures: ["BertForSequenceClassification"],
        ...labels("BAD", "NEUTRAL", "GOOD"),
      },
    },
    nli: {
      "config.json": {
        architectures: ["BertForSequenceClassification"],
        ...labels("contradiction", "neutral", "entailment"),
      },
    },
    sentences: {
      "config.json": {
        architectures: ["BertModel"],
        max_position_embeddings: 8,
        is_matryoshka: true,
      },
      "config_sentence_transformers.json": { prompts: { query: "find: ", document: "text: " } },
    },
    broken: { "config.json": { architectures: ["LlamaForCausalLM"], model_type: "broken" } },
    picture: { "config.json": { architectures: ["ViTForImageClassification"] } },
  };
  for (const [name, files] of Object.entries(models)) {
    const folder = join(directory, "test", name);
    await mkdir(folder, { recursive: true });
    for (const [file, content] of Object.entries(files))
      await writeFile(join(folder, file), JSON.stringify(content));
    await writeFile(join(folder, "model.safetensors"), "weights");
  }
}
