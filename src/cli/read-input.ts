import { text } from "node:stream/consumers";
import { ModelyardError } from "../contract/errors.ts";
import type { Terminal } from "./terminal/terminal.ts";

/**
 * The texts that a command's words stand for: `-` is standard input, and so are no words at all where it is a pipe.
 * Undefined where there are no words and a person sits at the terminal.
 */
export async function readInput(
  words: readonly string[],
  { input }: Terminal,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  if (words.length === 0 && input.isTTY === true) return undefined;
  if (words.length > 0 && !words.includes("-")) return [...words];
  const piped = (await readAll(input, signal)).replace(/\r?\n$/, "");
  if (words.length === 0) {
    if (piped !== "") return [piped];
    throw new ModelyardError("invalid-request", "There is no text: standard input is empty.", {
      remedy: "Give the text as an argument, or pipe it in.",
    });
  }
  let taken = false;
  return words.map((word) => {
    if (word !== "-") return word;
    if (taken)
      throw new ModelyardError(
        "invalid-request",
        "Standard input can be read only once: give - once.",
      );
    taken = true;
    return piped;
  });
}

/** Stops to wait when the command is interrupted. */
function readAll(input: Terminal["input"], signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    text(input)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}
