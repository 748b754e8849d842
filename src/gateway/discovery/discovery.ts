import type { AnyBackendDefinition, Log } from "../../contract/backend.ts";
import type { ConfiguredBackend } from "../configuration.ts";
import type { Registry } from "../registry.ts";
import { freeName } from "./free-name.ts";
import { loopbackPort } from "./loopback-port.ts";
import type { FoundServer, Met } from "./scan.ts";

/** Keeps the backends that were found by themselves. Nothing is looked for until somebody asks. */
export interface Discovery {
  /**
   * Looks again where the last look is older than this many milliseconds; who comes meanwhile waits for the same one. Gives whether it
   * has looked. It takes no longer than a scan, and never throws.
   */
  look(olderThanMs: number): Promise<boolean>;
  close(): void;
}

export interface DiscoveryOptions {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly registry: Registry;
  /** The addresses of what is configured: it is not listed twice, even where it is switched off. */
  readonly configuredUrls: () => Iterable<string>;
  readonly add: (definition: AnyBackendDefinition, configured: ConfiguredBackend) => void;
  readonly remove: (name: string) => void;
  readonly log: Log;
}

export function createDiscovery(options: DiscoveryOptions): Discovery {
  const { definitions, registry, configuredUrls, add, remove, log } = options;
  const closed = new AbortController();
  let lookedAt: number | undefined;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const known = new Map(listed().map(({ port, kind }) => [port, kind]));
    const { scan } = await import("./scan.ts");
    const met = await scan({ definitions, log, signal: closed.signal, known });
    lookedAt = performance.now();
    if (!closed.signal.aborted) settle(met);
  }

  /** What was found before and is still listed. */
  function listed(): { name: string; port: number; kind: string }[] {
    return registry.all.flatMap(({ name, discovered }) =>
      discovered === undefined ? [] : [{ name, ...discovered }],
    );
  }

  function settle(met: readonly Met[]): void {
    const added = registry.all.flatMap(({ url = "", discovered }) => (discovered ? [] : [url]));
    const configured = new Set([...configuredUrls(), ...added].map(loopbackPort));
    const metAt = new Map(met.map((each) => [each.port, each]));
    for (const { name, port, kind } of listed()) {
      if (!configured.has(port) && mayStay(metAt.get(port), kind)) continue;
      log.info(`${name} is gone from port ${port}.`);
      remove(name);
    }
    const kept = new Set(listed().map(({ port }) => port));
    for (const each of met) {
      if (each.as !== "found" || configured.has(each.port) || kept.has(each.port)) continue;
      takeIn(each.server, each.port);
    }
  }

  function takeIn({ kind, url, definition, configured }: FoundServer, port: number): void {
    const name = freeName(kind, new Set(registry.all.map((each) => each.name)));
    log.info(`Found ${name} at ${url}.`);
    add(definition, { ...configured, name, discovered: { kind, port } });
  }

  return {
    async look(olderThanMs) {
      if (looking === undefined) {
        const fresh = lookedAt !== undefined && performance.now() - lookedAt < olderThanMs;
        if (fresh || closed.signal.aborted) return false;
        looking = look().finally(() => (looking = undefined));
      }
      await looking;
      return true;
    },
    close: () => closed.abort(),
  };
}

/** One that is busy, and does not answer in time, is still there. */
function mayStay(met: Met | undefined, kind: string): boolean {
  if (met?.as === "found") return met.server.kind === kind;
  return met?.as === "strange" && met.unsure;
}
