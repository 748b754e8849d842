import type { IncomingMessage, ServerResponse } from "node:http";
import {
  createMcpHandler,
  InMemoryServerEventBus,
  isInitializeRequest,
  isLegacyRequest,
  PROTOCOL_VERSION_META_KEY,
  type McpHttpHandler,
} from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import { createMembers } from "../contract/members.ts";
import type { Access, Gateway } from "../gateway/api.ts";
import { revokedGraceMs, toAuthInfo } from "./access.ts";
import { announceHealth } from "./announce-health.ts";
import { announceModels } from "./announce-models.ts";
import { checkRequest } from "./check-request.ts";
import { createLegacySessions } from "./legacy-sessions.ts";
import { createModernCalls } from "./modern-calls.ts";
import { readBody } from "./read-body.ts";
import { rpcError } from "./rpc-error.ts";
import { createMcpServerFactory, type McpExtension } from "./server-factory.ts";
import { sendWebResponse, toWebRequest } from "./web-exchange.ts";

export interface McpHttpOptions {
  readonly version: string;
  readonly log: Log;
  /** The longest body that is read, in bytes. */
  readonly maxBodyBytes?: number | undefined;
  /** How long a call of the 2025 era outlives a client that went away, in milliseconds. */
  readonly graceMs?: number | undefined;
  /** After how long without a result the answer to a call becomes a stream, in milliseconds. */
  readonly streamAfterMs?: number | undefined;
  /** How often a silent stream says that it is alive, in milliseconds. */
  readonly keepAliveMs?: number | undefined;
  /** How long a session of the 2025 era is kept after its last request, in milliseconds. */
  readonly sessionIdleMs?: number | undefined;
  readonly maxSessions?: number | undefined;
  /** How long a client may take nothing of what waits for it before it is given up, in milliseconds. */
  readonly stallMs?: number | undefined;
  readonly extension?: McpExtension | undefined;
}

export interface McpHttpFace {
  /** Answers one request, of a caller who has proved who they are where that is asked. */
  handle(request: IncomingMessage, response: ServerResponse, access?: Access): void;
  /** Takes no more requests, waits `drainMs` (none where left out) for calls under way, and ends the rest. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** MCP over Streamable HTTP, both protocol eras on one endpoint: requests of the 2026 era each by themselves, those of the 2025 era in sessions. */
export function createMcpHttpHandler(
  gateway: Gateway,
  {
    version,
    log,
    maxBodyBytes = 16 * 1024 * 1024,
    graceMs,
    streamAfterMs = 50,
    keepAliveMs = 15_000,
    sessionIdleMs = 30 * 60_000,
    maxSessions = 1000,
    stallMs = 60_000,
    extension,
  }: McpHttpOptions,
): McpHttpFace {
  const servers = createMcpServerFactory(gateway, { version, log, graceMs, extension });
  const { create } = servers;
  const onerror = (error: Error) => log.debug(`MCP over HTTP: ${error.message}`);
  const bus = new InMemoryServerEventBus(onerror);
  const modern = (responseMode: "auto" | "sse"): McpHttpHandler =>
    createMcpHandler(create, { legacy: "reject", responseMode, bus, keepAliveMs, onerror });
  // A slow answer is a stream from the start; a quick one is plain JSON; those who listen are let go first. Nearly all slow calls go by `calls`.
  const [slow, quick, listening] = [modern("sse"), modern("auto"), modern("auto")];
  const pace = { streamAfterMs, keepAliveMs, stallMs };
  const { createModern, isPlain } = servers;
  const calls = createModernCalls({ create: createModern, isPlain, ...pace });
  const sessions = createLegacySessions({
    create,
    log,
    ...pace,
    idleMs: sessionIdleMs,
    maxSessions,
  });
  const silences = [
    announceModels(gateway, () => {
      quick.notify.resourcesChanged();
      sessions.announceModels();
    }),
    announceHealth(gateway, sessions.announceHealth),
  ];
  const underWay = createMembers<{ response: ServerResponse; ended: Promise<void> }>();
  let closing: Promise<void> | undefined;

  function handlerOf({ headers }: Request): McpHttpHandler {
    const method = headers.get("mcp-method");
    if (method === "subscriptions/listen") return listening;
    const isSlow = method === "tools/call" && servers.isSlow(headers.get("mcp-name") ?? "");
    return isSlow ? slow : quick;
  }

  /** Undefined where what answers it writes to the connection itself. */
  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    access: Access | undefined,
    ended: Promise<void>,
  ): Promise<Response | undefined> {
    if (closing !== undefined)
      return rpcError(503, -32_000, "The server is shutting down.", {
        connection: "close",
        "retry-after": "1",
      });
    const refusal = checkRequest(request);
    if (refusal !== undefined) return refusal;
    let body: unknown;
    if (request.method === "POST") {
      const text = await readBody(request, maxBodyBytes);
      if (text === undefined) {
        const message = `Payload Too Large: a body holds at most ${maxBodyBytes} bytes.`;
        return rpcError(413, -32_000, message, { connection: "close" });
      }
      try {
        body = JSON.parse(text);
      } catch {
        return rpcError(400, -32_700, "Parse error: the body is not JSON.");
      }
    }
    const call = { request, response, body, access, ended };
    if (calls.take(call) || sessions.take(call)) return undefined;
    // A handshake names its version in the body, and settles it there: a header that says another is no reason to refuse.
    if (isHandshake(body)) delete request.headers["mcp-protocol-version"];
    const webRequest = toWebRequest(request, response);
    return (await isLegacyRequest(webRequest, body))
      ? sessions.handle({ request: webRequest, body, access, ended })
      : handlerOf(webRequest).fetch(webRequest, { parsedBody: body, ...toAuthInfo(access) });
  }

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    access: Access | undefined,
  ): Promise<void> {
    const ended = new Promise<void>((resolve) => response.once("close", resolve));
    const place = underWay.enter({ response, ended });
    // A call hears of it itself, and says so; who merely listens hears no more.
    const release = access?.onRevoked(() => {
      setTimeout(() => response.destroy(), revokedGraceMs).unref();
    });
    void ended.then(() => {
      underWay.leave(place);
      release?.();
    });
    try {
      const answered = await answer(request, response, access, ended);
      if (answered !== undefined) await sendWebResponse(response, answered, stallMs);
    } catch (error) {
      if (response.destroyed) return;
      log.error(`MCP over HTTP: ${String(error)}`);
      if (response.headersSent) response.destroy();
      else await sendWebResponse(response, rpcError(500, -32_603, "Internal error"), stallMs);
    }
  }

  async function shutDown(drainMs: number): Promise<void> {
    for (const silence of silences) silence();
    sessions.closeStreams();
    await listening.close();
    // What has yet to be answered is the last on its connection, and says so.
    for (const { response } of underWay.list()) response.shouldKeepAlive = false;
    if (drainMs > 0) {
      let timer: NodeJS.Timeout | undefined;
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, drainMs);
      });
      const arrival = setTimeout(() => {
        for (const { response } of underWay.list()) if (!response.req.complete) response.destroy();
      }, arrivalMs);
      await Promise.race([Promise.all(underWay.list().map(({ ended }) => ended)), limit]);
      clearTimeout(timer);
      clearTimeout(arrival);
    }
    await Promise.all([calls.close(), slow.close(), quick.close(), sessions.close()]);
  }

  return {
    handle: (request, response, access) => void serve(request, response, access),
    close: ({ drainMs = 0 } = {}) => (closing ??= shutDown(drainMs)),
  };
}

/** How long a request that has not wholly come may take for the rest of it once the server is to end, in milliseconds. */
const arrivalMs = 500;

/** Whether it is the `initialize` of the 2025 era; the 2026 era has none, and marks every request as its own. */
function isHandshake(body: unknown): boolean {
  // Nearly all requests are others, and to hold them against a schema costs.
  if ((body as { method?: unknown } | null | undefined)?.method !== "initialize") return false;
  if (!isInitializeRequest(body)) return false;
  const { _meta: meta } = body.params;
  return meta?.[PROTOCOL_VERSION_META_KEY] === undefined;
}
