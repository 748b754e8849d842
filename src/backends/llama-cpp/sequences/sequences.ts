import type { LlamaContext, LlamaContextSequence, Token } from "node-llama-cpp";
import { setBatchRank } from "./batch-rank.ts";

/** A place in a context, taken for one answer. What it has evaluated stays, for the next that begins alike. */
export interface SequencePool {
  /**
   * The free sequence that holds the most of `tokens` already; waits where none is free.
   * @throws the signal's reason when it aborts first.
   */
  acquire(
    tokens: readonly Token[],
    signal: AbortSignal,
    onWait?: (position: number) => void,
  ): Promise<SequenceLease>;
  readonly size: number;
}

export interface SequenceLease {
  readonly sequence: LlamaContextSequence;
  release(): void;
}

interface Place {
  sequence: LlamaContextSequence;
  busy: boolean;
  lastUsed: number;
}

interface Waiting {
  tokens: readonly Token[];
  onWait: ((position: number) => void) | undefined;
  take(lease: SequenceLease): void;
}

/** Shares out a context's sequences. */
export function createSequencePool(context: LlamaContext): SequencePool {
  const places: Place[] = Array.from({ length: context.totalSequences }, (_, index) => {
    const sequence = context.getSequence();
    setBatchRank(sequence, index);
    return { sequence, busy: false, lastUsed: 0 };
  });
  const queue: Waiting[] = [];
  let uses = 0;

  function lease(place: Place): SequenceLease {
    place.busy = true;
    let released = false;
    return {
      sequence: place.sequence,
      release() {
        if (released) return;
        released = true;
        place.busy = false;
        place.lastUsed = ++uses;
        const next = queue.shift();
        if (next === undefined) return;
        next.take(lease(bestPlace(places, next.tokens) ?? place));
        queue.forEach((each, index) => each.onWait?.(index + 1));
      },
    };
  }

  return {
    size: places.length,
    async acquire(tokens, signal, onWait) {
      signal.throwIfAborted();
      const place = bestPlace(places, tokens);
      if (place !== undefined) return lease(place);
      return new Promise((resolve, reject) => {
        const waiting: Waiting = {
          tokens,
          onWait,
          take(taken) {
            signal.removeEventListener("abort", onAbort);
            resolve(taken);
          },
        };
        const onAbort = () => {
          queue.splice(queue.indexOf(waiting), 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", onAbort, { once: true });
        onWait?.(queue.push(waiting));
      });
    },
  };
}

/** How likely a history is asked for again, against one that is asked for now. */
const chanceOfReturn = 0.3;

/**
 * The free place to take: one where more is gained than thrown away, else the one that has rested longest. So a short chat that shares
 * a system prompt with a long one does not cost the long one its history while another place is free.
 */
function bestPlace(places: readonly Place[], tokens: readonly Token[]): Place | undefined {
  let best: Place | undefined;
  let bestGain = 0;
  let oldest: Place | undefined;
  for (const place of places) {
    if (place.busy) continue;
    if (oldest === undefined || place.lastUsed < oldest.lastUsed) oldest = place;
    const common = commonLength(place.sequence, tokens);
    const gain = common - (place.sequence.nextTokenIndex - common) * chanceOfReturn;
    if (gain > bestGain) {
      bestGain = gain;
      best = place;
    }
  }
  return best ?? oldest;
}

/** How many of `tokens`, from the first, a sequence has evaluated already. */
export function commonLength(sequence: LlamaContextSequence, tokens: readonly Token[]): number {
  return sequence.compareContextTokens(tokens as Token[]).firstDifferentIndex;
}
