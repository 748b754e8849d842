import type { LlamaContextSequence, Token } from "node-llama-cpp";
import { batchRank } from "./batch-rank.ts";
import type { PromptPace } from "./prompt-pace.ts";

/**
 * Brings a sequence to hold exactly `tokens`, evaluating only what it does not hold yet, slice by slice.
 * @returns how many tokens it held already.
 * @throws the signal's reason when it aborts; what was evaluated until then stays for the next prompt that begins alike.
 */
export async function evaluatePrompt(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  pace: PromptPace,
  signal: AbortSignal,
  onProgress?: (doneTokens: number) => void,
): Promise<number> {
  await sequence.adaptStateToTokens(tokens as Token[], false);
  const cached = sequence.nextTokenIndex;
  for (let done = cached; done < tokens.length;) {
    signal.throwIfAborted();
    const slice = pace.nextSlice(sequence.context.batchSize);
    const part = tokens.slice(done, done + slice);
    const elapsedMs = pace.startClock();
    await sequence.evaluateWithoutGeneratingNewTokens(part as Token[], {
      evaluationPriority: batchRank(sequence),
    });
    pace.learn(part.length, elapsedMs());
    done += part.length;
    onProgress?.(done);
  }
  signal.throwIfAborted();
  if (sequence.needsCheckpoints && cached < tokens.length) await sequence.takeCheckpoint();
  return cached;
}
