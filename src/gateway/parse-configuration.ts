import type { AnyBackendDefinition } from "../contract/backend.ts";
import { describeIssues, type Problem } from "../contract/describe-issues.ts";
import { ModelyardError } from "../contract/errors.ts";
import { toJsonSchema } from "../contract/schema.ts";
import { checkReferences } from "./check-references.ts";
import { configurationSchema, type Configuration } from "./configuration.ts";
import { expandVariables, type Environment } from "./expand-variables.ts";
import { findLaterKeys } from "./find-later-keys.ts";
import { parseBackends } from "./parse-backends.ts";

export interface ParseOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly environment?: Environment;
  /** Named in the error. */
  readonly file?: string | undefined;
  /** Names of the capabilities there are. */
  readonly capabilities: Iterable<string>;
}

/**
 * A configuration, checked whole.
 * @throws {ModelyardError} `invalid-config` with every problem at once in `details.problems`
 */
export function parseConfiguration(written: unknown, options: ParseOptions): Configuration {
  const problems: Problem[] = [];
  const value = expandVariables(written, options.environment ?? process.env, problems);
  const later = findLaterKeys(value);
  const parsed = configurationSchema.safeParse(value);
  const wrong = parsed.success
    ? []
    : describeIssues(parsed.error.issues, value, toJsonSchema(configurationSchema, "input"));
  const backends = parseBackends(
    (value as { backends?: unknown } | null)?.backends,
    options.definitions,
    wrong,
  );
  if (parsed.success) checkReferences(parsed.data, backends, options.capabilities, wrong);
  problems.push(...later, ...wrong.filter(({ path }) => !isSaid(path, later)));
  if (problems.length > 0 || !parsed.success) throw invalidConfiguration(problems, options.file);

  const { $schema: _, ...rest } = parsed.data;
  return { ...rest, backends };
}

/** Whether this place, or the whole, has been called not yet supported: no more need be said of it. */
function isSaid(path: string, later: readonly Problem[]): boolean {
  return later.some((problem) => problem.path === "" || problem.path === path);
}

/** All problems as one error, one line each. */
export function invalidConfiguration(problems: readonly Problem[], file?: string): ModelyardError {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  const lines = problems.map(
    ({ path, message }) => `  ${path === "" ? "" : `${path}: `}${message}`,
  );
  return new ModelyardError(
    "invalid-config",
    `${count} in ${file ?? "the configuration"}:\n${lines.join("\n")}`,
    {
      details: { problems, ...(file === undefined ? {} : { file }) },
      remedy: "Mend the file; `modelyard config check` tells when it is right.",
    },
  );
}
