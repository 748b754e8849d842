import http from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";

/** What a kind of server answers to those who want to know it: path → JSON or text, and what it says of any other path. */
interface Answers {
  readonly at: Readonly<Record<string, unknown>>;
  readonly else: { readonly status: number; readonly body: unknown };
}

const models = (owner?: string, names: readonly string[] = ["some-model"]) => ({
  object: "list",
  data: names.map((id) => ({ id, object: "model", ...(owner && { owned_by: owner }) })),
});

const fastApi = { status: 404, body: { detail: "Not Found" } };

/** Others offer parts of Ollama's API too. */
const ollamaSubset = {
  "/": "Ollama is running",
  "/api/version": { version: "0.6.4" },
  "/api/tags": { models: [] },
};

/** As their sources and documentation have it. */
export const fakeServers: Readonly<Record<string, Answers>> = {
  ollama: {
    at: { ...ollamaSubset, "/api/ps": { models: [] }, "/v1/models": models("library") },
    else: { status: 404, body: "404 page not found" },
  },
  "llama-server": {
    at: { "/health": { status: "ok" }, "/v1/models": models("llamacpp"), "/props": {} },
    else: {
      status: 404,
      body: { error: { code: 404, message: "File Not Found", type: "not_found_error" } },
    },
  },
  vllm: { at: { "/version": { version: "0.11" }, "/v1/models": models("vllm") }, else: fastApi },
  sglang: { at: { ...ollamaSubset, "/v1/models": models("sglang") }, else: fastApi },
  "lm-studio": {
    at: {
      "/v1/models": models("organization_owner", ["qwen3-4b", "text-embedding-nomic"]),
      "/api/v0/models": { data: [{ id: "qwen3-4b", type: "llm", compatibility_type: "gguf" }] },
    },
    else: { status: 200, body: { error: "Unexpected endpoint or method. (GET /nowhere)" } },
  },
  localai: {
    at: {
      ...ollamaSubset,
      "/v1/models": models(),
      "/v1/models/capabilities": { data: [{ id: "some-model", capabilities: ["chat"] }] },
      "/version": { version: "v3.8.0" },
    },
    else: { status: 404, body: { error: { code: 404, message: "Resource not found", type: "" } } },
  },
  "text-generation-webui": {
    at: {
      "/v1/models": models("user"),
      "/v1/internal/model/info": { model_name: "None", lora_names: [], loader: null },
    },
    else: fastApi,
  },
  tabbyapi: {
    at: { "/health": { status: "healthy", issues: [] }, "/v1/models": models("tabbyAPI") },
    else: fastApi,
  },
  koboldcpp: {
    at: {
      ...ollamaSubset,
      "/v1/models": models("koboldcpp"),
      "/api/extra/version": { result: "KoboldCpp", version: "1.100" },
    },
    else: { status: 404, body: { detail: { msg: "Not found", type: "not_found" } } },
  },
  jan: {
    at: {
      "/openapi.json": { openapi: "3.0.0", info: { title: "Jan API" } },
      "/v1/models": models(),
    },
    else: { status: 404, body: "Not Found" },
  },
};

export interface FakeServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server that answers as this kind does, on a free port. */
export async function startFake(kind: string, fake = fakeServers[kind]!): Promise<FakeServer> {
  const server = http.createServer(({ url = "" }, response) => {
    const known = Object.hasOwn(fake.at, url);
    const body = known ? fake.at[url] : fake.else.body;
    const text = typeof body === "string";
    response.writeHead(known ? 200 : fake.else.status, {
      "content-type": text ? "text/plain" : "application/json",
    });
    response.end(text ? body : JSON.stringify(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** Something that has nothing to do with models. */
export const webServer: Answers = {
  at: {},
  else: { status: 404, body: "<html><title>Nothing here</title></html>" },
};
