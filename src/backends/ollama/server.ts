import type { BackendSetup } from "../../contract/backend.ts";
import type { OllamaConfig } from "./config.ts";
import { createModelFacts, type ModelFacts } from "./model-facts.ts";
import { toOllamaError } from "./to-error.ts";

export interface ServerRequest {
  /** `POST` where there is a body, else `GET`. */
  readonly method?: string;
  readonly body?: object;
  readonly signal?: AbortSignal;
  /** Named in errors. */
  readonly model?: string;
}

/** One Ollama: how it is asked, and what is known of its models. */
export interface OllamaServer {
  readonly config: OllamaConfig;
  /** For what is no call. */
  readonly fetch: typeof fetch;
  readonly facts: ModelFacts;
  /** The models that were loaded for us and are in memory as far as we know, by their full names. */
  readonly loaded: Set<string>;
  /** Sends a request and gives the response, its body still to be read. @throws what Ollama refused it with */
  send(fetch: typeof globalThis.fetch, path: string, request?: ServerRequest): Promise<Response>;
  /** The same for an answer in one piece. */
  ask(fetch: typeof globalThis.fetch, path: string, request?: ServerRequest): Promise<unknown>;
  /** Whether its models take this device's memory. */
  isOnDevice(): Promise<boolean>;
  /** A model (all where none is named) has left its memory by itself. */
  lost(model?: string): void;
}

export function createServer({
  config,
  fetch,
  unloaded,
  secret,
}: BackendSetup<OllamaConfig>): OllamaServer {
  const { baseUrl, apiKey } = config;
  if (apiKey !== undefined) secret(apiKey);
  const headers = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` };
  const loaded = new Set<string>();

  const server: OllamaServer = {
    config,
    fetch,
    loaded,
    facts: createModelFacts((model, { fetch: by, signal }) =>
      server.ask(by, "/api/show", { body: { model }, signal, model }),
    ),

    async send(by, path, request = {}) {
      const { requestJson } = await import("../../contract/http/request-json.ts");
      try {
        return await requestJson(by, baseUrl + path, { ...request, headers });
      } catch (error) {
        throw toOllamaError(error, baseUrl);
      }
    },

    async ask(by, path, request) {
      const response = await server.send(by, path, request);
      const { readJson } = await import("../../contract/http/read-json.ts");
      return readJson(response);
    },

    async isOnDevice() {
      const { classOfUrl } = await import("../../contract/http/class-of-url.ts");
      return (await classOfUrl(new URL(baseUrl))) === "device";
    },

    lost(model) {
      if (model === undefined ? loaded.size === 0 : !loaded.has(model)) return;
      if (model === undefined) loaded.clear();
      else loaded.delete(model);
      unloaded(model);
    },
  };
  return server;
}
