import { inspect } from "node:util";
import { isModelyardError, ModelyardError, type SerializedError } from "../errors.ts";

type Redact = (text: string) => string;

/** Anything thrown: the same where `redact` finds nothing in it, else one without what it finds, and without its cause. */
export function redactThrown<Thrown>(thrown: Thrown, redact: Redact): Thrown {
  if (typeof thrown === "string") return redact(thrown) as Thrown & string;
  if (typeof thrown !== "object" || thrown === null || isClean(thrown, redact)) return thrown;
  if (!(thrown instanceof Error)) return redactValue(thrown, redact) as Thrown;
  const clean = isModelyardError(thrown)
    ? ModelyardError.fromJSON(redactValue({ ...thrown.toJSON() }, redact) as SerializedError)
    : Object.assign(new Error(redact(thrown.message)), codeOf(thrown));
  clean.name = thrown.name;
  clean.stack = redact(thrown.stack ?? "");
  return clean as typeof thrown & Error;
}

/** Looks as deep as anything that prints an error would, and further. */
function isClean(thrown: object, redact: Redact): boolean {
  const limits = { depth: 10, maxArrayLength: 1_000, maxStringLength: null, breakLength: Infinity };
  try {
    const whole = inspect(thrown, { ...limits, compact: true });
    return redact(whole) === whole;
  } catch {
    // What can't even be shown is not let out as it is.
    return false;
  }
}

/** A copy of plain data with every text redacted, names too; what is no data is left out, and what holds itself. */
function redactValue(value: unknown, redact: Redact, copies = new Map<object, unknown>()): unknown {
  if (typeof value === "string") return redact(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (copies.has(value)) return copies.get(value);
  copies.set(value, undefined);
  const inside = (item: unknown) => redactValue(item, redact, copies);
  const copy = Array.isArray(value)
    ? value.map(inside)
    : Object.fromEntries(Object.entries(value).map(([key, item]) => [redact(key), inside(item)]));
  copies.set(value, copy);
  return copy;
}

function codeOf(error: Error): { code?: string } {
  return "code" in error && typeof error.code === "string" ? { code: error.code } : {};
}
