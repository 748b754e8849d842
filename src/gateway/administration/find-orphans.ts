import type { Change } from "../api.ts";
import type { Configuration } from "../configuration.ts";
import { modelOf } from "../model-names.ts";

/** What names a backend that this change took out, a sentence each: nothing else tells before it is called. */
export function findOrphans(
  change: Change,
  { backends, models, defaults }: Configuration,
): string[] {
  const isRemoval = change.kind === "remove-backend" || change.kind === "remove-model";
  if (!isRemoval || backends.some(({ name }) => name === change.name)) return [];
  const isGone = (model: string) => model.startsWith(`${change.name}/`);
  const orphans = models.flatMap(({ name, targets }) => {
    const gone = targets.map(modelOf).filter(isGone);
    if (gone.length === 0) return [];
    const left = targets.length - gone.length;
    const rest =
      left === 0
        ? "nothing is left of it"
        : `${left} of its targets ${left === 1 ? "is" : "are"} left`;
    return [`The model ${JSON.stringify(name)} has lost ${gone.join(", ")}: ${rest}.`];
  });
  const unset = Object.entries(defaults).flatMap(([capability, model]) =>
    model !== undefined && isGone(model)
      ? [`The default of ${capability}, ${model}, is gone.`]
      : [],
  );
  return [...orphans, ...unset];
}
