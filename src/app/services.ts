import { readFileSync } from "node:fs";
import type { Services } from "../cli/services.ts";
import { speaksOf } from "../gateway/speaks-of.ts";
import { builtInDefinitions } from "./built-in-definitions.ts";
import { deferredGateway, opened } from "./open-gateway.ts";
import { readConfiguration, readKinds } from "./read-configuration.ts";

/** What the command line is handed. What is costly is loaded when it is asked for, so that a command pays for itself alone. */
export const services: Services = {
  get version() {
    const file = readFileSync(new URL("../../package.json", import.meta.url), "utf8");
    return (JSON.parse(file) as { version: string }).version;
  },

  async capabilities(source) {
    const { builtInCapabilities } = await import("../contract/capabilities.ts");
    if (source === undefined) return builtInCapabilities;
    const { plugins = [], config } = source;
    if (plugins.length === 0 && !(await speaksOf("plugins", config))) return builtInCapabilities;
    return (await readKinds(source)).kinds.capabilities;
  },

  deferredGateway,

  async serveStdio(gateway, { log, signal, output: stdout, onListening }) {
    const { serveStdio } = await import("../mcp/stdio.ts");
    const served = serveStdio(gateway, { version: services.version, log, signal, stdout });
    onListening();
    await served;
  },

  async serveHttp(gateway, { host, port, log }) {
    const own = opened.get(gateway);
    const settings = own?.gateway.current.server;
    const { version } = services;
    const maxBodyBytes = settings?.maxBodyBytes;
    const [{ createHttpServer }, { deferHandler }] = await Promise.all([
      import("../http/server.ts"),
      import("../http/defer-handler.ts"),
    ]);
    const mcpHandler = deferHandler(async () => {
      const { createMcpHttpHandler } = await import("../mcp/http.ts");
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
    const { readConfigurationFile } = await import("../gateway/read-configuration-file.ts");
    return (await readConfigurationFile(config, process.env)) !== undefined;
  },

  async findServer({ config, plugins }) {
    const { server } = (await readConfiguration(config, plugins)).configuration;
    const { findServer } = await import("../http/client/find-server.ts");
    const url = await findServer(server);
    if (url === undefined) return undefined;
    const { askServer } = await import("../http/client/ask-server.ts");
    const first = server.keys.find(({ key }) => key !== undefined)?.key;
    return askServer(url, process.env["MODELYARD_KEY"] || first);
  },

  async backendKinds(source) {
    const { listKinds } = await import("../gateway/list-kinds.ts");
    const { definitions, origins } = (await readKinds(source)).kinds;
    return listKinds(definitions, origins);
  },

  async testBackend({ config, plugins = [], ...options }) {
    const [{ testNamed }, { resolvePlugin }] = await Promise.all([
      import("../testing/kit/test-named.ts"),
      import("../plugins/resolve-plugin.ts"),
    ]);
    const read = (named: readonly string[]) => readConfiguration(config, [...plugins, ...named]);
    const { file } = resolvePlugin({ name: options.named, from: process.cwd() });
    return testNamed({ ...options, file, read });
  },

  async plugins(source) {
    const [{ listPlugins }, { namedPlugins }, { kinds, written, file }] = await Promise.all([
      import("../plugins/list-plugins.ts"),
      import("../gateway/named-plugins.ts"),
      readKinds(source),
    ]);
    const named = [...namedPlugins(written), ...(source.plugins ?? [])];
    return listPlugins({ kinds, named, file });
  },

  async survey({ config, plugins, log }) {
    const { survey } = await import("../gateway/discovery/survey.ts");
    if (config === false)
      return survey({ definitions: await builtInDefinitions(), configuration: undefined, log });
    const { configuration, kinds } = await readConfiguration(config, plugins);
    return survey({ definitions: kinds.definitions, configuration, log });
  },

  async privacySurvey({ config, plugins, log }) {
    const [{ surveyPrivacy }, { configuration, kinds }] = await Promise.all([
      import("../gateway/privacy-survey.ts"),
      readConfiguration(config, plugins),
    ]);
    const { definitions } = kinds;
    return surveyPrivacy({ configuration, definitions, environment: process.env, log });
  },

  async engines() {
    const { listEngines } = await import("../engine/install-engine.ts");
    return listEngines(await builtInDefinitions());
  },

  async installEngine(type, options) {
    const { installEngine } = await import("../engine/install-engine.ts");
    return installEngine(await builtInDefinitions(), type, options);
  },

  async cacheFolders() {
    const [{ defaultDirectory }, { engineCacheFolder }] = await Promise.all([
      import("../weights/default-directory.ts"),
      import("../engine/engine-cache.ts"),
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
    const [{ checkConfiguration }, { written, configuration, file, kinds }] = await Promise.all([
      import("../gateway/check-configuration.ts"),
      readConfiguration(config, plugins),
    ]);
    const checked = await checkConfiguration(configuration, kinds.definitions);
    return {
      ...(file === undefined ? {} : { file }),
      ...checked,
      empty: Object.keys(written as object).every((key) => key === "$schema"),
      setAside: [...kinds.setAside],
    };
  },

  async configurationSchema(source) {
    const { configurationJsonSchema } = await import("../cli/configuration-json-schema.ts");
    const { definitions, capabilities } = (await readKinds(source)).kinds;
    return configurationJsonSchema(
      definitions,
      capabilities.map(({ name }) => name),
    );
  },
};
