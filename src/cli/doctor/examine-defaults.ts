import { didYouMean } from "../../contract/nearest.ts";
import type { ModelEntry } from "../../gateway/api.ts";
import type { Finding } from "./examine.ts";

/** Whether each default that is configured leads to a model that is there and can do what it is the default for. */
export function examineDefaults(
  defaults: Readonly<Record<string, string>>,
  models: readonly ModelEntry[],
): Finding[] {
  return Object.entries(defaults).flatMap(([capability, name]) => {
    const finding = examineDefault(capability, name, models);
    return finding === undefined ? [] : [{ what: `Default ${capability}`, ...finding }];
  });
}

function examineDefault(
  capability: string,
  name: string,
  models: readonly ModelEntry[],
): Omit<Finding, "what"> | undefined {
  const model =
    models.find((each) => each.name === name) ??
    models.find((each) => each.name === `${each.backend}/${name}`);
  const able = models.filter(({ capabilities }) => capabilities.includes(capability));
  if (model === undefined) {
    const backend = name.slice(0, Math.max(name.indexOf("/"), 0));
    // One that lists nothing is down, which is its own finding, or takes any name.
    if (backend !== "" && !models.some((each) => each.backend === backend)) return undefined;
    const near = didYouMean(
      name,
      able.map((each) => each.name),
    );
    const message = `${name} is not among the models that are there.${near}`;
    return {
      status: "note",
      message,
      remedy: `Fetch it: modelyard pull ${name}, or choose another in defaults.${capability}.`,
    };
  }
  if (!model.capabilities.includes(capability)) {
    return {
      status: "broken",
      message: `${name} can't do this: it does ${model.capabilities.join(", ") || "nothing"}`,
      remedy: `Set defaults.${capability} to a model that can${able[0] === undefined ? "" : `, such as ${able[0].name}`}.`,
    };
  }
  if (!model.installed) {
    const message = `${name} is not here yet; the first call fetches it`;
    return { status: "note", message, remedy: `To fetch it now: modelyard pull ${name}` };
  }
  return { status: "good", message: name };
}
