import { randomUUID } from "node:crypto";
import type { ChatHistoryItem } from "node-llama-cpp";
import type { CallContext } from "../../../contract/backend.ts";
import type { ChatEvent } from "../../../contract/capabilities/chat.ts";
import type { FinishReason, GenerationRequest } from "../../../contract/capabilities/generation.ts";
import { takePlace } from "../generation/answer.ts";
import { batchRank } from "../sequences/batch-rank.ts";
import { renderChat } from "./chat-template.ts";
import { createEventQueue } from "../generation/event-queue.ts";
import type { LoadedModel } from "../model.ts";
import { evaluatePrompt } from "../sequences/prompt.ts";
import { recommendedSampling, samplingOf } from "../generation/sampling.ts";
import { toFunctions, type ToolFunction } from "./tools.ts";
import { toPenalties, toTokenBias } from "../generation/to-engine-sampling.ts";
import { answerLimit, refuseLongPrompt } from "../generation/window.ts";

const finishReasons: Record<string, FinishReason> = {
  maxTokens: "length",
  functionCalls: "tool-calls",
};

/**
 * Answers with the library's own loop, which knows how each kind of model calls tools; slower for each token than ours. The prompt is evaluated
 * before, slice by slice, since that loop heeds no abort in a prompt; it then finds everything in place.
 */
export async function* answerWithTools(
  loaded: LoadedModel,
  history: ChatHistoryItem[],
  tools: readonly ToolFunction[],
  request: GenerationRequest & { parallelToolCalls?: boolean | undefined },
  signal: AbortSignal,
  context: CallContext,
): AsyncGenerator<ChatEvent, void> {
  const { model, engine, name, windowTokens: widest } = loaded;
  const wrapper = loaded.template().tools;
  const functions = toFunctions(tools);
  const tokens = renderChat(wrapper, history, functions).text.tokenize(
    model.tokenizer,
    "trimLeadingSpace",
  );
  refuseLongPrompt(name, tokens.length, widest);
  const { lease, pace, windowTokens } = await takePlace(
    loaded,
    tokens,
    request.maxTokens,
    signal,
    context,
  );
  const { sequence } = lease;
  const leaving = new AbortController();
  const queue = createEventQueue<ChatEvent>();
  let work: Promise<unknown> | undefined;
  try {
    const cachedInputTokens = await evaluatePrompt(
      sequence,
      tokens.slice(0, -1),
      pace,
      signal,
      (doneTokens) => context.progress({ phase: "prompt", doneTokens, totalTokens: tokens.length }),
    );
    const before = sequence.tokenMeter.getState();
    const sampling = samplingOf(request, recommendedSampling(loaded), context.warn);
    const { temperature, topK, topP, minP, seed } = sampling;
    const tokenBias = toTokenBias(engine.library, model, sampling);
    const limit = answerLimit(tokens.length, windowTokens, request.maxTokens);
    const chat = new engine.library.LlamaChat({
      contextSequence: sequence,
      chatWrapper: wrapper,
      autoDisposeSequence: false,
    });
    let reasoningTokens = 0;
    const response = chat.generateResponse(history, {
      temperature,
      topK,
      topP,
      minP,
      seed,
      ...(tools.length === 0 ? {} : { functions }),
      ...(request.parallelToolCalls === false ? { maxParallelFunctionCalls: 1 } : {}),
      repeatPenalty: toPenalties(sampling) ?? false,
      ...(tokenBias === undefined ? {} : { tokenBias }),
      maxTokens: limit.tokens,
      signal: AbortSignal.any([signal, leaving.signal]),
      evaluationPriority: batchRank(sequence),
      customStopTriggers: [...(request.stop ?? [])],
      onResponseChunk(chunk) {
        const reasons = chunk.type === "segment";
        if (reasons) reasoningTokens += chunk.tokens.length;
        if (chunk.text !== "")
          queue.push({ type: reasons ? "reasoning-delta" : "text-delta", text: chunk.text });
      },
    });
    work = response;
    response.then(
      () => queue.end(),
      (error: unknown) => queue.end(error),
    );
    yield* queue;
    const { functionCalls = [], metadata } = await response;
    for (const { functionName, params } of functionCalls)
      yield {
        type: "tool-call",
        toolCallId: newToolCallId(),
        toolName: functionName,
        input: params ?? {},
      };
    const { usedOutputTokens } = sequence.tokenMeter.diff(before);
    yield {
      type: "finish",
      reason: finishReasons[metadata.stopReason] ?? "stop",
      rawReason: metadata.stopReason,
      usage: {
        inputTokens: tokens.length,
        // one token was chosen for each time the engine was asked for one
        outputTokens: usedOutputTokens,
        cachedInputTokens,
        ...(reasoningTokens > 0 ? { reasoningTokens } : {}),
      },
    };
  } finally {
    leaving.abort();
    // its failure has been told to the reader already; here it must only be over
    await work?.catch(() => undefined);
    lease.release();
  }
}

/** A new call's id, by which its result is given back. */
export function newToolCallId(): string {
  return `call_${randomUUID().replaceAll("-", "").slice(0, 24)}`;
}
