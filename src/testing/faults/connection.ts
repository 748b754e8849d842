import { once } from "node:events";
import type { Exchange, Fault } from "../exchange.ts";
import { sendAnswer, sendUntil, settle, wholeBody, type Point } from "../send-answer.ts";

/** Answers up to a point, then says nothing more, until the other side gives up. */
export function hang(point: Point): Fault {
  return async (exchange) => {
    await sendUntil(exchange, await exchange.answer(), point);
    if (!exchange.signal.aborted) await once(exchange.response, "close");
  };
}

/** Answers up to a point, then closes the connection (FIN). */
export function cut(point: Point): Fault {
  return async (exchange) => {
    await sendUntil(exchange, await exchange.answer(), point);
    exchange.socket.end();
  };
}

/** Answers up to a point, then resets the connection (RST). */
export function reset(point: Point): Fault {
  return async (exchange) => {
    await sendUntil(exchange, await exchange.answer(), point);
    if (point !== "before-headers") await settle();
    exchange.socket.resetAndDestroy();
  };
}

/**
 * Answers up to half and closes the connection, in the old way in which the close alone ends a body: nothing in HTTP tells that
 * anything is missing.
 */
export const cutWithoutLength: Fault = async (exchange) => {
  const { response } = exchange;
  const answer = await exchange.answer();
  const body = await wholeBody(answer);
  response.useChunkedEncodingByDefault = false;
  response.writeHead(answer.status, { ...answer.headers, connection: "close" });
  response.end(body.subarray(0, Math.floor(body.length / 2)));
};

/** Resets a connection that has served before, as servers do that close idle ones; on a new one it answers. */
export const resetReused: Fault = async (exchange) => {
  if (exchange.request.connection.requests > 1) exchange.socket.resetAndDestroy();
  else await sendAnswer(exchange, await exchange.answer());
};

/** Something that is no HTTP. */
export const noHttp: Fault = ({ socket }: Exchange) => {
  socket.end("SSH-2.0-OpenSSH_9.6\r\n");
};

/** Waits before it answers, in milliseconds. */
export function late(delayMs: number): Fault {
  return async (exchange) => {
    await new Promise((resolve) => void setTimeout(resolve, delayMs));
    await sendAnswer(exchange, await exchange.answer());
  };
}
