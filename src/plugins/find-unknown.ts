import type { AnyBackendDefinition } from "../contract/backend.ts";
import { fieldsOf, listOf } from "../contract/fields-of.ts";

/** What a configuration refers to and what nobody has. */
export interface Unknown {
  /** Kinds of backend that entries name. */
  readonly types: readonly string[];
  /** Backends that targets name, and that are not configured: such a one would be there by itself. */
  readonly backends: readonly string[];
  readonly capabilities: readonly string[];
}

/** Looks through a configuration as it is written; what is malformed is passed over, others tell of it. */
export function findUnknown(
  configuration: unknown,
  definitions: readonly AnyBackendDefinition[],
  capabilities: readonly string[],
): Unknown {
  const { backends, models, defaults, server } = fieldsOf(configuration);
  const entries = Object.entries(fieldsOf(backends)).map(
    ([name, entry]) => [name, fieldsOf(entry)] as const,
  );
  // The second form of a model is a whole configuration by itself, or several.
  const written = Array.isArray(configuration) ? configuration : [configuration, ...listOf(models)];
  const all = written.map(fieldsOf);
  const known = definitions.map(({ type }) => type);
  const types = [
    ...entries.map(([name, { type = name }]) => type),
    ...all.map((entry) => entry["backend_type"] ?? entry["backendType"]),
  ];
  const targets = [
    ...all.flatMap(({ targets: each }) => listOf(each)).map(targetOf),
    ...Object.values(fieldsOf(defaults)),
    ...listOf(fieldsOf(server)["keys"]).flatMap((key) => listOf(fieldsOf(key)["models"])),
  ];
  const named = targets
    .filter(isText)
    .filter((target) => target.includes("/"))
    .map((target) => target.slice(0, target.indexOf("/")));
  const wanted = [
    ...Object.keys(fieldsOf(defaults)),
    ...[...entries.map(([, entry]) => entry), ...all].flatMap((entry) =>
      listOf(entry["capabilities"]),
    ),
  ];
  return {
    types: without(types, known),
    backends: without(named, [...known, ...entries.map(([name]) => name)]),
    capabilities: without(wanted, capabilities),
  };
}

/** The texts among them that are not known, each once. */
function without(found: readonly unknown[], known: readonly unknown[]): string[] {
  return [...new Set(found.filter(isText))].filter((each) => !known.includes(each));
}

function targetOf(target: unknown): unknown {
  return isText(target) ? target : fieldsOf(target)["model"];
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}
