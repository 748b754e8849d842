import type { BatchingOptions } from "node-llama-cpp";

/** How long an answer waits at most for the others, of which one may not say when it has its token. */
const longestWaitMs = 8;

/** Sees to it that conversations which are computed together stay together, and lie in a batch as llama.cpp wants them. */
export interface BatchGate {
  /** For the context. */
  readonly batching: BatchingOptions;
  /** An answer has its token; it may ask for the next when this resolves. Nothing is returned where it computes alone. */
  arrived(): Promise<void> | undefined;
}

/**
 * The library starts the next batch with whoever is in line when the last token of the last batch is chosen: who got that one is not, and of
 * four conversations only three are ever computed at a time. So those that were computed together ask for their next tokens together.
 */
export function createBatchGate(): BatchGate {
  let missing = 0;
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function open(): void {
    clearTimeout(timer);
    missing = 0;
    const all = waiting;
    waiting = [];
    // by then the library has seen that nobody is in line, and begins anew with all
    if (all.length > 0) setImmediate(() => all.forEach((resolve) => resolve()));
  }

  return {
    batching: {
      itemPrioritizationStrategy({ items, size }) {
        missing = items.length > 1 ? items.length : 0;
        let left = size;
        // the shortest choose first: a token of an answer must not wait behind a prompt
        const chosen = items
          .toSorted((a, b) => a.tokens.length - b.tokens.length)
          .map((item, index) => {
            const share = Math.floor(left / (items.length - index));
            const processAmount = Math.max(1, Math.min(item.tokens.length, share));
            left -= processAmount;
            return { item, processAmount };
          });
        return chosen.toSorted((a, b) => a.item.evaluationPriority - b.item.evaluationPriority);
      },
    },
    arrived() {
      if (missing === 0) return undefined;
      const turn = new Promise<void>((resolve) => waiting.push(resolve));
      if (waiting.length === 1) timer = setTimeout(open, longestWaitMs);
      if (--missing === 0) open();
      return turn;
    },
  };
}
