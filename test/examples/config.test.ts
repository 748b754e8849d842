import fs from "node:fs";
import path from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { deferredGateway } from "../../src/app/open-gateway.ts";
import { services } from "../../src/app/services.ts";
import { silentLog } from "../../src/contract/silent-log.ts";
import type { DeferredGateway } from "../../src/gateway/deferred-gateway.ts";
import { answerAsOpenAi } from "../../src/testing/answer-as-openai.ts";
import { inOrder, jsonAnswer, type Answer } from "../../src/testing/answer.ts";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import type { SeenRequest } from "../../src/testing/exchange.ts";
import { serverError } from "../../src/testing/faults/refusal.ts";
import { tinyModels } from "../models/tiny-models.ts";

const folder = path.resolve(import.meta.dirname, "../../examples/config");
const files = fs.readdirSync(folder).filter((name) => name.endsWith(".jsonc"));
const models = ["qwen3", "Qwen/Qwen3-32B", "gpt-5", "m-large", "bge-m3", "bge-reranker-v2-m3"];

/** Ollama's API for one model, and OpenAI's under `/v1`: every server of the examples at one address. */
function answer(request: SeenRequest): Answer {
  const { path: route } = request;
  if (route.startsWith("/v1"))
    return answerAsOpenAi(request, { text: "Said by a server.", models });
  if (route === "/api/version") return jsonAnswer({ version: "0.12.11" });
  if (route === "/api/tags") return jsonAnswer({ models: [{ name: "qwen3:4b", digest: "1" }] });
  if (route === "/api/ps") return jsonAnswer({ models: [] });
  if (route === "/api/show") return jsonAnswer({ capabilities: ["completion"], model_info: {} });
  if (route !== "/api/chat") return jsonAnswer({ done: true });
  const lines = [
    { message: { role: "assistant", content: "Said by Ollama." }, done: false },
    { message: { role: "assistant", content: "" }, done: true, done_reason: "stop" },
  ];
  return {
    status: 200,
    headers: { "content-type": "application/x-ndjson" },
    parts: inOrder(lines.map((line) => Buffer.from(`${JSON.stringify(line)}\n`))),
  };
}

let upstream: ChaosUpstream;
let environment: Record<string, string>;
beforeAll(async () => {
  const { chatGguf } = await tinyModels();
  upstream = await chaosUpstream({ answer });
  const { url } = upstream;
  environment = {
    MODELS_DIR: path.dirname(chatGguf),
    CHAT_MODEL: path.basename(chatGguf),
    EMBEDDING_MODEL: "test/embed",
    GATEWAY_HOST: "127.0.0.1",
    ...Object.fromEntries(
      ["OLLAMA", "ATTIC", "CELLAR", "SHED"].map((each) => [`${each}_URL`, url]),
    ),
    ...Object.fromEntries(
      ["VLLM", "OPENAI", "EMBEDDINGS", "RERANK"].map((each) => [`${each}_URL`, `${url}/v1`]),
    ),
    ...Object.fromEntries(
      ["VLLM_API", "OPENAI_API", "CI", "RESEARCH", "OPERATIONS"].map((each) => [
        `${each}_KEY`,
        `key-${each}`,
      ]),
    ),
  };
});
afterAll(() => upstream.close());

let gateway: DeferredGateway | undefined;
afterEach(async () => {
  await gateway?.close({ drainMs: 0 });
  vi.unstubAllEnvs();
  upstream.use([]);
});

/** What an example's configuration makes, its servers' addresses and keys put in from the environment. */
function open(name: string): DeferredGateway {
  for (const [variable, value] of Object.entries(environment)) vi.stubEnv(variable, value);
  return (gateway = deferredGateway({ config: path.join(folder, name), log: silentLog }));
}

const hello = { prompt: "hello" };
const input = { input: "hello" };
const ranking = { query: "bread", documents: ["a bear", "bread"] };

describe("the examples of configurations", () => {
  it("are ten, and each says what it is for and when to take it", () => {
    expect(files).toHaveLength(10);
    for (const name of files)
      expect(fs.readFileSync(path.join(folder, name), "utf8")).toMatch(
        /^\/\/ .+\n\/\/ Take it .+\n[[{]/,
      );
  });

  it.each<[string, string, object, string | undefined, string | RegExp]>([
    ["laptop", "chat", hello, undefined, "ollama"],
    ["offline", "chat", hello, undefined, "llama-cpp"],
    ["one-gpu-box", "completion", hello, undefined, "vllm"],
    ["privacy-first", "chat", hello, undefined, "ollama"],
    ["several-ollamas", "chat", hello, "summary", /attic|cellar/],
    ["several-ollamas", "chat", hello, undefined, /attic|cellar|shed/],
    ["vllm-and-embeddings", "chat", hello, undefined, "vllm"],
    ["vllm-and-embeddings", "embedding", input, undefined, "vectors"],
    ["vllm-and-embeddings", "rerank", ranking, undefined, "ranking"],
    ["plugins", "chat", hello, undefined, "loud"],
    ["models", "chat", hello, undefined, "My Model"],
    ["models", "chat", hello, "local", "local"],
    ["models", "embedding", input, undefined, "vectors"],
  ])("%s: %s %j of %s is answered", async (name, capability, request, model, backend) => {
    const options = model === undefined ? {} : { model };
    const { target } = await open(`${name}.jsonc`).call(capability, request, options);
    expect(target.backend).toMatch(backend);
  });

  it("cloud-with-local-fallback: the model here answers where the service fails", async () => {
    upstream.use((_, { path: route }) => (route.startsWith("/v1") ? serverError : undefined));
    const { target, result } = await open("cloud-with-local-fallback.jsonc").call("chat", hello);
    expect([target.backend, result]).toMatchObject(["ollama", { text: "Said by Ollama." }]);
  });

  it("team-gateway: each key may ask what its entry says", async () => {
    const opened = await open("team-gateway.jsonc").open();
    const server = await services.serveHttp(opened, { port: 0, log: silentLog });
    const ask = async (model: string, key?: string) => {
      const response = await fetch(`${server.url}/v1/chat/completions`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({ model, messages: [{ role: "user", content: "hello" }] }),
      });
      await response.text();
      return response.status;
    };
    expect(await ask("assistant")).toBe(401);
    expect(await ask("assistant", "key-CI")).toBe(200);
    expect(await ask("large", "key-CI")).toBe(403);
    expect(await ask("large", "key-RESEARCH")).toBe(200);
    await server.close();
  });
});
