import type { Schema } from "../schema.ts";
import { validate } from "../validate.ts";
import { responseError } from "./response-error.ts";

/**
 * What an upstream sent, as the schema gives it.
 * @throws what it says in an `error` field, read by {@link responseError}; `invalid-response` for what does not fit
 */
export function checkAnswer<Output>(value: unknown, schema: Schema<unknown, Output>): Output {
  const error = typeof value === "object" && value !== null && "error" in value && value.error;
  if (typeof error === "string" || (typeof error === "object" && error !== null))
    throw responseError({ status: 200, body: value });
  return validate(schema, value, { what: "answer of the backend", code: "invalid-response" });
}
