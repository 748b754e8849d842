import type { StandardSchemaV1 } from "@standard-schema/spec";
import { ModelyardError } from "./errors.ts";
import type { Schema } from "./schema.ts";

/**
 * What a schema says of a value, at once.
 * @throws whatever it throws itself; ModelyardError `internal` where it takes its time
 */
export function validateNow<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
): StandardSchemaV1.Result<Output> {
  const outcome = schema["~standard"].validate(value);
  if (!(outcome instanceof Promise)) return outcome;
  // Nobody waits for it: what it says comes too late.
  outcome.catch(() => {});
  const { parse } = schema as { parse?: (value: unknown) => unknown };
  try {
    // zod takes whatever is thrown inside for a reason to wait; asked in its own way it throws that.
    if (typeof parse === "function") parse.call(schema, value);
  } catch (error) {
    if (!(error instanceof Error && error.constructor.name === "$ZodAsyncError")) throw error;
  }
  throw new ModelyardError("internal", "it is asynchronous, and a configuration is read at once");
}
