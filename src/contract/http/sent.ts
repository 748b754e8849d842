import type { Dispatcher } from "undici";
import type { RequestLimits } from "./limited-fetch.ts";

/** A request as it is sent, but for where to. */
export interface Sent {
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Record<string, string>;
  readonly body: string | Uint8Array | null;
  readonly signal: AbortSignal | undefined;
  readonly bodyTimeout?: number;
  readonly headersTimeout?: number;
}

/** What a slow device makes vectors of in a minute; a whole `headersMs` is given for each. */
const headersStepBytes = 32 * 1024;
/** More than a timer can count would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

/** Answers are read as they come: a server that hears nothing of it may compress them. */
const ownHeaders = { "user-agent": "modelyard", "accept-encoding": "identity" };

/** What most requests are: a URL with text, bytes or nothing to send. */
export function toPlainSent(
  input: string | URL | Request,
  { body = null, method = "GET", headers = {}, signal }: RequestInit,
): { url: URL; sent: Sent } | undefined {
  const plain = body === null || typeof body === "string" || body instanceof Uint8Array;
  if (!plain || !(typeof input === "string" || input instanceof URL)) return undefined;
  return {
    url: typeof input === "string" ? new URL(input) : input,
    sent: {
      method: method as Dispatcher.HttpMethod,
      headers: { ...ownHeaders, ...toRecord(headers) },
      body,
      signal: signal ?? undefined,
    },
  };
}

/** Any other, its body read into memory: it may have to be sent twice. */
export async function toSent(
  input: string | URL | Request,
  init: RequestInit,
): Promise<{ url: URL; sent: Sent }> {
  const { body = null } = init;
  const whole = new Request(input, { ...init, ...(body === null ? {} : { duplex: "half" }) });
  const bytes = whole.body === null ? null : new Uint8Array(await whole.arrayBuffer());
  return {
    url: new URL(whole.url),
    sent: {
      method: whole.method as Dispatcher.HttpMethod,
      headers: { ...ownHeaders, ...toRecord(whole.headers) },
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

/** With how long its answer may be silent. */
export function withLimits(
  sent: Sent,
  { idleMs, headersMs }: Pick<RequestLimits, "idleMs" | "headersMs">,
): Sent {
  if (idleMs === undefined && headersMs === undefined) return sent;
  return {
    ...sent,
    ...(idleMs === undefined ? {} : { bodyTimeout: idleMs }),
    ...(headersMs === undefined ? {} : { headersTimeout: headersTimeout(headersMs, sent) }),
  };
}

function headersTimeout(headersMs: number, { body }: Sent): number {
  const length = typeof body === "string" ? body.length : (body?.byteLength ?? 0);
  const steps = Math.max(1, Math.ceil(length / headersStepBytes));
  return Math.min(headersMs * steps, longestTimerMs);
}
