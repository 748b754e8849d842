import type { AnyBackendDefinition } from "../../contract/backend.ts";
import type { Problem } from "../../contract/describe-issues.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { backendSettingNames, type ConfiguredBackend } from "../configuration.ts";
import type { ExpandedModel } from "../expand-model-entry.ts";
import { fieldsOf } from "../../contract/fields-of.ts";
import { placementOf, thrownBy, type DefinitionFault } from "../placement-of.ts";
import { findDefinition, parseBackend } from "../parse-backends.ts";
import type { Present } from "./change-additions.ts";
import { findVariables } from "./find-variables.ts";
import { invalidEntry } from "./invalid-entry.ts";

/**
 * A backend as somebody asks for it while the program runs.
 * @throws ModelyardError `invalid-request` with every problem at once; `forbidden` for what is taken from the file alone
 */
export function readBackend(
  name: string,
  entry: unknown,
  { definitions, capabilities }: Pick<Present, "definitions" | "capabilities">,
  /** What the person wrote, where that is a model that brings its backend. */
  model?: ExpandedModel,
): ConfiguredBackend {
  const what = `the ${model === undefined ? "backend" : "model"} ${JSON.stringify(name)}`;
  const placeOf = model?.placeOf ?? ((path: string) => path);
  if (!/^[^/]+$/.test(name) || name === "__proto__")
    throw invalidEntry(what, [{ path: "name", message: "Must be a name without a slash." }]);
  if (typeof entry !== "object" || entry === null || Array.isArray(entry))
    throw invalidEntry(what, [{ path: "", message: "Must be an object." }]);

  const definition = findDefinition(name, entry, definitions);
  const { atRunTime = undefined, type = "" } = typeof definition === "string" ? {} : definition;
  if (typeof definition !== "string" && atRunTime === undefined)
    throw fromFileAlone(`A backend of the kind ${type}`);
  const problems: Problem[] = findVariables(entry).map(({ path, message }) => ({
    path: placeOf(path),
    message,
  }));
  const found: Problem[] = [];
  const [configured] = parseBackend(name, entry, {
    definitions,
    capabilities,
    literals: new Map(),
    problems: found,
    ...(model !== undefined && { complete: new Map([[name, model]]) }),
  });
  const prefix = model === undefined ? `backends.${name}` : "";
  for (const { path, message } of found)
    problems.push({ path: prefix === "" ? path : path.slice(prefix.length + 1), message });
  if (problems.length > 0 || configured === undefined) throw invalidEntry(what, problems);

  const { fault } = placementOf(definition as AnyBackendDefinition, configured);
  if (fault !== undefined) throw kindAtFault(what, fault);
  const { takes = [], needs } = atRunTime ?? {};
  const missing = askNeeds(needs, configured, what).filter((key) => !(key in entry));
  if (missing.length > 0) {
    const message = "Must be given: what this machine holds is for the backends of its file alone.";
    throw invalidEntry(
      what,
      missing.map((path) => ({ path: placeOf(path), message })),
    );
  }
  const own = Object.entries(entry).filter(([key]) => !backendSettingNames.includes(key));
  const refused = own.flatMap(([key, value]) => findRefused(key, value, takes));
  if (refused.length > 0) throw fromFileAlone(refused.map(placeOf).join(", "));
  return configured;
}

/** Keys that must be given. @throws ModelyardError where its kind can't tell */
function askNeeds(
  needs: NonNullable<AnyBackendDefinition["atRunTime"]>["needs"],
  { options }: ConfiguredBackend,
  what: string,
): readonly string[] {
  try {
    return [...(needs?.(options) ?? [])];
  } catch (error) {
    throw kindAtFault(what, thrownBy("atRunTime.needs", error, options));
  }
}

function kindAtFault(what: string, { problem, remedy }: DefinitionFault): ModelyardError {
  const message = `Can't take ${what}: its kind is at fault. ${problem}`;
  return new ModelyardError("backend-unavailable", message, { remedy });
}

/** The keys, as paths, of what may not come in. */
function findRefused(path: string, value: unknown, takes: readonly string[]): string[] {
  if (takes.includes(path)) return [];
  const leads = takes.some((each) => each.startsWith(`${path}.`));
  if (!leads || Array.isArray(value)) return [path];
  return Object.entries(fieldsOf(value)).flatMap(([key, inside]) =>
    findRefused(`${path}.${key}`, inside, takes),
  );
}

function fromFileAlone(what: string): ModelyardError {
  return new ModelyardError(
    "forbidden",
    `${what} can't be given while it runs: what runs a command, names a file, a folder or a package is taken from the configuration file alone.`,
    { remedy: "Put it into the file; it is read again when it changes." },
  );
}
