import { abortError, orAborted } from "../abort.ts";
import type { Upstream } from "../backend.ts";
import { isModelyardError, ModelyardError } from "../errors.ts";
import { createAgents, leavesClass, lostReusedConnection } from "./agents.ts";
import { classOfUrl, hostOf, type Lookup } from "./class-of-url.ts";
import { type Answer, exchange } from "./exchange.ts";
import { connectionProblem } from "./connection-problem.ts";
import { HttpResponse } from "./http-response.ts";
import type { LimitedFetch, RequestLimits } from "./limited-fetch.ts";
import { isWider, narrowestOf, type PrivacyClass } from "./privacy-class.ts";
import { proxiesOf } from "./proxies.ts";
import type { Secrets } from "./secrets.ts";
import { type Sent, toPlainSent, toSent, withLimits } from "./sent.ts";
import { unreachable } from "./unreachable.ts";

export interface GuardedFetchOptions {
  /** How far requests may go, asked for each; anywhere where left out. */
  readonly widest?: (() => PrivacyClass | Promise<PrivacyClass>) | undefined;
  /** Until a connection stands, in milliseconds. */
  readonly connectMs?: number | undefined;
  readonly tls?: Upstream["tls"] | undefined;
  /** Learns what the requests carry. */
  readonly secrets?: Secrets | undefined;
  /** Names the proxies; the process's own where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Resolves names; the system's own where left out. */
  readonly lookup?: Lookup | undefined;
}

/** A `fetch` and its connections. */
export interface GuardedFetch {
  readonly fetch: LimitedFetch;
  /** Closes all connections, those in use too. */
  close(): Promise<void>;
}

const maximumRedirects = 5;
/** Anything above is none of HTTP's, and no `Response` can bear it. */
const highestStatus = 599;
/** How long a name's class is believed before it is resolved again. Each connection checks it anyway. */
const classLifetimeMs = 30_000;
/** So many hosts are remembered: a server that redirects to ever new ones must not fill the memory. */
const rememberedHosts = 1_000;

/**
 * A `fetch` over undici that knows where it sends. Connections never lead further than the class of the address they were
 * made for; a redirect leads no further than the request that met it. What a reused connection was closed under at once is repeated,
 * once, on a fresh one. Its errors are ours: `backend-unavailable` where nothing answers, `stream-interrupted` where a body
 * breaks off, `privacy-violation` before a byte leaves, and the signal's own reason.
 */
export function createGuardedFetch({
  widest = () => "remote",
  connectMs = 2_000,
  tls,
  secrets,
  environment = process.env,
  lookup,
}: GuardedFetchOptions = {}): GuardedFetch {
  const agents = createAgents({ connectMs, tls, environment, lookup });
  const classes = new Map<string, { at: number; privacy: PrivacyClass }>();
  for (const password of proxyPasswords(environment)) secrets?.add(password);

  /** At once where the host's class is still believed. */
  function classOf({ host }: URL): PrivacyClass | undefined {
    const known = classes.get(host);
    return known !== undefined && performance.now() - known.at < classLifetimeMs
      ? known.privacy
      : undefined;
  }

  async function learnClass(url: URL): Promise<PrivacyClass | undefined> {
    const privacy = await classOfUrl(url, lookup);
    if (privacy === undefined) return undefined;
    if (classes.size >= rememberedHosts) classes.clear();
    classes.set(url.host, { at: performance.now(), privacy });
    return privacy;
  }

  function send(url: URL, sent: Sent, privacy: PrivacyClass): Promise<HttpResponse> {
    const { signal, method, headers, body, bodyTimeout = null, headersTimeout = null } = sent;
    const { origin } = url;
    const path = url.pathname + url.search;
    const request = { origin, path, method, headers, body, bodyTimeout, headersTimeout };
    const problem = (error: unknown) =>
      signal?.aborted === true ? abortError(signal) : brokenOff(error, url);
    const sentAt = performance.now();

    async function recover(thrown: unknown): Promise<HttpResponse> {
      try {
        const lost = { method: sent.method, privacy, afterMs: performance.now() - sentAt };
        if (signal?.aborted === true || !lostReusedConnection(thrown, lost)) throw thrown;
        const fresh = { ...request, reset: true };
        return read(await exchange(agents.of(privacy, true), fresh, { signal, problem }));
      } catch (error) {
        if (signal?.aborted === true) throw abortError(signal);
        if (isModelyardError(error)) throw error;
        throw codeOf(error) === "UND_ERR_HEADERS_TIMEOUT"
          ? unanswered(error, url, sent.headersTimeout)
          : unreachable(error, url, agents.proxied(privacy) ? proxiesOf(environment) : undefined);
      }
    }

    const read = (answer: Answer) => toResponse(answer, url);
    return exchange(agents.of(privacy), request, { signal, problem }).then(read, recover);
  }

  async function guardedFetch(
    input: string | URL | Request,
    init: RequestInit = {},
    { widest: limitOfRequest = "remote", idleMs, headersMs }: RequestLimits = {},
  ): Promise<Response> {
    const plain = toPlainSent(input, init) ?? (await toSent(input, init));
    let { url } = plain;
    let sent = withLimits(plain.sent, { idleMs, headersMs });
    const { signal } = sent;
    // A name may take long to resolve, and that can't be stopped.
    const abortable = <Value>(work: Promise<Value>) =>
      signal === undefined ? work : orAborted(work, signal);
    if (signal?.aborted === true) throw abortError(signal);
    const own = widest();
    let limit = narrowestOf([limitOfRequest, own instanceof Promise ? await abortable(own) : own]);
    let from: URL | undefined;
    for (let redirects = 0; ; redirects += 1) {
      const found = classOf(url) ?? (await abortable(learnClass(url)));
      const privacy = classWithin(url, found, limit, from);
      limit = privacy;
      secrets?.learn(url, sent.headers);
      const response = await send(url, sent, privacy);
      const location = locationOf(response, sent, init.redirect);
      if (location === undefined || redirects === maximumRedirects) return response;
      await response.discard();
      const next = redirected(url, location);
      sent = next.origin === url.origin ? sent : { ...sent, headers: withoutSecrets(sent.headers) };
      from = url;
      url = next;
    }
  }

  return { fetch: guardedFetch, close: () => agents.close() };
}

/** `from`: who sent us there. @throws where a URL leads further than it may */
function classWithin(
  url: URL,
  found: PrivacyClass | undefined,
  limit: PrivacyClass,
  from: URL | undefined,
): PrivacyClass {
  if (found === undefined && limit !== "remote") throw unresolved(url);
  // A name that nobody here knows is left to the proxy, or to the error that connecting gives.
  const privacy = found ?? "remote";
  if (isWider(privacy, limit)) throw leavesClass(hostOf(url), limit, from && hostOf(from));
  return privacy;
}

/** Even an address that can't be used may be quoted by whoever refuses it. */
function proxyPasswords(environment: GuardedFetchOptions["environment"] = {}): string[] {
  const proxies = Object.entries(environment).filter(([name]) => /^https?_proxy$/i.test(name));
  return proxies.flatMap(([, proxy = ""]) => {
    const [, password] = /:([^:@/]+)@/.exec(proxy) ?? [];
    return password === undefined ? [] : [password];
  });
}

/** Where a redirect says that it leads, if it may be followed: one that keeps the method. */
function locationOf(
  response: HttpResponse,
  { method }: Sent,
  redirect: RequestInit["redirect"] = "follow",
): string | undefined {
  const { status } = response;
  const location = status < 300 ? null : response.header("location");
  if (redirect !== "follow" || location === null) return undefined;
  const keepsMethod = status === 307 || status === 308;
  const reads = method === "GET" || method === "HEAD";
  return keepsMethod || (reads && [301, 302, 303].includes(status)) ? location : undefined;
}

function redirected(from: URL, location: string): URL {
  const to = URL.parse(location, from.href);
  if (to !== null) return to;
  throw new ModelyardError(
    "invalid-response",
    `${from.host} redirects to something that is no address.`,
    { remedy: "Check the address; what answers there may be a proxy or a page." },
  );
}

/** @throws `invalid-response` where it can't be read */
function toResponse(answer: Answer, url: URL): HttpResponse {
  if (answer.statusCode > highestStatus) throw oddStatus(answer, url);
  if (isCompressed(answer)) throw compressed(answer, url);
  return new HttpResponse(answer, url);
}

function oddStatus({ statusCode, body }: Answer, { host }: URL): ModelyardError {
  void body.return(); // what it says is of no use
  return new ModelyardError("invalid-response", `${host} answered with status ${statusCode}.`, {
    remedy: "Check the address; what answers there may be a proxy or a page.",
  });
}

function compressed({ statusCode, headers, body }: Answer, { host }: URL): ModelyardError {
  void body.return(); // nobody here can read it
  const coding = String(headers["content-encoding"]).slice(0, 40);
  return new ModelyardError(
    "invalid-response",
    `${host} answered ${statusCode} in ${JSON.stringify(coding)}, although it was asked not to compress.`,
    {
      details: { status: statusCode },
      remedy: "Let that server, or what stands before it, send its answers as they are.",
    },
  );
}

function isCompressed({ headers }: Answer): boolean {
  const coding = headers["content-encoding"];
  return coding !== undefined && coding !== "" && coding !== "identity";
}

/** What may go to another origin: who we are is none of its business. */
function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  const kept = ["accept", "accept-encoding", "content-type", "user-agent"];
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => kept.includes(name.toLowerCase())),
  );
}

function unresolved({ host }: URL): ModelyardError {
  return new ModelyardError("backend-unavailable", `${host}: the name can't be resolved.`, {
    remedy: "Check the address.",
  });
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | null)?.code;
}

function unanswered(cause: unknown, { host }: URL, timeoutMs?: number): ModelyardError {
  return new ModelyardError("timeout", `${host} gave no answer for ${timeoutMs} ms.`, {
    cause,
    details: { limit: "try", timeoutMs },
    remedy:
      "Check the server, send less at once, or raise timeouts.firstTokenMs in the configuration.",
  });
}

function brokenOff(error: unknown, { host }: URL): ModelyardError {
  if (isModelyardError(error)) return error;
  if (codeOf(error) === "UND_ERR_BODY_TIMEOUT") {
    const message = `${host} fell silent in the midst of its answer.`;
    const remedy = "Check the server, or raise timeouts.idleMs in the configuration.";
    return new ModelyardError("timeout", message, { cause: error, remedy });
  }
  return new ModelyardError(
    "stream-interrupted",
    `${host} broke off its answer: ${connectionProblem(error)}.`,
    { cause: error, remedy: "Try again; if it stays so, look into the log of that server." },
  );
}
