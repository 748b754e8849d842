import { ModelyardError } from "../../../contract/errors.ts";

/** A server whose model was made for something else. */
export function unable(model: string, what: string): ModelyardError {
  return new ModelyardError("capability-not-supported", `The server of ${model} can't ${what}.`, {
    model,
    remedy: "`modelyard models` shows which models can.",
  });
}
