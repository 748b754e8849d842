import { errorBody, framingOf, type Answer } from "../answer.ts";
import type { Fault } from "../exchange.ts";
import { sendAnswer } from "../send-answer.ts";

/** What becomes of an event's data, or of a body in one piece; `index` counts the events. */
type Change = (data: string, index: number, stream: boolean) => readonly string[];

/** Sends an answer whose events are changed, its stream ending as HTTP says; a body in one piece is changed as a single one. */
function changed(change: Change): Fault {
  return async (exchange) => {
    const answer = await exchange.answer();
    await sendAnswer(exchange, { ...answer, parts: changeParts(answer, change) });
  };
}

async function* changeParts(answer: Answer, change: Change): AsyncGenerator<Buffer> {
  const framing = framingOf(answer);
  let index = 0;
  for await (const part of answer.parts) {
    const given = framing === undefined ? part.toString() : dataOf(part);
    for (const data of change(given, index, framing !== undefined))
      yield Buffer.from(framed(data, framing));
    index += 1;
  }
}

function framed(data: string, framing: "events" | "lines" | undefined): string {
  if (framing === undefined) return data;
  return framing === "events" ? `data: ${data}\n\n` : `${data}\n`;
}

function dataOf(part: Buffer): string {
  return part
    .toString()
    .trim()
    .replace(/^data: ?/, "");
}

const isDone = (data: string) => data === "[DONE]";
const isFinish = (data: string) => /"finish_reason":\s*"/.test(data);
const isUsage = (data: string) => /"choices":\s*\[\]/.test(data);
const withFinish = (data: string, reason: string | null) =>
  data.replace(/"finish_reason":\s*"[^"]*"/, `"finish_reason":${JSON.stringify(reason)}`);

/** Every event comes twice. */
export const doubledEvents = changed((data) => [data, data]);

/** Nothing says why the answer ended, only `[DONE]` that it did. */
export const noFinish = changed((data, _, stream) => {
  if (!stream) return [withFinish(data, null)];
  return isFinish(data) ? [] : [data];
});

/** The stream ends without `[DONE]`. */
export const noDone = changed((data) => (isDone(data) ? [] : [data]));

/** The stream ends well by HTTP, after three events: nothing says why, and there is no `[DONE]`. */
export const endsEarly = changed((data, index, stream) => {
  if (!stream) return [withFinish(data, null)];
  return index < 3 ? [data] : [];
});

/** What is no JSON follows the finish reason. */
export const garbageAfterFinish = changed((data, _, stream) => {
  if (!stream) return [data, "\0garbage{"];
  return isFinish(data) ? [data, "\0garbage{"] : [data];
});

/** What is no JSON follows `[DONE]`. */
export const garbageAfterDone = changed((data, _, stream) => {
  if (!stream) return [data, "\0garbage{"];
  return isDone(data) ? [data, "\0garbage{"] : [data];
});

/** The fourth event is no JSON; the others are as they should be. */
export const malformedEvent = changed((data, index, stream) => {
  if (!stream) return [data.replace(":", ";")];
  return index === 3 ? [data.slice(0, data.length / 2)] : [data];
});

/** An error after three events, and `[DONE]` as if nothing had happened. */
export const errorInStream = changed((data, index, stream) => {
  const error = JSON.stringify(errorBody("The engine has crashed.", "server_error"));
  if (!stream) return [error];
  if (index < 3 || isDone(data)) return [data];
  return index === 3 ? [error] : [];
});

/** The answer is stopped after three events because of what it says. */
export const filteredAnswer = changed((data, index, stream) => {
  if (!stream) return [withFinish(data, "content_filter")];
  return index < 3 || isFinish(data) || isUsage(data) || isDone(data)
    ? [withFinish(data, "content_filter")]
    : [];
});

/** The second event carries as many characters more in a field that nobody asked for. */
export function hugeEvent(characters: number): Fault {
  return changed((data, index, stream) => {
    if (stream && index !== 1) return [data];
    return [JSON.stringify({ ...(JSON.parse(data) as object), padding: "x".repeat(characters) })];
  });
}
