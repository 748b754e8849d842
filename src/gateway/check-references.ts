import type { AnyBackendDefinition } from "../contract/backend.ts";
import type { Problem } from "../contract/describe-issues.ts";
import { didYouMean } from "../contract/nearest.ts";
import { checkKeys } from "./check-keys.ts";
import { describeMissingBackend } from "./describe-missing-backend.ts";
import { fieldsOf, listOf } from "../contract/fields-of.ts";

/** What can be referred to. */
export interface References {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: Iterable<string>;
}

/** Targets and defaults must name backends, aliases and capabilities that are there. What is malformed is passed over: the schema names it. */
export function checkReferences(
  configuration: unknown,
  { definitions, capabilities }: References,
  problems: Problem[],
): void {
  const { backends, models, defaults, discover, server } = fieldsOf(configuration);
  const configured = namesOf(backends, definitions);
  // What is found running may be referred to before it runs.
  const findable = definitions.flatMap((each) => each.discover ?? []).map(({ name }) => name);
  const names = discover === true ? [...new Set([...configured, ...findable])] : configured;
  const entries = listOf(models).map(fieldsOf);
  const aliases = entries.map(({ name }) => name).filter(isText);
  // There may be thousands of either.
  const there = new Set(names);
  const taken = new Set<string>();
  const known = [...capabilities];

  const checkTarget = (target: string, path: string) => {
    const backend = target.slice(0, target.indexOf("/"));
    if (there.has(backend)) return;
    const { message, remedy } = describeMissingBackend(backend, names, definitions);
    problems.push({ path, message: message.endsWith("?") ? message : `${message} ${remedy}` });
  };
  entries.forEach(({ name, targets }, index) => {
    if (isText(name)) {
      const message = `${JSON.stringify(name)} is taken already.`;
      if (taken.has(name)) problems.push({ path: `models[${index}].name`, message });
      taken.add(name);
    }
    listOf(targets).forEach((target, place) => {
      const path = `models[${index}].targets[${place}]`;
      if (isTarget(target)) checkTarget(target, path);
      const { model } = fieldsOf(target);
      if (isTarget(model)) checkTarget(model, `${path}.model`);
    });
  });
  checkKeys(fieldsOf(server)["keys"], { aliases, checkTarget, problems });
  for (const [capability, model] of Object.entries(fieldsOf(defaults))) {
    const path = `defaults.${capability}`;
    if (!known.includes(capability)) {
      problems.push({
        path,
        message: `Unknown capability.${didYouMean(capability, known) || ` Known: ${known.join(", ")}.`}`,
      });
    } else if (!isText(model)) continue;
    else if (model.includes("/")) checkTarget(model, path);
    else if (!aliases.includes(model)) {
      const near = didYouMean(model, aliases);
      if (near !== "")
        problems.push({ path, message: `No alias is called ${JSON.stringify(model)}.${near}` });
    }
  }
}

/** The backends that are meant to be there, also those with problems of their own. */
function namesOf(backends: unknown, definitions: readonly AnyBackendDefinition[]): string[] {
  const entries = fieldsOf(backends);
  const builtIn = definitions.filter(
    ({ builtIn, type }) => builtIn === true && !Object.hasOwn(entries, type),
  );
  return [
    ...Object.keys(entries).filter((name) => fieldsOf(entries[name])["enabled"] !== false),
    ...builtIn.map(({ type }) => type),
  ];
}

function isTarget(value: unknown): value is string {
  return isText(value) && /^[^/]+\/./.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
