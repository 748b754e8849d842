import { expect, it } from "vitest";
import { leadsAnywhere, typeOfReference } from "./type-of-reference.ts";

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

it.each([
  "/etc/shadow",
  "./a.gguf",
  "..\\a.gguf",
  "~/a.gguf",
  "C:\\models\\a.gguf",
  "a.gguf",
  "file:///etc/shadow",
  "FILE:/etc/shadow",
  "http://127.0.0.1:22/x.gguf",
  "HTTPS://models.example/x.gguf",
  "llama-cpp//etc/shadow",
  "llama-cpp/../x.gguf",
  "llama-cpp/x.gguf",
  "llama-cpp/http://127.0.0.1:22/x.gguf",
])("%s may lead anywhere", (name) => {
  expect(leadsAnywhere(name)).toBe(true);
});

it.each([
  "smollm2:135m",
  "llama-cpp/smollm2:135m",
  "huggingface/Xenova/all-MiniLM-L6-v2",
  "llama-cpp/local/a.gguf",
  "hf:owner/repo/model.gguf",
  "hf:owner/repo",
  "llama-cpp/hf:owner/repo/model.gguf",
])("%s leads to the hub or the lists alone", (name) => {
  expect(leadsAnywhere(name)).toBe(false);
});
