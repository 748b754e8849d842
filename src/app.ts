import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import type { EngineStatus, Services } from "./cli/services.ts";
import type { AnyBackendDefinition, Log } from "./contract/backend.ts";
import { ModelyardError } from "./contract/errors.ts";
import { didYouMean } from "./contract/nearest.ts";
import { silentLog } from "./contract/silent-log.ts";
import type { EngineKind } from "./engine/engine-cache.ts";
import type { PackagePlace } from "./engine/messages.ts";
import type { Gateway } from "./gateway/api.ts";
import { deferGateway, type DeferredGateway } from "./gateway/deferred-gateway.ts";
import type { Configuration } from "./gateway/configuration.ts";
import type { ManagedGateway } from "./gateway/gateway.ts";
import type { LoadedConfiguration } from "./gateway/load-configuration.ts";

/*
 * The composition root: the one file that may import every room. What is costly is loaded when it is asked for, so that a
 * command pays for itself alone.
 */

/** The kinds of backend that come with us. */
export async function builtInDefinitions(): Promise<readonly AnyBackendDefinition[]> {
  const modules = await Promise.all([
    import("./backends/llama-cpp/index.ts"),
    import("./backends/huggingface/index.ts"),
    import("./backends/ollama/index.ts"),
    import("./backends/openai-compatible/index.ts"),
    import("./backends/ai-sdk/index.ts"),
    import("./backends/echo.ts"),
  ]);
  return modules.map((each) => each.default);
}

/** The configuration from a file, from an object of its shape, or from the usual places. */
export async function readConfiguration(
  config: string | object | undefined,
): Promise<LoadedConfiguration> {
  const definitions = await builtInDefinitions();
  const { builtInCapabilities: capabilities } = await import("./contract/capabilities.ts");
  if (typeof config === "object") {
    const { parseConfiguration } = await import("./gateway/parse-configuration.ts");
    return { configuration: parseConfiguration(config, { definitions, capabilities }) };
  }
  const { loadConfiguration } = await import("./gateway/load-configuration.ts");
  return loadConfiguration(config, { definitions, capabilities });
}

/** A gateway that was opened here, with what faces are not shown: a server's address stands beside the backends. */
interface Opened {
  readonly gateway: ManagedGateway;
  /** Judges what the file says anew, before anything of it is taken. @throws ModelyardError `invalid-config` */
  accept(configuration: Configuration): void;
}

const opened = new WeakMap<Gateway, Opened>();

interface GatewayWanted {
  config?: string | object | undefined;
  log: Log;
  /** Whether a change of the configuration's file is taken while the gateway runs. */
  follow?: boolean | undefined;
}

/** A gateway as the configuration describes it, with a process wall around each engine; opened at the first need. */
export function deferredGateway(wanted: GatewayWanted): DeferredGateway {
  return deferGateway(() => openGateway(wanted));
}

async function openGateway({ config, log, follow = false }: GatewayWanted): Promise<Gateway> {
  const { configuration, file } = await readConfiguration(config);
  const [{ createGateway }, { isolate }, definitions] = await Promise.all([
    import("./gateway/gateway.ts"),
    import("./engine/isolate.ts"),
    builtInDefinitions(),
  ]);
  const gateway = createGateway({ configuration, definitions, file, log, isolate });
  const own: Opened = { gateway, accept() {} };
  opened.set(gateway, own);
  if (!follow || file === undefined) return gateway;
  const { followConfiguration } = await import("./gateway/follow-configuration.ts");
  const read = async () => {
    const next = (await readConfiguration(file)).configuration;
    own.accept(next);
    return next;
  };
  const end = followConfiguration({ gateway, file, first: configuration, read, log });
  const followed: Gateway = {
    ...gateway,
    close(options) {
      end();
      return gateway.close(options);
    },
  };
  opened.set(followed, own);
  return followed;
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

  deferredGateway,

  async serveStdio(gateway, { log, signal, onListening }) {
    const { serveStdio } = await import("./mcp/stdio.ts");
    const served = serveStdio(gateway, { version: services.version, log, signal });
    onListening();
    await served;
  },

  async serveHttp(gateway, { host, port, log }) {
    const own = opened.get(gateway);
    const settings = own?.gateway.current.server;
    const { version } = services;
    const maxBodyBytes = settings?.maxBodyBytes;
    const [{ createHttpServer }, { deferHandler }] = await Promise.all([
      import("./http/server.ts"),
      import("./http/defer-handler.ts"),
    ]);
    const mcpHandler = deferHandler(async () => {
      const { createMcpHttpHandler } = await import("./mcp/http.ts");
      return createMcpHttpHandler(gateway, { version, log, maxBodyBytes });
    }, log);
    const server = await createHttpServer({
      gateway,
      mcpHandler,
      log,
      host: host ?? settings?.host,
      port: port ?? settings?.port,
      keys: settings?.keys,
      cors: settings?.cors,
      maxBodyBytes,
    });
    // Where it listens is settled here, by --host perhaps: a file that would leave it open is refused whole.
    if (own !== undefined) own.accept = (next) => server.checkKeys(next.server.keys);
    // Keys and origins are taken from the file while it runs.
    const unfollow = gateway.on("configuration", () => {
      const { keys = [], cors = [] } = own?.gateway.current.server ?? {};
      server.setKeys(keys);
      server.setCors(cors);
    });
    return {
      url: server.url,
      close: () => {
        unfollow();
        const drainMs = own?.gateway.current.server.drainMs;
        return server.close(drainMs === undefined ? {} : { drainMs });
      },
    };
  },

  async mayBeChanged(config) {
    const { readConfigurationFile } = await import("./gateway/read-configuration-file.ts");
    const found = await readConfigurationFile(config, process.env);
    return found?.text.includes("admin") === true;
  },

  async findServer(config) {
    const { server } = (await readConfiguration(config)).configuration;
    const { findServer } = await import("./http/client/find-server.ts");
    const url = await findServer(server);
    if (url === undefined) return undefined;
    const { askServer } = await import("./http/client/ask-server.ts");
    const first = server.keys.find(({ key }) => key !== undefined)?.key;
    return askServer(url, process.env["MODELYARD_KEY"] || first);
  },

  async backendKinds() {
    const definitions = await builtInDefinitions();
    return definitions.map(({ type, description, capabilities = [], defaults }) => ({
      type,
      ...(description === undefined ? {} : { description }),
      origin: "built in",
      capabilities: [...capabilities],
      ...(defaults === undefined ? {} : { defaults }),
    }));
  },

  async survey({ config, log }) {
    const [{ survey }, definitions] = await Promise.all([
      import("./gateway/discovery/survey.ts"),
      builtInDefinitions(),
    ]);
    const configuration =
      config === false ? undefined : (await readConfiguration(config)).configuration;
    return survey({ definitions, configuration, log });
  },

  async privacySurvey({ config, log }) {
    const [{ surveyPrivacy }, definitions, { configuration }] = await Promise.all([
      import("./gateway/privacy-survey.ts"),
      builtInDefinitions(),
      readConfiguration(config),
    ]);
    return surveyPrivacy({ configuration, definitions, environment: process.env, log });
  },

  async engines() {
    const { findInstalled } = await import("./engine/install.ts");
    return (await embeddedEngines()).map((engine) => toStatus(engine, findInstalled(engine)));
  },

  async installEngine(type, { gpu = "auto", signal, onProgress, log }) {
    const engines = await embeddedEngines();
    const engine = engines.find((each) => each.type === type);
    if (engine === undefined) {
      const names = engines.map((each) => each.type);
      throw new ModelyardError(
        "invalid-request",
        `There is no engine ${JSON.stringify(type)}.${didYouMean(type, names)}`,
        { remedy: `There are: ${names.join(", ")}.` },
      );
    }
    if (gpu !== "auto") {
      throw new ModelyardError(
        "invalid-request",
        `Binaries for ${gpu} are not yet supported in this version.`,
        {
          remedy:
            "Leave --gpu out: a Mac gets those for Metal, any other machine those for its CPU.",
        },
      );
    }
    const { ensurePackages } = await import("./engine/install.ts");
    return toStatus(engine, await ensurePackages(engine, { signal, progress: onProgress, log }));
  },

  async cacheFolders() {
    const [{ defaultDirectory }, { engineCacheFolder }] = await Promise.all([
      import("./weights/default-directory.ts"),
      import("./engine/engine-cache.ts"),
    ]);
    return [
      { what: "Weights", directory: defaultDirectory(process.env) },
      { what: "Engines", directory: engineCacheFolder(process.env) },
    ];
  },

  async serverAddress(config) {
    const { host, port } = (await readConfiguration(config)).configuration.server;
    return { host, port };
  },

  async checkConfiguration(config) {
    const [{ surveyPrivacy }, { findPrivacyWarnings }, definitions, { configuration, file }] =
      await Promise.all([
        import("./gateway/privacy-survey.ts"),
        import("./gateway/find-privacy-warnings.ts"),
        builtInDefinitions(),
        readConfiguration(config),
      ]);
    // Nothing is asked, and no name looked up: a file can be checked anywhere.
    const survey = await surveyPrivacy({
      configuration,
      definitions,
      environment: process.env,
      log: silentLog,
      lookup: (_host, _options, answer) => answer(new Error("not looked up"), []),
      ask: false,
    });
    return {
      ...(file === undefined ? {} : { file }),
      backends: configuration.backends.filter(({ settings }) => settings.enabled).length,
      models: configuration.models.length,
      defaults: configuration.defaults,
      discover: configuration.discover,
      warnings: findPrivacyWarnings(survey),
    };
  },

  async configurationSchema() {
    const [{ configurationJsonSchema }, { builtInCapabilities }] = await Promise.all([
      import("./cli/configuration-json-schema.ts"),
      import("./contract/capabilities.ts"),
    ]);
    const capabilities = builtInCapabilities.map(({ name }) => name);
    return configurationJsonSchema(await builtInDefinitions(), capabilities);
  },
};

/** The kinds of backend whose binaries may have to be installed first. */
async function embeddedEngines(): Promise<EngineKind[]> {
  const definitions = await builtInDefinitions();
  return definitions.flatMap(({ type, packages }) =>
    packages === undefined ? [] : [{ type, packages }],
  );
}

function toStatus({ type, packages }: EngineKind, place: PackagePlace | undefined): EngineStatus {
  const [name = "", version = ""] = Object.entries(packages.versions)[0] ?? [];
  if (place === undefined) return { type, version };
  // The place is where Node begins to look; a person wants to know what it finds.
  const manifest = findPackageJSON(name, pathToFileURL(join(place.folder, "engine.js")));
  return { type, version, directory: manifest === undefined ? place.folder : dirname(manifest) };
}
