import { errorBody, jsonAnswer, textAnswer } from "../answer.ts";
import type { Fault } from "../exchange.ts";
import { sendAnswer } from "../send-answer.ts";

/** How long to wait, as `Retry-After` says it: `seconds` as a number, `date` as a date so many seconds ahead. */
export interface RetryAfter {
  readonly seconds?: number;
  readonly dateInSeconds?: number;
}

/** Refuses with a status and a body of OpenAI's. */
export function refusal(
  status: number,
  body: object,
  headers: () => Readonly<Record<string, string>> = () => ({}),
): Fault {
  return (exchange) => sendAnswer(exchange, jsonAnswer(body, status, headers()));
}

export function rateLimited(retryAfter: RetryAfter = {}): Fault {
  const body = errorBody(
    "Rate limit reached for requests.",
    "rate_limit_error",
    "rate_limit_exceeded",
  );
  return refusal(429, body, () => toHeaders(retryAfter));
}

export function unavailable(retryAfter: RetryAfter = {}): Fault {
  const body = errorBody("The server is down for maintenance.", "server_error");
  return refusal(503, body, () => toHeaders(retryAfter));
}

export const serverError = refusal(
  500,
  errorBody("The server had an error while processing your request.", "server_error"),
);

export const contextLength = refusal(
  400,
  errorBody(
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
    "invalid_request_error",
    "context_length_exceeded",
  ),
);

export const contentFilter = refusal(
  400,
  errorBody(
    "The response was filtered because of the content of the prompt.",
    "invalid_request_error",
    "content_filter",
  ),
);

/** What a web server says when what stands behind it is gone. */
export const badGateway: Fault = (exchange) =>
  sendAnswer(
    exchange,
    textAnswer("<html><head><title>502 Bad Gateway</title></head></html>", "text/html", 502),
  );

function toHeaders({ seconds, dateInSeconds }: RetryAfter): Record<string, string> {
  if (seconds !== undefined) return { "retry-after": String(seconds) };
  if (dateInSeconds === undefined) return {};
  return { "retry-after": new Date(Date.now() + dateInSeconds * 1000).toUTCString() };
}
