/** Who we are for a while. */
export interface Token {
  readonly value: string;
  /** In milliseconds since 1970; undefined where nobody says. */
  readonly expiresAtMs?: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

const tokenNames = ["token", "access_token", "accessToken", "id_token"];
const lifetimeNames = ["expires_in", "expiresIn"];
const expiryNames = [
  "expires_on",
  "expires_at",
  "expiry",
  "expiration",
  "Expiration",
  "token_expiry",
  "expirationTimestamp",
  "expiresOn",
];
/** Where some wrap it: Kubernetes' exec credentials, `gcloud config config-helper`. */
const wrappers = ["status", "credential"];

/**
 * A token from what a file holds or a command prints: itself, or JSON as cloud CLIs print it. Undefined where there is none. A JWT
 * tells its own expiry where nothing else does.
 */
export function parseToken(printed: string, nowMs = Date.now()): Token | undefined {
  const text = printed.trim();
  const parsed = /^[{"]/.test(text) ? parsedJson(text) : undefined;
  if (parsed === undefined) return text === "" ? undefined : { value: text, ...jwtExpiry(text) };
  if (typeof parsed === "string") return parseToken(parsed.replace(/^[{"]/, ""), nowMs);
  const outer = fields(parsed);
  for (const each of [outer, ...wrappers.map((name) => fields(outer[name]))]) {
    const value = first(each, tokenNames);
    if (typeof value !== "string" || value.trim() === "") continue;
    const expiresAtMs = expiryOf(each, nowMs);
    return { value: value.trim(), ...(expiresAtMs ? { expiresAtMs } : jwtExpiry(value)) };
  }
  return undefined;
}

function expiryOf(token: Fields, nowMs: number): number | undefined {
  const lifetimeSeconds = Number(first(token, lifetimeNames));
  if (lifetimeSeconds > 0) return nowMs + lifetimeSeconds * 1000;
  const written = first(token, expiryNames);
  const number = Number(written);
  if (number > 0) return number < 1e9 ? nowMs + number * 1000 : toMilliseconds(number);
  const date = typeof written === "string" ? Date.parse(written) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

/** Seconds since 1970, or milliseconds where it would be too far away. */
function toMilliseconds(epoch: number): number {
  return epoch < 1e11 ? epoch * 1000 : epoch;
}

/** The `exp` claim of a JWT, in seconds since 1970 (RFC 7519). */
function jwtExpiry(value: string): { expiresAtMs?: number } {
  const [, claims] = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(value.trim()) ?? [];
  if (claims === undefined) return {};
  const { exp } = fields(parsedJson(Buffer.from(claims, "base64url").toString()));
  return typeof exp === "number" && exp > 0 ? { expiresAtMs: exp * 1000 } : {};
}

function first(token: Fields, names: readonly string[]): unknown {
  return names.map((name) => token[name]).find((value) => value !== undefined && value !== null);
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // a token may be any text
  }
}
