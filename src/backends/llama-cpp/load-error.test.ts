import { expect, it } from "vitest";
import { loadError } from "./load-error.ts";

it.each<[string, string, string, string[], string]>([
  ["Error", "ENOENT: no such file", "", [], "model-not-found"],
  ["InsufficientMemoryError", "Not enough", "", [], "insufficient-memory"],
  ["InvalidGgufMagicError", "Invalid GGUF magic", "", [], "storage-failed"],
  [
    "Error",
    "Failed to load model",
    "",
    ["tensor 'a' data is not within the file bounds"],
    "storage-failed",
  ],
  [
    "Error",
    "Failed to load model",
    "",
    ["error loading model: unknown model architecture: 'new'"],
    "backend-error",
  ],
])("reads %s %s", (name, message, _, said, code) => {
  const error = Object.assign(new Error(message), { name });
  expect(loadError(error, { model: "m", path: "m.gguf", said })).toMatchObject({
    code,
    model: "m",
  });
});
