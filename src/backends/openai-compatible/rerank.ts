import type { CallContext, Handler } from "../../contract/backend.ts";
import {
  rerank,
  type RerankOutput,
  type RerankRequest,
} from "../../contract/capabilities/rerank.ts";
import { toRanking } from "./convert/to-ranking.ts";
import { lacksRoute } from "./lacks-route.ts";
import { parseAnswer } from "./read-answer.ts";
import type { Server } from "./server.ts";

/** The core's own way to make it from vectors. */
type Rerank = (request: RerankRequest, context: CallContext) => Promise<RerankOutput>;

/** Reranking by the server's own route; by the nearness of vectors where its model turns out to be none for that. */
export function rerankHandler(server: Server, embedding: Handler<"embedding">): Handler<"rerank"> {
  const derivation = rerank.derive?.find(({ from }) => from === "embedding");
  const byEmbedding = derivation?.derive(embedding as never) as unknown as Rerank;
  /** By model: the refusal that said so. It is not asked of it again. */
  const lacking = new Map<string, unknown>();

  async function ask(path: string, request: RerankRequest, context: CallContext) {
    const { query, documents, topN } = request;
    const body = {
      model: context.model,
      query,
      documents,
      ...(topN === undefined ? {} : { top_n: topN }),
    };
    const response = await server.post(path, body, context);
    return toRanking(parseAnswer(await response.text(), context.model), request, context.model);
  }

  return async function rerankDocuments(request, context) {
    const { model } = context;
    const { rerank: path } = (await server.profile(context)).paths;
    if (path !== undefined && !lacking.has(model)) {
      try {
        return await ask(path, request, context);
      } catch (error) {
        if (!lacksRoute(error)) throw error;
        lacking.set(model, error);
      }
    }
    const near = await byEmbedding(request, context).catch((error: unknown) => {
      // That it does no reranking is more to the point than that there are no vectors either.
      throw (lacksRoute(error) && lacking.get(model)) || error;
    });
    context.warn(
      "The scores are how near each document lies to the query: the model does no reranking.",
    );
    return near;
  };
}
