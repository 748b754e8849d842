import type { AnyBackendDefinition } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import { toJsonSchema } from "../contract/schema.ts";
import { describeIssues, type Problem } from "../contract/describe-issues.ts";
import {
  backendSettingNames,
  backendSettings,
  configurationSchema,
  notYetSupported,
  type Configuration,
  type ConfiguredBackend,
} from "./configuration.ts";

export interface ParseOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly environment?: Readonly<Record<string, string | undefined>>;
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
  const laterKeys = findLaterKeys(value);
  problems.push(...laterKeys);

  const parsed = configurationSchema.safeParse(value);
  const later = new Set(laterKeys.map(({ path }) => path));
  if (!parsed.success) {
    const found = describeIssues(
      parsed.error.issues,
      value,
      toJsonSchema(configurationSchema, "input"),
    );
    problems.push(...found.filter(({ path }) => !later.has(path)));
  }
  const backends = parseBackends(
    (value as { backends?: unknown } | null)?.backends,
    options,
    problems,
    later,
  );
  if (parsed.success) checkReferences(parsed.data, backends, options, problems);
  if (problems.length > 0 || !parsed.success) throw invalidConfiguration(problems, options.file);

  const { $schema: _, ...rest } = parsed.data;
  return { ...rest, backends };
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

/** `${NAME}` and `${NAME:-default}` in every string. */
function expandVariables(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
  problems: Problem[],
  path = "",
): unknown {
  if (typeof value === "string") {
    return value.replace(
      /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
      (whole, name: string, fallback: string | undefined) => {
        const found = environment[name] || fallback;
        if (found !== undefined) return found;
        problems.push({
          path,
          message: `The environment variable ${name} is not set. Set it, or give a default: \${${name}:-…}.`,
        });
        return whole;
      },
    );
  }
  if (Array.isArray(value))
    return value.map((item, index) =>
      expandVariables(item, environment, problems, `${path}[${index}]`),
    );
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      expandVariables(item, environment, problems, path === "" ? key : `${path}.${key}`),
    ]),
  );
}

/** Keys that the surface has and that are not built yet. */
function findLaterKeys(value: unknown): Problem[] {
  const problems: Problem[] = [];
  const look = (at: unknown, kind: string, path: string) => {
    for (const key of notYetSupported[kind] ?? []) {
      if (typeof at !== "object" || at === null || !(key in at)) continue;
      problems.push({
        path: path === "" ? key : `${path}.${key}`,
        message: "Not yet supported in this version.",
      });
    }
  };
  const root = value as {
    server?: unknown;
    backends?: Record<string, { timeouts?: unknown }>;
    models?: unknown;
  } | null;
  look(root, "", "");
  look(root?.server, "server", "server");
  for (const [name, backend] of Object.entries(root?.backends ?? {})) {
    look(backend, "backend", `backends.${name}`);
    look(backend?.timeouts, "backend.timeouts", `backends.${name}.timeouts`);
  }
  if (Array.isArray(root?.models))
    root.models.forEach((model, index) => look(model, "model", `models[${index}]`));
  return problems;
}

function parseBackends(
  written: unknown,
  { definitions }: ParseOptions,
  problems: Problem[],
  later: ReadonlySet<string>,
): ConfiguredBackend[] {
  const entries =
    typeof written === "object" && written !== null && !Array.isArray(written)
      ? Object.entries(written)
      : [];
  const configured = entries.flatMap(([name, entry]) =>
    parseBackend(name, entry, definitions, problems, later),
  );
  const builtIn = definitions.filter(
    ({ builtIn, type }) => builtIn === true && !entries.some(([name]) => name === type),
  );
  return [
    ...configured,
    ...builtIn.flatMap(({ type }) => parseBackend(type, { type }, definitions, problems, later)),
  ];
}

function parseBackend(
  name: string,
  entry: unknown,
  definitions: readonly AnyBackendDefinition[],
  problems: Problem[],
  later: ReadonlySet<string>,
): ConfiguredBackend[] {
  const path = `backends.${name}`;
  if (typeof entry !== "object" || entry === null) return [];
  const { type } = entry as { type?: unknown };
  const definition = definitions.find((each) => each.type === type);
  if (definition === undefined) {
    if (typeof type === "string")
      problems.push({ path: `${path}.type`, message: unknownType(type, definitions) });
    return [];
  }
  const common = Object.fromEntries(
    Object.entries(entry).filter(([key]) => backendSettingNames.includes(key)),
  );
  const laterNames = notYetSupported["backend"] ?? [];
  const own = Object.fromEntries(
    Object.entries(entry).filter(
      ([key]) => !backendSettingNames.includes(key) && !laterNames.includes(key),
    ),
  );
  const settings = backendSettings.safeParse(common);
  const options = definition.config["~standard"].validate(own);
  if (options instanceof Promise)
    throw new ModelyardError("internal", `The schema of ${definition.type} is asynchronous.`);
  const found = [
    ...(settings.success
      ? []
      : describeIssues(settings.error.issues, common, toJsonSchema(backendSettings, "input"))),
    ...(options.issues === undefined
      ? []
      : describeIssues(
          options.issues,
          own,
          withSettings(toJsonSchema(definition.config, "input")),
        )),
  ];
  for (const problem of found) {
    const where = `${path}.${problem.path}`;
    if (!later.has(where)) problems.push({ path: where, message: problem.message });
  }
  return settings.success && options.issues === undefined
    ? [{ name, settings: settings.data, options: options.value }]
    : [];
}

/** A misspelt key may have been meant for the common settings. */
function withSettings(schema: Record<string, unknown>): Record<string, unknown> {
  const names = Object.fromEntries(backendSettingNames.map((name) => [name, {}]));
  return { ...schema, properties: { ...(schema["properties"] as object | undefined), ...names } };
}

function unknownType(type: string, definitions: readonly AnyBackendDefinition[]): string {
  if (notYetSupported["type"]?.includes(type))
    return `${JSON.stringify(type)} is not yet supported in this version.`;
  const types = definitions.map((each) => each.type);
  return `Unknown type ${JSON.stringify(type)}.${didYouMean(type, types) || ` Known: ${types.join(", ")}.`}`;
}

/** Targets and defaults must name backends, aliases and capabilities that are there. */
function checkReferences(
  { models, defaults }: Pick<Configuration, "models" | "defaults">,
  backends: readonly ConfiguredBackend[],
  { capabilities }: ParseOptions,
  problems: Problem[],
): void {
  const names = backends.filter(({ settings }) => settings.enabled).map(({ name }) => name);
  const aliases = models.map(({ name }) => name);
  const known = [...capabilities];
  const checkTarget = (target: string, path: string) => {
    const backend = target.slice(0, target.indexOf("/"));
    if (names.includes(backend)) return;
    problems.push({
      path,
      message: `No backend is called ${JSON.stringify(backend)}.${didYouMean(backend, names) || ` There are: ${names.join(", ")}.`}`,
    });
  };
  models.forEach(({ name, targets }, index) => {
    if (aliases.indexOf(name) !== index)
      problems.push({
        path: `models[${index}].name`,
        message: `${JSON.stringify(name)} is taken already.`,
      });
    targets.forEach((target, place) => checkTarget(target, `models[${index}].targets[${place}]`));
  });
  for (const [capability, model] of Object.entries(defaults)) {
    const path = `defaults.${capability}`;
    if (!known.includes(capability)) {
      problems.push({
        path,
        message: `Unknown capability.${didYouMean(capability, known) || ` Known: ${known.join(", ")}.`}`,
      });
    } else if (model.includes("/")) checkTarget(model, path);
    else if (!aliases.includes(model) && aliases.length > 0) {
      const near = didYouMean(model, aliases);
      if (near !== "")
        problems.push({ path, message: `No alias is called ${JSON.stringify(model)}.${near}` });
    }
  }
}
