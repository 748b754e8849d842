import { softmax } from "../../contract/capabilities/classification.ts";
import { ModelyardError } from "../../contract/errors.ts";

/** How well a label's hypothesis follows from the text, and how well its contrary does, as logits. */
export interface Judgement {
  readonly support: number;
  readonly against: number;
}

/** What a label is put into for a model that judges whether one text follows from another. */
export function hypothesisOf(label: string): string {
  return `This example is ${label}.`;
}

/** The labels' scores: by themselves where several may fit, else of all together 1. */
export function scoresOf(
  judgements: readonly Judgement[],
  multiLabel: boolean | undefined,
): number[] {
  return multiLabel === true
    ? judgements.map(({ support, against }) => sigmoid(support - against))
    : softmax(judgements.map(({ support }) => support));
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** A model for natural language inference that is given no labels. */
export function noOwnLabels(model: string): ModelyardError {
  return new ModelyardError("invalid-request", `${model} has no labels of its own.`, {
    model,
    remedy: "Give labels to choose from.",
  });
}

const mostNamed = 30;

/** A trained classifier that is asked for labels of others. */
export function notItsLabels(
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
