import { createRequire, isBuiltin, registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ModelyardError } from "../../contract/errors.ts";
import type { CreateProvider } from "./api.ts";
import type { AiSdkConfig } from "./config.ts";

/**
 * The function of a provider package that makes the provider: the one that is named, else the only `create…` that it exports.
 * `folders`: where the package may be installed, looked through in their order, each as Node would from there.
 * @throws {ModelyardError} `invalid-config`
 */
export async function loadProvider(
  { provider, factory }: Pick<AiSdkConfig, "provider" | "factory">,
  folders: readonly string[],
): Promise<CreateProvider> {
  const file = findFile(provider, folders);
  let exported: Record<string, unknown>;
  try {
    exported = (await import(pathToFileURL(file).href)) as Record<string, unknown>;
  } catch (error) {
    throw new ModelyardError(
      "invalid-config",
      `${provider} is installed, but can't be loaded: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error, remedy: `Install it afresh: \`${installCommand(provider)}\`.` },
    );
  }
  return chooseFactory(exported, provider, factory);
}

/** The command that installs a provider. */
function installCommand(provider: string): string {
  const [first = "", second] = provider.split("/");
  return `npm install ${first.startsWith("@") ? `${first}/${second}` : first}`;
}

function findFile(provider: string, folders: readonly string[]): string {
  if (isBuiltin(provider)) {
    throw unusable(
      `${provider} is a part of Node, not a provider of the AI SDK.`,
      "Name a provider package, such as @ai-sdk/anthropic.",
    );
  }
  for (const folder of folders) {
    try {
      return resolveFrom(folder, provider);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "MODULE_NOT_FOUND") continue;
      throw unusable(
        code === "ERR_PACKAGE_PATH_NOT_EXPORTED"
          ? `The package is installed, but has no door ${provider}.`
          : `${provider} can't be read: ${String(code)}.`,
        `Check the name, or install it afresh: \`${installCommand(provider)}\`.`,
      );
    }
  }
  throw unusable(
    `The package ${provider} is not installed.`,
    `Install it in the folder of your configuration: \`${installCommand(provider)}\`.`,
  );
}

function unusable(message: string, remedy: string): ModelyardError {
  return new ModelyardError("invalid-config", message, { remedy });
}

/** As an import in that folder would be resolved: a `require` alone would miss packages that only ES modules may import. */
function resolveFrom(folder: string, specifier: string): string {
  const hooks = registerHooks({
    resolve: (wanted, context, next) =>
      next(wanted, { ...context, conditions: ["node", "import", "module-sync", "default"] }),
  });
  try {
    return createRequire(join(folder, "package.json")).resolve(specifier);
  } finally {
    hooks.deregister();
  }
}

function chooseFactory(
  exported: Record<string, unknown>,
  provider: string,
  factory: string | undefined,
): CreateProvider {
  const names = Object.keys(exported).filter(
    (name) => /^create[A-Z]/.test(name) && typeof exported[name] === "function",
  );
  if (factory !== undefined) {
    const chosen = exported[factory];
    if (typeof chosen === "function") return chosen as CreateProvider;
    throw new ModelyardError("invalid-config", `${provider} has no function ${factory}.`, {
      remedy: names.length === 0 ? "Name a provider of the AI SDK." : `It has ${names.join(", ")}.`,
    });
  }
  // An older name of a function is exported beside its new one.
  const different = [...new Set(names.map((name) => exported[name]))];
  if (different.length === 1) return different[0] as CreateProvider;
  throw new ModelyardError(
    "invalid-config",
    different.length === 0
      ? `${provider} is no provider of the AI SDK: it exports no create function.`
      : `${provider} has several functions that make a provider.`,
    {
      remedy:
        different.length === 0
          ? "Name a provider package, such as @ai-sdk/anthropic."
          : `Set factory to one of ${names.join(", ")}.`,
    },
  );
}
