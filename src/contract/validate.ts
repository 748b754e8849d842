import { describeIssues, mostProblems } from "./describe-issues.ts";
import { ModelyardError, type ErrorCode } from "./errors.ts";
import { toJsonSchema, type Schema } from "./schema.ts";

/** How many problems a message lists; the first hundred are in the details. */
const listedProblems = 10;

/**
 * The value as the schema gives it.
 * @throws {ModelyardError} `code` (default `invalid-request`) with every problem at once in `details.problems`.
 */
export function validate<Output>(
  schema: Schema<unknown, Output>,
  value: unknown,
  { what, code = "invalid-request", remedy }: { what: string; code?: ErrorCode; remedy?: string },
): Output {
  const outcome = schema["~standard"].validate(value);
  if (outcome instanceof Promise)
    throw new ModelyardError("internal", `The schema of ${what} is asynchronous.`);
  if (outcome.issues === undefined) return outcome.value;
  const problems = describeIssues(outcome.issues, value, toJsonSchema(schema, "input"));
  const lines = problems
    .slice(0, listedProblems)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  if (problems.length > listedProblems)
    lines.push(
      `and ${problems.length === mostProblems ? "at least " : ""}${problems.length - listedProblems} problems more`,
    );
  const message = `Invalid ${what}: ${lines.join("; ")}`;
  throw new ModelyardError(code, message, { remedy, details: { problems } });
}
