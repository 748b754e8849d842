import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { llamaServerPackage, startLlamaServer, type LlamaServer } from "../peers/llama-server.ts";
import { ingredientCommand } from "../peers/ingredient-command.ts";
import { pythonPackage } from "../peers/python-package.ts";
import { skipWithout } from "../peers/skip-without.ts";
import { smallModel } from "../peers/small-model.ts";
import { servePort, type ServedPort } from "./serve-port.ts";

const openAiPackage = "openai==3.57.0";
const embeddings = "huggingface/test/embed";

/** What the script says, a check a line; it ends at the first that fails. */
async function check(baseURL: string, chatModel: string, toolModel: string): Promise<string[]> {
  const script = path.join(import.meta.dirname, "openai-client.py");
  const said = await ingredientCommand(
    "python3",
    [script, baseURL, chatModel, toolModel, embeddings],
    "the script did not end well",
    { environment: { PYTHONPATH: await pythonPackage(openAiPackage) } },
  );
  return said.split("\n");
}

describe.skipIf(await skipWithout(() => pythonPackage(openAiPackage)))(
  "OpenAI's client for Python",
  () => {
    it("does what the page of the port shows", async () => {
      await using port = await servePort();
      const page = await readFile("docs/http.md", "utf8");
      const [, shown = ""] = /^```python\n([^]*?)^```/m.exec(page) ?? [];
      const source = shown
        .replace("http://127.0.0.1:4600/v1", port.baseURL)
        .replace('"assistant"', '"llama-cpp/tiny-chat.gguf"');
      const said = await ingredientCommand("python3", ["-c", source], "the page is wrong", {
        environment: { PYTHONPATH: await pythonPackage(openAiPackage) },
      });
      expect(said).toBe("Hello from the tiny test model.");
    });

    it("does with tiny models that run here whatever it can", async () => {
      await using port = await servePort();
      const model = "llama-cpp/tiny-chat.gguf";
      const lines = await check(port.baseURL, model, "llama-cpp/tiny-tool.gguf");
      expect(lines.filter((line) => !line.startsWith("ok"))).toEqual([]);
      expect(lines.at(-1)).toBe("ok");
    });
  },
);

const skip = await skipWithout(
  () => pythonPackage(openAiPackage),
  () => pythonPackage(llamaServerPackage),
  smallModel,
);

describe.skipIf(skip)("OpenAI's client for Python, a real llama.cpp server behind the port", () => {
  let server: LlamaServer;
  let port: ServedPort;
  beforeAll(async () => {
    server = await startLlamaServer({ model: await smallModel(), alias: "smollm2", slots: 2 });
    port = await servePort({
      real: { type: "openai-compatible", profile: "llama-server", baseUrl: server.url },
    });
  });
  afterAll(async () => {
    await port?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it("does the same", async () => {
    const lines = await check(port.baseURL, "real/smollm2", "");
    expect(lines.filter((line) => !line.startsWith("ok"))).toEqual([]);
    expect(lines.at(-1)).toBe("ok");
  });
});
