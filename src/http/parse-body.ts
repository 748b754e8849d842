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

/** Where a name lies that means a prototype, as messages write a place; a loop, for a body may be nested thousands deep. */
function findPrototype(body: unknown): string | undefined {
  const next: [value: unknown, place: string][] = [[body, ""]];
  for (let entry = next.pop(); entry !== undefined; entry = next.pop()) {
    const [value, place] = entry;
    if (typeof value !== "object" || value === null) continue;
    for (const name of Object.keys(value)) {
      const inner = Array.isArray(value) ? `${place}[${name}]` : within(place, name);
      const held = (value as Readonly<Record<string, unknown>>)[name];
      if (name === "__proto__") return inner;
      if (name === "constructor" && isObject(held) && Object.hasOwn(held, "prototype"))
        return `${inner}.prototype`;
      if (typeof held === "object") next.push([held, inner]);
    }
  }
  return undefined;
}

function noJson(text: string, thrown: unknown): ModelyardError {
  if (text === "") return new ModelyardError("invalid-request", "The body is empty.");
  // The place alone: the rest of what is said may quote a prompt.
  const [place] = /at position \d+( \(.*\))?$/.exec((thrown as Error).message) ?? [];
  const told = `The body is not valid JSON${place === undefined ? "" : `: it breaks ${place}`}.`;
  return new ModelyardError("invalid-request", told);
}

function within(place: string, name: string): string {
  return place === "" ? name : `${place}.${name}`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
