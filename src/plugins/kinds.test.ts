import { expect, it } from "vitest";
import { z } from "zod";
import { defineBackend } from "../contract/backend.ts";
import { builtInCapabilities } from "../contract/capabilities.ts";
import { defineCapability, type CapabilityNames } from "../contract/capability.ts";
import { combineKinds, type BuiltIn } from "./kinds.ts";
import type { LoadedPlugin } from "./plugin-loader.ts";

const backend = (type: string) =>
  defineBackend({ type, config: z.strictObject({}), create: () => ({ capabilities: {} }) });

const capability = (name: string, names: Partial<CapabilityNames> = {}) =>
  defineCapability({
    name,
    description: "Does it.",
    names: { tool: name, route: `/v1/${name}`, verb: name, ...names },
    request: z.strictObject({ input: z.string() }),
    output: z.string(),
    result: z.string(),
    text: { input: "input", ofResult: (result) => result },
    collect: (output) => output,
  });

const plugin = (name: string, brought: Partial<LoadedPlugin>): LoadedPlugin => ({
  plugin: name,
  origin: `/plugins/${name}`,
  definitions: [],
  capabilities: [],
  ...brought,
});

const builtIn: BuiltIn = {
  definitions: [backend("ollama")],
  capabilities: builtInCapabilities,
  commands: ["serve"],
};

it("puts what plugins bring beside what is built in, and knows where it comes from", () => {
  const both = plugin("both.ts", {
    definitions: [backend("acme")],
    capabilities: [capability("dance")],
  });
  const { definitions, capabilities, origins, setAside } = combineKinds(builtIn, [both]);
  expect(definitions.map(({ type }) => type)).toEqual(["ollama", "acme"]);
  expect(capabilities.map(({ name }) => name)).toContain("dance");
  expect([...origins]).toEqual([["acme", "/plugins/both.ts"]]);
  expect(setAside).toEqual([]);
});

it.each<[string, Partial<LoadedPlugin>, RegExp]>([
  ["a type of ours", { definitions: [backend("ollama")] }, /type "ollama", which is built in/],
  [
    "another plugin's type",
    { definitions: [backend("acme")] },
    /type "acme", which comes from \/plugins\/first\.ts already/,
  ],
  ["a capability of ours", { capabilities: [capability("chat")] }, /"chat" can't take the name/],
  [
    "a tool of ours",
    { capabilities: [capability("say", { tool: "list_models" })] },
    /"say" can't take the tool list_models/,
  ],
  [
    "a capability's tool",
    { capabilities: [capability("say", { tool: "embed" })] },
    /"say" can't take the tool embed/,
  ],
  [
    "a route of ours",
    { capabilities: [capability("say", { route: "/api/say" })] },
    /"say" can't take the route \/api\/say/,
  ],
  [
    "a capability's route",
    { capabilities: [capability("say", { route: "/v1/embeddings" })] },
    /"say" can't take the route \/v1\/embeddings/,
  ],
  [
    "a command",
    { capabilities: [capability("say", { verb: "serve" })] },
    /"say" can't take the verb serve/,
  ],
  [
    "a verb of its own other capability",
    { capabilities: [capability("say"), capability("tell", { verb: "say" })] },
    /"tell" can't take the verb say/,
  ],
])("sets aside what takes %s, whole", (_what, brought, problem) => {
  const first = plugin("first.ts", { definitions: [backend("acme")] });
  const second = plugin("second.ts", {
    ...brought,
    definitions: [...(brought.definitions ?? []), backend("innocent")],
  });
  const kinds = combineKinds(builtIn, [first, second]);
  expect(kinds.setAside).toEqual([
    { plugin: "second.ts", problem: expect.stringMatching(problem), remedy: expect.anything() },
  ]);
  expect(kinds.definitions.map(({ type }) => type)).toEqual(["ollama", "acme"]);
  expect(kinds.capabilities).toHaveLength(builtInCapabilities.length);
});
