import type { AnyBackendDefinition } from "../contract/backend.ts";
import { describeIssues, type Problem } from "../contract/describe-issues.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { toJsonSchema } from "../contract/schema.ts";
import { checkReferences } from "./check-references.ts";
import { configurationSchema, type Configuration } from "./configuration.ts";
import { expandModelEntries } from "./expand-model-entries.ts";
import { expandVariables, type Environment, type Literals } from "./expand-variables.ts";
import { fieldsOf } from "../contract/fields-of.ts";
import { parseBackend, parseBackends } from "./parse-backends.ts";
import { validateLiterals } from "./validate-literals.ts";

export interface ParseOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly environment?: Environment;
  /** Named in the error. */
  readonly file?: string | undefined;
  /** The capabilities there are. */
  readonly capabilities: readonly AnyCapability[];
  /** Packages that are plugins by their name, and that nobody has named: an unknown type may be theirs. */
  readonly unnamed?: (() => readonly string[]) | undefined;
}

/**
 * A configuration, checked whole.
 * @throws {ModelyardError} `invalid-config` with every problem at once in `details.problems`
 */
export function parseConfiguration(written: unknown, options: ParseOptions): Configuration {
  const { definitions, capabilities, unnamed, environment = process.env } = options;
  if (typeof written !== "object" || written === null) {
    const found = written === null ? "null" : typeof written;
    const message = `Must be an object, or a list of models, found ${found}.`;
    throw invalidConfiguration([{ path: "", message }], options.file);
  }
  const unset: Problem[] = [];
  const literals: Literals = new Map();
  const expanded = expandVariables(written, { environment, problems: unset, literals });
  const misplaced: Problem[] = [];
  const { configuration, complete, nameless, placeOf } = expandModelEntries(expanded, {
    definitions,
    literals,
    problems: misplaced,
  });
  const { outcome, value } = validateLiterals(configurationSchema, configuration, literals);
  const malformed =
    outcome.issues === undefined
      ? []
      : describeIssues(outcome.issues, value, toJsonSchema(configurationSchema, "input"));
  const inside: Problem[] = [];
  const reading = { definitions, capabilities, literals, problems: inside, complete, unnamed };
  const backends = parseBackends(fieldsOf(value)["backends"], reading);
  for (const model of nameless)
    parseBackend("", model.backend, { ...reading, complete: new Map([["", model]]) });
  const astray: Problem[] = [];
  const names = capabilities.map(({ name }) => name);
  checkReferences(value, { definitions, capabilities: names }, astray);
  const placed = (problems: readonly Problem[]) =>
    problems.flatMap(({ path, message }): Problem[] => {
      const place = placeOf(path);
      return place === undefined ? [] : [{ path: place, message }];
    });
  const said = [...unset, ...misplaced];
  const wrong = [...placed(malformed), ...inside, ...placed(astray)];
  const problems = [...said, ...wrong.filter(({ path }) => !isSaid(path, said))];
  if (problems.length > 0 || outcome.issues !== undefined)
    throw invalidConfiguration(problems, options.file);

  const { $schema: _, ...rest } = outcome.value;
  const models = rest.models.map((model) =>
    complete.has(model.name) ? { ...model, complete: true } : model,
  );
  return { ...rest, models, backends };
}

/** Whether this place, or the whole, has been called not set: no more need be said of it. */
function isSaid(path: string, said: readonly Problem[]): boolean {
  return said.some((problem) => problem.path === "" || problem.path === path);
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
      remedy:
        file === undefined
          ? "Mend the configuration."
          : "Mend the file; `modelyard config check` tells when it is right.",
    },
  );
}
