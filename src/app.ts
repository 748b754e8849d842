import { readFileSync } from "node:fs";
import type { Services } from "./cli/services.ts";
import type { AnyBackendDefinition, Log } from "./contract/backend.ts";
import { ModelyardError } from "./contract/errors.ts";
import type { Gateway } from "./gateway/api.ts";
import type { LoadedConfiguration } from "./gateway/load-configuration.ts";

/*
 * The composition root: the one file that may import every room. All of it is loaded when it is asked for, so that a command
 * pays for itself alone.
 */

/** The kinds of backend that come with us. */
export async function builtInDefinitions(): Promise<readonly AnyBackendDefinition[]> {
  const modules = await Promise.all([
    import("./backends/llama-cpp/index.ts"),
    import("./backends/echo.ts"),
  ]);
  return modules.map((each) => each.default);
}

/** The configuration from a file, from an object of its shape, or from the usual places. */
export async function readConfiguration(
  config: string | object | undefined,
): Promise<LoadedConfiguration> {
  const definitions = await builtInDefinitions();
  const { builtInCapabilities } = await import("./contract/capabilities.ts");
  const capabilities = builtInCapabilities.map(({ name }) => name);
  if (typeof config === "object") {
    const { parseConfiguration } = await import("./gateway/parse-configuration.ts");
    return { configuration: parseConfiguration(config, { definitions, capabilities }) };
  }
  const { loadConfiguration } = await import("./gateway/load-configuration.ts");
  return loadConfiguration(config, { definitions, capabilities });
}

/** A gateway as the configuration describes it, with a process wall around each engine. */
export async function openGateway({
  config,
  log,
}: {
  config?: string | object | undefined;
  log: Log;
}): Promise<Gateway> {
  const { configuration } = await readConfiguration(config);
  const { createGateway } = await import("./gateway/gateway.ts");
  return createGateway({ configuration, definitions: await builtInDefinitions(), log });
}

/** Runs `modelyard` with these words and gives its exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const { runCommandLine } = await import("./cli/command-line.ts");
  return runCommandLine(words, services);
}

/** What the command line is handed. */
export const services: Services = {
  get version() {
    const file = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    return (JSON.parse(file) as { version: string }).version;
  },

  async capabilities() {
    return (await import("./contract/capabilities.ts")).builtInCapabilities;
  },

  openGateway,

  async serveStdio(gateway, { log, signal }) {
    const { serveStdio } = await import("./mcp/stdio.ts");
    await Promise.race([serveStdio(gateway, { version: services.version, log }), aborted(signal)]);
  },

  async serveHttp() {
    throw new ModelyardError("internal", "There is no HTTP yet.");
  },

  async backendKinds() {
    return (await builtInDefinitions()).map(({ type, description, capabilities = [] }) => ({
      type,
      ...(description === undefined ? {} : { description }),
      origin: "built in",
      capabilities: [...capabilities],
    }));
  },

  async engines() {
    return [];
  },

  async installEngine() {
    throw new ModelyardError("internal", "There is no installer yet.");
  },

  async cacheFolders() {
    const { defaultDirectory } = await import("./weights/default-directory.ts");
    return [{ what: "Weights", directory: defaultDirectory(process.env) }];
  },

  async serverAddress(config) {
    const { host, port } = (await readConfiguration(config)).configuration.server;
    return { host, port };
  },

  async checkConfiguration(config) {
    const { configuration, file } = await readConfiguration(config);
    return {
      ...(file === undefined ? {} : { file }),
      backends: configuration.backends.length,
      models: configuration.models.length,
    };
  },

  async configurationSchema() {
    const { configurationJsonSchema } = await import("./cli/configuration-json-schema.ts");
    return configurationJsonSchema(await builtInDefinitions());
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
