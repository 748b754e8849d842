import { describe, expect, it } from "vitest";
import { createTestGateway, saying } from "./__fixtures__/test-gateway.ts";

describe("a pull of listed models only", () => {
  const pulled: string[] = [];
  const backend = {
    capabilities: { chat: saying("hi") },
    listModels: async () => [{ name: "small" }, { name: "model.gguf" }],
    async *pull(name: string) {
      pulled.push(name);
      yield { phase: "pull" as const, model: name, doneBytes: 1, totalBytes: 1 };
    },
  };
  const gateway = createTestGateway({ "llama-cpp": backend, huggingface: backend });

  it.each([
    "/etc/shadow",
    "./model.gguf",
    "other.gguf",
    "file:///etc/shadow",
    "http://127.0.0.1:22/x.gguf",
    "llama-cpp//etc/shadow",
    "llama-cpp/other.gguf",
    "llama-cpp/http://127.0.0.1:22/x.gguf",
  ])("refuses %s, and says where it can be fetched", async (model) => {
    await expect(gateway.pull(model, { onlyListed: true })).rejects.toMatchObject({
      code: "forbidden",
      remedy: "Fetch it on the command line: modelyard pull …",
    });
    expect(pulled).toEqual([]);
  });

  it("fetches what is listed, what the hub has, and all else for those who may", async () => {
    for (const model of ["llama-cpp/small", "llama-cpp/model.gguf"])
      await gateway.pull(model, { onlyListed: true });
    await gateway.pull("hf:owner/repo/file.gguf", { onlyListed: true });
    await gateway.pull("hf:owner/repo", { onlyListed: true });
    await gateway.pull("./other.gguf");
    expect(pulled).toEqual([
      "small",
      "model.gguf",
      "hf:owner/repo/file.gguf",
      "hf:owner/repo",
      "./other.gguf",
    ]);
  });
});
