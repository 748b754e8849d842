import { invalidField } from "../invalid-field.ts";

/** How many answers one request may ask for. */
const mostChoices = 128;

/** How many answers to each of so many prompts are wanted: `n`. @throws ModelyardError `invalid-request` where they are too many */
export function readCount(body: Readonly<Record<string, unknown>>, prompts = 1): number {
  const count = body["n"] ?? 1;
  if (!Number.isInteger(count) || (count as number) < 1 || (count as number) > mostChoices)
    throw invalidField("n", `Must be a whole number from 1 to ${mostChoices}.`);
  if (prompts * (count as number) > mostChoices)
    throw invalidField("n", `One request may ask for ${mostChoices} answers.`, "Ask for fewer.");
  return count as number;
}

/**
 * The requests that give several answers: each asked by itself, at the same time. A seed is counted up, for the same one would give
 * the same answer again.
 */
export function toChoices(requests: readonly object[], count: number): object[] {
  if (count === 1) return [...requests];
  return requests.flatMap((request) =>
    Array.from({ length: count }, (_, index) => {
      const { seed } = request as { seed?: unknown };
      return index > 0 && typeof seed === "number" ? { ...request, seed: seed + index } : request;
    }),
  );
}
