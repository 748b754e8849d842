/** Finds markers in text that comes in pieces, holding back what may yet become one. */
export interface TextScanner {
  /**
   * What is certain after one more piece: the text before the first marker, and that marker. After a marker call again with an empty
   * piece: what follows it is still to be looked at, perhaps for other markers.
   */
  feed(piece: string, markers: readonly string[]): { text: string; marker?: string };
  /** What was held back, once nothing more comes. */
  flush(): string;
}

/** Makes a scanner for one answer. */
export function createTextScanner(): TextScanner {
  let held = "";
  return {
    feed(piece, markers) {
      held += piece;
      const found = firstMarker(held, markers);
      if (found !== undefined) {
        const text = held.slice(0, found.index);
        held = held.slice(found.index + found.marker.length);
        return { text, marker: found.marker };
      }
      const certain = held.length - heldLength(held, markers);
      const text = held.slice(0, certain);
      held = held.slice(certain);
      return { text };
    },
    flush() {
      const text = held;
      held = "";
      return text;
    },
  };
}

/** The marker that comes first; of two that begin at one place, the longer. */
function firstMarker(text: string, markers: readonly string[]) {
  let first: { index: number; marker: string } | undefined;
  for (const marker of markers) {
    const index = text.indexOf(marker);
    if (index < 0) continue;
    const better =
      first === undefined ||
      index < first.index ||
      (index === first.index && marker.length > first.marker.length);
    if (better) first = { index, marker };
  }
  return first;
}

/** How long the longest end of `text` is that a marker begins with. */
function heldLength(text: string, markers: readonly string[]): number {
  let longest = 0;
  for (const marker of markers) {
    const most = Math.min(marker.length - 1, text.length);
    for (let length = most; length > longest; length--) {
      if (text.endsWith(marker.slice(0, length))) {
        longest = length;
        break;
      }
    }
  }
  return longest;
}
