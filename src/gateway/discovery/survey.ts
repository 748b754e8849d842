import type { AnyBackendDefinition, Log } from "../../contract/backend.ts";
import type { Configuration } from "../configuration.ts";
import { createGateway } from "../gateway.ts";
import { parseConfiguration } from "../parse-configuration.ts";
import { urlsByName } from "./urls-by-name.ts";
import { freeName } from "./free-name.ts";
import { loopbackPort } from "./loopback-port.ts";
import { claimsByPort, scan, type FoundServer } from "./scan.ts";

/** What runs on this device, for a person who sets things up. */
export interface Survey {
  /** The ports that were looked at. */
  readonly ports: readonly number[];
  readonly found: readonly SurveyedServer[];
  /** Those that nobody knows, with what they said. Nothing that is configured. */
  readonly strange: readonly { readonly port: number; readonly said: string }[];
}

export interface SurveyedServer {
  /** The name that it has, or would have, as a backend. */
  readonly name: string;
  /** What it is: `lm-studio`. */
  readonly kind: string;
  /** `http://127.0.0.1:1234` */
  readonly url: string;
  /** What stands for it under `backends` in a configuration. */
  readonly entry: Readonly<Record<string, unknown>>;
  /** Whether a backend is configured at its address. */
  readonly configured: boolean;
  readonly models: readonly { readonly name: string; readonly capabilities: readonly string[] }[];
}

export interface SurveyOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  /** What is configured already; nothing where left out. */
  readonly configuration?: Configuration | undefined;
  readonly log: Log;
}

/** Looks around once, and asks each server that it knows for its models. */
export async function survey({ definitions, configuration, log }: SurveyOptions): Promise<Survey> {
  const met = await scan({ definitions, log });
  const nameAt = new Map(
    configuration === undefined
      ? []
      : [...urlsByName(configuration, definitions)].map(([name, url]) => [loopbackPort(url), name]),
  );
  const taken = new Set(configuration?.backends.map(({ name }) => name));
  const servers = met.flatMap((each) => {
    if (each.as !== "found") return [];
    const { port, server } = each;
    const name = nameAt.get(port) ?? freeName(server.kind, taken);
    taken.add(name);
    return [{ name, configured: nameAt.has(port), server }];
  });
  const models = await modelsOf(servers, log);
  return {
    ports: [...claimsByPort(definitions).keys()],
    found: servers.map(({ name, configured, server: { kind, url, entry } }) => ({
      name,
      kind,
      url,
      entry,
      configured,
      models: models.filter(({ backend }) => backend === name),
    })),
    strange: met.flatMap((each) =>
      each.as === "strange" && !nameAt.has(each.port) ? [{ port: each.port, said: each.said }] : [],
    ),
  };
}

/** Asked through a gateway of their own, which knows them alone. */
async function modelsOf(
  servers: readonly { readonly name: string; readonly server: FoundServer }[],
  log: Log,
): Promise<{ backend: string; name: string; capabilities: string[] }[]> {
  if (servers.length === 0) return [];
  const definitions = [...new Set(servers.map(({ server }) => server.definition))];
  const nothing = parseConfiguration({}, { definitions, capabilities: [] });
  const backends = servers.map(({ name, server }) => ({ ...server.configured, name }));
  const gateway = createGateway({ configuration: { ...nothing, backends }, definitions, log });
  try {
    return (await gateway.models()).map(({ backend, name, capabilities }) => ({
      backend,
      name,
      capabilities,
    }));
  } finally {
    await gateway.close({ drainMs: 0 });
  }
}
