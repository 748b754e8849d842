import type { LlamaModel } from "node-llama-cpp";
import { ModelyardError } from "../../../contract/errors.ts";

/** No vocabulary has tokens that are longer on average, so that longer text is refused without being read; also in bytes of UTF-8. */
const longestAverageToken = 24;

/**
 * Refuses text that can't fit, before it is turned into tokens: ten megabytes would take seconds.
 * @throws ModelyardError `context-length-exceeded` with the counts.
 */
export function refuseHugeText(
  model: string,
  lengthCharacters: number,
  windowTokens: number,
): void {
  if (lengthCharacters <= windowTokens * longestAverageToken) return;
  throw tooLong(model, Math.ceil(lengthCharacters / longestAverageToken), windowTokens, "about ");
}

/**
 * Refuses a prompt that leaves no room for an answer.
 * @throws ModelyardError `context-length-exceeded` with the counts.
 */
export function refuseLongPrompt(model: string, promptTokens: number, windowTokens: number): void {
  if (promptTokens >= windowTokens) throw tooLong(model, promptTokens, windowTokens, "");
}

function tooLong(
  model: string,
  promptTokens: number,
  windowTokens: number,
  about: string,
): ModelyardError {
  return new ModelyardError(
    "context-length-exceeded",
    `The prompt has ${about}${promptTokens} tokens, and the window of ${model} holds ${windowTokens}, the answer included.`,
    {
      model,
      remedy: "Shorten the prompt, or use a model with a longer context.",
      details: {
        promptTokens,
        contextTokens: windowTokens,
        exceededByTokens: promptTokens - windowTokens + 1,
        ...(about === "" ? {} : { promptTokensAreEstimated: true }),
      },
    },
  );
}

/** How many tokens an answer may have: what the caller allows, or what the prompt leaves of the window. */
export function answerLimit(
  promptTokens: number,
  windowTokens: number,
  maxTokens: number | undefined,
) {
  const left = windowTokens - promptTokens;
  return maxTokens !== undefined && maxTokens <= left
    ? { tokens: maxTokens, reason: "max-tokens" as const }
    : { tokens: left, reason: "context-full" as const };
}

/** The tokens that a text begins with, as far as a model is concerned. */
export function beginning({ tokens }: LlamaModel) {
  return tokens.shouldPrependBosToken && tokens.bos !== null ? [tokens.bos] : [];
}
