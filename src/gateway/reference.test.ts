import { expect, it } from "vitest";
import { isReference, leadsAnywhere } from "./reference.ts";

it.each([
  ["hf:owner/repo/model.Q4_K_M.gguf", true],
  ["https://models.example/a.GGUF?download=true", true],
  ["./models/a.gguf", true],
  ["~/a.gguf", true],
  ["C:\\models\\a.gguf", true],
  ["file:///models/minilm", true],
  ["smollm2:135m", false],
  ["llama-cpp/smollm2:135m", false],
  ["a:1b", false],
])("%s is a reference: %s", (name, expected) => {
  expect(isReference(name)).toBe(expected);
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
