import type { Clock } from "./computing-clock.ts";

/** How long one slice of a prompt may take: an abort is heeded between two slices, and must be within 500 ms. */
const longestSliceMs = 500;
/** How long one should take where there is a choice: longer ones gain nothing. */
const wantedSliceMs = 250;
/** From this size on the flash attention of llama.cpp computes in tiles, about half as fast again. */
const tileTokens = 64;
const tileGain = 1.5;
const smallestSlice = 8;

/** Learns how fast a model reads, and says how much of a prompt to give it at once. */
export interface PromptPace {
  /** What slices are timed with. */
  readonly startClock: Clock;
  nextSlice(largest: number): number;
  learn(tokens: number, ms: number): void;
}

/** Makes one for each context: it remembers from one prompt to the next. */
export function createPromptPace(startClock: Clock): PromptPace {
  let tokensPerMs: number | undefined;

  return {
    startClock,
    nextSlice(largest) {
      if (tokensPerMs === undefined) return Math.min(16, largest);
      const tiles = Math.floor((tokensPerMs * wantedSliceMs) / tileTokens) * tileTokens;
      if (tiles >= tileTokens) return Math.min(tiles, largest);
      for (let size = tileTokens; size > smallestSlice; size /= 2)
        if (size / tokensPerMs <= longestSliceMs) return Math.min(size, largest);
      return Math.min(smallestSlice, largest);
    },
    learn(tokens, ms) {
      // a slice of a few tokens says nothing: its fixed cost is most of it
      if (tokens < smallestSlice) return;
      // what a tile of this size would have done
      const measured = (tokens / Math.max(0.1, ms)) * (tokens < tileTokens ? tileGain : 1);
      // a slow moment passes; half and half settles within a few slices
      tokensPerMs = tokensPerMs === undefined ? measured : (tokensPerMs + measured) / 2;
    },
  };
}
