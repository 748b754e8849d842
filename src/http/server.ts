import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fastify, type FastifyInstance, type FastifyReply } from "fastify";
import type { Log } from "../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";
import type { Access, Gateway } from "../gateway/api.ts";
import type { ServerKey } from "../gateway/configuration.ts";
import { answerClientError } from "./answer-client-error.ts";
import { registerAdministration } from "./administration/register-administration.ts";
import { checkEncoding, describeUnread } from "./check-encoding.ts";
import { checkHost, requireHost } from "./check-host.ts";
import { registerCalls } from "./calls/register-calls.ts";
import { defaultConnectionLimits, limitStall, type ConnectionLimits } from "./connection-limits.ts";
import { admitOrigin } from "./cross-origin.ts";
import { guardRoutes } from "./keys/guard-routes.ts";
import { createKeyRing } from "./keys/key-ring.ts";
import { registerModels } from "./register-models.ts";
import { watchDrain } from "./drain.ts";
import { parseBody } from "./parse-body.ts";
import { isLoopback } from "./is-loopback.ts";
import { registerCallStories } from "./register-call-stories.ts";
import { registerHealth } from "./health.ts";
import { registerMetrics } from "./metrics/register-metrics.ts";
import { toErrorBody } from "./to-error-body.ts";
import { watchMethods } from "./watch-methods.ts";
import { watchUnusedConnections } from "./unused-connections.ts";

/** What answers `/mcp`. Another face makes it; the composition root hands it over. */
export interface RawHandler {
  handle(request: IncomingMessage, response: ServerResponse, access: Access | undefined): void;
  close(options: { drainMs: number }): Promise<void>;
}

export interface HttpServerOptions {
  readonly gateway: Gateway;
  readonly mcpHandler: RawHandler;
  readonly log: Log;
  /** An address that is not loopback needs keys. */
  readonly host?: string | undefined;
  /** Whoever calls has one of them; nobody needs any where there are none. */
  readonly keys?: readonly ServerKey[] | undefined;
  /** Origins whose pages may call it from a browser, beside those of this machine. */
  readonly cors?: readonly string[] | undefined;
  /** 0 takes any that is free. */
  readonly port?: number | undefined;
  readonly maxBodyBytes?: number | undefined;
  /** How long who streams hears nothing while waiting for the first event, in milliseconds. */
  readonly keepAliveMs?: number | undefined;
  readonly limits?: Partial<ConnectionLimits> | undefined;
}

export interface HttpServer {
  /** Where it listens: `http://127.0.0.1:4600`. */
  readonly url: string;
  /** @throws ModelyardError `invalid-config` where with these keys it would be open to other machines */
  checkKeys(keys: readonly ServerKey[]): void;
  /**
   * From now on these keys open it; what was begun with one that is no longer there ends with `unauthorized`.
   * @throws ModelyardError `invalid-config` where it would be open to other machines; nothing has changed then
   */
  setKeys(keys: readonly ServerKey[]): void;
  /** From now on pages of these origins may call it from a browser. */
  setCors(origins: readonly string[]): void;
  /** Takes no new call (503), waits `drainMs` (30 s where left out) for the answers under way, and ends the rest. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** Starts the one HTTP server. @throws ModelyardError `invalid-config` where it can't listen */
export async function createHttpServer({
  gateway,
  mcpHandler,
  log,
  host = "127.0.0.1",
  port = 4600,
  keys = [],
  cors = [],
  maxBodyBytes = 16 * 1024 * 1024,
  keepAliveMs = 15_000,
  limits = {},
}: HttpServerOptions): Promise<HttpServer> {
  const local = isLoopback(host);
  const checkKeys = (given: readonly ServerKey[]) => {
    if (local || given.length > 0) return;
    throw new ModelyardError("invalid-config", `${host} can be reached from other machines.`, {
      remedy:
        "Add a key to server.keys (`modelyard keys new <name>` makes one), or listen on 127.0.0.1.",
    });
  };
  checkKeys(keys);
  const ring = createKeyRing(keys);
  let origins: ReadonlySet<string> = new Set(cors);
  const { headersMs, requestMs, idleMs, stallMs, checkMs } = {
    ...defaultConnectionLimits,
    ...limits,
  };
  const app = fastify({
    bodyLimit: maxBodyBytes,
    return503OnClosing: false,
    // A request's id is a part of a path, with a number after it.
    routerOptions: { maxParamLength: longestId + 10 },
    requestTimeout: requestMs,
    keepAliveTimeout: idleMs,
    // It is asked for here, with an answer in the shape of every error.
    http: {
      requireHostHeader: false,
      headersTimeout: headersMs,
      connectionsCheckingInterval: checkMs,
    },
    genReqId: ({ headers }) => requestId(headers["x-request-id"]),
    clientErrorHandler: answerClientError,
    // An address that can't be read: no hook has run.
    frameworkErrors: (error, request, reply: FastifyReply) => {
      reply.raw.setHeader("x-request-id", request.id);
      void reply.code(400).send(toErrorBody(error, log).body);
    },
  });
  // JSON is all that is read.
  app.removeContentTypeParser(["text/plain", "application/json"]);
  app.addContentTypeParser("application/json", { parseAs: "string" }, parseBody);
  // Hooks that await nothing are no promises: every request passes through all of them.
  app.addHook("onRequest", (request, reply, done) => {
    limitStall(reply.raw, stallMs);
    requireHost(request.raw);
    checkEncoding(request.headers);
    forgetTypeOfNothing(request.headers);
    if (local) checkHost(request.headers);
    if (!admitOrigin(request, reply, origins)) done();
  });
  // Not before: what is written past Fastify says it itself, and a response that holds a header already takes all others slowly.
  app.addHook("onSend", (request, reply, _payload, done) => {
    reply.header("x-request-id", request.id);
    done();
  });
  const drain = watchDrain(app);
  guardRoutes(app, ring);
  const methodsOf = watchMethods(app);
  app.setErrorHandler(async (thrown, request, reply) => {
    const error = drain.tell(thrown);
    const { status, body } = toErrorBody(error, log);
    // In our words, and with the limit that it was held to.
    if (status === 413) body.error.message = `A body holds at most ${maxBodyBytes} bytes.`;
    if (status === 415) body.error.message = describeUnread(request.headers);
    const waitMs = isModelyardError(error) ? error.retryAfterMs : undefined;
    if (waitMs !== undefined) reply.header("retry-after", Math.ceil(waitMs / 1000));
    // The rest of a body that is too long is read and dropped: who still sends would find the connection reset, and never read why.
    if (status === 413) reply.removeHeader("connection");
    if (status === 401) reply.header("www-authenticate", 'Bearer realm="modelyard"');
    return reply.code(status).send(body);
  });
  app.setNotFoundHandler(async ({ method, url }, reply) => {
    // Without the query, which may hold what no message should.
    const path = url.split("?")[0] ?? "";
    const error = new ModelyardError("invalid-request", `There is no ${method} ${path}.`);
    const methods = methodsOf(path);
    const isThere = methods.length > 0 && !methods.includes(method);
    if (isThere) reply.header("allow", methods.join(", "));
    return reply.code(isThere ? 405 : 404).send(toErrorBody(error, log).body);
  });
  registerHealth(app, { gateway, log, keys: ring });
  registerMetrics(app, gateway);
  registerCallStories(app, gateway, log);
  registerCalls(app, { gateway, log, drain, keepAliveMs, stallMs });
  registerModels(app, gateway);
  registerAdministration(app, { gateway, log, drain });
  await app.register(async (scope) => handRaw(scope, mcpHandler));
  const closeUnused = watchUnusedConnections(app.server);
  await listen(app, host, port);

  return {
    url: toUrl(app.server.address() as AddressInfo),
    checkKeys,
    setKeys(given) {
      checkKeys(given);
      ring.replace(given);
    },
    setCors(given) {
      origins = new Set(given);
    },
    async close({ drainMs = 30_000 } = {}) {
      await Promise.all([mcpHandler.close({ drainMs }), drain.begin(drainMs + graceMs)]);
      const closed = app.close();
      closeUnused();
      const sweep = setInterval(() => {
        closeUnused();
        app.server.closeIdleConnections();
      }, 50);
      const limit = setTimeout(() => app.server.closeAllConnections(), graceMs);
      await closed;
      clearInterval(sweep);
      clearTimeout(limit);
    },
  };
}

/** How long answers that were ended get to reach their clients, in milliseconds. */
const graceMs = 500;

/** `/mcp` reads its own bodies: within this scope none is parsed. */
function handRaw(scope: FastifyInstance, handler: RawHandler): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", (_request, _payload, done) => done(null));
  scope.route({
    url: "/mcp",
    method: ["GET", "POST", "DELETE"],
    exposeHeadRoute: false,
    handler: (request, reply) => {
      reply.hijack();
      reply.raw.setHeader("x-request-id", request.id);
      handler.handle(request.raw, reply.raw, request.access);
    },
  });
}

/** Clients name the type of a body that they do not send: there is none to be read. */
function forgetTypeOfNothing(headers: IncomingHttpHeaders): void {
  const { "content-length": length = "0", "transfer-encoding": coding } = headers;
  if (length === "0" && coding === undefined) delete headers["content-type"];
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<void> {
  try {
    await app.listen({ host: host.replace(/^\[(.*)\]$/, "$1"), port });
  } catch (error) {
    await app.close();
    const { code } = error as NodeJS.ErrnoException;
    const why =
      code === "EADDRINUSE"
        ? `Port ${port} of ${host} is in use.`
        : `Port ${port} of ${host} can't be listened on: ${code ?? String(error)}.`;
    throw new ModelyardError("invalid-config", why, {
      remedy: "Stop what listens there, or choose another with --port or server.port.",
      cause: error,
    });
  }
}

function toUrl({ address, family, port }: AddressInfo): string {
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}

/** Of a request's id, in characters. */
const longestId = 128;

/** The caller's own id where it is one that logs can hold. */
function requestId(given: string | string[] | undefined): string {
  const isFit = typeof given === "string" && given.length <= longestId && /^[\w.:-]+$/.test(given);
  return isFit ? given : randomUUID();
}
