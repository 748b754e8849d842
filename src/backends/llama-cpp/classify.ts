import type { Handler } from "../../contract/backend.ts";
import { classification, softmax } from "../../contract/capabilities/classification.ts";
import type { ClassificationRequest } from "../../contract/capabilities/classification.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { classifyByLikelihood } from "./classification/classify-by-likelihood.ts";
import { classifyByLetters, classifyByYes } from "./classification/classify-by-question.ts";
import type { LoadedModel } from "./model.ts";
import { readsOnly } from "./model.ts";
import type { Inquiry } from "./classification/question.ts";
import { refuseHugeText } from "./generation/window.ts";

/** From about a billion parameters on models understand a question; below they answer by the place in the list. */
const understandsQuestionsBytes = 600e6;

/**
 * Classification on the models of one backend: by how likely a label is, which gives scores that mean something, where an answer in words gives none.
 * An embedding model compares directions instead.
 */
export function classificationHandler(
  models: LoadedModels<LoadedModel>,
  embedding: Handler<"embedding">,
): Handler<"classification"> {
  return async (request, context) => {
    const { input, labels } = request;
    if (labels === undefined) {
      throw new ModelyardError("invalid-request", `${context.model} has no labels of its own.`, {
        remedy: "Give labels to choose from.",
      });
    }
    const { model: loaded, signal, leave } = await models.enter(context.model, context);
    try {
      if (readsOnly(loaded)) return await byEmbedding(embedding)(request, context);
      refuseHugeText(loaded.name, input.length, loaded.windowTokens);
      const usage = { inputTokens: 0, outputTokens: 0, cachedInputTokens: 0 };
      const inquiry: Inquiry = { loaded, signal, context, usage };
      const scores = await scoresOf(inquiry, request, labels);
      return {
        labels: labels.map((label, index) => ({ label, score: scores[index] ?? 0 })),
        usage,
      };
    } finally {
      leave();
    }
  };
}

async function scoresOf(
  inquiry: Inquiry,
  { input, multiLabel }: ClassificationRequest,
  labels: readonly string[],
): Promise<number[]> {
  const understands = inquiry.loaded.model.size >= understandsQuestionsBytes;
  if (multiLabel === true) {
    const odds = understands ? await classifyByYes(inquiry, input, labels) : undefined;
    return (odds ?? (await classifyByLikelihood(inquiry, input, labels))).map(
      (value) => 1 / (1 + Math.exp(-value)),
    );
  }
  const letters = understands ? await classifyByLetters(inquiry, input, labels) : undefined;
  return softmax(letters ?? (await classifyByLikelihood(inquiry, input, labels)));
}

/** The contract's own way from embedding to classification. */
function byEmbedding(embedding: Handler<"embedding">): Handler<"classification"> {
  const derivation = classification.derive?.find(({ from }) => from === "embedding");
  if (derivation === undefined)
    throw new Error("Classification is no longer derived from embedding.");
  return derivation.derive(embedding as never) as unknown as Handler<"classification">;
}
