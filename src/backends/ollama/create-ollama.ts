import type { Backend, BackendSetup } from "../../contract/backend.ts";
import { chatHandler } from "./chat.ts";
import { completionHandler } from "./completion.ts";
import type { OllamaConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { fullName } from "./full-name.ts";
import { checkHealth } from "./health.ts";
import { listModels } from "./list-models.ts";
import { pull } from "./pull.ts";
import { load, unload } from "./residency.ts";
import { createServer } from "./server.ts";

/** A backend for one Ollama. Sends nothing by itself. */
export function createOllama(setup: BackendSetup<OllamaConfig>): Backend {
  const server = createServer(setup);
  return {
    capabilities: {
      chat: chatHandler(server),
      completion: completionHandler(server),
      embedding: embeddingHandler(server),
    },
    healthCheck: (signal) => checkHealth(server, signal),
    listModels: (signal) => listModels(server, signal),
    load: (model, context) => load(server, model, context),
    unload: (model) => unload(server, model),
    pull: (model, context) => pull(server, model, context),
    async remove(model) {
      const request = { method: "DELETE", body: { model }, model };
      const response = await server.send(server.fetch, "/api/delete", request);
      await response.text();
      server.loaded.delete(fullName(model));
    },
  };
}
