import type { Backend, BackendSetup } from "../../contract/backend.ts";
import type { OllamaConfig } from "./config.ts";
import type { Connection } from "./connect.ts";

/** A backend for one Ollama. Its rooms are read when they are first needed: every start of the program makes one. */
export function createOllama(setup: BackendSetup<OllamaConfig>): Backend {
  let connected: Promise<Connection> | undefined;
  const connection = () =>
    (connected ??= import("./connect.ts").then(({ connect }) => connect(setup)));
  return {
    capabilities: {
      async *chat(request, context) {
        yield* (await connection()).chat(request, context);
      },
      async *completion(request, context) {
        yield* (await connection()).completion(request, context);
      },
      embedding: async (request, context) => (await connection()).embed(request, context),
    },
    healthCheck: async (signal) => (await connection()).checkHealth(signal),
    listModels: async (signal) => (await connection()).listModels(signal),
    load: async (model, context) => (await connection()).load(model, context),
    unload: async (model) => (await connection()).unload(model),
    async *pull(model, context) {
      return yield* (await connection()).pull(model, context);
    },
    remove: async (model) => (await connection()).remove(model),
  };
}
