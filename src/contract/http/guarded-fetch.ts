import { type Dispatcher, request } from "undici";
import { abortError, orAborted } from "../abort.ts";
import type { Upstream } from "../backend.ts";
import { isModelyardError, ModelyardError } from "../errors.ts";
import { createAgents, leavesClass, lostReusedConnection } from "./agents.ts";
import { classOfUrl, hostOf } from "./class-of-url.ts";
import { connectionProblem } from "./connection-problem.ts";
import { HttpResponse } from "./http-response.ts";
import { isWider, type PrivacyClass } from "./privacy-class.ts";
import { proxiesOf } from "./proxies.ts";
import type { Secrets } from "./secrets.ts";
import { unreachable } from "./unreachable.ts";

export interface GuardedFetchOptions {
  /** How far requests may go, asked for each; anywhere where left out. */
  readonly widest?: (() => Promise<PrivacyClass>) | undefined;
  /** Until a connection stands, in milliseconds. */
  readonly connectMs?: number | undefined;
  readonly tls?: Upstream["tls"] | undefined;
  /** Learns what the requests carry. */
  readonly secrets?: Secrets | undefined;
  /** Names the proxies; the process's own where left out. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

/** A `fetch` and its connections. */
export interface GuardedFetch {
  readonly fetch: typeof fetch;
  /** Closes all connections, those in use too. */
  close(): Promise<void>;
}

interface Sent {
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal | undefined;
}

const maximumRedirects = 5;
/** Anything above is none of HTTP's, and no `Response` can bear it. */
const highestStatus = 599;
/** How long a name's class is believed before it is resolved again. Each connection checks it anyway. */
const classLifetimeMs = 30_000;

/**
 * A `fetch` over `undici.request` that knows where it sends. Connections never lead further than the class of the address they were
 * made for; a redirect leads no further than the request that met it. A reused connection that was closed before an answer began is
 * repeated once on a fresh one. Its errors are ours: `backend-unavailable` where nothing answers, `stream-interrupted` where a body
 * breaks off, `privacy-violation` before a byte leaves, and the signal's own reason.
 */
export function createGuardedFetch({
  widest = async () => "remote",
  connectMs = 2_000,
  tls,
  secrets,
  environment = process.env,
}: GuardedFetchOptions = {}): GuardedFetch {
  const agents = createAgents({ connectMs, tls, environment });
  const classes = new Map<string, { at: number; privacy: PrivacyClass }>();
  for (const password of proxyPasswords(environment)) secrets?.add(password);

  async function classWithin(url: URL, limit: PrivacyClass): Promise<PrivacyClass> {
    const known = classes.get(url.host);
    const now = performance.now();
    const fresh = known !== undefined && now - known.at < classLifetimeMs;
    const found = fresh ? known.privacy : await classOfUrl(url);
    if (found !== undefined && !fresh) classes.set(url.host, { at: now, privacy: found });
    if (found === undefined && limit !== "remote") throw unresolved(url);
    // A name that nobody here knows is left to the proxy, or to the error that connecting gives.
    const privacy = found ?? "remote";
    if (isWider(privacy, limit)) throw leavesClass(hostOf(url), limit);
    return privacy;
  }

  async function send(url: URL, sent: Sent, privacy: PrivacyClass): Promise<HttpResponse> {
    const { signal, ...rest } = sent;
    const options = { ...rest, ...(signal === undefined ? {} : { signal }) };
    const problem = (error: unknown) =>
      signal?.aborted === true ? abortError(signal) : brokenOff(error, url);
    try {
      const response = await request(url, { ...options, dispatcher: agents.of(privacy) }).catch(
        (error: unknown) => {
          if (signal?.aborted === true || !lostReusedConnection(error)) throw error;
          return request(url, { ...options, reset: true, dispatcher: agents.of(privacy, true) });
        },
      );
      if (response.statusCode > highestStatus) throw oddStatus(response, url);
      return new HttpResponse(response, url.href, problem);
    } catch (error) {
      if (signal?.aborted === true) throw abortError(signal);
      throw isModelyardError(error)
        ? error
        : unreachable(error, url, agents.proxied(privacy) ? proxiesOf(environment) : undefined);
    }
  }

  async function guardedFetch(
    input: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> {
    let { url, sent } = await toSent(input, init);
    const { signal } = sent;
    // A name may take long to resolve, and that can't be stopped.
    const abortable = <Value>(work: () => Promise<Value>) =>
      signal === undefined ? work() : orAborted(work(), signal);
    if (signal?.aborted === true) throw abortError(signal);
    let limit = await abortable(widest);
    for (let redirects = 0; ; redirects += 1) {
      const privacy = await abortable(() => classWithin(url, limit));
      limit = privacy;
      secrets?.learn(url, sent.headers);
      const response = await send(url, sent, privacy);
      const location = locationOf(response, sent, init.redirect);
      if (location === undefined || redirects === maximumRedirects) return response;
      await response.discard();
      const next = redirected(url, location);
      sent = next.origin === url.origin ? sent : { ...sent, headers: withoutSecrets(sent.headers) };
      url = next;
    }
  }

  return { fetch: guardedFetch, close: () => agents.close() };
}

/** Even an address that can't be used may be quoted by whoever refuses it. */
function proxyPasswords(environment: GuardedFetchOptions["environment"] = {}): string[] {
  const proxies = Object.entries(environment).filter(([name]) => /^https?_proxy$/i.test(name));
  return proxies.flatMap(([, proxy = ""]) => {
    const [, password] = /:([^:@/]+)@/.exec(proxy) ?? [];
    return password === undefined ? [] : [password];
  });
}

async function toSent(
  input: string | URL | Request,
  init: RequestInit,
): Promise<{ url: URL; sent: Sent }> {
  const { body = null } = init;
  const plain = body === null || typeof body === "string" || body instanceof Uint8Array;
  if (plain && !(input instanceof Request)) {
    const { method = "GET", headers = {}, signal } = init;
    return {
      url: new URL(input),
      sent: {
        method: method as Dispatcher.HttpMethod,
        headers: { "user-agent": "modelyard", ...toRecord(headers) },
        body,
        signal: signal ?? undefined,
      },
    };
  }
  const whole = new Request(input, { ...init, ...(body === null ? {} : { duplex: "half" }) });
  const bytes = whole.body === null ? null : new Uint8Array(await whole.arrayBuffer());
  return {
    url: new URL(whole.url),
    sent: {
      method: whole.method as Dispatcher.HttpMethod,
      headers: { "user-agent": "modelyard", ...toRecord(whole.headers) },
      body: bytes,
      signal: whole.signal,
    },
  };
}

function toRecord(headers: NonNullable<RequestInit["headers"]>): Record<string, string> {
  if (!Array.isArray(headers) && !(headers instanceof Headers))
    return headers as Record<string, string>;
  return Object.fromEntries(headers);
}

/** Where a redirect says that it leads, if it may be followed: one that keeps the method. */
function locationOf(
  { status, headers }: Response,
  { method }: Sent,
  redirect: RequestInit["redirect"] = "follow",
): string | undefined {
  const location = headers.get("location");
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

function oddStatus({ statusCode, body }: Dispatcher.ResponseData, { host }: URL): ModelyardError {
  body.on("error", () => {}).destroy(); // what it says is of no use, and so is how it ends
  return new ModelyardError("invalid-response", `${host} answered with status ${statusCode}.`, {
    remedy: "Check the address; what answers there may be a proxy or a page.",
  });
}

/** What may go to another origin: who we are is none of its business. */
function withoutSecrets(headers: Record<string, string>): Record<string, string> {
  const kept = ["accept", "content-type", "user-agent"];
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => kept.includes(name.toLowerCase())),
  );
}

function unresolved({ host }: URL): ModelyardError {
  return new ModelyardError("backend-unavailable", `${host}: the name can't be resolved.`, {
    remedy: "Check the address.",
  });
}

function brokenOff(error: unknown, { host }: URL): ModelyardError {
  if (isModelyardError(error)) return error;
  return new ModelyardError(
    "stream-interrupted",
    `${host} broke off its answer: ${connectionProblem(error)}.`,
    { cause: error, remedy: "Try again; if it stays so, look into the log of that server." },
  );
}
