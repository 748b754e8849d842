import { readFileSync } from "node:fs";
import { getCACertificates } from "node:tls";
import { type Dispatcher, EnvHttpProxyAgent, request } from "undici";
import { ModelyardError } from "../../contract/errors.ts";
import { connectionProblem } from "../../contract/http/connection-problem.ts";
import { type Environment, withoutSecrets } from "./source.ts";

export interface HttpGetOptions {
  signal: AbortSignal;
  environment: Environment;
  headers?: Record<string, string | undefined>;
  /** Sent to the first host alone, never to one that it redirects to. */
  authorization?: string | undefined;
  /** A file of certificates to trust beside the usual ones. */
  certificatePath?: string | undefined;
  /** Hosts that may speak plain http, beside loopback. */
  plainHttpHosts?: readonly string[] | undefined;
}

export interface HttpAnswer {
  status: number;
  /** A header of the last answer. */
  header(name: string): string | undefined;
  /** A header of the last answer that has it, redirects included. */
  announced(name: string): string | undefined;
  body: Dispatcher.ResponseData["body"];
  /** The last address. */
  url: URL;
}

const connectTimeoutMs = 5_000;
const silenceTimeoutMs = 60_000;
const maximumRedirects = 8;

/**
 * One GET through the environment's proxies, following redirects.
 * @throws ModelyardError `download-failed` where no answer comes; any status is an answer.
 */
export async function httpGet(address: string | URL, options: HttpGetOptions): Promise<HttpAnswer> {
  const dispatcher = dispatcherFor(options.environment, options.certificatePath);
  const seen: Record<string, string | undefined>[] = [];
  let url = new URL(address);
  const firstOrigin = url.origin;
  for (let redirects = 0; ; redirects += 1) {
    refusePlainHttp(url, options.plainHttpHosts);
    const { authorization } = options;
    const answer = await request(url, {
      dispatcher,
      signal: options.signal,
      headers: {
        "user-agent": "modelyard",
        ...options.headers,
        authorization: url.origin === firstOrigin ? authorization : undefined,
      },
    }).catch((error: unknown) => {
      options.signal.throwIfAborted();
      throw new ModelyardError("download-failed", `${url.host}: ${connectionProblem(error)}`, {
        cause: error,
      });
    });
    const headers = Object.fromEntries(
      Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
    );
    seen.unshift(headers);
    const { location } = headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode) || location === undefined) {
      return {
        status: answer.statusCode,
        header: (name) => headers[name],
        announced: (name) => seen.find((each) => each[name] !== undefined)?.[name],
        body: answer.body,
        url,
      };
    }
    await answer.body.dump();
    if (redirects === maximumRedirects) {
      throw new ModelyardError(
        "download-failed",
        `${withoutSecrets(address)} redirects without end`,
      );
    }
    url = new URL(location, url);
  }
}

/** Gives up an answer whose body is of no use. */
export async function discard(answer: HttpAnswer): Promise<void> {
  await answer.body.dump({ limit: 64 * 1024 });
}

function refusePlainHttp(url: URL, plainHttpHosts: readonly string[] = []): void {
  if (
    url.protocol === "https:" ||
    plainHttpHosts.includes(url.hostname) ||
    plainHttpHosts.includes(url.host)
  )
    return;
  const loopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === "http:" && loopback) return;
  throw new ModelyardError(
    "download-failed",
    `${withoutSecrets(url)} is not https; plain http is taken from loopback alone`,
  );
}

const dispatchers = new WeakMap<Environment, Map<string, Dispatcher>>();

function dispatcherFor(environment: Environment, certificatePath = ""): Dispatcher {
  const known = dispatchers.get(environment) ?? new Map<string, Dispatcher>();
  dispatchers.set(environment, known);
  const found = known.get(certificatePath);
  if (found) return found;
  const ca =
    certificatePath === ""
      ? undefined
      : [...getCACertificates("default"), readFileSync(certificatePath, "utf8")];
  const tls = ca === undefined ? {} : { ca };
  const dispatcher = new EnvHttpProxyAgent({
    httpProxy: environment.http_proxy ?? environment.HTTP_PROXY ?? "",
    httpsProxy: environment.https_proxy ?? environment.HTTPS_PROXY ?? "",
    noProxy: environment.no_proxy ?? environment.NO_PROXY ?? "",
    connect: { timeout: connectTimeoutMs, ...tls },
    requestTls: { timeout: connectTimeoutMs, ...tls },
    headersTimeout: silenceTimeoutMs,
    bodyTimeout: silenceTimeoutMs,
  });
  known.set(certificatePath, dispatcher);
  return dispatcher;
}
