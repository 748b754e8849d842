import type { FastifyReply, FastifyRequest } from "fastify";
import { ModelyardError } from "../contract/errors.ts";
import { hostnameOf, isLoopback } from "./is-loopback.ts";

/** What a page of a listed origin may read beside the body. */
const exposedHeaders = [
  "x-request-id",
  "x-modelyard-backend",
  "x-modelyard-attempts",
  "x-modelyard-warnings",
  "retry-after",
  "www-authenticate",
  "mcp-session-id",
  "mcp-protocol-version",
].join(", ");

/** How long a browser may remember what it was allowed, in seconds. */
const allowedForSeconds = 600;

/**
 * Refuses what a page of a strange origin sends, lets a page of a listed one read the answer, and answers the question that its browser
 * asks first. No cookie counts here, so none is allowed: who calls is told by the key that the page sends itself.
 * @returns whether the request was that question, and has been answered
 * @throws ModelyardError `forbidden`
 */
export function admitOrigin(
  { method, headers }: FastifyRequest,
  reply: FastifyReply,
  listed: ReadonlySet<string>,
): boolean {
  const { origin } = headers;
  if (origin === undefined) return false;
  if (!listed.has(origin)) {
    if (isLoopback(hostnameOf(origin))) return false;
    const found = JSON.stringify(origin.slice(0, 200));
    throw new ModelyardError("forbidden", `The Origin ${found} is not allowed.`, {
      remedy: "List it in server.cors to let its pages call from a browser.",
    });
  }
  // Written to the response itself: answers that Fastify has no part in carry them too.
  reply.raw.setHeader("access-control-allow-origin", origin);
  reply.raw.setHeader("vary", "origin");
  const wanted = headers["access-control-request-method"];
  if (method !== "OPTIONS" || wanted === undefined) {
    reply.raw.setHeader("access-control-expose-headers", exposedHeaders);
    return false;
  }
  const asked = headers["access-control-request-headers"];
  void reply
    .code(204)
    .headers({
      "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
      ...(asked === undefined ? {} : { "access-control-allow-headers": asked }),
      "access-control-max-age": allowedForSeconds,
    })
    .send();
  return true;
}
