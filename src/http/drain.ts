import type { FastifyInstance, FastifyReply } from "fastify";
import { isModelyardError } from "../contract/errors.ts";
import { createMembers } from "../contract/members.ts";
import { cutMessage, shuttingDown } from "../contract/shutting-down.ts";

/** Knows what is under way, and lets nobody else in once the server is to end. */
export interface Drain {
  /** Whether nobody is let in any more. */
  readonly begun: boolean;
  /**
   * Lets nobody in; settles when what was under way has ended, or after so many milliseconds. Who is still sending their request gets a
   * moment for the rest of it.
   */
  begin(limitMs: number): Promise<void>;
  /** What a caller is told of an error: that a download was ended, or an engine, because the server ends, is no wish of the caller's. */
  tell(error: unknown): unknown;
}

/** Answered to the last: whether the process lives, and how it does. */
const open: ReadonlySet<string> = new Set(["/health", "/metrics"]);
/** Counts and refuses by itself, in the words of its own protocol. */
const apart = "/mcp";
/** How long a request that has not wholly come may take for the rest of it, in milliseconds. */
const arrivalMs = 500;

/**
 * Watches every request from here on. While the server drains it still listens: a caller is told to go elsewhere, which a connection that
 * is refused does not say.
 */
export function watchDrain(app: FastifyInstance): Drain {
  const underWay = createMembers<FastifyReply>();
  let begun = false;
  let onEmpty: (() => void) | undefined;

  app.addHook("onRequest", (request, reply, done) => {
    if (begun) reply.header("connection", "close");
    const { url } = request;
    const query = url.indexOf("?");
    const path = query === -1 ? url : url.slice(0, query);
    if (path === apart || open.has(path)) return done();
    if (begun) throw shuttingDown("The server is shutting down.");
    const place = underWay.enter(reply);
    reply.raw.once("close", () => {
      underWay.leave(place);
      if (underWay.size === 0) onEmpty?.();
    });
    done();
  });

  // The rest of a request may have come only now: nothing was done for it yet.
  app.addHook("preHandler", (_request, reply, done) => {
    if (!begun || !underWay.list().includes(reply)) return done();
    reply.header("connection", "close");
    throw shuttingDown("The server is shutting down.");
  });

  return {
    get begun() {
      return begun;
    },
    tell(error) {
      if (!begun || !isModelyardError(error) || error.code !== "cancelled") return error;
      const { backend, model } = error;
      return shuttingDown(cutMessage, { backend, model, cause: error });
    },
    async begin(limitMs) {
      begun = true;
      // What has yet to be answered is the last on its connection, and says so.
      for (const { raw } of underWay.list()) raw.shouldKeepAlive = false;
      if (underWay.size === 0) return;
      await new Promise<void>((resolve) => {
        const arrival = setTimeout(
          () => refuseUnfinished(underWay.list()),
          Math.min(arrivalMs, limitMs),
        );
        const limit = setTimeout(resolve, limitMs);
        onEmpty = () => {
          clearTimeout(arrival);
          clearTimeout(limit);
          resolve();
        };
      });
    },
  };
}

/** Nothing has been done for those whose body is still on its way: they are told, and hung up on. */
function refuseUnfinished(replies: Iterable<FastifyReply>): void {
  for (const reply of replies) {
    const { raw } = reply.request;
    if (raw.complete || reply.sent) continue;
    reply.raw.once("finish", () => raw.destroy());
    reply.header("connection", "close");
    reply.send(shuttingDown("The server is shutting down, and the request has not wholly come."));
  }
}
