import { ModelyardError } from "./errors.ts";

/** Deeper than any request has a use for, and far from where recursion overflows the stack. */
const deepest = 200;
/** Fields that one object may hold: each name may have to be compared with the right ones. */
const mostFields = 10_000;

/**
 * Refuses what is nested too deep or holds too many fields, before anything is done with it. A value that holds itself is too deep.
 * @throws ModelyardError `invalid-request` that names the field at the top
 */
export function checkSize(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  if (Array.isArray(value)) return checkPart(value, "", 1);
  let fields = 0;
  for (const name in value) {
    if (++fields > mostFields) throw tooLarge("", fieldsRule);
    checkPart((value as Record<string, unknown>)[name], name, 2);
  }
}

function checkPart(value: unknown, top: string, depth: number): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  if (depth > deepest) throw tooLarge(top, `Must not be nested more than ${deepest} deep.`);
  if (Array.isArray(value)) {
    for (const item of value) checkPart(item, top, depth + 1);
    return;
  }
  let fields = 0;
  for (const name in value) {
    if (++fields > mostFields) throw tooLarge(top, fieldsRule);
    checkPart((value as Record<string, unknown>)[name], top, depth + 1);
  }
}

const fieldsRule = `Must not hold more than ${mostFields} fields.`;

function tooLarge(path: string, message: string): ModelyardError {
  const said = path === "" ? `The request: ${message}` : `${path}: ${message}`;
  return new ModelyardError("invalid-request", said, {
    details: { problems: [{ path, message }] },
  });
}
