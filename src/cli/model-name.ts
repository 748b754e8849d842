import { InvalidArgumentError } from "commander";
import type { AnyCapability } from "../contract/capability.ts";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import type { ModelEntry } from "../gateway/api.ts";
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
    const [only, another] = found;
    if (only !== undefined && (another === undefined || only.name === name)) {
      refuseUnable(only, name, models, capability);
      return;
    }
    const slash = name.indexOf("/");
    const isOfBackend = backends.some((backend) => backend.name === name.slice(0, slash));
    if (isOfBackend && slash < name.length - 1) return;
    // It leads nowhere, and the gateway says so in its own words; a model that is there after all is not loaded yet.
    await gateway.unload(name).catch((error: unknown) => {
      if (isModelyardError(error) && error.code === "model-not-found") throw error;
    });
  } finally {
    progress.clear();
  }
}

function refuseUnable(
  { capabilities }: ModelEntry,
  name: string,
  models: readonly ModelEntry[],
  capability: AnyCapability,
): void {
  if (capabilities.includes(capability.name)) return;
  const able = models.filter((model) => model.capabilities.includes(capability.name));
  const names = able.map((model) => model.name);
  throw new ModelyardError("capability-not-supported", `${name} can't ${capability.names.verb}.`, {
    model: name,
    remedy: names.length === 0 ? "No model that is listed can." : `These can: ${names.join(", ")}.`,
  });
}
