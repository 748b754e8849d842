import { invalidField } from "../invalid-field.ts";

/** How many answers one request may ask for. */
const mostChoices = 128;

/** How many answers to each prompt are wanted: `n`. @throws ModelyardError `invalid-request` */
export function readCount(body: Readonly<Record<string, unknown>>): number {
  const count = body["n"] ?? 1;
  if (Number.isInteger(count) && (count as number) >= 1 && (count as number) <= mostChoices)
    return count as number;
  throw invalidField("n", `Must be a whole number from 1 to ${mostChoices}.`);
}

/**
 * The requests that give several answers: each asked by itself, at the same time. A seed is counted up, for the same one would give
 * the same answer again.
 * @throws ModelyardError `invalid-request` where they are too many
 */
export function toChoices(requests: readonly object[], count: number): object[] {
  if (requests.length * count > mostChoices)
    throw invalidField("n", `One request may ask for ${mostChoices} answers.`, "Ask for fewer.");
  return requests.flatMap((request) =>
    Array.from({ length: count }, (_, index) => {
      const { seed } = request as { seed?: unknown };
      return index > 0 && typeof seed === "number" ? { ...request, seed: seed + index } : request;
    }),
  );
}
