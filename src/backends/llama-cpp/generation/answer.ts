import type { LlamaGrammarEvaluationState, Token } from "node-llama-cpp";
import type { CallContext } from "../../../contract/backend.ts";
import type { FinishReason, GenerationRequest } from "../../../contract/capabilities/generation.ts";
import type { Usage } from "../../../contract/usage.ts";
import { generate, type GeneratedPiece, type GenerationOptions } from "./generate.ts";
import type { LoadedModel, Conversations } from "../model.ts";
import type { SequenceLease } from "../sequences/sequences.ts";
import { evaluatePrompt } from "../sequences/prompt.ts";
import { recommendedSampling, samplingOf } from "./sampling.ts";
import { toTokenBias } from "./to-engine-sampling.ts";
import { answerLimit, refuseLongPrompt } from "./window.ts";

export interface Prompt {
  tokens: readonly Token[];
  reasoning?: GenerationOptions["reasoning"];
  grammar?: LlamaGrammarEvaluationState | undefined;
}

export type AnswerEvent =
  | GeneratedPiece
  | { type: "finish"; reason: FinishReason; rawReason: string; usage: Usage };

/** So much of the window an answer is expected to need where nobody says how long it may be. */
const usualAnswerTokens = 512;

/** Answers a prompt: finds it a place, evaluates what that place does not hold yet, and writes. */
export async function* answer(
  loaded: LoadedModel,
  prompt: Prompt,
  request: GenerationRequest,
  signal: AbortSignal,
  context: CallContext,
): AsyncGenerator<AnswerEvent, void> {
  const { tokens, reasoning, grammar } = prompt;
  refuseLongPrompt(loaded.name, tokens.length, loaded.windowTokens);
  const { lease, pace, gate, windowTokens } = await takePlace(
    loaded,
    tokens,
    request.maxTokens,
    signal,
    context,
  );
  try {
    const { sequence } = lease;
    const cachedInputTokens = await evaluatePrompt(
      sequence,
      tokens.slice(0, -1),
      pace,
      signal,
      (doneTokens) => {
        void gate.arrived();
        context.progress({ phase: "prompt", doneTokens, totalTokens: tokens.length });
      },
    );
    const sampling = samplingOf(request, recommendedSampling(loaded), context.warn);
    const end = yield* generate({
      model: loaded.model,
      sequence,
      prompt: tokens,
      sampling,
      tokenBias: toTokenBias(loaded.engine.library, loaded.model, sampling),
      logprobs: request.logprobs,
      limit: answerLimit(tokens.length, windowTokens, request.maxTokens),
      stop: request.stop ?? [],
      reasoning,
      grammar,
      onToken: gate.arrived,
      signal,
    });
    yield {
      type: "finish",
      reason: end.reason,
      rawReason: end.rawReason,
      usage: {
        inputTokens: tokens.length,
        outputTokens: end.outputTokens,
        cachedInputTokens,
        ...(end.reasoningTokens > 0 ? { reasoningTokens: end.reasoningTokens } : {}),
      },
    };
  } finally {
    lease.release();
  }
}

/** A free place in a context whose window is wide enough. */
export async function takePlace(
  loaded: LoadedModel,
  tokens: readonly Token[],
  maxTokens: number | undefined,
  signal: AbortSignal,
  context: Pick<CallContext, "progress">,
): Promise<Conversations & { lease: SequenceLease }> {
  const wanted = tokens.length + (maxTokens ?? usualAnswerTokens);
  const conversations = await loaded.conversations(wanted);
  const onWait = (position: number) => context.progress({ phase: "queue", position });
  return { ...conversations, lease: await conversations.pool.acquire(tokens, signal, onWait) };
}
