/** How long one slice of a prompt may take: an abort is heeded between two slices, and must be within 500 ms. */
const longestSliceMs = 480;
/** How long one should take where there is a choice: longer ones gain nothing. */
const wantedSliceMs = 250;
/** From this size on the flash attention of llama.cpp computes in tiles, a third faster. */
const tileTokens = 64;
const tileGain = 1.3;
const smallestSlice = 8;

/** Learns how fast a model reads, and says how much of a prompt to give it at once. */
export interface PromptPace {
  nextSlice(largest: number): number;
  learn(tokens: number, ms: number): void;
}

/** Makes one for each context: it remembers from one prompt to the next. */
export function createPromptPace(): PromptPace {
  let tokensPerMs: number | undefined;

  return {
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
      // other work on the machine makes single slices slow; half and half settles within a few
      tokensPerMs = tokensPerMs === undefined ? measured : (tokensPerMs + measured) / 2;
    },
  };
}
