import type { IncomingMessage } from "node:http";
import { isJsonContentType } from "@modelcontextprotocol/server";
import { rpcError } from "./rpc-error.ts";

const json = "application/json";
const eventStream = "text/event-stream";

/** What nearly all clients send, word for word. */
const usual = `${json}, ${eventStream}`;

/** What is wrong with a request before anything of it is read: its `Accept` (406) or `Content-Type` (415). The SDK checks them in one era only. */
export function checkRequest({ method, headers }: IncomingMessage): Response | undefined {
  if (method !== "POST" && method !== "GET") return undefined;
  if (method === "POST" && headers.accept === usual && headers["content-type"] === json)
    return undefined;
  const wanted = method === "POST" ? [json, eventStream] : [eventStream];
  if (!wanted.every((type) => accepts(headers.accept, type)))
    return rpcError(406, -32_000, `Not Acceptable: Accept must hold ${wanted.join(" and ")}.`);
  if (method === "POST" && !isJsonContentType(headers["content-type"] ?? null))
    return rpcError(415, -32_000, `Unsupported Media Type: Content-Type must be ${json}.`);
  // The SDK looks for the very words, though `*/*` says the same.
  headers.accept = usual;
  return undefined;
}

function accepts(header: string | undefined, type: string): boolean {
  const family = `${type.slice(0, type.indexOf("/"))}/*`;
  return (header ?? "")
    .split(",")
    .map((each) => (each.split(";")[0] ?? "").trim().toLowerCase())
    .some((each) => each === type || each === family || each === "*/*");
}
