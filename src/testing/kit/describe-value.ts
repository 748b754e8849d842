import { inspect } from "node:util";
import { isModelyardError } from "../../contract/errors.ts";
import { lastWordsOf } from "../../contract/last-words.ts";
import { tellError } from "../../contract/tell-error.ts";

/** A value in a few words, for a report. */
export function describeValue(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (value instanceof Promise) return "a promise";
  const text = typeof value === "string" ? JSON.stringify(value) : safeJson(value);
  return shortened(text);
}

/** Schema libraries make a message of all their issues. */
function shortened(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text;
}

function safeJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // It holds itself, or a number that JSON has not.
    return inspect(value, { breakLength: Infinity });
  }
}

/** A thrown value in words: its code where it is one of ours, else its class; what else it may be. */
export function describeThrown(thrown: unknown): string {
  const [word] = lastWordsOf(thrown, 1);
  if (isModelyardError(thrown))
    return `${thrown.code}: ${tellError(thrown)}${word === undefined ? "" : ` It wrote last: ${word}`}`;
  if (thrown instanceof Error) return `${thrown.name}: ${shortened(thrown.message)}`;
  return `${typeof thrown === "string" ? "the text" : "something that is no error,"} ${describeValue(thrown)}.`;
}
