/** A source of chance that gives the same for the same seed (mulberry32), from 0 to 1. */
export function createChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pieces = [
  "null",
  "-1",
  "1e999",
  "{}",
  "[]",
  '""',
  "true",
  "[[[[[[[[",
  '{"a":',
  "\0",
  "\uFEFF",
  "\uD800",
  "\r\n",
  '"__proto__":{}',
  '"constructor":1',
  "x".repeat(5_000),
  "9".repeat(400),
  "😀",
];

/** A text with some of it changed: bytes left out, doubled, swapped, or strange pieces put in. */
export function mutate(text: string, chance: () => number): string {
  let mutated = text;
  const times = 1 + Math.floor(chance() * 4);
  for (let time = 0; time < times; time++) {
    const at = Math.floor(chance() * (mutated.length + 1));
    const length = Math.floor(chance() * 12);
    const piece = pieces[Math.floor(chance() * pieces.length)]!;
    const [before, after] = [mutated.slice(0, at), mutated.slice(at)];
    switch (Math.floor(chance() * 5)) {
      case 0:
        mutated = before + after.slice(length);
        break;
      case 1:
        mutated = before + after.slice(0, length) + after;
        break;
      case 2:
        mutated = before + piece + after;
        break;
      case 3:
        mutated = before + String.fromCharCode(Math.floor(chance() * 256)) + after.slice(1);
        break;
      default:
        mutated = replaceValue(mutated, piece, chance);
    }
  }
  return mutated;
}

/** Puts a strange piece in the place of one of the values of a JSON text. */
function replaceValue(text: string, piece: string, chance: () => number): string {
  const values = [...text.matchAll(/"[^"]*"|-?\d+|true|false|null/g)];
  const value = values[Math.floor(chance() * values.length)];
  if (value === undefined) return text;
  return text.slice(0, value.index) + piece + text.slice(value.index + value[0].length);
}

/** Bytes of any kind. */
export function noise(chance: () => number): Buffer {
  return Buffer.from(
    Array.from({ length: 1 + Math.floor(chance() * 300) }, () => Math.floor(chance() * 256)),
  );
}
