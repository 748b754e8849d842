import { ModelyardError } from "../../contract/errors.ts";

/** A field of a request that can't be taken as it is. `param` is its path: `messages[0].role`. */
export function invalidField(param: string, message: string, remedy?: string): ModelyardError {
  return new ModelyardError("invalid-request", `${param}: ${message}`, {
    remedy,
    details: { param },
  });
}

/** Whether a value is an object with named fields. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** An object's fields. @throws ModelyardError `invalid-request` */
export function readObject(value: unknown, param: string): Readonly<Record<string, unknown>> {
  if (isObject(value)) return value;
  throw invalidField(param, "Must be an object.");
}

/** A list. @throws ModelyardError `invalid-request` */
export function readList(value: unknown, param: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw invalidField(param, "Must be an array.");
}

/** A text. @throws ModelyardError `invalid-request` */
export function readText(value: unknown, param: string): string {
  if (typeof value === "string") return value;
  throw invalidField(param, "Must be a string.");
}

/** Yes or no; undefined where it was left out. @throws ModelyardError `invalid-request` */
export function readFlag(value: unknown, param: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "boolean") return value;
  throw invalidField(param, "Must be true or false.");
}
