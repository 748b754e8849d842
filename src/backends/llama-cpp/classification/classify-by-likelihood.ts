import type { Token } from "node-llama-cpp";
import { textLogLikelihoods } from "./likelihood.ts";
import type { LoadedModel } from "../model.ts";
import { ask, type Inquiry } from "./question.ts";
import { beginning } from "../generation/window.ts";

/** What stands for no text at all: how likely a label is after it is how likely it is anyway. */
const nothing = "N/A";
/** Steps through the labels' tokens at most, of one token each: hundreds of labels that differ in their second word. */
const budget = 128;
const priorsKept = 32;

/** Of each model, how likely labels are after no text. */
const priors = new WeakMap<LoadedModel, Map<string, number[]>>();

/**
 * How much more likely each label is after this text than after none: the mean log-likelihood of its tokens, less that of the label by itself.
 * Needs no understanding of a question, so that the smallest models do it well: SmolLM2 135M put 32 of 36 easy texts right, where letters to
 * choose from got 9 of 24.
 */
export async function classifyByLikelihood(
  inquiry: Inquiry,
  input: string,
  labels: readonly string[],
): Promise<number[]> {
  const { model } = inquiry.loaded;
  const texts = labels.map((label) => model.tokenize(` ${label}`, false));
  const scores = await likelihoods(inquiry, input, texts);
  const prior = await priorOf(inquiry, labels, texts);
  return scores.map((score, index) => score - (prior[index] ?? 0));
}

async function priorOf(
  inquiry: Inquiry,
  labels: readonly string[],
  texts: Token[][],
): Promise<number[]> {
  const known = priors.get(inquiry.loaded) ?? new Map<string, number[]>();
  priors.set(inquiry.loaded, known);
  const key = JSON.stringify(labels);
  const there = known.get(key);
  if (there !== undefined) return there;
  const prior = await likelihoods(inquiry, nothing, texts);
  const [oldest] = known.keys();
  if (known.size >= priorsKept && oldest !== undefined) known.delete(oldest);
  known.set(key, prior);
  return prior;
}

function likelihoods(inquiry: Inquiry, input: string, texts: Token[][]): Promise<number[]> {
  const { model } = inquiry.loaded;
  const tokens = [...beginning(model), ...model.tokenize(`Text: ${input}\nCategory:`, false)];
  return ask(inquiry, tokens, (sequence, last) =>
    textLogLikelihoods(sequence, last, texts, { budget, signal: inquiry.signal }),
  );
}
