import type { CallContext, Handler } from "../../contract/backend.ts";
import {
  type ClassificationOutput,
  type ClassificationRequest,
  softmax,
} from "../../contract/capabilities/classification.ts";
import type { LoadedModels } from "../../contract/loaded-models.ts";
import { hypothesisOf, noOwnLabels, notItsLabels, scoresOf, sigmoid } from "./labels.ts";
import type { Task } from "./models/describe.ts";
import type { DescribedModel, JudgedInput, Runtime } from "./runtime.ts";
import { unable } from "./unable.ts";

/** A text's labels: a trained classifier's own, or any at all by a model that judges whether one text follows from another. */
export function classificationHandler<Model extends DescribedModel>(
  models: LoadedModels<Model>,
  runtime: Runtime<Model>,
): Handler<"classification"> {
  return async (request, context) => {
    const visit = await models.enter(context.model, context);
    const { model } = visit;
    const judge = (inputs: readonly JudgedInput[]) => runtime.judge(visit, inputs, context);
    try {
      const { task } = model.description;
      if (task.kind === "classifier") return await classify(model, task, request, judge, context);
      if (task.kind === "entailment")
        return await classifyByEntailment(model, task, request, judge);
      throw unable(model, "classify by itself");
    } finally {
      visit.leave();
    }
  };
}

type Judge = (
  inputs: readonly JudgedInput[],
) => Promise<{ logits: number[][]; inputTokens: number }>;

/** By a classifier's own labels, or some of them. */
async function classify(
  { name }: DescribedModel,
  { labels, multiLabel }: Extract<Task, { kind: "classifier" }>,
  request: ClassificationRequest,
  judge: Judge,
  { warn }: CallContext,
): Promise<ClassificationOutput> {
  const wanted = request.labels ?? labels;
  const unknown = wanted.filter((label) => !labels.includes(label));
  if (unknown.length > 0) throw notItsLabels(name, unknown, labels);
  const {
    logits: [logits = []],
    inputTokens,
  } = await judge([{ text: request.input }]);
  const usage = { inputTokens };
  const of = (values: readonly number[]) =>
    wanted.map((label) => values[labels.indexOf(label)] ?? 0);
  if (multiLabel) return { labels: pair(wanted, of(logits).map(sigmoid)), usage };
  if (request.multiLabel === true) {
    warn(`The labels of ${name} exclude each other: the scores of all of them add up to 1.`);
    return { labels: pair(wanted, of(softmax(logits))), usage };
  }
  return { labels: pair(wanted, softmax(of(logits))), usage };
}

/** By how well "This example is …" follows from the text, for each label. */
async function classifyByEntailment(
  { name }: DescribedModel,
  { entailment, contradiction }: Extract<Task, { kind: "entailment" }>,
  { input, labels, multiLabel }: ClassificationRequest,
  judge: Judge,
): Promise<ClassificationOutput> {
  if (labels === undefined) throw noOwnLabels(name);
  const inputs = labels.map((label) => ({
    text: input,
    pair: hypothesisOf(label),
    name: "The text with a label",
  }));
  const { logits, inputTokens } = await judge(inputs);
  const judgements = logits.map((each) => ({
    support: each[entailment] ?? 0,
    against: contradiction === undefined ? 0 : (each[contradiction] ?? 0),
  }));
  return { labels: pair(labels, scoresOf(judgements, multiLabel)), usage: { inputTokens } };
}

function pair(labels: readonly string[], scores: readonly number[]) {
  return labels.map((label, index) => ({ label, score: scores[index] ?? 0 }));
}
