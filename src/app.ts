import { readFileSync } from "node:fs";
import type { Services } from "./cli/services.ts";
import type { AnyBackendDefinition, Log } from "./contract/backend.ts";
import { speaksOf } from "./gateway/speaks-of.ts";
import type { Gateway } from "./gateway/api.ts";
import { deferGateway, type DeferredGateway } from "./gateway/deferred-gateway.ts";
import type { Configuration } from "./gateway/configuration.ts";
import type { ManagedGateway } from "./gateway/gateway.ts";
import type { LoadedConfiguration, WrittenConfiguration } from "./gateway/load-configuration.ts";
import type { PluginGiven } from "./plugins/compose-kinds.ts";
import type { Kinds } from "./plugins/kinds.ts";
import type { Again, PluginLoader } from "./plugins/plugin-loader.ts";

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

/** What is to be worked with: a configuration, an object of its shape or a file, else the usual places; and plugins beside those it names. */
export interface Wanted {
  config?: string | object | undefined;
  plugins?: readonly PluginGiven[] | undefined;
  /** Which plugins are read anew, where their files have changed: none where left out. */
  again?: Again | undefined;
}

let pluginLoader: PluginLoader | undefined;

/** The kinds of backend and the capabilities there are: those that come with us, and those of plugins. */
async function kindsFor(
  { written, file }: WrittenConfiguration,
  { plugins: given = [], again }: Omit<Wanted, "config">,
): Promise<Kinds> {
  const [definitions, { builtInCapabilities: capabilities }, { namedPlugins }] = await Promise.all([
    builtInDefinitions(),
    import("./contract/capabilities.ts"),
    import("./gateway/named-plugins.ts"),
  ]);
  const named = namedPlugins(written);
  if (named.length + given.length === 0) {
    const none = { setAside: [], plugins: [], files: [], renewed: [], stale: [] };
    return { definitions, capabilities, mentionable: capabilities, origins: new Map(), ...none };
  }
  const [{ composeKinds }, { createPluginLoader }, { commandNames }] = await Promise.all([
    import("./plugins/compose-kinds.ts"),
    import("./plugins/plugin-loader.ts"),
    import("./cli/program.ts"),
  ]);
  pluginLoader ??= createPluginLoader();
  const builtIn = { definitions, capabilities, commands: commandNames };
  return composeKinds({ builtIn, loader: pluginLoader, written, named, file, given, again });
}

async function readKinds({
  config,
  ...rest
}: Wanted): Promise<WrittenConfiguration & { kinds: Kinds }> {
  const { readWritten } = await import("./gateway/load-configuration.ts");
  const found = typeof config === "object" ? { written: config } : await readWritten(config);
  return { ...found, kinds: await kindsFor(found, rest) };
}

/** The configuration, checked, and the kinds that there are under it. @throws ModelyardError `invalid-config` */
export async function readConfiguration(
  config: Wanted["config"],
  plugins?: Wanted["plugins"],
  again?: Again,
): Promise<LoadedConfiguration & { kinds: Kinds }> {
  const { written, file, kinds } = await readKinds({ config, plugins, again });
  const { parseConfiguration } = await import("./gateway/parse-configuration.ts");
  const { definitions, mentionable: capabilities } = kinds;
  const configuration = parseConfiguration(written, { definitions, capabilities, file });
  return { configuration, kinds, ...(file === undefined ? {} : { file }) };
}

/** A gateway that was opened here, with what faces are not shown: a server's address stands beside the backends. */
interface Opened {
  readonly gateway: ManagedGateway;
  /** Judges what the file says anew, before anything of it is taken. @throws ModelyardError `invalid-config` */
  accept(configuration: Configuration): void;
}

const opened = new WeakMap<Gateway, Opened>();

interface GatewayWanted extends Omit<Wanted, "again"> {
  log: Log;
  /** Whether a change of the configuration's file is taken while the gateway runs. */
  follow?: boolean | undefined;
  /** Whether a change of a plugin is taken too. Each of its backends then runs in a process of its own. */
  watch?: boolean | undefined;
}

/** A gateway as the configuration describes it, with a process wall around each engine; opened at the first need. */
export function deferredGateway(wanted: GatewayWanted): DeferredGateway {
  return deferGateway(() => openGateway(wanted));
}

async function openGateway(wanted: GatewayWanted): Promise<Gateway> {
  const { log, follow = false } = wanted;
  const { file, ...first } = await readGateway(wanted, wanted.config);
  const [{ createGateway }, { isolate }] = await Promise.all([
    import("./gateway/gateway.ts"),
    import("./engine/isolate.ts"),
  ]);
  const { configuration, kinds } = first;
  const gateway = createGateway({ configuration, ...kinds, file, log, isolate });
  const own: Opened = { gateway, accept() {} };
  opened.set(gateway, own);
  if (!follow || (file ?? first.files[0]) === undefined) return gateway;
  const [{ followConfiguration }, { sourceSignature }] = await Promise.all([
    import("./gateway/follow-configuration.ts"),
    import("./plugins/source-signature.ts"),
  ]);
  let former = kinds;
  const read = async () => {
    const next = await readGateway(wanted, file ?? wanted.config, former);
    own.accept(next.configuration);
    former = next.kinds;
    return next;
  };
  const end = followConfiguration({
    gateway,
    file,
    first,
    read,
    log,
    signatureOf: sourceSignature,
  });
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

/** What a gateway works with, read for the first time or once more; its kinds are `former` itself where no plugin has changed since. */
async function readGateway(
  { plugins, watch = false, log }: GatewayWanted,
  config: Wanted["config"],
  former?: Kinds,
) {
  const again = former === undefined ? "none" : watch ? "all" : "refused";
  const { kinds, ...found } = await readConfiguration(config, plugins, again);
  const isPlain = [kinds, former].every((each) => !each?.plugins.length && !each?.setAside.length);
  if (isPlain) return { ...found, kinds: former ?? kinds, files: [] };
  const [{ takeKinds, typesOf }, { isolateTypes }] = await Promise.all([
    import("./plugins/take-kinds.ts"),
    import("./gateway/isolate-types.ts"),
  ]);
  const taken = { ...found, kinds: takeKinds(kinds, former, log) };
  if (!watch) return { ...taken, files: [] };
  // A version that is replaced ends with its process.
  const configuration = isolateTypes(found.configuration, typesOf(kinds));
  return { ...taken, configuration, files: kinds.files };
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

  async capabilities(source) {
    const { builtInCapabilities } = await import("./contract/capabilities.ts");
    if (source === undefined) return builtInCapabilities;
    const { plugins = [], config } = source;
    if (plugins.length === 0 && !(await speaksOf("plugins", config))) return builtInCapabilities;
    return (await readKinds(source)).kinds.capabilities;
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

  mayBeChanged: ({ config }) => speaksOf("admin", config),

  async isConfigured({ config, plugins = [] }) {
    if (plugins.length > 0) return true;
    const { readConfigurationFile } = await import("./gateway/read-configuration-file.ts");
    return (await readConfigurationFile(config, process.env)) !== undefined;
  },

  async findServer({ config, plugins }) {
    const { server } = (await readConfiguration(config, plugins)).configuration;
    const { findServer } = await import("./http/client/find-server.ts");
    const url = await findServer(server);
    if (url === undefined) return undefined;
    const { askServer } = await import("./http/client/ask-server.ts");
    const first = server.keys.find(({ key }) => key !== undefined)?.key;
    return askServer(url, process.env["MODELYARD_KEY"] || first);
  },

  async backendKinds(source) {
    const { listKinds } = await import("./gateway/list-kinds.ts");
    const { definitions, origins } = (await readKinds(source)).kinds;
    return listKinds(definitions, origins);
  },

  async testBackend({ config, plugins = [], ...options }) {
    const { testNamed } = await import("./testing/kit/test-named.ts");
    const read = (named: readonly string[]) => readConfiguration(config, [...plugins, ...named]);
    return testNamed({ ...options, read });
  },

  async plugins(source) {
    const [{ listPlugins }, { namedPlugins }, { kinds, written, file }] = await Promise.all([
      import("./plugins/list-plugins.ts"),
      import("./gateway/named-plugins.ts"),
      readKinds(source),
    ]);
    const named = [...namedPlugins(written), ...(source.plugins ?? [])];
    return listPlugins({ kinds, named, file });
  },

  async survey({ config, plugins, log }) {
    const { survey } = await import("./gateway/discovery/survey.ts");
    if (config === false)
      return survey({ definitions: await builtInDefinitions(), configuration: undefined, log });
    const { configuration, kinds } = await readConfiguration(config, plugins);
    return survey({ definitions: kinds.definitions, configuration, log });
  },

  async privacySurvey({ config, plugins, log }) {
    const [{ surveyPrivacy }, { configuration, kinds }] = await Promise.all([
      import("./gateway/privacy-survey.ts"),
      readConfiguration(config, plugins),
    ]);
    const { definitions } = kinds;
    return surveyPrivacy({ configuration, definitions, environment: process.env, log });
  },

  async engines() {
    const { listEngines } = await import("./engine/install-engine.ts");
    return listEngines(await builtInDefinitions());
  },

  async installEngine(type, options) {
    const { installEngine } = await import("./engine/install-engine.ts");
    return installEngine(await builtInDefinitions(), type, options);
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

  async serverAddress({ config, plugins }) {
    const { host, port } = (await readConfiguration(config, plugins)).configuration.server;
    return { host, port };
  },

  async checkConfiguration({ config, plugins }) {
    const [{ checkConfiguration }, { configuration, file, kinds }] = await Promise.all([
      import("./gateway/check-configuration.ts"),
      readConfiguration(config, plugins),
    ]);
    const checked = await checkConfiguration(configuration, kinds.definitions);
    return { ...(file === undefined ? {} : { file }), ...checked, setAside: [...kinds.setAside] };
  },

  async configurationSchema(source) {
    const { configurationJsonSchema } = await import("./cli/configuration-json-schema.ts");
    const { definitions, capabilities } = (await readKinds(source)).kinds;
    return configurationJsonSchema(
      definitions,
      capabilities.map(({ name }) => name),
    );
  },
};
