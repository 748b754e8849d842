import { describeKind } from "./describe-kind.ts";

/** What a thrown value says went wrong; undefined where it says nothing. Anything can be thrown, even what can't be asked. */
export function messageOfThrown(thrown: unknown): string | undefined {
  if (typeof thrown === "string") return thrown === "" ? undefined : thrown;
  if (typeof thrown !== "object" || thrown === null) return undefined;
  try {
    const { message, errors } = thrown as { message?: unknown; errors?: unknown };
    if (typeof message === "string" && message !== "") return message;
    // Who tried several addresses in vain is thrown all that came of it, without a word of its own.
    return Array.isArray(errors) ? messageOfThrown(errors[0]) : undefined;
  } catch {
    // Its own code throws once more: nothing of it can be told.
    return undefined;
  }
}

/** What is asked of thrown values, here and there. */
const asked = ["message", "code", "cause", "errors", "remedy", "backend", "model", "details"];

/** Whether a thrown value can be looked at without being thrown at once more: what it holds may be code of its own. */
export function canBeRead(thrown: unknown): boolean {
  if (typeof thrown !== "object" || thrown === null) return true;
  try {
    Reflect.getPrototypeOf(thrown);
    for (const field of asked) Reflect.get(thrown, field);
    return ["name", "stack"].every((field) =>
      ["string", "undefined"].includes(typeof Reflect.get(thrown, field)),
    );
  } catch {
    // Which of them it was makes no difference.
    return false;
  }
}

/** Tells of a thrown value that says nothing. */
export function describeWordless(thrown: unknown): string {
  return `Something was thrown that does not say what went wrong: ${wordlessKind(thrown)}.`;
}

function wordlessKind(thrown: unknown): string {
  if (!canBeRead(thrown)) return "an object that can't be read";
  if (typeof thrown === "number") return `the number ${thrown}`;
  if (thrown === "") return "an empty text";
  const isObject = typeof thrown === "object" && thrown !== null && !Array.isArray(thrown);
  const kind = thrown instanceof Error ? `the error ${thrown.name}` : describeKind(thrown);
  return isObject ? `${kind} without a message` : kind;
}
