import { defineBackend } from "../../contract/backend.ts";
import { readTls } from "./auth/read-tls.ts";
import { toBaseUrl } from "./base-url.ts";
import { chatHandler } from "./chat.ts";
import { classificationHandler } from "./classify.ts";
import { completionHandler } from "./completion.ts";
import { config } from "./config.ts";
import { discover } from "./discover.ts";
import { embeddingHandler } from "./embed.ts";
import { checkHealth } from "./health.ts";
import { listModels } from "./list-models.ts";
import { parameters } from "./parameters.ts";
import { createServer } from "./server.ts";

/** Servers and services that speak OpenAI's API. */
export default defineBackend({
  type: "openai-compatible",
  description:
    "Asks a server that speaks OpenAI's API: vLLM, llama.cpp, LM Studio, LocalAI, a service in the cloud.",
  config,
  sends: "guarded",
  upstream: ({ baseUrl, profile, tls }) => {
    const certificates = readTls(tls);
    return {
      url: toBaseUrl({ baseUrl, profile }),
      ...(certificates === undefined ? {} : { tls: certificates }),
    };
  },
  discover,
  parameters,
  capabilities: ["chat", "completion", "embedding", "classification"],
  create(setup) {
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
  },
});
