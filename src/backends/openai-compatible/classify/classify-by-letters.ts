import type { CallContext } from "../../../contract/backend.ts";
import {
  type ClassificationOutput,
  type ClassificationRequest,
  softmax,
} from "../../../contract/capabilities/classification.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { sumUsage } from "../../../contract/usage.ts";
import { field } from "../convert/fields.ts";
import { toUsage } from "../convert/to-usage.ts";
import type { Profile } from "../profiles/profile.ts";
import { parseAnswer } from "../read-answer.ts";
import type { Server } from "../server.ts";
import {
  letterLikelihoods,
  letterQuestion,
  tellsLikelihoods,
  yesLikelihood,
  yesQuestion,
} from "./letters.ts";

/** How many questions are asked at once where each label has its own. */
const atOnce = 4;

/**
 * How likely a model is to choose each label from a list, by the one token that answers; over the list and its reverse, since models
 * favour a place. Several labels at once are asked for one by one.
 * @returns undefined where there are more labels than likelihoods told, or the model did not take up the question
 * @throws `capability-not-supported` where the server tells no likelihoods
 */
export async function classifyByLetters(
  { input, labels = [], multiLabel }: ClassificationRequest,
  { profile, server }: { profile: Profile; server: Server },
  context: CallContext,
): Promise<ClassificationOutput | undefined> {
  const most = Math.min(20, profile.topLogprobs);
  const usages: unknown[] = [];

  async function ask(question: string): Promise<object> {
    const body = {
      model: context.model,
      messages: [{ role: "user", content: question }],
      [profile.maxTokens]: 1,
      temperature: 0,
      logprobs: true,
      top_logprobs: most,
    };
    // What is dropped of this question is nothing that the caller has asked for.
    const silent = { ...context, warn() {} };
    const response = await server.post(profile.paths.chat, body, silent);
    const answer = parseAnswer(await response.text(), context.model);
    if (!tellsLikelihoods(answer)) throw tellsNone(context.model);
    usages.push(field(answer, "usage"));
    return answer;
  }

  async function scores(): Promise<number[] | undefined> {
    if (multiLabel === true)
      return oneByOne(labels, async (label) => yesLikelihood(await ask(yesQuestion(input, label))));
    if (labels.length > most) return undefined;
    const [forward, backward] = await Promise.all(
      [labels, labels.toReversed()].map(async (order) =>
        letterLikelihoods(await ask(letterQuestion(input, order)), order.length),
      ),
    );
    if (forward === undefined || backward === undefined) return undefined;
    return softmax(forward.map((value, at) => (value + (backward.at(-1 - at) ?? 0)) / 2));
  }

  const found = most === 0 ? undefined : await scores();
  if (found === undefined) return undefined;
  context.warn("The scores are how likely the model is to choose each label.");
  return {
    labels: labels.map((label, at) => ({ label, score: found[at] ?? 0 })),
    usage: sumUsage(usages.map(toUsage)),
  };
}

async function oneByOne(
  labels: readonly string[],
  ask: (label: string) => Promise<number | undefined>,
): Promise<number[] | undefined> {
  const scores: number[] = [];
  for (let at = 0; at < labels.length; at += atOnce) {
    const found = await Promise.all(labels.slice(at, at + atOnce).map(ask));
    for (const score of found) {
      if (score === undefined) return undefined;
      scores.push(score);
    }
  }
  return scores;
}

function tellsNone(model: string): ModelyardError {
  return new ModelyardError("capability-not-supported", `${model} tells no likelihoods.`, {
    model,
  });
}
