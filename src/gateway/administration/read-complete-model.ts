import { describeIssues, type Problem } from "../../contract/describe-issues.ts";
import { modelEntry, type ConfiguredBackend, type ModelEntrySettings } from "../configuration.ts";
import { expandModelEntry } from "../expand-model-entry.ts";
import { fieldsOf } from "../../contract/fields-of.ts";
import { modelOf } from "../model-names.ts";
import type { Present } from "./change-additions.ts";
import { findVariables } from "./find-variables.ts";
import { invalidEntry } from "./invalid-entry.ts";
import { readBackend } from "./read-backend.ts";
import { refuseReference } from "./refuse-reference.ts";

/**
 * A model that somebody asks for complete by itself, as its backend and the name for it.
 * @throws ModelyardError `invalid-request` with every problem at once; `forbidden` for what is taken from the file alone
 */
export function readCompleteModel(
  entry: unknown,
  present: Pick<Present, "configuration" | "definitions" | "capabilities">,
): { readonly backend: ConfiguredBackend; readonly model: ModelEntrySettings } {
  const { configuration, definitions } = present;
  const problems: Problem[] = findVariables(entry);
  const expanded = expandModelEntry(fieldsOf(entry), [], definitions, problems);
  const { success, data, error } = modelEntry.safeParse(expanded.alias);
  // Of the alias the person wrote the name alone.
  const named = success ? [] : describeIssues(error.issues, expanded.alias, {});
  problems.push(...named.filter(({ path }) => path === "name"));
  if (problems.length > 0 || !success) throw invalidEntry("the model", problems);
  const { name } = data;
  const own = configuration.models.some((each) => each.name === name && each.complete === true);
  if (!own && configuration.backends.some((each) => each.name === name)) {
    const message = `${JSON.stringify(name)} is a backend that is there: the model would take its place.`;
    throw invalidEntry(`the model ${JSON.stringify(name)}`, [{ path: "name", message }]);
  }
  const backend = readBackend(name, expanded.backend, present, expanded);
  const definition = definitions.find(({ type }) => type === backend.settings.type);
  const [target = ""] = data.targets.map(modelOf);
  refuseReference(definition ?? {}, target.slice(name.length + 1), expanded.placeOf("model"));
  return { backend, model: { ...data, complete: true } };
}
