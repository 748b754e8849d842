import { ModelyardError } from "../contract/errors.ts";

/** What a backend answers where a model that is to be deleted has no files here. */
export function nothingToRemove(model: string): ModelyardError {
  return new ModelyardError("model-not-found", `There are no files of ${model} here to delete.`, {
    model,
    remedy: "See `modelyard models` for what is here.",
  });
}
