import { ModelyardError } from "../errors.ts";

/** The proxies that an environment names, as undici takes them; empty where there is none. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

export function proxiesOf(environment: Readonly<Record<string, string | undefined>>): Proxies {
  return {
    httpProxy: environment["http_proxy"] ?? environment["HTTP_PROXY"] ?? "",
    httpsProxy: environment["https_proxy"] ?? environment["HTTPS_PROXY"] ?? "",
    noProxy: environment["no_proxy"] ?? environment["NO_PROXY"] ?? "",
  };
}

/** The proxy that a URL is reached by, as `host:port` without credentials; undefined where it is reached directly. As undici reads them. */
export function proxyOfUrl(
  { protocol, hostname, port }: URL,
  { httpProxy, httpsProxy, noProxy }: Proxies,
): string | undefined {
  const proxy = URL.parse(protocol === "https:" ? httpsProxy || httpProxy : httpProxy);
  const host = hostname.replace(/^\[|\]$|\.$/g, "").toLowerCase();
  const ownPort = port || (protocol === "https:" ? "443" : "80");
  const excepted = noProxy.split(/[,\s]/).some((entry) => {
    const [, name = "", onlyPort] = /^(?:\*?\.)?(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (name === "" || (onlyPort !== undefined && onlyPort !== ownPort)) return false;
    return name === "*" || host === name || host.endsWith(`.${name}`);
  });
  return excepted ? undefined : proxy?.host;
}

/** @throws `backend-unavailable` where a proxy is no address: nobody else says whose fault it is */
export function checkProxies({ httpProxy, httpsProxy }: Proxies): void {
  for (const [name, proxy] of [
    ["HTTPS_PROXY", httpsProxy],
    ["HTTP_PROXY", httpProxy],
  ] as const) {
    // Its text may hold a password, and is not repeated.
    if (proxy === "" || isProxyAddress(proxy)) continue;
    throw new ModelyardError(
      "backend-unavailable",
      `The proxy that the environment names (${name}) is no URL.`,
      {
        remedy: `Set ${name} to an address such as http://proxy.example:3128 (a % in a password is written %25), or unset it.`,
      },
    );
  }
}

/** A password with a bare `%` can't be decoded, and no connection is made at all. */
function isProxyAddress(proxy: string): boolean {
  const { protocol, username, password } = URL.parse(proxy) ?? {};
  if (protocol !== "http:" && protocol !== "https:") return false;
  try {
    decodeURIComponent(`${username}:${password}`);
    return true;
  } catch {
    return false; // whoever reads the message is told that it is no URL
  }
}

/** The proxy that a failed connection was meant for, as `host:port` without credentials; undefined where it was none. */
export function failedProxy(
  error: unknown,
  { httpProxy, httpsProxy }: Proxies,
): string | undefined {
  const failed = causesOf(error);
  const proxy = [httpsProxy, httpProxy]
    .flatMap((each) => URL.parse(each) ?? [])
    .find((each) => {
      const port = Number(each.port || (each.protocol === "https:" ? 443 : 80));
      return failed.some(
        (cause) =>
          cause.hostname === each.hostname || (cause.address !== undefined && cause.port === port),
      );
    });
  return proxy?.host;
}

interface Failed {
  readonly address?: unknown;
  readonly port?: unknown;
  readonly hostname?: unknown;
}

/** An error, all that it gathers and all that lies below. */
function causesOf(error: unknown): Failed[] {
  if (!(error instanceof Error)) return [];
  const gathered = error instanceof AggregateError ? error.errors : [];
  return [error as Failed, ...[...gathered, error.cause].flatMap(causesOf)];
}
