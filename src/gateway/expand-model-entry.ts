import type { AnyBackendDefinition } from "../contract/backend.ts";
import { formatPath, type Problem } from "../contract/describe-issues.ts";
import { nearest } from "../contract/nearest.ts";
import { fieldsAt, toJsonSchema, type JsonSchema } from "../contract/schema.ts";
import { backendSettings, modelEntry } from "./configuration.ts";
import { fieldsOf } from "../contract/fields-of.ts";
import { readSnakeKeys, writtenAt, type Places } from "./read-snake-keys.ts";

/** A model that is complete by itself, as the backend and the alias that it stands for. */
export interface ExpandedModel {
  readonly alias: Readonly<Record<string, unknown>>;
  /** As an entry of `backends`. */
  readonly backend: Readonly<Record<string, unknown>>;
  /** Where the person wrote what stands at this path of the backend. */
  placeOf(path: string): string;
  /** Places of the backend's that hold something, each with where it was written. */
  readonly places: Places;
}

/** What tells a model that is complete by itself from an alias. */
const ownKeys = ["backend_type", "backendType", "config", "capabilities"];

/** Whether a value has what a model that is complete by itself alone has. */
export function isCompleteModel(value: unknown): boolean {
  const fields = fieldsOf(value);
  return ownKeys.some((key) => Object.hasOwn(fields, key));
}

/** Whether an entry of `models` is meant to be complete by itself, with its backend: one with a key misspelt too. */
export function isMeantComplete(entry: unknown): boolean {
  const fields = fieldsOf(entry);
  if (isCompleteModel(entry)) return true;
  if ("targets" in fields) return false;
  return Object.keys(fields).some(
    (key) => !Object.hasOwn(modelEntry.shape, key) && nearest(key, ownKeys).length > 0,
  );
}

/** One entry, which stands at `written`; adds what is wrong with its form to the problems. What is wrong inside, its backend's kind tells. */
export function expandModelEntry(
  entry: Readonly<Record<string, unknown>>,
  written: readonly PropertyKey[],
  definitions: readonly AnyBackendDefinition[],
  problems: Problem[],
): ExpandedModel {
  const { name, backend_type: snake, backendType: camel, config, targets, ...beside } = entry;
  const tell = (key: string, message: string) =>
    problems.push({ path: formatPath([...written, key]), message });
  const places: Places = new Map();
  const type = snake ?? camel ?? null;
  places.set(
    "type",
    formatPath([
      ...written,
      snake === undefined && camel !== undefined ? "backendType" : "backend_type",
    ]),
  );
  if (snake !== undefined && camel !== undefined)
    tell("backendType", "Stands here twice, as backend_type too: give one of the two.");
  if (targets !== undefined)
    tell(
      "targets",
      "A model stands for targets, or is complete by itself (backend_type, config): not both.",
    );
  if (config !== undefined && !isObject(config))
    tell("config", "Must be an object: the settings of the backend.");

  const fields: Record<string, unknown> = {};
  const { schema, known, hasModel } = keysOf(definitions.find((each) => each.type === type));
  const reading = { schema, known, places, problems };
  const inside = [...written, "config"];
  for (const [given, place] of [
    [fieldsOf(config), inside],
    [beside, written],
  ] as const) {
    const { type: kind, ...rest } = given as Record<string, unknown>;
    if (kind !== undefined)
      problems.push({
        path: formatPath([...place, "type"]),
        message: "The kind of backend is what backend_type says.",
      });
    readSnakeKeys(rest, fields, place, reading);
  }

  const { model = name } = fields;
  if (typeof model !== "string" || model === "") {
    const place = places.get("model");
    if (place !== undefined)
      problems.push({ path: place, message: "Must be the model's name at its backend." });
  }
  // Where its kind has such a key of its own, it is told too.
  if (!hasModel) delete fields["model"];
  return {
    alias: { name, targets: [`${String(name)}/${String(model)}`] },
    backend: { ...fields, type },
    placeOf: (path) =>
      path === ""
        ? formatPath(written)
        : (writtenAt(path, places) ?? formatPath([...inside, path])),
    places,
  };
}

interface KnownKeys {
  /** What its kind knows, what every backend does, and the model. */
  readonly schema: JsonSchema;
  /** Its keys at the top. */
  readonly known: readonly string[];
  /** Whether its kind has a key `model` of its own. */
  readonly hasModel: boolean;
}

const unknownKind = {};
/** A schema takes longer to spell out than an entry to read, and many entries may be of one kind. */
const knownKeys = new WeakMap<object, KnownKeys>();

function keysOf(definition: AnyBackendDefinition | undefined): KnownKeys {
  const found = knownKeys.get(definition ?? unknownKind);
  if (found !== undefined) return found;
  const own = definition === undefined ? {} : toJsonSchema(definition.config, "input");
  const common = fieldsOf(toJsonSchema(backendSettings, "input")["properties"]);
  const schema = { anyOf: [own, { properties: { ...common, model: {} } }] };
  const keys = {
    schema,
    known: fieldsAt(schema, []),
    hasModel: fieldsAt(own, []).includes("model"),
  };
  knownKeys.set(definition ?? unknownKind, keys);
  return keys;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
