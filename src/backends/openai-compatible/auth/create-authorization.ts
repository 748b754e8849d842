import type { BackendSetup } from "../../../contract/backend.ts";
import type { Auth, AuthenticationConfig } from "./config.ts";
import { createTokenSource } from "./token-source.ts";

/** A request that is about to be sent. */
export interface OutgoingRequest {
  /** Others may send to it as well: it is replaced, never changed. */
  url: URL;
  headers: Record<string, string>;
}

/** Who we are, for an upstream that asks. */
export interface Authorization {
  /**
   * Puts the credentials into the request's headers or its URL's query; what `baseUrl` holds of them leaves the URL.
   * A promise only where a token has to be waited for.
   * @throws `backend-unauthorized` where a file or a command gives no token, and the signal's own reason
   */
  apply(request: OutgoingRequest, signal: AbortSignal): Promise<void> | undefined;
  /**
   * After a 401: gets a new token, once for all who ask at the same time, and says whether there is one. `refused` is the request as
   * `apply` was given it: where its token has been replaced in the meantime, nothing is asked again.
   * @throws `backend-unauthorized` where a file or a command gives no token, and the signal's own reason
   */
  refresh(signal: AbortSignal, refused?: OutgoingRequest): Promise<boolean>;
}

/** Credentials as they are configured, ready to be put into requests. Files are read and commands run when they are needed. */
export function createAuthorization(
  { apiKey, auth, headers = {} }: Pick<AuthenticationConfig, "apiKey" | "auth" | "headers">,
  { log, secret }: Pick<BackendSetup<unknown>, "log" | "secret">,
): Authorization {
  const how: Auth = auth ?? (apiKey === undefined ? { type: "none" } : bearer(apiKey));
  const source = createTokenSource(how, { log, secret });
  /** What each request was sent with, as long as somebody holds it. */
  const sentWith = new WeakMap<OutgoingRequest, string>();
  const { username = "", password = "" } = how;
  const pair = how.type === "basic" ? toBasic(username, password) : undefined;
  if (pair !== undefined) for (const each of [password, pair]) secret(each);
  for (const [name, value] of Object.entries(headers)) if (!harmless.test(name)) secret(value);

  function putToken(request: OutgoingRequest, token: string): void {
    sentWith.set(request, token);
    if (how.type === "query") {
      request.url = new URL(request.url);
      request.url.searchParams.set(how.name ?? "", token);
    } else if (how.type === "header") setHeader(request, how.name ?? "", token);
    else setHeader(request, "authorization", `Bearer ${token.replace(/^bearer +/i, "")}`);
  }

  return {
    apply(request, signal) {
      for (const [name, value] of Object.entries(headers)) setHeader(request, name, value);
      moveUserPart(request, secret);
      if (pair !== undefined) setHeader(request, "authorization", pair);
      else if (source !== undefined)
        return source.token(signal).then((token) => putToken(request, token));
      return undefined;
    },

    async refresh(signal, refused) {
      const old = refused === undefined ? undefined : sentWith.get(refused);
      return (await source?.renew(signal, old)) ?? false;
    },
  };
}

/** Headers that say nothing about who we are. */
const harmless = /^(accept.*|content-.*|cache-control|http-referer|referer|user-agent|x-title)$/i;

function bearer(value: string): Auth {
  return { type: "bearer", value };
}

function toBasic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Header names are the same in any case. */
function setHeader({ headers }: OutgoingRequest, name: string, value: string): void {
  const lower = name.toLowerCase();
  for (const key of Object.keys(headers)) if (key.toLowerCase() === lower) delete headers[key];
  headers[lower] = value;
}

/** `https://user:password@host` is basic authentication, which no client sends by itself. */
function moveUserPart(request: OutgoingRequest, secret: (value: string) => void): void {
  if (request.url.username === "" && request.url.password === "") return;
  const url = new URL(request.url);
  const [username, password] = [url.username, url.password].map(decodeURIComponent);
  secret(password || username || "");
  setHeader(request, "authorization", toBasic(username ?? "", password ?? ""));
  url.username = "";
  url.password = "";
  request.url = url;
}
