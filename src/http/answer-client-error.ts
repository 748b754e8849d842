import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** How long a client gets to read the answer, in milliseconds; what it goes on sending meanwhile is dropped. */
const lingerMs = 1_000;

/** Answers what is no HTTP, too long or too slow, by hand, as there is no request to answer; and ends the connection. */
export function answerClientError(error: Error & { code?: string }, socket: Socket): void {
  // It has been answered, and goes on sending.
  if (socket.writableEnded) return;
  const { _httpMessage: underWay } = socket as { _httpMessage?: ServerResponse };
  // Words of ours in the midst of another answer would be taken for a part of it.
  if (!socket.writable || underWay?.headersSent === true) {
    socket.destroy();
    return;
  }
  socket.end(toAnswer(error.code));
  socket.resume();
  // Who does not hang up is hung up on.
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
}

function toAnswer(code: string | undefined): string {
  const [status, message] = (code !== undefined && refusals[code]) || anyRefusal;
  const body = JSON.stringify({
    error: { message, type: "invalid_request_error", code: "invalid-request", param: null },
  });
  const headers = [
    "connection: close",
    "content-type: application/json; charset=utf-8",
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: ${randomUUID()}`,
  ];
  return `HTTP/1.1 ${status}\r\n${headers.join("\r\n")}\r\n\r\n${body}`;
}

type Refusal = readonly [status: string, message: string];

const anyRefusal: Refusal = ["400 Bad Request", "That is not HTTP."];

const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: [
    "431 Request Header Fields Too Large",
    "The address and the headers are too long: together they may hold 16 kB.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "The request was too slow in coming."],
};
