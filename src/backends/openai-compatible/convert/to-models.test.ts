import { expect, it } from "vitest";
import { toModels } from "./to-models.ts";

it.each<[string, object, object]>([
  [
    "vLLM",
    { object: "list", data: [{ id: "org/m", max_model_len: 4096 }] },
    { name: "org/m", contextTokens: 4096 },
  ],
  [
    "llama.cpp: what it runs with, not what it was trained for",
    { data: [{ id: "m", aliases: ["m", "n"], meta: { n_ctx: 2048, n_ctx_train: 8192 } }] },
    { name: "m", aliases: ["n"], contextTokens: 2048 },
  ],
  [
    "TabbyAPI",
    { data: [{ id: "m", parameters: { max_seq_len: 16_384 } }] },
    { name: "m", contextTokens: 16_384 },
  ],
  [
    "OpenRouter",
    { data: [{ id: "a/b", context_length: 128_000 }] },
    { name: "a/b", contextTokens: 128_000 },
  ],
  ["Groq", { data: [{ id: "m", context_window: 8192 }] }, { name: "m", contextTokens: 8192 }],
  [
    "Together, whose list is bare",
    [{ id: "m", type: "embedding", context_length: 512 }],
    { name: "m", capabilities: ["embedding"], contextTokens: 512 },
  ],
  [
    "LM Studio",
    {
      data: [
        {
          id: "m",
          type: "llm",
          state: "loaded",
          max_context_length: 8192,
          loaded_context_length: 4096,
        },
      ],
    },
    {
      name: "m",
      loaded: true,
      contextTokens: 4096,
      capabilities: ["chat", "completion", "classification"],
    },
  ],
  [
    "Mistral",
    { data: [{ id: "m", capabilities: { completion_chat: true }, max_context_length: 32_768 }] },
    { name: "m", contextTokens: 32_768, capabilities: ["chat", "completion", "classification"] },
  ],
  ["Gemini", { data: [{ id: "models/gemini-3-flash" }] }, { name: "gemini-3-flash" }],
  [
    "OpenAI's for embeddings",
    { data: [{ id: "text-embedding-3-small" }] },
    { name: "text-embedding-3-small", capabilities: ["embedding"] },
  ],
  ["a list of names", { models: ["m"] }, { name: "m" }],
  ["an image model", { data: [{ id: "m", type: "image" }] }, { name: "m", capabilities: [] }],
])("%s", (_, answer, model) => {
  expect(toModels(answer)).toEqual([model]);
});

it("knows what is no list", () => {
  expect(toModels({ hello: "world" })).toBeUndefined();
  expect(toModels({ data: [{}, null, 3] })).toEqual([]);
});

it("takes those for remote that an Ollama hands on to a cloud", () => {
  const data = ["gpt-oss:120b-cloud", "glm-4.6:cloud", "cloudy", "qwen3:4b"];
  const models = toModels({ data: data.map((id) => ({ id })) }) ?? [];
  expect(models.map(({ privacy }) => privacy)).toEqual(["remote", "remote", undefined, undefined]);
});
