import type { RequestId, Transport } from "@modelcontextprotocol/server";
import type { DirectAnswer } from "./direct-answer.ts";

const sent = Promise.resolve();

/** Hands messages that belong to a call which is answered past its transport to that answer. Gives the table of such calls, empty at first. */
export function divertAnswers(transport: Transport): Map<RequestId, DirectAnswer> {
  const answers = new Map<RequestId, DirectAnswer>();
  const send = transport.send.bind(transport);
  transport.send = (message, options) => {
    const isLast = !("method" in message);
    const id = isLast ? message.id : options?.relatedRequestId;
    const answer = id === undefined ? undefined : answers.get(id);
    if (answer === undefined || id === undefined) return send(message, options);
    if (isLast) answers.delete(id);
    answer.send(message, isLast);
    return sent;
  };
  return answers;
}
