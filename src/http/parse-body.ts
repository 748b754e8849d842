import type { FastifyRequest } from "fastify";
import { ModelyardError } from "../contract/errors.ts";

/** `"__proto__":`, any of its letters escaped: in text that is JSON, such a name of a field. */
const prototypeName =
  /"(?:_|\\u005[fF]){2}(?:p|\\u0070)(?:r|\\u0072)(?:o|\\u006[fF])(?:t|\\u0074)(?:o|\\u006[fF])(?:_|\\u005[fF]){2}"\s*:/;

/** JSON as it was sent; refused where it is none, and where it names `__proto__`: who copies that by assignment changes a prototype. */
export function parseBody(
  _request: FastifyRequest,
  text: string,
  done: (error: Error | null, body?: unknown) => void,
): void {
  let body: unknown;
  try {
    body = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch (error) {
    return done(noJson(text, error as SyntaxError));
  }
  if (prototypeName.test(text)) return done(namesPrototype());
  done(null, body);
}

function namesPrototype(): ModelyardError {
  return new ModelyardError("invalid-request", "__proto__ is a name that is not taken.", {
    remedy: "Leave the field out, or call it otherwise.",
    details: { param: "__proto__" },
  });
}

function noJson(text: string, { message }: SyntaxError): ModelyardError {
  if (text === "") return new ModelyardError("invalid-request", "The body is empty.");
  // The place alone: the rest of what is said may quote a prompt.
  const [place] = /at position \d+( \(.*\))?$/.exec(message) ?? [];
  const told = `The body is not valid JSON${place === undefined ? "" : `: it breaks ${place}`}.`;
  return new ModelyardError("invalid-request", told);
}
