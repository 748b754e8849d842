import type { AnyBackendDefinition } from "../contract/backend.ts";
import { formatPath, type Problem } from "../contract/describe-issues.ts";
import type { Literals } from "./expand-variables.ts";
import {
  expandModelEntry,
  isCompleteModel,
  isMeantComplete,
  type ExpandedModel,
} from "./expand-model-entry.ts";
import { fieldsOf, listOf } from "../contract/fields-of.ts";

/** A configuration in which every model is an alias. */
export interface ExpandedModels {
  readonly configuration: unknown;
  /** The models that brought their backend, by the backend's name. */
  readonly complete: ReadonlyMap<string, ExpandedModel>;
  /** Those whose name can't be one, or is taken: what else is wrong with them is to be told too. */
  readonly nameless: readonly ExpandedModel[];
  /** Where the person wrote what stands at a path of it; undefined for what nobody wrote. */
  placeOf(path: string): string | undefined;
}

/**
 * Makes one backend and one alias of each model that is complete by itself (`name`, `backend_type`, `config`, `capabilities`), in `models`
 * or where such models are the whole: a list, or one. `literals` are found at the places of what they became as well.
 */
export function expandModelEntries(
  written: unknown,
  {
    definitions,
    literals,
    problems,
  }: {
    readonly definitions: readonly AnyBackendDefinition[];
    readonly literals: Literals;
    readonly problems: Problem[];
  },
): ExpandedModels {
  const { whole, base } = readWhole(written);
  const backends = fieldsOf(whole["backends"]);
  const complete = new Map<string, ExpandedModel>();
  const nameless: ExpandedModel[] = [];
  const placeOfEntry = (index: number) => (base === undefined ? [] : [...base, index]);
  const expanded = new Set<number>();

  if (base?.length === 0)
    for (const [path, literal] of Array.from(literals)) literals.set(`models${path}`, literal);
  const models = listOf(whole["models"]).map((entry, index) => {
    const place = placeOfEntry(index);
    if (!isMeantComplete(entry)) return entry;
    expanded.add(index);
    const model = expandModelEntry(fieldsOf(entry), place, definitions, problems);
    const { name } = model.alias;
    const problem = typeof name === "string" ? nameProblem(name, backends) : undefined;
    if (problem !== undefined)
      problems.push({ path: formatPath([...place, "name"]), message: problem });
    if (problem !== undefined || !isName(name) || complete.has(name)) nameless.push(model);
    else {
      complete.set(name, model);
      for (const [now, then] of model.places) {
        const literal = literals.get(then);
        if (literal !== undefined) literals.set(formatPath(["backends", name, now]), literal);
      }
    }
    return model.alias;
  });
  if (expanded.size === 0 && base?.[0] === "models")
    return { configuration: written, complete, nameless, placeOf: (path) => path };

  return {
    configuration: {
      ...whole,
      ...(complete.size === 0
        ? {}
        : {
            backends: {
              ...backends,
              ...Object.fromEntries([...complete].map(([name, { backend }]) => [name, backend])),
            },
          }),
      models,
    },
    complete,
    nameless,
    placeOf(path) {
      const [, digits, inside = ""] = /^models\[(\d+)\](.*)$/.exec(path) ?? [];
      if (digits === undefined) return path;
      const index = Number(digits);
      // Its target was made here, of what is told where it was written.
      if (expanded.has(index) && inside.startsWith(".targets")) return undefined;
      return (formatPath(placeOfEntry(index)) + inside).replace(/^\./, "");
    },
  };
}

/** The configuration, and where the person wrote its models: `base` is undefined where the whole is one of them. */
function readWhole(written: unknown): {
  whole: Readonly<Record<string, unknown>>;
  base: readonly PropertyKey[] | undefined;
} {
  if (Array.isArray(written)) return { whole: { models: written }, base: [] };
  const fields = fieldsOf(written);
  if ("models" in fields || "backends" in fields || !isCompleteModel(written))
    return { whole: fields, base: ["models"] };
  const { $schema: _, ...entry } = fields;
  return { whole: { models: [entry] }, base: undefined };
}

function nameProblem(
  name: string,
  backends: Readonly<Record<string, unknown>>,
): string | undefined {
  if (name === "__proto__") return "Can't be a name.";
  if (!Object.hasOwn(backends, name)) return undefined;
  return `${JSON.stringify(name)} is taken already, by an entry of backends: this model brings a backend of its own name.`;
}

function isName(name: unknown): name is string {
  return typeof name === "string" && /^[^/]+$/.test(name);
}
