import type { AnyBackendDefinition } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { leadsAnywhere } from "../reference.ts";

/** A kind that reads weights itself would fetch them from wherever the name leads. @throws ModelyardError `forbidden` */
export function refuseReference(
  { takesReference }: Pick<AnyBackendDefinition, "takesReference">,
  model: string,
  path: string,
): void {
  if (takesReference === undefined || !leadsAnywhere(model)) return;
  throw new ModelyardError("forbidden", `${path} is a path or an address: ${model}.`, {
    remedy: "Name a model that is listed; others are taken from the configuration file alone.",
  });
}
