import type { AnyBackendDefinition } from "../contract/backend.ts";
import { describeIssues, type Problem } from "../contract/describe-issues.ts";
import { didYouMean } from "../contract/nearest.ts";
import { toJsonSchema, type JsonSchema } from "../contract/schema.ts";
import { backendSettingNames, backendSettings, type ConfiguredBackend } from "./configuration.ts";
import { laterKeys } from "./find-later-keys.ts";
import type { Literals } from "./expand-variables.ts";
import { fieldsOf } from "./fields-of.ts";
import { validateLiterals } from "./validate-literals.ts";

/** The backends that are configured, and the built-in ones beside them; adds what is wrong with each to the problems. */
export function parseBackends(
  written: unknown,
  definitions: readonly AnyBackendDefinition[],
  literals: Literals,
  problems: Problem[],
): ConfiguredBackend[] {
  const entries = Object.entries(fieldsOf(written));
  const builtIn = definitions.filter(
    ({ builtIn, type }) => builtIn === true && !entries.some(([name]) => name === type),
  );
  return [...entries, ...builtIn.map(({ type }) => [type, {}] as const)].flatMap(([name, entry]) =>
    parseBackend(name, entry, definitions, literals, problems),
  );
}

/** One entry, under its name; nothing where something is wrong with it. */
export function parseBackend(
  name: string,
  entry: unknown,
  definitions: readonly AnyBackendDefinition[],
  literals: Literals,
  problems: Problem[],
): ConfiguredBackend[] {
  // What is no object at all, the configuration's own schema has named already.
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
  const path = `backends.${name}`;
  const definition = findDefinition(name, entry, definitions);
  if (typeof definition === "string") {
    problems.push({ path: `${path}.type`, message: definition });
    return [];
  }
  const pick = (wanted: (key: string) => boolean) =>
    Object.fromEntries(Object.entries(entry).filter(([key]) => wanted(key)));
  const common = {
    ...pick((key) => backendSettingNames.includes(key)),
    type: definition.type,
  };
  const own = pick(
    (key) =>
      !backendSettingNames.includes(key) && !(laterKeys.backend as readonly string[]).includes(key),
  );
  const base = ["backends", name];
  const settings = validateLiterals(backendSettings, common, literals, base);
  const options = validateLiterals(definition.config, own, literals, base);
  const found = [
    ...problemsOf(settings, () => toJsonSchema(backendSettings, "input")),
    ...problemsOf(options, () => withSettings(toJsonSchema(definition.config, "input"))),
  ];
  for (const { path: inside, message } of found)
    problems.push({ path: inside === "" ? path : `${path}.${inside}`, message });
  return settings.outcome.issues === undefined && options.outcome.issues === undefined
    ? [{ name, settings: settings.outcome.value, options: options.outcome.value }]
    : [];
}

/** A schema is spelt out only where something is wrong: each start of the program parses a configuration. */
function problemsOf(
  { outcome, value }: ReturnType<typeof validateLiterals>,
  schema: () => JsonSchema,
): Problem[] {
  return outcome.issues === undefined ? [] : describeIssues(outcome.issues, value, schema());
}

/** The definition that an entry means, or what is wrong. An entry that bears a type's name is of this type unless it says otherwise. */
export function findDefinition(
  name: string,
  entry: { type?: unknown },
  definitions: readonly AnyBackendDefinition[],
): AnyBackendDefinition | string {
  const types = definitions.map((each) => each.type);
  const { type = types.includes(name) ? name : undefined } = entry;
  if (typeof type !== "string") return `Must name the kind of backend. Known: ${types.join(", ")}.`;
  const definition = definitions.find((each) => each.type === type);
  if (definition !== undefined) return definition;
  return `Unknown type ${JSON.stringify(type)}.${didYouMean(type, types) || ` Known: ${types.join(", ")}.`}`;
}

/** A misspelt key may have been meant for the common settings. */
function withSettings(schema: JsonSchema): JsonSchema {
  const names = Object.fromEntries(backendSettingNames.map((name) => [name, {}]));
  return { ...schema, properties: { ...(schema["properties"] as object | undefined), ...names } };
}
