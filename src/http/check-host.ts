import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { ModelyardError } from "../contract/errors.ts";
import { hostnameOf, isLoopback } from "./is-loopback.ts";

/**
 * Refuses requests that were meant for another host: a name that resolves to loopback must not let a page in somebody's browser speak
 * with this server (DNS rebinding). Only where the server listens on loopback: elsewhere its names are not known, and keys guard it.
 * @throws ModelyardError `forbidden`
 */
export function checkHost({ host = "" }: IncomingHttpHeaders): void {
  if (usual.test(host) || isLoopback(hostnameOf(`http://${host}`))) return;
  const found = JSON.stringify(host.slice(0, 200));
  throw new ModelyardError("forbidden", `The Host ${found} is not allowed.`, {
    remedy: "Address the server as localhost or 127.0.0.1.",
  });
}

/** HTTP/1.1 has every request name its host. @throws ModelyardError `invalid-request` */
export function requireHost({ headers, httpVersion }: IncomingMessage): void {
  if (headers.host !== undefined || httpVersion !== "1.1") return;
  throw new ModelyardError("invalid-request", "The request has no Host header.", {
    remedy: "HTTP/1.1 asks for one.",
  });
}

/** How nearly all callers write it: what needs no parser. */
const usual = /^(localhost|127\.0\.0\.1)(:\d{1,5})?$/;
