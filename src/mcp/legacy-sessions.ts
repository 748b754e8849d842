import { randomUUID } from "node:crypto";
import {
  isInitializeRequest,
  isJSONRPCRequest,
  PROTOCOL_VERSION_META_KEY,
  SUPPORTED_PROTOCOL_VERSIONS,
  WebStandardStreamableHTTPServerTransport,
  type JSONRPCRequest,
  type McpServer,
} from "@modelcontextprotocol/server";
import type { Log } from "../contract/backend.ts";
import type { Access } from "../gateway/api.ts";
import { revokedGraceMs, toAuthInfo } from "./access.ts";
import type { HealthNote } from "./announce-health.ts";
import { CallRequest } from "./call-request.ts";
import { openAnswer, type DirectAnswer, type DirectAnswerOptions } from "./direct-answer.ts";
import { divertAnswers } from "./divert-answers.ts";
import { batchedIn, endCancelled, type RequestId } from "./end-cancelled.ts";
import type { ArrivedCall } from "./modern-calls.ts";
import { rpcError } from "./rpc-error.ts";

export interface LegacySessionOptions extends Omit<DirectAnswerOptions, "sessionId"> {
  create(): McpServer;
  readonly log: Log;
  /** How long a session is kept after its last request has ended, in milliseconds. */
  readonly idleMs: number;
  readonly maxSessions: number;
}

/** One request on its way. */
export interface Exchange {
  readonly request: Request;
  /** The parsed body; undefined where there is none. */
  readonly body: unknown;
  /** Who sends it, where they had to prove that. */
  readonly access: Access | undefined;
  /** Settles when the connection is done with it. */
  readonly ended: Promise<void>;
}

export interface LegacySessions {
  /** Answers a call of a tool in an open session; false for anything else, which is then for `handle`. */
  take(call: ArrivedCall & Pick<Exchange, "ended">): boolean;
  handle(exchange: Exchange): Promise<Response>;
  /** Tells every client that the list of models has changed. */
  announceModels(): void;
  /** Tells every client that wants to hear of such things, and whose key is not held to models. */
  announceHealth(note: HealthNote): void;
  /** Ends the streams on which clients merely listen. */
  closeStreams(): void;
  close(): Promise<void>;
}

interface Session {
  /** The key that opened it, by name: for any other there is no such session. */
  readonly owner: string | undefined;
  /** Whether that key is held to models: what is about all of them is not for it. */
  readonly isHeld: boolean;
  readonly server: McpServer;
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Requests under way that came with others in one body. */
  readonly batched: Set<RequestId>;
  /** Calls under way that are answered past the transport. */
  readonly answers: Map<RequestId, DirectAnswer>;
  /** Whether anything has come in it since it was opened. */
  isUsed: boolean;
  underWay: number;
  /** Since when nothing is under way. */
  idleSince: number;
}

/**
 * HTTP of the 2025 era, with sessions: without them a client's cancel would meet a server that knows nothing of the call.
 * Clients seldom say goodbye, so a session ends when it has been idle for long, or when a new one needs its place.
 */
export function createLegacySessions(options: LegacySessionOptions): LegacySessions {
  const { create, log, keepAliveMs, streamAfterMs, stallMs, idleMs, maxSessions } = options;
  const sessions = new Map<string, Session>();
  const reaper = setInterval(
    () => {
      for (const session of sessions.values()) {
        if (isIdle(session) && performance.now() - session.idleSince > idleMs) void end(session);
      }
    },
    Math.min(60_000, Math.max(20, idleMs / 10)),
  );
  reaper.unref();

  async function open({ request, body, access, ended }: Exchange): Promise<Response> {
    if (sessions.size >= maxSessions && !makeRoom()) {
      const advice = { "retry-after": "10" };
      return rpcError(503, -32_000, "Too many sessions are in use. Try again later.", advice);
    }
    const server = create();
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      keepAliveMs,
      onsessioninitialized(id) {
        sessions.set(id, session);
      },
    });
    const owner = access?.caller.name;
    const isHeld = access?.caller.models !== undefined && access.caller.admin !== true;
    const session: Session = {
      owner,
      isHeld,
      server,
      transport,
      batched: new Set(),
      answers: divertAnswers(transport),
      isUsed: false,
      underWay: 0,
      idleSince: performance.now(),
    };
    const release = access?.onRevoked(() => retire(session));
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's hook, no event target
    server.server.onclose = () => {
      if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
      release?.();
      for (const answer of session.answers.values()) answer.end();
      session.answers.clear();
    };
    await server.connect(transport);
    hold(session, body, ended);
    const response = await transport.handleRequest(request, {
      parsedBody: body,
      ...toAuthInfo(access),
    });
    if (transport.sessionId === undefined) await end(session);
    return response;
  }

  /** Ends the session that is missed least; false where all are in use. */
  function makeRoom(): boolean {
    const idle = [...sessions.values()].filter(isIdle);
    const least = idle.reduce<Session | undefined>(
      (a, b) => (a !== undefined && !isMissedLess(b, a) ? a : b),
      undefined,
    );
    if (least === undefined) return false;
    void end(least);
    return true;
  }

  /** Lets nobody in any more, and ends once its calls have said why. */
  function retire(session: Session): void {
    const { sessionId } = session.transport;
    if (sessionId !== undefined) sessions.delete(sessionId);
    setTimeout(() => void end(session), revokedGraceMs).unref();
  }

  async function end({ server, transport }: Session): Promise<void> {
    if (transport.sessionId !== undefined) sessions.delete(transport.sessionId);
    await server.close().catch((error: unknown) => log.debug(`MCP session: ${String(error)}`));
  }

  function hold(session: Session, body: unknown, ended: Promise<void>): void {
    session.underWay++;
    const batched = batchedIn(body);
    for (const id of batched) session.batched.add(id);
    void ended.then(() => {
      for (const id of batched) session.batched.delete(id);
      session.underWay--;
      session.idleSince = performance.now();
    });
  }

  return {
    take({ request, response, body, access, ended }) {
      const { "mcp-session-id": id, "mcp-protocol-version": version } = request.headers;
      const session = typeof id === "string" ? sessions.get(id) : undefined;
      if (session === undefined || session.owner !== access?.caller.name) return false;
      if (version !== undefined && !SUPPORTED_PROTOCOL_VERSIONS.includes(String(version)))
        return false;
      const { answers, transport } = session;
      if (!isPlainCall(body) || answers.has(body.id)) return false;
      session.isUsed = true;
      hold(session, body, ended);
      const seen = new CallRequest(request, response);
      const answer = openAnswer(response, {
        sessionId: String(id),
        streamAfterMs,
        keepAliveMs,
        stallMs,
      });
      answers.set(body.id, answer);
      response.once("close", () => {
        if (answers.get(body.id) === answer) answers.delete(body.id);
        if (!response.writableFinished) seen.lose();
      });
      transport.onmessage?.(body, { request: seen.asRequest(), ...toAuthInfo(access) });
      return true;
    },
    async handle(exchange) {
      const { request, body, access, ended } = exchange;
      const id = request.headers.get("mcp-session-id");
      if (id !== null) {
        const session = sessions.get(id);
        if (session === undefined || session.owner !== access?.caller.name)
          return rpcError(404, -32_001, "Session not found");
        session.isUsed = true;
        hold(session, body, ended);
        const { transport } = session;
        const response = await transport.handleRequest(request, {
          parsedBody: body,
          ...toAuthInfo(access),
        });
        await endCancelled(session, body);
        return response;
      }
      if (request.method === "POST" && [body].flat().some((each) => isInitializeRequest(each)))
        return open(exchange);
      return rpcError(400, -32_000, "Bad Request: the Mcp-Session-Id header is missing.");
    },
    announceModels() {
      for (const { server } of sessions.values()) server.sendResourceListChanged();
    },
    announceHealth(note) {
      for (const [id, { server, isHeld }] of sessions) {
        if (isHeld) continue;
        server.sendLoggingMessage(note, id).catch((error: unknown) => {
          log.debug(`MCP session: ${String(error)}`);
        });
      }
    },
    closeStreams() {
      for (const { transport } of sessions.values()) transport.closeStandaloneSSEStream();
    },
    async close() {
      clearInterval(reaper);
      await Promise.all([...sessions.values()].map(end));
    },
  };
}

/** Calls of the 2026 era say so; one that the SDK would refuse is left to it. */
function isPlainCall(body: unknown): body is JSONRPCRequest {
  if ((body as { method?: unknown } | null | undefined)?.method !== "tools/call") return false;
  if (!isJSONRPCRequest(body)) return false;
  const { _meta: meta } = body.params ?? {};
  return meta === undefined || !(PROTOCOL_VERSION_META_KEY in meta);
}

function isIdle(session: Session): boolean {
  return session.underWay === 0;
}

/** One that was merely opened is missed less than any that was used, else the one that has been idle for longer: who opens many pushes out its own. */
function isMissedLess(one: Session, other: Session): boolean {
  return one.isUsed === other.isUsed ? one.idleSince < other.idleSince : !one.isUsed;
}
