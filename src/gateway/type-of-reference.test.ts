import { expect, it } from "vitest";
import { typeOfReference } from "./type-of-reference.ts";

it.each([
  ["hf:owner/repo/model.Q4_K_M.gguf", "llama-cpp"],
  ["https://models.example/a.GGUF?download=true", "llama-cpp"],
  ["./models/a.gguf", "llama-cpp"],
  ["/models/a.gguf", "llama-cpp"],
  ["~/a.gguf", "llama-cpp"],
  ["C:\\models\\a.gguf", "llama-cpp"],
  ["hf:Xenova/all-MiniLM-L6-v2", "huggingface"],
  ["file:///models/minilm", "huggingface"],
  ["smollm2:135m", undefined],
  ["llama-cpp/smollm2:135m", undefined],
  ["a:1b", undefined],
])("%s means %s", (name, type) => {
  expect(typeOfReference(name)).toBe(type);
});
