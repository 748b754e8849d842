import { ModelyardError } from "../../../../contract/errors.ts";

/** A label and how well it fits, 0 to 1, or as a number of any size where raw scores were asked for. */
export interface ScoredLabel {
  readonly label: string;
  readonly score: number;
}

/**
 * The labels of one text, as a pipeline gives them: `[{label, score}]`, with a list of one around it in some versions, or zero-shot's
 * older `{labels, scores}`.
 * @throws `invalid-response` for anything else
 */
export function toLabels(answer: unknown): ScoredLabel[] {
  let given = answer;
  while (Array.isArray(given) && given.length === 1 && !isScored(given[0])) [given] = given;
  if (Array.isArray(given) && given.length > 0 && given.every(isScored))
    return given.map(({ label, score }) => ({ label, score }));
  const { labels, scores } = (given ?? {}) as { labels?: unknown; scores?: unknown };
  if (Array.isArray(labels) && Array.isArray(scores)) {
    const pairs = labels.map((label: unknown, index) => ({
      label,
      score: scores[index] as unknown,
    }));
    if (pairs.length > 0 && pairs.every(isScored)) return pairs;
  }
  throw new ModelyardError("invalid-response", "The answer holds no labels.", {
    remedy: "Check that the model is one for classification.",
  });
}

function isScored(value: unknown): value is ScoredLabel {
  if (typeof value !== "object" || value === null) return false;
  const { label, score } = value as Record<string, unknown>;
  return typeof label === "string" && Number.isFinite(score);
}
