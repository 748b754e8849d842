import type { LlamaContextSequence, Token } from "node-llama-cpp";

/** How long one slice of a prompt should take: an abort is heeded between two slices, and must be within 500 ms. */
const sliceMs = 200;
const smallestSlice = 16;

/**
 * Brings a sequence to hold exactly `tokens`, evaluating only what it does not hold yet, slice by slice.
 * @returns how many tokens it held already.
 * @throws the signal's reason when it aborts; what was evaluated until then stays for the next prompt that begins alike.
 */
export async function evaluatePrompt(
  sequence: LlamaContextSequence,
  tokens: readonly Token[],
  signal: AbortSignal,
  onProgress?: (doneTokens: number) => void,
): Promise<number> {
  await sequence.adaptStateToTokens(tokens as Token[], false);
  const cached = sequence.nextTokenIndex;
  const largestSlice = sequence.context.batchSize;
  let slice = Math.min(32, largestSlice);
  for (let done = cached; done < tokens.length;) {
    signal.throwIfAborted();
    const part = tokens.slice(done, done + slice);
    const began = performance.now();
    await sequence.evaluateWithoutGeneratingNewTokens(part as Token[]);
    const tokensPerMs = part.length / Math.max(0.1, performance.now() - began);
    done += part.length;
    onProgress?.(done);
    // the kernels like multiples of 16
    const wanted = Math.floor((tokensPerMs * sliceMs) / 16) * 16;
    slice = Math.min(largestSlice, slice * 2, Math.max(smallestSlice, wanted));
  }
  signal.throwIfAborted();
  if (sequence.needsCheckpoints && cached < tokens.length) await sequence.takeCheckpoint();
  return cached;
}
