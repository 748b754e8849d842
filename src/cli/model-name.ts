import { InvalidArgumentError } from "commander";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { didYouMean } from "../contract/nearest.ts";
import type { CommandContext } from "./command-context.ts";

/** A model's name as it was given. @throws InvalidArgumentError where it is empty: a variable of a script that is not set */
export function parseModelName(given: string): string {
  if (given.trim() !== "") return given;
  throw new InvalidArgumentError(
    "The name is empty: give a model, as `modelyard models` lists them.",
  );
}

/**
 * Whether a name leads anywhere, before a conversation begins. A backend may take more names than it lists, so behind a slash only
 * the backend is looked for.
 * @throws ModelyardError `model-not-found`, `capability-not-supported`
 */
export async function checkModelName(
  { gateway, progress, signal }: CommandContext,
  name: string | undefined,
  capability: AnyCapability,
): Promise<void> {
  progress.begin("Looking for the model");
  try {
    if (name === undefined) {
      // The default: a configuration that is wrong is told of now all the same.
      await gateway.open();
      return;
    }
    const [models, backends] = await Promise.all([
      gateway.models({ signal }),
      gateway.backends({ signal }),
    ]);
    const found = models.filter(
      (model) => model.name === name || model.name === `${model.backend}/${name}`,
    );
    const slash = name.indexOf("/");
    if (found.length > 0) {
      if (found.some(({ capabilities }) => capabilities.includes(capability.name))) return;
      const able = models.filter(({ capabilities }) => capabilities.includes(capability.name));
      throw new ModelyardError(
        "capability-not-supported",
        `${JSON.stringify(name)} can't do ${capability.name}.`,
        { model: name, remedy: `These can: ${able.map((model) => model.name).join(", ")}.` },
      );
    }
    const known = backends.some((backend) => backend.name === name.slice(0, slash));
    if (known && slash < name.length - 1) return;
    const names = models.flatMap((model) => [
      model.name,
      ...(model.targets === undefined ? [model.name.slice(model.backend.length + 1)] : []),
    ]);
    throw new ModelyardError(
      "model-not-found",
      `There is no model ${JSON.stringify(name)}.${didYouMean(name, names)}`,
      { model: name, remedy: "`modelyard models` lists what there is." },
    );
  } finally {
    progress.clear();
  }
}
