import type { CallContext, Handler } from "../../contract/backend.ts";
import {
  type ClassificationOutput,
  type ClassificationRequest,
  softmax,
} from "../../contract/capabilities/classification.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { LoadedModels, Visit } from "../../contract/loaded-models.ts";
import type { Task } from "./models/describe.ts";
import { encode } from "./encoding/encode.ts";
import type { LoadedModel } from "./models/load-model.ts";
import { runForLogits } from "./encoding/run-for-logits.ts";
import { unable } from "./unable.ts";

/** A text's labels: a trained classifier's own, or any at all by a model that judges whether one text follows from another. */
export function classificationHandler(
  models: LoadedModels<LoadedModel>,
): Handler<"classification"> {
  return async (request, context) => {
    const visit = await models.enter(context.model, context);
    try {
      const { task } = visit.model.description;
      if (task.kind === "classifier") return await classify(visit, task, request, context);
      if (task.kind === "entailment")
        return await classifyByEntailment(visit, task, request, context);
      throw unable(visit.model, "classify by itself");
    } finally {
      visit.leave();
    }
  };
}

/** By a classifier's own labels, or some of them. */
async function classify(
  { model, signal }: Visit<LoadedModel>,
  { labels, multiLabel }: Extract<Task, { kind: "classifier" }>,
  request: ClassificationRequest,
  { progress, warn }: CallContext,
): Promise<ClassificationOutput> {
  const wanted = request.labels ?? labels;
  const unknown = wanted.filter((label) => !labels.includes(label));
  if (unknown.length > 0) throw notItsLabels(model.name, unknown, labels);
  const encodings = await encode(model, [{ text: request.input }], signal);
  const [logits = []] = await runForLogits(model, encodings, { signal, progress });
  const usage = { inputTokens: encodings[0]?.ids.length ?? 0 };
  const of = (values: readonly number[]) =>
    wanted.map((label) => values[labels.indexOf(label)] ?? 0);
  if (multiLabel) return { labels: pair(wanted, of(logits).map(sigmoid)), usage };
  if (request.multiLabel === true) {
    warn(`The labels of ${model.name} exclude each other: the scores of all of them add up to 1.`);
    return { labels: pair(wanted, of(softmax(logits))), usage };
  }
  return { labels: pair(wanted, softmax(of(logits))), usage };
}

/** By how well "This example is …" follows from the text, for each label. */
async function classifyByEntailment(
  { model, signal }: Visit<LoadedModel>,
  { entailment, contradiction }: Extract<Task, { kind: "entailment" }>,
  { input, labels, multiLabel }: ClassificationRequest,
  { progress }: CallContext,
): Promise<ClassificationOutput> {
  if (labels === undefined) {
    throw new ModelyardError("invalid-request", `${model.name} has no labels of its own.`, {
      model: model.name,
      remedy: "Give labels to choose from.",
    });
  }
  const inputs = labels.map((label) => ({
    text: input,
    pair: `This example is ${label}.`,
    name: "The text with a label",
  }));
  const encodings = await encode(model, inputs, signal);
  const logits = await runForLogits(model, encodings, { signal, progress });
  const scores =
    multiLabel === true
      ? logits.map((each) => againstContradiction(each, entailment, contradiction))
      : softmax(logits.map((each) => each[entailment] ?? 0));
  const inputTokens = encodings.reduce((sum, { ids }) => sum + ids.length, 0);
  return { labels: pair(labels, scores), usage: { inputTokens } };
}

function againstContradiction(
  logits: readonly number[],
  entailment: number,
  contradiction: number | undefined,
): number {
  const against = contradiction === undefined ? 0 : (logits[contradiction] ?? 0);
  return sigmoid((logits[entailment] ?? 0) - against);
}

function pair(labels: readonly string[], scores: readonly number[]) {
  return labels.map((label, index) => ({ label, score: scores[index] ?? 0 }));
}

function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

const mostNamed = 30;

function notItsLabels(
  model: string,
  unknown: readonly string[],
  labels: readonly string[],
): ModelyardError {
  const quoted = unknown.slice(0, mostNamed).map((label) => JSON.stringify(label));
  const more = labels.length > mostNamed ? ` and ${labels.length - mostNamed} more` : "";
  return new ModelyardError(
    "invalid-request",
    `${model} was not trained for ${quoted.join(", ")}. Its labels: ${labels.slice(0, mostNamed).join(", ")}${more}.`,
    {
      model,
      remedy: "Use its own labels or leave labels out; for others use an embedding or NLI model.",
      details: { labels },
    },
  );
}
