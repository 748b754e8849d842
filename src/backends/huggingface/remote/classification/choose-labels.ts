import type { CallContext } from "../../../../contract/backend.ts";
import type { ClassificationRequest } from "../../../../contract/capabilities/classification.ts";
import { notItsLabels } from "../../labels.ts";
import type { ScoredLabel } from "./to-labels.ts";

/**
 * What a trained classifier found, of the labels that are wanted: all of its own where none are named. Of some, the scores are
 * brought to add up to 1 again.
 * @throws `invalid-request` for a label that is not its own
 */
export function chooseLabels(
  found: readonly ScoredLabel[],
  { labels, multiLabel }: Pick<ClassificationRequest, "labels" | "multiLabel">,
  { model, warn }: Pick<CallContext, "model" | "warn">,
): ScoredLabel[] {
  if (multiLabel === true)
    warn(`${model} judges by labels of its own, as it was trained; multiLabel changes nothing.`);
  if (labels === undefined) return [...found];
  const own = found.map(({ label }) => label);
  const unknown = labels.filter((label) => !own.includes(label));
  if (unknown.length > 0) throw notItsLabels(model, unknown, own);
  const chosen = found.filter(({ label }) => labels.includes(label));
  const total = chosen.reduce((sum, { score }) => sum + score, 0);
  if (multiLabel === true || total === 0) return chosen;
  return chosen.map(({ label, score }) => ({ label, score: score / total }));
}
