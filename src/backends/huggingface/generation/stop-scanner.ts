/** Watches text that comes in pieces for stop texts, holding back what may yet become one. */
export interface StopScanner {
  /** What is certain after one more piece, and whether a stop text was met: it and what follows are no part of the answer. */
  feed(piece: string): { text: string; stopped: boolean };
  /** What was held back, once nothing more comes. */
  flush(): string;
}

/** Makes a scanner for one answer. */
export function createStopScanner(stops: readonly string[]): StopScanner {
  let held = "";
  return {
    feed(piece) {
      held += piece;
      const places = stops.map((stop) => held.indexOf(stop)).filter((place) => place >= 0);
      if (places.length > 0) {
        const text = held.slice(0, Math.min(...places));
        held = "";
        return { text, stopped: true };
      }
      const certain = held.length - heldLength(held, stops);
      const text = held.slice(0, certain);
      held = held.slice(certain);
      return { text, stopped: false };
    },
    flush() {
      const text = held;
      held = "";
      return text;
    },
  };
}

/** How long the longest end of `text` is that a stop text begins with. */
function heldLength(text: string, stops: readonly string[]): number {
  const lengths = stops.map((stop) => {
    for (let length = Math.min(stop.length - 1, text.length); length > 0; length--)
      if (text.endsWith(stop.slice(0, length))) return length;
    return 0;
  });
  return Math.max(0, ...lengths);
}
