import {
  McpServer,
  type McpServerOptions,
  type ServerCapabilities,
} from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import type { Gateway } from "../gateway/api.ts";
import { createAdministrationTools } from "./administration-tools.ts";
import { createCapabilityTool } from "./capability-tool.ts";
import { dispatchTools } from "./dispatch-tools.ts";
import { createLargeResults } from "./large-results.ts";
import { createListModelsTool } from "./list-models-tool.ts";
import { promisesHeaders } from "./promises-headers.ts";
import { registerModelResources } from "./model-resources.ts";
import { createPullModelTool } from "./pull-model-tool.ts";
import { refuseUnknownLevel } from "./refuse-unknown-level.ts";
import type { McpTool } from "./tool.ts";

export interface McpServerSetup {
  /** Of this program, for clients to show. */
  readonly version: string;
  readonly log: Log;
  /** How long a call outlives a client that went away without a word, in milliseconds; 10 s where left out. */
  readonly graceMs?: number | undefined;
  readonly extension?: McpExtension | undefined;
}

/** More than the gateway's own: what a test or a plugin adds to every server. */
export interface McpExtension {
  readonly tools?: readonly McpTool[];
  readonly capabilities?: ServerCapabilities;
  readonly options?: Omit<McpServerOptions, "capabilities">;
  /** Registers resources and prompts, and may hold on to the server as long as it lives. */
  register?(server: McpServer): void;
}

export interface McpServerFactory {
  /** One server for each connection or, over HTTP in the 2026 era, for each request. */
  create(): McpServer;
  /** One that serves the 2026 era alone, over a transport of that era. */
  createModern(): McpServer;
  /** Whether the answer of a tool may be long in coming. */
  isSlow(tool: string): boolean;
  /** Whether it is such a tool, and all that it takes is in its arguments: none is repeated in a header. */
  isPlain(tool: string): boolean;
}

/** The revision of the 2026 era. */
export const modernVersion = "2026-07-28";

const listHint = { ttlMs: 60_000, cacheScope: "private" } as const;
const modelHint = { ttlMs: 5_000, cacheScope: "private" } as const;

const options: McpServerOptions = {
  capabilities: {
    logging: {},
    prompts: { listChanged: false },
    resources: { listChanged: true },
  },
  cacheHints: {
    "server/discover": listHint,
    "tools/list": listHint,
    "prompts/list": listHint,
    "resources/templates/list": listHint,
    "resources/list": modelHint,
  },
};

/** What every server offers: a tool for each capability, tools to find and fetch models, models as resources. All that is costly is done once, here. */
export function createMcpServerFactory(
  gateway: Gateway,
  { version, log, graceMs = 10_000, extension = {} }: McpServerSetup,
): McpServerFactory {
  const largeResults = createLargeResults();
  let made: ReadonlyMap<string, McpTool> | undefined;
  /** Made when somebody asks for them first: their schemas take longer than the handshake that a client waits for. */
  function tools(): ReadonlyMap<string, McpTool> {
    made ??= new Map(
      [
        ...[...gateway.capabilities.values()].map((each) =>
          createCapabilityTool(gateway, each, largeResults),
        ),
        createListModelsTool(gateway),
        createPullModelTool(gateway),
        ...createAdministrationTools(gateway),
        ...(extension.tools ?? []),
      ].map((tool) => [tool.definition.name, tool]),
    );
    return made;
  }

  const serverOptions: McpServerOptions = {
    ...options,
    ...extension.options,
    capabilities: { ...options.capabilities, ...extension.capabilities },
  };

  function create(own: McpServerOptions): McpServer {
    const server = new McpServer({ name: "modelyard", title: "Modelyard", version }, own);
    refuseUnknownLevel(server);
    dispatchTools(server, tools, { log, graceMs });
    registerModelResources(server, gateway, largeResults, log);
    extension.register?.(server);
    return server;
  }

  return {
    isSlow: (name) => tools().get(name)?.slow === true,
    isPlain(name) {
      const tool = tools().get(name);
      return tool?.slow === true && !promisesHeaders(tool);
    },
    create: () => create(serverOptions),
    createModern: () => create({ ...serverOptions, supportedProtocolVersions: [modernVersion] }),
  };
}
