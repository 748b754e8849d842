import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModel } from "./models/load-model.ts";

/** A model that is asked for what it was not made for. */
export function unable(
  { name, description }: LoadedModel,
  what: string,
  reason?: string,
): ModelyardError {
  const can = description.capabilities.join(", ");
  return new ModelyardError(
    "capability-not-supported",
    `${name} can't ${what}${reason === undefined ? "" : `: ${reason}`}.`,
    {
      model: name,
      remedy: reason === undefined ? `Use it for ${can}, or another model.` : "Use another model.",
    },
  );
}
