import type { Problem } from "../contract/describe-issues.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { Configuration, ConfiguredBackend } from "./configuration.ts";

/** Targets and defaults must name backends, aliases and capabilities that are there. */
export function checkReferences(
  { models, defaults }: Pick<Configuration, "models" | "defaults">,
  backends: readonly ConfiguredBackend[],
  capabilities: Iterable<string>,
  problems: Problem[],
): void {
  const names = backends.filter(({ settings }) => settings.enabled).map(({ name }) => name);
  const aliases = models.map(({ name }) => name);
  const known = [...capabilities];
  const checkTarget = (target: string, path: string) => {
    const backend = target.slice(0, target.indexOf("/"));
    if (names.includes(backend)) return;
    problems.push({
      path,
      message: `No backend is called ${JSON.stringify(backend)}.${didYouMean(backend, names) || ` There are: ${names.join(", ") || "none"}.`}`,
    });
  };
  models.forEach(({ name, targets }, index) => {
    if (aliases.indexOf(name) !== index)
      problems.push({
        path: `models[${index}].name`,
        message: `${JSON.stringify(name)} is taken already.`,
      });
    targets.forEach((target, place) => checkTarget(target, `models[${index}].targets[${place}]`));
  });
  for (const [capability, model] of Object.entries(defaults)) {
    const path = `defaults.${capability}`;
    if (!known.includes(capability)) {
      problems.push({
        path,
        message: `Unknown capability.${didYouMean(capability, known) || ` Known: ${known.join(", ")}.`}`,
      });
    } else if (model.includes("/")) checkTarget(model, path);
    else if (!aliases.includes(model) && aliases.length > 0) {
      const near = didYouMean(model, aliases);
      if (near !== "")
        problems.push({ path, message: `No alias is called ${JSON.stringify(model)}.${near}` });
    }
  }
}
