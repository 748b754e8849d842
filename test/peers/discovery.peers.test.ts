import { describe, expect, it } from "vitest";
import { builtInDefinitions } from "../../src/app/built-in-definitions.ts";
import { survey } from "../../src/gateway/discovery/survey.ts";
import { atPorts } from "../discovery/at-ports.ts";
import { tinyModels } from "../models/tiny-models.ts";
import { llamaServerPackage, startLlamaServer } from "./llama-server.ts";
import { startOllama } from "./ollama.ts";
import { pythonPackage } from "./python-package.ts";
import { skipWithout } from "./skip-without.ts";

const definitions = await builtInDefinitions();
const log = { debug() {}, info() {}, warn() {}, error() {} };

/** What is found at this address, whichever kind it is, with its models. */
async function foundAt(url: string) {
  const port = Number(new URL(url).port);
  const { found } = await survey({ definitions: atPorts(definitions, () => [port]), log });
  return found.map(({ kind, models }) => [kind, ...models.map(({ name }) => name).toSorted()]);
}

describe.skipIf(await skipWithout(startOllama))("a real Ollama", () => {
  it("is found, with its models, and gone when it is gone", async () => {
    await using ollama = await startOllama();
    expect(await foundAt(ollama.url)).toEqual([
      ["ollama", "ollama/minilm:latest", "ollama/smollm2:135m"],
    ]);
    await ollama.kill();
    expect(await foundAt(ollama.url)).toEqual([]);
  });
});

describe.skipIf(await skipWithout(() => pythonPackage(llamaServerPackage)))(
  "a real llama.cpp server",
  () => {
    it("is found, with its model", async () => {
      const server = await startLlamaServer({ model: (await tinyModels()).chatGguf });
      const found = await foundAt(server.url);
      await server.stop();
      expect(found).toEqual([["llama-server", "llama-server/tiny-chat"]]);
    });
  },
);
