import type { CallContext } from "../../../../contract/backend.ts";
import type {
  ClassificationOutput,
  ClassificationRequest,
} from "../../../../contract/capabilities/classification.ts";
import { ModelyardError } from "../../../../contract/errors.ts";
import { readJson } from "../../../../contract/http/read-json.ts";
import type { Usage } from "../../../../contract/usage.ts";
import { hypothesisOf, noOwnLabels, scoresOf } from "../../labels.ts";
import { computeUsage, sumUsage } from "../compute-usage.ts";
import type { Connection } from "../connection.ts";
import { splitBatches } from "../split-batches.ts";
import type { ClassificationServer } from "../server/server.ts";
import { chooseLabels } from "./choose-labels.ts";
import { type ScoredLabel, toLabels } from "./to-labels.ts";

/** Through `/predict`: a classifier's own labels, or any at all where it judges whether one text follows from another. */
export async function classifyWithTei(
  connection: Connection,
  server: ClassificationServer,
  request: ClassificationRequest,
  context: CallContext,
): Promise<ClassificationOutput> {
  const entailment = server.labels.find((label) => /^entail/i.test(label));
  if (entailment !== undefined)
    return classifyByEntailment(connection, { server, entailment }, request, context);
  // One text as a string: a list of two would be read as one pair.
  const body = { inputs: request.input, raw_scores: false, truncate: false };
  const response = await connection.ask(context, "/predict", body);
  const found = toLabels(await readJson(response));
  return { labels: chooseLabels(found, request, context), usage: computeUsage(response) };
}

/** By how well "This example is …" follows from the text, for each label. */
async function classifyByEntailment(
  connection: Connection,
  { server, entailment }: { server: ClassificationServer; entailment: string },
  { input, labels, multiLabel }: ClassificationRequest,
  context: CallContext,
): Promise<ClassificationOutput> {
  if (labels === undefined) throw noOwnLabels(context.model);
  const pairs = labels.map((label): [string, string] => [input, hypothesisOf(label)]);
  const judged: ScoredLabel[][] = [];
  const usages: Usage[] = [];
  for (const batch of splitBatches(pairs, server.largestBatch, lengthOf)) {
    const body = { inputs: batch, raw_scores: true, truncate: false };
    const response = await connection.ask(context, "/predict", body);
    judged.push(...toBatch(await readJson(response), batch.length));
    usages.push(computeUsage(response));
  }
  const contradiction = server.labels.find((label) => /^(contradict|not.?entail)/i.test(label));
  const judgements = judged.map((scored) => ({
    support: scoreOf(scored, entailment),
    against: contradiction === undefined ? 0 : scoreOf(scored, contradiction),
  }));
  const scores = scoresOf(judgements, multiLabel);
  return {
    labels: labels.map((label, index) => ({ label, score: scores[index] ?? 0 })),
    usage: sumUsage(usages),
  };
}

function toBatch(answer: unknown, count: number): ScoredLabel[][] {
  const batch = Array.isArray(answer) && Array.isArray(answer[0]) ? answer : [answer];
  if (batch.length === count) return batch.map(toLabels);
  throw new ModelyardError(
    "invalid-response",
    `The server judged ${batch.length} of ${count} pairs of texts.`,
  );
}

function scoreOf(scored: readonly ScoredLabel[], wanted: string): number {
  return scored.find(({ label }) => label === wanted)?.score ?? 0;
}

function lengthOf([text, hypothesis]: [string, string]): number {
  return text.length + hypothesis.length;
}
