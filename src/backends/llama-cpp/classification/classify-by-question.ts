import type { ChatHistoryItem, Token } from "node-llama-cpp";
import { renderChat } from "../conversation/chat-template.ts";
import { nextLogLikelihoods } from "./likelihood.ts";
import type { LoadedModel } from "../model.ts";
import { ask, type Inquiry } from "./question.ts";
import { tokenizeText } from "../generation/tokenize-text.ts";

const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
/** Below this the model would rather say something else than a letter: it did not take the question for what it is. */
const leastMass = 0.5;

/**
 * How likely a model is to choose each label from a list, by its letter; over the list and its reverse, since models favour a place.
 * @returns log-likelihoods, or undefined where there are more labels than letters or the model did not take up the question.
 */
export async function classifyByLetters(
  inquiry: Inquiry,
  input: string,
  labels: readonly string[],
): Promise<number[] | undefined> {
  const tokens = letters
    .slice(0, labels.length)
    .map((letter) => singleToken(inquiry.loaded, letter));
  if (labels.length > letters.length || tokens.includes(undefined)) return undefined;
  const sums = labels.map(() => 0);
  for (const order of [labels, labels.toReversed()]) {
    const list = order.map((label, index) => `${letters[index]}. ${label}`).join("\n");
    // the list first: another text with the same labels then finds it evaluated
    const question = `Which of these labels fits the text best? Answer with its letter alone.\n${list}\n\nText: ${input}`;
    const found = await ask(inquiry, promptOf(inquiry.loaded, question), (sequence, last) =>
      nextLogLikelihoods(sequence, [last], tokens as Token[]),
    );
    const each = tokens.map((token) => found.get(token as Token) ?? -Infinity);
    if (each.reduce((mass, value) => mass + Math.exp(value), 0) < leastMass) return undefined;
    order.forEach((label, index) => {
      const at = labels.indexOf(label);
      sums[at] = (sums[at] ?? 0) + (each[index] ?? -Infinity) / 2;
    });
  }
  return sums;
}

/**
 * How likely a model is to say yes to each label by itself.
 * @returns the logarithm of the odds, or undefined where the model would rather say something else.
 */
export async function classifyByYes(
  inquiry: Inquiry,
  input: string,
  labels: readonly string[],
): Promise<number[] | undefined> {
  const yes = singleToken(inquiry.loaded, "Yes");
  const no = singleToken(inquiry.loaded, "No");
  if (yes === undefined || no === undefined) return undefined;
  const odds: number[] = [];
  for (const label of labels) {
    inquiry.signal.throwIfAborted();
    // the text first: every label but the first finds it evaluated
    const question = `Text: ${input}\n\nDoes the label ${JSON.stringify(label)} fit this text? Answer with Yes or No alone.`;
    const found = await ask(inquiry, promptOf(inquiry.loaded, question), (sequence, last) =>
      nextLogLikelihoods(sequence, [last], [yes, no]),
    );
    const [forIt = -Infinity, against = -Infinity] = [found.get(yes), found.get(no)];
    if (Math.exp(forIt) + Math.exp(against) < leastMass) return undefined;
    odds.push(forIt - against);
  }
  return odds;
}

function singleToken({ model }: LoadedModel, text: string): Token | undefined {
  const tokens = model.tokenize(text, false, "trimLeadingSpace");
  return tokens.length === 1 ? tokens[0] : undefined;
}

/** A question in the model's own form; a model that would think first is told that it has. */
function promptOf(loaded: LoadedModel, question: string): Token[] {
  const { plain } = loaded.template();
  const render = (response: Extract<ChatHistoryItem, { type: "model" }>["response"]) =>
    renderChat(plain, [
      { type: "user", text: question },
      { type: "model", response },
    ]);
  const { reasoning, text } = render([]);
  const answered =
    reasoning === undefined
      ? text
      : render([{ type: "segment", segmentType: "thought", text: "\n\n", ended: true }, "\n\n"])
          .text;
  return tokenizeText(loaded.engine.library, loaded.model, answered);
}
