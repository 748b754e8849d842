import { softmax } from "../../../contract/capabilities/classification.ts";
import { field, list, text } from "../convert/fields.ts";

const alphabet = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Below this the model would rather say something else than a letter: it did not take the question for what it is. */
const leastMass = 0.5;

/** A question that one token answers. The labels stand first: another text with the same ones then finds them in a cache. */
export function letterQuestion(input: string, labels: readonly string[]): string {
  const options = labels.map((label, at) => `${alphabet[at]}. ${label}`).join("\n");
  return `Which of these labels fits the text best? Answer with its letter alone.\n${options}\n\nText: ${input}`;
}

/** A question that Yes or No answers. */
export function yesQuestion(input: string, label: string): string {
  return `Text: ${input}\n\nDoes the label ${JSON.stringify(label)} fit this text? Answer with Yes or No alone.`;
}

/**
 * The logarithms of how likely each letter is, from the alternatives of the first token; all ways to write one count together, and one
 * that is not among them gets the least that was told. Undefined where the model would rather say something else.
 */
export function letterLikelihoods(answer: object, labels: number): number[] | undefined {
  return likelihoods(answer, alphabet.slice(0, labels));
}

/** Whether an answer tells how likely its first token was. */
export function tellsLikelihoods(answer: object): boolean {
  return firstToken(answer).length > 0;
}

/** How likely Yes is against No, 0 to 1. */
export function yesLikelihood(answer: object): number | undefined {
  const found = likelihoods(answer, ["YES", "NO"]);
  return found === undefined ? undefined : softmax(found)[0];
}

function likelihoods(answer: object, words: readonly string[]): number[] | undefined {
  const alternatives = firstToken(answer);
  const mass = words.map(() => 0);
  for (const { token, logprob } of alternatives) {
    const at = words.indexOf(bare(token));
    if (at >= 0) mass[at] = (mass[at] ?? 0) + Math.exp(logprob);
  }
  if (mass.reduce((sum, each) => sum + each, 0) < leastMass) return undefined;
  const least = Math.min(...alternatives.map(({ logprob }) => logprob));
  return mass.map((each) => (each === 0 ? least : Math.log(each)));
}

interface Alternative {
  readonly token: string;
  readonly logprob: number;
}

function firstToken(answer: object): Alternative[] {
  const choice = list(field(answer, "choices"))[0];
  const first = list(field(field(choice, "logprobs"), "content"))[0];
  const told = list(field(first, "top_logprobs"));
  return (told.length === 0 ? [first] : told).flatMap((each) => {
    const token = text(field(each, "token"));
    const logprob = field(each, "logprob");
    return token === undefined || typeof logprob !== "number" ? [] : { token, logprob };
  });
}

/** `" A"`, `"A."` and `"**A"` are all an A. */
function bare(token: string): string {
  return token.replace(/^[\s"'(*]+|[\s"').:*]+$/g, "").toUpperCase();
}
