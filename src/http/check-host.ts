import type { IncomingHttpHeaders } from "node:http";
import { ModelyardError } from "../contract/errors.ts";
import { isLoopback } from "./is-loopback.ts";

/**
 * Refuses requests that were meant for another host, or that a web page of another origin sends: a name that resolves to
 * loopback must not let a page in somebody's browser speak with this server (DNS rebinding).
 * @throws ModelyardError `forbidden`
 */
export function checkHost({ host, origin }: IncomingHttpHeaders): void {
  if (!isLoopback(hostnameOf(`http://${host ?? ""}`)))
    refuse("Host", host, "Address the server as localhost or 127.0.0.1.");
  if (origin !== undefined && !isLoopback(hostnameOf(origin)))
    refuse("Origin", origin, "Only pages of this machine may call it from a browser.");
}

function refuse(header: string, value: string | undefined, remedy: string): never {
  const found = JSON.stringify((value ?? "").slice(0, 200));
  throw new ModelyardError("forbidden", `The ${header} ${found} is not allowed.`, { remedy });
}

/** In lower case and without the port; empty where there is none to be had. */
function hostnameOf(url: string): string {
  return URL.parse(url)?.hostname ?? "";
}
