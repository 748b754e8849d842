import type { CallContext } from "../../../../contract/backend.ts";
import type {
  ClassificationOutput,
  ClassificationRequest,
} from "../../../../contract/capabilities/classification.ts";
import { isModelyardError } from "../../../../contract/errors.ts";
import { readJson } from "../../../../contract/http/read-json.ts";
import { computeUsage } from "../compute-usage.ts";
import type { Connection } from "../connection.ts";
import { chooseLabels } from "./choose-labels.ts";
import { toLabels } from "./to-labels.ts";

/** All labels of a classifier: pipelines give the best five otherwise. */
const allLabels = { top_k: 1000 };

/**
 * Through a pipeline of transformers, which does not say whether it brings labels of its own: labels that are wanted are offered as
 * candidates (zero-shot); a classifier passes over them or refuses them, and is then asked for its own.
 */
export async function classifyWithPipeline(
  connection: Connection,
  path: string,
  request: ClassificationRequest,
  context: CallContext,
): Promise<ClassificationOutput> {
  const { input, labels, multiLabel = false } = request;
  const ask = async (parameters: object) => {
    const response = await connection.ask(context, path, { inputs: input, parameters });
    return { found: toLabels(await readJson(response)), usage: computeUsage(response) };
  };
  if (labels === undefined) {
    const { found, usage } = await ask(allLabels);
    return { labels: chooseLabels(found, request, context), usage };
  }
  const candidates = { candidate_labels: labels, multi_label: multiLabel };
  const answer = await ask(candidates).catch((error: unknown) => {
    if (isModelyardError(error) && error.code === "invalid-request") return ask(allLabels);
    throw error;
  });
  const names = answer.found.map(({ label }) => label);
  const isZeroShot = names.length === labels.length && names.every((name) => labels.includes(name));
  if (isZeroShot) return { labels: answer.found, usage: answer.usage };
  return { labels: chooseLabels(answer.found, request, context), usage: answer.usage };
}
