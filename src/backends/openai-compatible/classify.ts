import type { CallContext, Handler } from "../../contract/backend.ts";
import {
  classification,
  type ClassificationOutput,
  type ClassificationRequest,
} from "../../contract/capabilities/classification.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { classifyByChoice } from "./classify/classify-by-choice.ts";
import { classifyByLetters } from "./classify/classify-by-letters.ts";
import { nativeRoutes } from "./classify/native.ts";
import type { ClassifyRoute } from "./profiles/profile.ts";
import { lacksRoute } from "./lacks-route.ts";
import { parseAnswer } from "./read-answer.ts";
import type { Server } from "./server.ts";

/** The core's own way to make it from vectors. */
type Classify = (
  request: ClassificationRequest,
  context: CallContext,
) => Promise<ClassificationOutput>;

/**
 * Classification by the best way that the server has: a native route, the likelihoods of one-token answers, a schema that allows the
 * labels alone, and at last the nearness of vectors. What a model turned out to lack is not asked of it again.
 */
export function classificationHandler(
  server: Server,
  { chat, embedding }: { chat: Handler<"chat">; embedding: Handler<"embedding"> },
): Handler<"classification"> {
  const derivation = classification.derive?.find(({ from }) => from === "embedding");
  const byEmbedding = derivation?.derive(embedding as never) as unknown as Classify;
  /** By way and model: the refusal that said so. */
  const lacking = new Map<string, unknown>();

  /** What `way` gives, undefined where this model lacks it. */
  async function attempt(
    name: string,
    { model }: CallContext,
    way: () => Promise<ClassificationOutput | undefined>,
  ): Promise<ClassificationOutput | undefined> {
    const key = `${name} ${model}`;
    if (lacking.has(key)) return undefined;
    try {
      return await way();
    } catch (error) {
      if (!isLacking(error)) throw error;
      lacking.set(key, error);
      return undefined;
    }
  }

  return async function classify(request, context) {
    const profile = await server.profile(context);
    for (const route of profile.classify) {
      const found = await attempt(route, context, () => askNative(route, request, server, context));
      if (found !== undefined) return found;
    }
    if (request.labels === undefined) throw noLabels(context.model);
    const byLikelihood = await attempt("letters", context, () =>
      classifyByLetters(request, { profile, server }, context),
    );
    if (byLikelihood !== undefined) return byLikelihood;
    const byChoice = await attempt("chat", context, () => classifyByChoice(request, chat, context));
    if (byChoice !== undefined) return byChoice;
    const near = await byEmbedding(request, context).catch((error: unknown) => {
      // What was wrong with the chat is more to the point than that there are no vectors either.
      throw (lacksRoute(error) && lacking.get(`chat ${context.model}`)) || error;
    });
    context.warn("The scores are how near the text lies to each label: the model does not chat.");
    return near;
  };
}

async function askNative(
  route: ClassifyRoute,
  request: ClassificationRequest,
  server: Server,
  context: CallContext,
): Promise<ClassificationOutput | undefined> {
  const { toBody, read } = nativeRoutes[route];
  const body = toBody(request, context.model);
  if (body === undefined) return undefined;
  const response = await server.post(route, body, context);
  return read(parseAnswer(await response.text(), context.model), request);
}

/** A route that does not take the question as it is asked is of as little use as none. */
function isLacking(error: unknown): boolean {
  return lacksRoute(error) || (isModelyardError(error) && error.code === "invalid-request");
}

function noLabels(model: string): ModelyardError {
  return new ModelyardError("invalid-request", `${model} has no labels of its own.`, {
    model,
    remedy: "Give labels to choose from.",
  });
}
