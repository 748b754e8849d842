import { errorBody, inOrder, isStream, jsonAnswer, textAnswer, type Answer } from "../answer.ts";
import type { Exchange, Fault } from "../exchange.ts";
import { sendAnswer, sendUntil, wholeBody, write } from "../send-answer.ts";

/** Says that the answer is of another type than it is. */
export function typed(type: string): Fault {
  return async (exchange) => {
    const answer = await exchange.answer();
    await sendTyped(exchange, answer, type);
  };
}

/** Calls a stream JSON, and JSON a stream. */
export const swappedTypes: Fault = async (exchange) => {
  const answer = await exchange.answer();
  const type = isStream(answer) ? "application/json" : "text/event-stream";
  await sendTyped(exchange, answer, type);
};

function sendTyped(exchange: Exchange, answer: Answer, type: string): Promise<void> {
  return sendAnswer(exchange, { ...answer, headers: { ...answer.headers, "content-type": type } });
}

/** A whole HTTP answer with half a JSON in it: half a body, or a stream that ends in the midst of its fourth event. */
export const truncatedJson: Fault = async (exchange) => {
  const answer = await exchange.answer();
  if (!isStream(answer)) {
    const body = await wholeBody(answer);
    const half = body.subarray(0, Math.floor(body.length / 2)).toString();
    return sendAnswer(exchange, textAnswer(half, answer.headers["content-type"]!));
  }
  const parts: Buffer[] = [];
  for await (const part of answer.parts) parts.push(part);
  const halfOfFourth = Math.floor((parts[3]?.length ?? 0) / 2);
  const afterBytes = Buffer.concat(parts.slice(0, 3)).length + halfOfFourth;
  await sendUntil(exchange, { ...answer, parts: inOrder(parts) }, { afterBytes });
  exchange.response.end();
};

/** A web page with status 200, as of a login before the server. */
export const webPage: Fault = (exchange) =>
  sendAnswer(
    exchange,
    textAnswer("<!doctype html><html><body>Please log in.</body></html>", "text/html"),
  );

/** Status 200, and an error for a body. */
export const errorWith200: Fault = (exchange) =>
  sendAnswer(exchange, jsonAnswer(errorBody("The engine has crashed.", "server_error")));

/** Status 200, and nothing. */
export const emptyBody: Fault = async (exchange) => {
  const { headers } = await exchange.answer();
  await sendAnswer(exchange, textAnswer("", headers["content-type"]!));
};

/** The answer in one piece, although a stream was asked for. */
export const inOnePiece: Fault = async (exchange) => {
  const body = exchange.request.body as Record<string, unknown>;
  const { stream: _, stream_options: __, ...unstreamed } = body;
  await sendAnswer(exchange, await exchange.answer(unstreamed));
};

/** The bytes of the answer a few at a time: characters are split wherever they are. */
export function slowBytes({ bytes, everyMs }: { bytes: number; everyMs: number }): Fault {
  return async (exchange) => {
    const { response, signal } = exchange;
    const answer = await exchange.answer();
    const body = await wholeBody(answer);
    // In chunks, which the other side's parser keeps apart even where the network does not.
    response.writeHead(answer.status, answer.headers);
    for (let at = 0; at < body.length && !signal.aborted; at += bytes) {
      await write(response, body.subarray(at, at + bytes));
      await new Promise((resolve) => void setTimeout(resolve, everyMs));
    }
    response.end();
  };
}

/** Each byte comes alone, so that every character of several bytes is split. */
export const splitCharacters: Fault = async (exchange) => {
  const { response } = exchange;
  const answer = await exchange.answer();
  response.writeHead(answer.status, answer.headers);
  for (const byte of await wholeBody(answer)) response.write(Buffer.of(byte));
  response.end();
};
