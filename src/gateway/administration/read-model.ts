import { describeIssues } from "../../contract/describe-issues.ts";
import { toJsonSchema } from "../../contract/schema.ts";
import { modelEntry, type ModelEntrySettings } from "../configuration.ts";
import { describeMissingBackend } from "../describe-missing-backend.ts";
import { fieldsOf } from "../../contract/fields-of.ts";
import { modelOf } from "../model-names.ts";
import type { Registry } from "../registry.ts";
import { findVariables } from "./find-variables.ts";
import { invalidEntry } from "./invalid-entry.ts";
import { refuseReference } from "./refuse-reference.ts";

/**
 * A model as somebody asks for it while the program runs: a name for targets of backends that are there.
 * @throws ModelyardError `invalid-request` with every problem at once; `forbidden` for a target that is a file or an address
 */
export function readModel(
  entry: unknown,
  registry: Pick<Registry, "all">,
  kinds: Parameters<typeof describeMissingBackend>[2],
): ModelEntrySettings {
  const { name } = fieldsOf(entry);
  const what = typeof name === "string" ? `the model ${JSON.stringify(name)}` : "the model";
  const { success, data, error } = modelEntry.safeParse(entry);
  if (!success)
    throw invalidEntry(
      what,
      describeIssues(error.issues, entry, toJsonSchema(modelEntry, "input")),
    );

  const problems = findVariables(entry);
  const names = registry.all.map((each) => each.name);
  data.targets.forEach((target, index) => {
    const model = modelOf(target);
    const slash = model.indexOf("/");
    const backend = registry.all.find((each) => each.name === model.slice(0, slash));
    const path = `targets[${index}]`;
    if (backend === undefined) {
      const missing = describeMissingBackend(model.slice(0, slash), names, kinds);
      problems.push({ path, message: missing.message });
      return;
    }
    refuseReference(backend.definition, model.slice(slash + 1), path);
  });
  if (problems.length > 0) throw invalidEntry(what, problems);
  return data;
}
