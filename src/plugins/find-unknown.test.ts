import { expect, it } from "vitest";
import { z } from "zod";
import { defineBackend } from "../contract/backend.ts";
import { findUnknown } from "./find-unknown.ts";

const definitions = ["ollama", "echo"].map((type) =>
  defineBackend({ type, config: z.strictObject({}), create: () => ({ capabilities: {} }) }),
);

it.each<[string, unknown, Partial<ReturnType<typeof findUnknown>>]>([
  ["nothing", { backends: { ollama: {}, parrot: { type: "echo" } } }, {}],
  ["a type", { backends: { parrot: { type: "acme" } } }, { types: ["acme"] }],
  ["an entry under its type's name", { backends: { acme: {} } }, { types: ["acme"] }],
  [
    "targets, defaults and keys",
    {
      backends: { parrot: { type: "echo" } },
      models: [{ name: "a", targets: ["parrot/x", "one/x", { model: "two/x" }] }],
      defaults: { chat: "three/x", embedding: "a" },
      server: { keys: [{ name: "ci", models: ["four/x", "a"] }] },
    },
    { backends: ["one", "two", "three", "four"] },
  ],
  [
    "capabilities",
    {
      backends: { echo: { capabilities: ["chat", "dance"] } },
      defaults: { transcription: "echo/x" },
    },
    { capabilities: ["transcription", "dance"] },
  ],
  [
    "models in the second form",
    {
      models: [
        { name: "a", backend_type: "acme", capabilities: ["sing"] },
        { name: "b", backendType: "ollama" },
      ],
    },
    { types: ["acme"], capabilities: ["sing"] },
  ],
  ["a file of such models alone", [{ name: "a", backend_type: "acme" }], { types: ["acme"] }],
  ["one such model", { name: "a", backend_type: "acme" }, { types: ["acme"] }],
  ["what is malformed", { backends: 1, models: { a: 1 }, defaults: [null], server: "x" }, {}],
])("finds what nobody has: %s", (_what, configuration, expected) => {
  const nothing = { types: [], backends: [], capabilities: [] };
  expect(findUnknown(configuration, definitions, ["chat", "embedding"])).toEqual({
    ...nothing,
    ...expected,
  });
});
