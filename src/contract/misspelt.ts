import { nearest } from "./nearest.ts";

/**
 * The one of `names` that a word was probably meant to be; undefined where it is one of them, or a word of its own. Narrower than what
 * is nearest: `configPath` holds `config`, and is no slip of a finger.
 */
export function misspelt(word: string, names: readonly string[]): string | undefined {
  if (names.includes(word)) return undefined;
  return nearest(word, names, 3).find((name) => {
    const [one, other] = [word.toLowerCase(), name.toLowerCase()];
    const isInside = one.includes(other) || other.includes(one);
    return !isInside || Math.abs(one.length - other.length) < 2;
  });
}
