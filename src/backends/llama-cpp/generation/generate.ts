import type {
  LlamaContextSequence,
  LlamaGrammarEvaluationState,
  LlamaModel,
  Token,
  TokenBias,
} from "node-llama-cpp";
import type { FinishReason, TokenLogprob } from "../../../contract/capabilities/generation.ts";
import { batchRank } from "../sequences/batch-rank.ts";
import type { Sampling } from "./sampling.ts";
import { createTextScanner } from "./text-scanner.ts";
import { penalisedTokens, toPenalties } from "./to-engine-sampling.ts";
import { toLogprob } from "./to-logprob.ts";
import { createTokenText } from "./token-text.ts";

export interface GenerationOptions {
  model: LlamaModel;
  /** Holds all of `prompt` but its last token. */
  sequence: LlamaContextSequence;
  prompt: readonly Token[];
  sampling: Sampling;
  /** How many tokens may come at most, and why no more. */
  limit: { tokens: number; reason: "max-tokens" | "context-full" };
  /** Texts that end the answer and are no part of it. */
  stop: readonly string[];
  /** How the model marks its reasoning; `open` where the prompt ends inside it. */
  reasoning?: { prefix?: string | undefined; suffix: string; open: boolean } | undefined;
  tokenBias?: TokenBias | undefined;
  /** Of how many others beside each token it is told how likely they were; none is told of where undefined. */
  logprobs?: number | undefined;
  /** What holds the answer to a grammar. */
  grammar?: LlamaGrammarEvaluationState | undefined;
  /** Called for each token as it comes; the next is asked for when it resolves. */
  onToken?: (() => Promise<void> | undefined) | undefined;
  signal: AbortSignal;
}

export type GeneratedPiece =
  | { type: "text-delta"; text: string; logprobs?: TokenLogprob[] }
  | { type: "reasoning-delta"; text: string };

export interface GenerationEnd {
  reason: Extract<FinishReason, "stop" | "length">;
  rawReason: string;
  outputTokens: number;
  reasoningTokens: number;
}

/**
 * Writes an answer token by token. While the caller looks at one piece the next token is already being computed; nothing is once the
 * generator has been left or the signal has aborted.
 */
export async function* generate(
  options: GenerationOptions,
): AsyncGenerator<GeneratedPiece, GenerationEnd> {
  const { model, sequence, prompt, sampling, limit, stop, reasoning, grammar, onToken, signal } =
    options;
  const { tokenBias, logprobs } = options;
  const penalties = toPenalties(sampling);
  /** Of tokens whose text is still to come. */
  let likelihoods: TokenLogprob[] = [];
  const markers = [reasoning?.prefix, reasoning?.suffix, ...stop].filter(
    (each) => each !== undefined,
  );
  const tokenText = createTokenText(model, markers, prompt);
  const scanner = createTextScanner();
  let reasons = reasoning?.open === true;
  let trimsStart = reasons;
  let outputTokens = 0;
  let reasoningTokens = 0;
  let ended: GenerationEnd["rawReason"] | undefined;

  function* read(text: string): Generator<GeneratedPiece> {
    for (let piece = text; ; piece = "") {
      const wanted = reasons
        ? [reasoning?.suffix ?? "", ...stop]
        : [...prefixOf(reasoning), ...stop];
      const found = scanner.feed(
        piece,
        wanted.filter((each) => each !== ""),
      );
      yield* pieceOf(found.text);
      if (found.marker === undefined) return;
      if (!reasons && found.marker === reasoning?.prefix) reasons = true;
      else if (reasons && found.marker === reasoning?.suffix) reasons = false;
      else {
        ended = "stop-text";
        return;
      }
      trimsStart = true;
    }
  }

  /** Models put empty lines around their reasoning, which belong to neither part. */
  function* pieceOf(text: string): Generator<GeneratedPiece> {
    const shown = trimsStart ? text.trimStart() : text;
    if (shown === "") return;
    trimsStart = false;
    if (reasons) yield { type: "reasoning-delta", text: shown };
    else if (likelihoods.length === 0) yield { type: "text-delta", text: shown };
    else {
      yield { type: "text-delta", text: shown, logprobs: likelihoods };
      likelihoods = [];
    }
  }

  const tokens = sequence.evaluateWithMetadata(
    prompt.slice(-1) as Token[],
    // The type of what comes is told by the literal; a list of all tokens is made only where it is asked for.
    { probabilities: (logprobs !== undefined) as true },
    {
      temperature: sampling.temperature,
      topK: sampling.topK,
      topP: sampling.topP,
      minP: sampling.minP,
      seed: sampling.seed,
      ...(penalties === undefined
        ? {}
        : {
            repeatPenalty: {
              ...penalties,
              punishTokens: () => sequence.contextTokens.slice(-penalisedTokens),
            },
          }),
      ...(tokenBias === undefined ? {} : { tokenBias }),
      ...(grammar === undefined
        ? {}
        : {
            grammarEvaluationState: () =>
              (reasons ? undefined : grammar) as LlamaGrammarEvaluationState,
          }),
      yieldEogToken: true,
      evaluationPriority: batchRank(sequence),
    },
  );
  let next = tokens.next();
  try {
    while (ended === undefined) {
      const { value, done } = await next;
      await onToken?.();
      signal.throwIfAborted();
      if (done === true) {
        ended = "end-of-text";
        break;
      }
      outputTokens++;
      if (reasons) reasoningTokens++;
      const pieces: GeneratedPiece[] = [];
      if (model.isEogToken(value.token)) ended = "end-of-turn";
      else {
        if (logprobs !== undefined && !reasons && value.probabilities !== undefined)
          likelihoods.push(toLogprob(model, value.token, value.probabilities, logprobs));
        pieces.push(...read(tokenText.push(value.token)));
        if (ended === undefined && outputTokens >= limit.tokens) ended = limit.reason;
      }
      if (ended === undefined) next = tokens.next();
      yield* pieces;
      signal.throwIfAborted();
    }
    if (ended !== "stop-text") {
      yield* read(tokenText.flush());
      yield* pieceOf(scanner.flush());
    }
  } finally {
    // the token under way can't be stopped; what comes after it can
    await next.catch(() => undefined);
    await tokens.return();
  }
  return {
    reason: ended === "max-tokens" || ended === "context-full" ? "length" : "stop",
    rawReason: ended ?? "end-of-text",
    outputTokens,
    reasoningTokens,
  };
}

function prefixOf(reasoning: GenerationOptions["reasoning"]): string[] {
  return reasoning?.prefix === undefined ? [] : [reasoning.prefix];
}
