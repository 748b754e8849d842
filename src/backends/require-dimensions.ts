import { ModelyardError } from "../contract/errors.ts";

/**
 * Refuses vectors of other dimensions than were asked for: who does not know the parameter passes over it.
 * @throws ModelyardError `capability-not-supported`
 */
export function requireDimensions(
  model: string,
  [first = []]: readonly (readonly number[])[],
  dimensions: number | undefined,
): void {
  if (dimensions === undefined || first.length === dimensions) return;
  throw new ModelyardError(
    "capability-not-supported",
    `${model} gave vectors of ${first.length} dimensions, not of ${dimensions}.`,
    { model, remedy: "Leave dimensions out.", details: { param: "dimensions" } },
  );
}
