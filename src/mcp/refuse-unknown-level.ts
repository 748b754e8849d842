import {
  ProtocolError,
  ProtocolErrorCode,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import { didYouMean } from "../contract/nearest.ts";

const levels = [
  "debug",
  "info",
  "notice",
  "warning",
  "error",
  "critical",
  "alert",
  "emergency",
] as const;

/** Made once: over HTTP there is a server for each request. */
const params = z.looseObject({ level: z.unknown() });

type Handler = (request: object, context: ServerContext) => Promise<object>;

/** Answers `logging/setLevel` with a level that there is not as invalid params. The SDK calls that a fault of its own. */
export function refuseUnknownLevel({ server }: McpServer): void {
  const method = "logging/setLevel";
  // The SDK keeps the levels to itself: its own handler goes on doing that.
  const hidden = server as unknown as Record<string, unknown>;
  const handlers = hidden["_requestHandlers"] as Map<string, Handler> | undefined;
  const keep = handlers?.get(method);
  if (keep === undefined) return;
  server.setRequestHandler(method, { params }, async ({ level }, context) => {
    if (!(levels as readonly unknown[]).includes(level)) {
      const hint = typeof level === "string" ? didYouMean(level, levels) : "";
      throw new ProtocolError(
        ProtocolErrorCode.InvalidParams,
        `level must be one of ${levels.join(", ")}.${hint}`,
      );
    }
    return keep({ method, params: { level } }, context) as never;
  });
}
