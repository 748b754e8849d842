import { misspelt } from "./misspelt.ts";
import { usage } from "./usage.ts";

const names = Object.keys(usage.shape);

/** Tells of a figure that nobody reads, in what a handler gave: `input_tokens`. Other fields may be there, and are let be. */
export function warnOfUsage(given: unknown, warn: (message: string) => void): void {
  if (typeof given !== "object" || given === null || !("usage" in given)) return;
  const { usage: figures } = given;
  if (typeof figures !== "object" || figures === null) return;
  for (const key of Object.keys(figures)) {
    const meant = names.includes(key) ? undefined : misspelt(key, names);
    if (meant !== undefined && !(meant in figures))
      warn(`usage.${key} is read by nobody: is ${meant} meant?`);
  }
}
