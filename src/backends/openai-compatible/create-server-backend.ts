import type { Backend, BackendSetup } from "../../contract/backend.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import type { OpenAiCompatibleConfig } from "./config.ts";
import { embeddingHandler } from "./embed.ts";
import { checkHealth } from "./health.ts";
import { listModels } from "./list-models.ts";
import { rerankHandler } from "./rerank.ts";
import { createServer } from "./server.ts";

/** One server or service: its profile is found with the first use. */
export function createServerBackend(setup: BackendSetup<OpenAiCompatibleConfig>): Backend {
  const server = createServer(setup);
  const { fetch } = setup;
  let withoutList = false;
  const chat = chatHandler(server);
  const embedding = embeddingHandler(server);
  return {
    capabilities: {
      chat,
      completion: completionHandler(server, chat),
      embedding,
      classification: classificationHandler(server, { chat, embedding }),
      rerank: rerankHandler(server, embedding),
    },
    healthCheck: (signal) => checkHealth(server, { fetch, signal }),
    async listModels(signal) {
      const { models, none } = await listModels(server, { fetch, signal });
      withoutList = none;
      server.remember(models.map(({ name }) => name));
      return models;
    },
    takesAnyModel: () => withoutList || server.openNames(),
  };
}
