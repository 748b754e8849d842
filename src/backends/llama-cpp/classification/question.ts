import type { LlamaContextSequence, Token } from "node-llama-cpp";
import type { CallContext } from "../../../contract/backend.ts";
import { takePlace } from "../generation/answer.ts";
import type { LoadedModel } from "../model.ts";
import { evaluatePrompt } from "../sequences/prompt.ts";
import { refuseLongPrompt } from "../generation/window.ts";

/** One classification in progress: where it computes, and what it has cost. */
export interface Inquiry {
  loaded: LoadedModel;
  signal: AbortSignal;
  context: CallContext;
  usage: { inputTokens: number; outputTokens: number; cachedInputTokens: number };
}

/** Evaluates a prompt, all but its last token, and hands over the place where that was done. */
export async function ask<Result>(
  { loaded, signal, context, usage }: Inquiry,
  tokens: readonly Token[],
  read: (sequence: LlamaContextSequence, last: Token) => Promise<Result>,
): Promise<Result> {
  const last = tokens.at(-1);
  if (last === undefined) throw new RangeError("An empty prompt.");
  refuseLongPrompt(loaded.name, tokens.length, loaded.windowTokens);
  const { lease, pace } = await takePlace(loaded, tokens, 64, signal, context);
  try {
    const prompt = tokens.slice(0, -1);
    const cached = await evaluatePrompt(lease.sequence, prompt, pace, signal);
    usage.inputTokens += tokens.length;
    usage.cachedInputTokens += cached;
    return await read(lease.sequence, last);
  } finally {
    lease.release();
  }
}
