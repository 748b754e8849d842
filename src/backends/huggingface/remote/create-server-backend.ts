import type { Backend, BackendSetup, CallContext, Handler } from "../../../contract/backend.ts";
import { chat as chatCapability } from "../../../contract/capabilities/chat.ts";
import { classification } from "../../../contract/capabilities/classification.ts";
import { embedding as embeddingCapability } from "../../../contract/capabilities/embedding.ts";
import { rerank } from "../../../contract/capabilities/rerank.ts";
import type { HuggingFaceConfig } from "../config.ts";
import { serverUnable } from "../unable.ts";
import { checkHealth } from "./check-health.ts";
import { classifyWithPipeline } from "./classification/classify-with-pipeline.ts";
import { classifyWithTei } from "./classification/classify-with-tei.ts";
import type { Connection } from "./connection.ts";
import { embed } from "./embedding/embed.ts";
import { openaiRoute, teiRoute, toolkitRoute } from "./embedding/routes.ts";
import { completeOnServer } from "./generation/complete-on-server.ts";
import { chatOnServer } from "./generation/chat.ts";
import { rerankWithTei } from "./rerank-with-tei.ts";
import { createCurrentServer } from "./server/current-server.ts";
import { idOf, type Server } from "./server/server.ts";

/** One server: Text Embeddings Inference, Text Generation Inference, or what an endpoint runs; which, its answers tell. */
export function createServerBackend(
  connection: Connection,
  { fetch }: BackendSetup<HuggingFaceConfig>,
): Backend {
  const current = createCurrentServer(connection);

  async function* answer<Event>(
    context: CallContext,
    ask: (server: Server) => AsyncIterable<Event>,
  ): AsyncGenerator<Event, void, undefined> {
    try {
      yield* ask(await current.ready(context));
    } catch (error) {
      current.failed(error);
      throw error;
    }
  }

  async function on<T>(context: CallContext, work: (server: Server) => Promise<T>): Promise<T> {
    try {
      return await work(await current.ready(context));
    } catch (error) {
      current.failed(error);
      throw error;
    }
  }

  const chat: Handler<"chat"> = (request, context) =>
    answer(context, (server) => chatOnServer(connection, server, request, context));

  const embedding: Handler<"embedding"> = (request, context) =>
    on(context, (server) => {
      if (server.kind === "tei" && server.task === "embedding")
        return embed(connection, teiRoute(server), request, context);
      if (server.kind === "openai")
        return embed(connection, openaiRoute(idOf(server, context.model)), request, context);
      if (server.kind === "toolkit")
        return embed(connection, toolkitRoute(context.model), request, context);
      throw serverUnable(context.model, "make embeddings");
    });

  return {
    capabilities: {
      chat,
      completion: (request, context) =>
        answer(context, (server) => completeOnServer(connection, server, request, context)),
      embedding,
      classification: (request, context) =>
        on(context, (server) => {
          if (server.kind === "tei" && server.task === "classification")
            return classifyWithTei(connection, server, request, context);
          if (server.kind === "toolkit")
            return classifyWithPipeline(connection, "/", request, context);
          if (server.kind === "tei" && server.task === "reranking")
            throw serverUnable(context.model, "classify");
          // Known before, the gateway would have derived it: the server was loading when the call came.
          const from = server.kind === "tei" ? embeddingCapability.name : chatCapability.name;
          const base = server.kind === "tei" ? embedding : chat;
          const derivation = classification.derive?.find((each) => each.from === from);
          return derivation?.derive(base as never)(request as never, context) as never;
        }),
      rerank: (request, context) =>
        on(context, (server) => {
          if (server.kind === "tei" && server.task === "reranking")
            return rerankWithTei(connection, server, request, context);
          if (server.kind === "tgi" || (server.kind === "tei" && server.task !== "embedding"))
            throw serverUnable(context.model, "rank documents");
          const derivation = rerank.derive?.find((each) => each.from === embeddingCapability.name);
          return derivation?.derive(embedding as never)(request as never, context) as never;
        }),
    },
    listModels: (signal) => current.list(fetch, signal),
    // A toolkit has no name; one that still loads has not told it.
    takesAnyModel: () => current.known === undefined || current.known.kind === "toolkit",
    healthCheck: (signal) => checkHealth(connection, fetch, signal),
  };
}
