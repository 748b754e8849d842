import { expect, it } from "vitest";
import type { ModelEntry } from "../../gateway/api.ts";
import { examineDefaults } from "./examine-defaults.ts";

function model(name: string, capabilities: string[], installed = true): ModelEntry {
  const [backend = ""] = name.split("/");
  const common = { loaded: false, health: "unknown", state: "created", privacy: "device" } as const;
  return { name, backend, capabilities, installed, ...common };
}

const models = [
  model("ollama/qwen3:4b", ["chat", "completion"]),
  model("ollama/nomic-embed-text", ["embedding"]),
  model("llama-cpp/small", ["chat"], false),
];

it.each<[string, string, object | undefined]>([
  ["chat", "ollama/qwen3:4b", { status: "good", message: "ollama/qwen3:4b" }],
  ["chat", "qwen3:4b", { status: "good", message: "qwen3:4b" }],
  [
    "chat",
    "ollama/qwen3:4",
    {
      status: "note",
      message:
        'ollama/qwen3:4 is not among the models that are there. Did you mean "ollama/qwen3:4b"?',
      remedy: "Fetch it: modelyard pull ollama/qwen3:4, or choose another in defaults.chat.",
    },
  ],
  [
    "embedding",
    "ollama/qwen3:4b",
    {
      status: "broken",
      message: "ollama/qwen3:4b can't do this: it does chat, completion",
      remedy: "Set defaults.embedding to a model that can, such as ollama/nomic-embed-text.",
    },
  ],
  [
    "chat",
    "llama-cpp/small",
    {
      status: "note",
      message: "llama-cpp/small is not here yet; the first call fetches it",
      remedy: "To fetch it now: modelyard pull llama-cpp/small",
    },
  ],
  ["chat", "silent/any", undefined],
])("examines the default of %s: %s", (capability, name, expected) => {
  expect(examineDefaults({ [capability]: name }, models)).toEqual(
    expected === undefined ? [] : [{ what: `Default ${capability}`, ...expected }],
  );
});
