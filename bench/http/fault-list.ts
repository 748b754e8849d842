import type { Fault } from "../../src/testing/exchange.ts";
import { cut, hang, reset } from "../../src/testing/faults/connection.ts";
import { malformedEvent, noDone } from "../../src/testing/faults/events.ts";
import {
  contentFilter,
  contextLength,
  rateLimited,
  refusal,
  serverError,
  unavailable,
} from "../../src/testing/faults/refusal.ts";
import { errorBody } from "../../src/testing/answer.ts";
import { sendUntil, sendAnswer } from "../../src/testing/send-answer.ts";

/** One of the catalogue's faults: what becomes of the how manieth request to the first target. */
export interface CataloguedFault {
  readonly name: string;
  readonly fault: (request: number) => Fault | undefined;
  /** The other target has a fault of its own. */
  readonly other?: Fault;
  /** Nobody should serve it: an error is what is asked for. */
  readonly mustFail?: true;
}

const always = (fault: Fault) => () => fault;
const once = (fault: Fault) => (request: number) => (request === 1 ? fault : undefined);

/** Headers at once, the first token only after so many milliseconds. */
function slowFirstToken(delayMs: number): Fault {
  return async (exchange) => {
    const answer = await exchange.answer();
    await sendUntil(exchange, answer, "after-headers");
    await new Promise((resolve) => void setTimeout(resolve, delayMs));
    for await (const part of answer.parts) exchange.response.write(part);
    exchange.response.end();
  };
}

/** Refuses what ends with half an answer to go on with. */
const refusesPrefill: Fault = async (exchange) => {
  const { messages } = exchange.request.body as { messages: { role: string }[] };
  if (messages.at(-1)?.role !== "assistant") return sendAnswer(exchange, await exchange.answer());
  const body = errorBody("This model does not support assistant prefill.", "invalid_request_error");
  return refusal(400, body)(exchange);
};

/** The sixteen faults of failoverbench's catalogue but the outage, which takes several calls. Slow is what outlasts the limits of the first target. */
export const cataloguedFaults: readonly CataloguedFault[] = [
  { name: "429 with Retry-After", fault: once(rateLimited({ seconds: 2 })) },
  { name: "429 for ever", fault: always(rateLimited()) },
  { name: "500 once", fault: once(serverError) },
  { name: "503 for ever", fault: always(unavailable()) },
  { name: "reset before headers", fault: once(reset("before-headers")) },
  { name: "no answer", fault: always(hang("before-headers")) },
  { name: "slow first token", fault: always(slowFirstToken(6_000)) },
  { name: "stream cut", fault: always(cut("middle")) },
  { name: "stream stalled", fault: always(hang("middle")) },
  { name: "malformed event", fault: always(malformedEvent) },
  { name: "no [DONE]", fault: always(noDone) },
  { name: "context length", fault: always(contextLength) },
  { name: "content filter", fault: always(contentFilter), mustFail: true },
  {
    name: "cut, and the other rejects a prefill",
    fault: always(cut("middle")),
    other: refusesPrefill,
  },
  { name: "accounting", fault: always(unavailable()) },
];
