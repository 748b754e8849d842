import type { Handler } from "../../contract/backend.ts";
import type { EmbeddingRequest } from "../../contract/capabilities/embedding.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { unitVector } from "../../contract/unit-vector.ts";
import type { EmbeddingRecipe } from "./encoding/embedding-recipe.ts";
import { layerNorm } from "./encoding/pool.ts";
import type { DescribedModel, Runtime } from "./runtime.ts";
import { unable } from "./unable.ts";

/** Texts to vectors, as the model's authors make them: its prefixes, its pooling, and length 1. */
export function embeddingHandler<Model extends DescribedModel>(
  models: LoadedModels<Model>,
  runtime: Runtime<Model>,
): Handler<"embedding"> {
  return async (request, context) => {
    const visit = await models.enter(context.model, context);
    const { model } = visit;
    try {
      const { task } = model.description;
      if (task.kind !== "embedding") throw unable(model, "make embeddings");
      const prefix = task.recipe.prefixes[request.purpose ?? "neutral"];
      const { vectors, inputTokens } = await runtime.embed(visit, request.input, prefix, context);
      const embeddings = vectors.map((vector) => finish(model, task.recipe, vector, request));
      return { embeddings, usage: { inputTokens } };
    } finally {
      visit.leave();
    }
  };
}

function finish(
  model: DescribedModel,
  recipe: EmbeddingRecipe,
  vector: number[],
  { dimensions }: EmbeddingRequest,
): number[] {
  if (!vector.some((value) => value !== 0) || vector.some(Number.isNaN)) {
    throw new ModelyardError("invalid-response", `${model.name} gave a vector without direction.`, {
      model: model.name,
      remedy: 'Its weights may be too coarse: try another form of them ("dtype").',
    });
  }
  if (dimensions === undefined || dimensions === vector.length) return unitVector(vector);
  const fewest = recipe.fewestDimensions;
  if (fewest === undefined) {
    throw new ModelyardError(
      "capability-not-supported",
      `The vectors of ${model.name} can't be shortened: they have ${vector.length} dimensions.`,
      {
        model: model.name,
        remedy: "Leave dimensions out, or use a model trained for shorter vectors.",
        details: { param: "dimensions" },
      },
    );
  }
  if (dimensions > vector.length || dimensions < fewest) {
    throw new ModelyardError(
      "invalid-request",
      `${model.name} makes vectors of ${fewest} to ${vector.length} dimensions, not of ${dimensions}.`,
      { model: model.name },
    );
  }
  const whole = recipe.layerNormBeforeShortening ? layerNorm(vector) : vector;
  return unitVector(whole.slice(0, dimensions));
}
