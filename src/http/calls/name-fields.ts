import type { Problem } from "../../contract/describe-issues.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import type { Conversion } from "../dialects/conversion.ts";

/** What a schema found wrong, or a backend can't do, in the words that the caller used: `maxTokens` → `max_tokens`. Any other error as it is. */
export function nameFields(
  thrown: unknown,
  { fieldNames: names, fieldPaths = [] }: Pick<Conversion, "fieldNames" | "fieldPaths">,
): unknown {
  if (!isModelyardError(thrown)) return thrown;
  const { code, message: words, details } = thrown;
  const param = names[String(details?.["param"])];
  if (code === "capability-not-supported" && param !== undefined)
    return new ModelyardError(code, words, {
      ...thrown,
      details: { ...details, param },
      cause: thrown,
    });
  if (code !== "invalid-request") return thrown;
  const found = thrown.details?.["problems"];
  if (!Array.isArray(found)) return thrown;
  const problems = (found as Problem[]).map(({ path, message }) => ({
    path: fieldPaths
      .reduce((told, [ours, theirs]) => told.replace(ours, theirs), path)
      .replace(/^\w+/, (field) => names[field] ?? field),
    message,
  }));
  const said = problems.slice(0, listedProblems).map(({ path, message }) => {
    return path === "" ? message : `${path}: ${message}`;
  });
  if (problems.length > said.length) said.push(`and ${problems.length - said.length} more`);
  return new ModelyardError("invalid-request", `Invalid request: ${said.join("; ")}`, {
    details: { problems },
    cause: thrown,
  });
}

/** How many problems a message lists; the first hundred are in the details. */
const listedProblems = 10;
