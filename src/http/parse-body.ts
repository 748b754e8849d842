import type { FastifyRequest } from "fastify";
import { ModelyardError } from "../contract/errors.ts";

/**
 * JSON as it was sent. Refused where it is none, and where it holds a name that means an object's prototype to JavaScript: what copies
 * such an object by hand would change what all objects inherit. Most bodies cost a search through their text beside `JSON.parse`.
 */
export function parseBody(
  _request: FastifyRequest,
  text: string,
  done: (error: Error | null, body?: unknown) => void,
): void {
  let body: unknown;
  try {
    body = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    return done(noJson(text, error));
  }
  const found = mayHoldPrototype(text) ? findPrototype(body) : undefined;
  if (found === undefined) return done(null, body);
  const place = found.length > 100 ? `…${found.slice(-100)}` : found;
  const told = `${place} is a name that is not taken: to JavaScript it means the object's prototype.`;
  const remedy = "Leave it out, or call it otherwise.";
  done(new ModelyardError("invalid-request", told, { remedy, details: { param: place } }));
}

/** In clear, or with any of its letters escaped; whether it stands there as a name is looked at then. */
function mayHoldPrototype(text: string): boolean {
  return text.includes("__proto__") || text.includes('constructor"') || /\\u00[567]/.test(text);
}

/** An object or a list that is being walked through. */
interface Step {
  readonly value: object;
  /** Of an object. */
  readonly names: readonly string[] | undefined;
  readonly length: number;
  /** Where the walk is. */
  at: number;
}

function stepInto(value: object): Step {
  const names = Array.isArray(value) ? undefined : Object.keys(value);
  return { value, names, length: names?.length ?? (value as readonly unknown[]).length, at: -1 };
}

/**
 * Where a name lies that means a prototype, as messages write a place. A loop, for a body may be nested thousands deep; and it keeps no
 * more than the way to where it is, for a body may hold millions of values.
 */
function findPrototype(body: unknown): string | undefined {
  const way: Step[] = isObject(body) ? [stepInto(body)] : [];
  for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
    step.at += 1;
    const { value, names, length, at } = step;
    if (at === length) {
      way.pop();
      continue;
    }
    const name = names === undefined ? at : names[at]!;
    if (name === "__proto__") return placeOf(way);
    const held = (value as Readonly<Record<string | number, unknown>>)[name];
    if (!isObject(held)) continue;
    if (name === "constructor" && Object.hasOwn(held, "prototype"))
      return `${placeOf(way)}.prototype`;
    way.push(stepInto(held));
  }
  return undefined;
}

function placeOf(way: readonly Step[]): string {
  return way
    .map(({ names, at }) => (names === undefined ? `[${at}]` : `.${names[at]!}`))
    .join("")
    .replace(/^\./, "");
}

function noJson(text: string, thrown: unknown): ModelyardError {
  if (text === "") return new ModelyardError("invalid-request", "The body is empty.");
  // The place alone: the rest of what is said may quote a prompt.
  const [place] = /at position \d+( \(.*\))?$/.exec((thrown as Error).message) ?? [];
  const told = `The body is not valid JSON${place === undefined ? "" : `: it breaks ${place}`}.`;
  return new ModelyardError("invalid-request", told);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
