import type { FastifyInstance } from "fastify";
import { ModelyardError } from "../contract/errors.ts";

/** Knows what is under way, and lets nobody else in once the server is to end. */
export interface Drain {
  /** Whether nobody is let in any more. */
  readonly begun: boolean;
  /** Lets nobody in; settles when what was under way has ended, or after so many milliseconds. */
  begin(limitMs: number): Promise<void>;
}

/** Answered to the last: whether the process lives, and how it does. */
const open: ReadonlySet<string> = new Set(["/health", "/metrics"]);
/** Counts and refuses by itself, in the words of its own protocol. */
const apart = "/mcp";
/** When another server may have taken over, in milliseconds. */
const retryAfterMs = 1_000;

/**
 * Watches every request from here on. While the server drains it still listens: a caller is told to go elsewhere, which a connection that
 * is refused does not say.
 */
export function watchDrain(app: FastifyInstance): Drain {
  let underWay = 0;
  let begun = false;
  let onEmpty: (() => void) | undefined;

  app.addHook("onRequest", (request, reply, done) => {
    if (begun) reply.header("connection", "close");
    const path = request.url.split("?", 1)[0] ?? "";
    if (path === apart || open.has(path)) return done();
    if (begun) {
      throw new ModelyardError("backend-unavailable", "The server is shutting down.", {
        retryAfterMs,
        remedy: "Try again in a moment.",
      });
    }
    underWay++;
    reply.raw.once("close", () => {
      if (--underWay === 0) onEmpty?.();
    });
    done();
  });

  return {
    get begun() {
      return begun;
    },
    async begin(limitMs) {
      begun = true;
      if (underWay === 0) return;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        onEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    },
  };
}
