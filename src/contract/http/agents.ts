import { lookup as systemLookup, type LookupAddress, type LookupOptions } from "node:dns";
import type { Socket } from "node:net";
import { getCACertificates } from "node:tls";
import type { buildConnector, Dispatcher } from "undici";
import type { Upstream } from "../backend.ts";
import type { Lookup } from "./class-of-url.ts";
import { ModelyardError } from "../errors.ts";
import { isUnasked } from "./connection-problem.ts";
import { partOfUndici, wholeUndici } from "./part-of-undici.ts";
import { checkProxies, proxiesOf } from "./proxies.ts";
import { classOfAddress, isWider, type PrivacyClass } from "./privacy-class.ts";

export interface AgentsOptions {
  /** Until a connection stands, in milliseconds. */
  readonly connectMs: number;
  readonly tls?: Upstream["tls"] | undefined;
  /** Names the proxies; they are used for remote addresses alone. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Resolves names; the system's own where left out. */
  readonly lookup?: Lookup | undefined;
}

/** An agent for each privacy class: a connection of one never leads further than its class, and is never used for another. */
export interface Agents {
  /** `fresh`: one whose connections are new each time. */
  of(privacy: PrivacyClass, fresh?: boolean): Dispatcher;
  /** Whether a proxy stands between us and this address. */
  proxied(privacy: PrivacyClass): boolean;
  close(): Promise<void>;
}

/** Connections are not limited here: a request that queues in undici does not heed its signal. The pipeline limits calls. */
const common = {
  connections: null,
  pipelining: 1,
  allowH2: false,
  keepAliveTimeout: 4_000,
  keepAliveMaxTimeout: 60_000,
  // Answers may take as long as they need: the pipeline knows how long that is.
  headersTimeout: 0,
  bodyTimeout: 0,
} as const;

export function createAgents(options: AgentsOptions): Agents {
  const { connectMs, tls, environment, lookup = systemLookup } = options;
  const agents = new Map<string, Dispatcher>();
  const certificates =
    tls === undefined
      ? {}
      : {
          ...(tls.ca === undefined ? {} : { ca: [...getCACertificates("default"), tls.ca] }),
          ...(tls.cert === undefined ? {} : { cert: tls.cert }),
          ...(tls.key === undefined ? {} : { key: tls.key }),
        };
  const proxies = proxiesOf(environment);
  const proxied = (privacy: PrivacyClass) =>
    privacy === "remote" && (proxies.httpProxy !== "" || proxies.httpsProxy !== "");

  function create(privacy: PrivacyClass): Dispatcher {
    const settings = { timeout: connectMs, allowH2: false, ...certificates };
    if (proxied(privacy)) {
      checkProxies(proxies);
      const { EnvHttpProxyAgent } = wholeUndici();
      return new EnvHttpProxyAgent({
        ...common,
        ...proxies,
        connect: settings,
        requestTls: settings,
      });
    }
    const guarded = privacy !== "remote" || lookup !== systemLookup;
    const guard = guarded ? { lookup: lookupWithin(privacy, lookup) } : {};
    // The address is named only when it connects; undici's types ask for it here.
    const options = { ...settings, ...guard } as buildConnector.BuildOptions;
    const connect = partOfUndici("buildConnector")(options);
    const Agent = partOfUndici("Agent");
    return new Agent({
      ...common,
      connect(options, callback) {
        let stands = false;
        // Its types keep quiet about what it returns.
        const opening = connect(options, (...[error, socket]) => {
          if (error !== null) return callback(stands ? handshakeTimeout(error) : error, null);
          rememberErrors(socket);
          callback(null, socket);
        }) as unknown as Socket | undefined;
        opening?.once("connect", () => (stands = options.protocol === "https:"));
      },
    });
  }

  return {
    of(privacy, fresh = false) {
      const key = `${privacy} ${fresh}`;
      const known = agents.get(key);
      if (known !== undefined) return known;
      const agent = create(privacy);
      agents.set(key, agent);
      return agent;
    },
    proxied,
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
      agents.clear();
    },
  };
}

/** Resolves names to addresses of this class and narrower ones alone, at the moment of connecting: a name that has been bound anew leads nowhere. */
function lookupWithin(privacy: PrivacyClass, lookup: Lookup) {
  return (
    host: string,
    options: LookupOptions,
    callback: (error: Error | null, address: string | LookupAddress[], family?: number) => void,
  ): void => {
    lookup(host, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, []);
      const near = found.filter(({ address }) => !isWider(classOfAddress(address), privacy));
      const [first] = near;
      if (first === undefined) return callback(leavesClass(host, privacy), []);
      if (options.all === true) callback(null, near);
      else callback(null, first.address, first.family);
    });
  };
}

/** Where bytes were about to go further than they may. `from`: the host that redirected there, and that was sent them. */
export function leavesClass(host: string, privacy: PrivacyClass, from?: string): ModelyardError {
  const outside = `outside ${privacy === "device" ? "this device" : "the private network"}`;
  if (from !== undefined) {
    const message = `${from} redirected to ${host}, which lies ${outside}: nothing was sent there.`;
    return new ModelyardError("privacy-violation", message, {
      remedy: `Give the backend an address that does not redirect, or see why ${from} does.`,
    });
  }
  return new ModelyardError("privacy-violation", `${host} lies ${outside}: nothing was sent.`, {
    remedy: "Check the address, or what its name resolves to.",
  });
}

/** A connection that stands, and then waits for a handshake in vain, is another thing than none. */
function handshakeTimeout(error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== "UND_ERR_CONNECT_TIMEOUT") return error;
  return Object.assign(new Error(error.message, { cause: error }), {
    code: "ERR_TLS_HANDSHAKE_TIMEOUT",
  });
}

/** Which socket an error came from: undici does not say it for those that the system reports. */
const socketOf = new WeakMap<Error, Socket>();

function rememberErrors(socket: Socket): void {
  socket.prependListener("error", (error) => socketOf.set(error, socket));
}

/** How soon after a request a reset means that the server had closed before it saw it: about two ways there and back, in milliseconds. */
const atOnceMs: Readonly<Record<PrivacyClass, number>> = { device: 100, network: 250, remote: 600 };

/** A request that has failed. */
interface Lost {
  readonly method: string;
  readonly privacy: PrivacyClass;
  readonly afterMs: number;
}

/**
 * Whether a request failed because its connection, which had served others, was closed under it before anybody can have begun: one that
 * a server has worked on for a while may have had its effect, and is not repeated here, unless it only reads.
 */
export function lostReusedConnection(error: unknown, { method, privacy, afterMs }: Lost): boolean {
  if (!(error instanceof Error)) return false;
  if (method !== "GET" && method !== "HEAD" && afterMs > atOnceMs[privacy]) return false;
  const { code, socket } = error as { code?: string; socket?: { bytesRead?: number } | null };
  if (!["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code ?? "")) return false;
  if (isUnasked(error)) return false;
  return ((socket ?? socketOf.get(error))?.bytesRead ?? 0) > 0;
}
