import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { describeIssues, type Problem } from "../contract/describe-issues.ts";
import { didYouMean } from "../contract/nearest.ts";
import { fieldsAt, toJsonSchema, type JsonSchema } from "../contract/schema.ts";
import { checkOffered } from "./check-offered.ts";
import {
  backendSettingNames,
  backendSettings,
  type BackendSettings,
  type ConfiguredBackend,
} from "./configuration.ts";
import type { Literals } from "./expand-variables.ts";
import type { ExpandedModel } from "./expand-model-entry.ts";
import { fieldsOf } from "../contract/fields-of.ts";
import { placementOf, thrownBy, type DefinitionFault } from "./placement-of.ts";
import { synonyms } from "./read-snake-keys.ts";
import { validateLiterals } from "./validate-literals.ts";

const settingNames = new Set(backendSettingNames);

export interface BackendReading {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
  readonly literals: Literals;
  /** What is wrong is added here. */
  readonly problems: Problem[];
  /** Models that brought their backend, by its name: what is wrong with it is told where they were written. */
  readonly complete?: ReadonlyMap<string, ExpandedModel>;
  /** Packages that are plugins by their name, and that nobody has named. */
  readonly unnamed?: (() => readonly string[]) | undefined;
  /** What the same settings were found to be before, by their JSON: thousands of backends have few that differ. */
  readonly alike?: Map<string, BackendSettings> | undefined;
}

/** The backends that are configured, and the built-in ones beside them. */
export function parseBackends(written: unknown, reading: BackendReading): ConfiguredBackend[] {
  const entries = Object.entries(fieldsOf(written));
  const names = new Set(entries.map(([name]) => name));
  const builtIn = reading.definitions.filter(
    ({ builtIn, type }) => builtIn === true && !names.has(type),
  );
  const alike = new Map<string, BackendSettings>();
  return [...entries, ...builtIn.map(({ type }) => [type, {}] as const)].flatMap(([name, entry]) =>
    parseBackend(name, entry, { ...reading, alike }),
  );
}

/** One entry, under its name; nothing where something is wrong with it. */
export function parseBackend(
  name: string,
  entry: unknown,
  { definitions, capabilities, literals, problems, complete, unnamed, alike }: BackendReading,
): ConfiguredBackend[] {
  // What is no object at all, the configuration's own schema has named already.
  if (typeof entry !== "object" || entry === null || Array.isArray(entry)) return [];
  const model = complete?.get(name);
  const placeOf =
    model?.placeOf ??
    ((inside: string) => (inside === "" ? `backends.${name}` : `backends.${name}.${inside}`));
  const definition = findDefinition(name, entry, definitions, unnamed);
  if (typeof definition === "string") {
    problems.push({ path: placeOf("type"), message: definition });
    return [];
  }
  const common: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(entry))
    (settingNames.has(key) ? common : own)[key] = value;
  common["type"] = definition.type;
  const base = ["backends", name];
  const settings = readSettings(common, base, { literals, alike });
  const options = readOptions(definition, own, literals, base);
  const keys = () => withOtherKeys(toJsonSchema(definition.config, "input"), model !== undefined);
  const found = [
    ...problemsOf(settings, () => toJsonSchema(backendSettings, "input")),
    ...problemsOf(options, keys, model === undefined ? synonyms : {}),
    ...checkOffered(settings.value, definition, capabilities),
    ...checkAddress(definition, options),
  ];
  for (const { path: inside, message } of found) problems.push({ path: placeOf(inside), message });
  if (settings.outcome.issues !== undefined || options.outcome.issues !== undefined) return [];
  const read = { name, settings: settings.outcome.value, options: options.outcome.value };
  return [options.fault === undefined ? read : { ...read, fault: options.fault }];
}

interface ReadOptions extends ReturnType<typeof validateLiterals> {
  readonly fault?: DefinitionFault;
}

/** What a kind's own keys say. A schema that throws costs the backend, not the configuration: it is the kind's mistake. */
function readOptions(
  { config }: AnyBackendDefinition,
  own: object,
  literals: Literals,
  base: readonly PropertyKey[],
): ReadOptions {
  try {
    return validateLiterals(config, own, literals, base);
  } catch (error) {
    return { outcome: { value: own }, value: own, fault: thrownBy("config", error, own) };
  }
}

/** What is written for an address, and is none: its kind may take any text. */
function checkAddress(
  definition: AnyBackendDefinition,
  { outcome, value, fault }: ReadOptions,
): Problem[] {
  if (definition.upstream === undefined || outcome.issues !== undefined) return [];
  const { address } = placementOf(definition, { options: outcome.value, fault }).fault ?? {};
  if (address === undefined) return [];
  const isMeant = (text: unknown) =>
    text === address || (typeof text === "string" && text !== "" && address.startsWith(text));
  const [path] = Object.entries(fieldsOf(value)).find(([, text]) => isMeant(text)) ?? [];
  const message = "Must be an address, which begins with http:// or https://.";
  return path === undefined ? [] : [{ path, message }];
}

function readSettings(
  common: object,
  base: readonly PropertyKey[],
  { literals, alike }: Pick<BackendReading, "literals" | "alike">,
): ReturnType<typeof validateLiterals<BackendSettings>> {
  const written = JSON.stringify(common);
  const known = alike?.get(written);
  if (known !== undefined) return { outcome: { value: known }, value: common };
  const read = validateLiterals(backendSettings, common, literals, base);
  // What a variable made right is right at that place alone.
  if (read.outcome.issues === undefined && read.value === common)
    alike?.set(written, read.outcome.value);
  return read;
}

/** A schema is spelt out only where something is wrong: each start of the program parses a configuration. */
function problemsOf(
  { outcome, value }: ReturnType<typeof validateLiterals>,
  schema: () => JsonSchema,
  otherWords: Readonly<Record<string, string>> = {},
): Problem[] {
  if (outcome.issues === undefined) return [];
  return describeIssues(outcome.issues, value, schema(), otherWords);
}

/** The definition that an entry means, or what is wrong. An entry that bears a type's name is of this type unless it says otherwise. */
export function findDefinition(
  name: string,
  entry: { type?: unknown },
  definitions: readonly AnyBackendDefinition[],
  unnamed: () => readonly string[] = () => [],
): AnyBackendDefinition | string {
  const types = definitions.map((each) => each.type);
  const { type = types.includes(name) ? name : undefined } = entry;
  const definition = definitions.find((each) => each.type === type);
  if (definition !== undefined) return definition;
  const wanted = typeof type === "string" ? type : name;
  const bringer = unnamed().find((each) => each.endsWith(`modelyard-backend-${wanted}`));
  if (bringer !== undefined)
    return `Unknown type ${JSON.stringify(wanted)}. The package ${bringer} may bring it, and nobody has named it: add "plugins": [${JSON.stringify(bringer)}], or --plugin ${bringer}.`;
  if (typeof type !== "string") return `Must name the kind of backend. Known: ${types.join(", ")}.`;
  return `Unknown type ${JSON.stringify(type)}.${didYouMean(type, types) || ` Known: ${types.join(", ")}.`}`;
}

/** A misspelt key may have been meant for the common settings, or for what a model that is complete by itself has. */
function withOtherKeys(schema: JsonSchema, isModel: boolean): JsonSchema {
  const address = fieldsAt(schema, []).includes("baseUrl") ? ["api_url"] : [];
  const ofModel = isModel ? ["backend_type", "config", "model", ...address] : [];
  const names = [...backendSettingNames, ...ofModel].map((name) => [name, {}] as const);
  return {
    ...schema,
    properties: { ...fieldsOf(schema["properties"]), ...Object.fromEntries(names) },
  };
}
