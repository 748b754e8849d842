import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { headerOf } from "../../contract/http/header-of.ts";
import { quote } from "../../contract/http/quote.ts";
import { readEvents, type ServerSentEvent } from "../../contract/http/read-events.ts";
import { notJson } from "../../contract/http/read-json.ts";
import { responseError } from "../../contract/http/response-error.ts";
import { type Chunk, isError, readChunk } from "./convert/read-chunk.ts";
import { toFinishReason } from "./convert/to-finish-reason.ts";
import { toUsage } from "./convert/to-usage.ts";
import { createToolCalls } from "./convert/tool-calls.ts";

const last = "[DONE]";
const isLast = ({ data }: ServerSentEvent) => data === last;
/** As much of a body that turns out to be no stream as is kept, in characters. */
const longestBeginning = 1024 * 1024;
/** What a body that claims to be a stream, or nothing, begins with when it is one. */
const streamBegins = /^\s*(:|(data|event|id|retry) *:)/;

/**
 * The events of an answer, of chat or of completions, streamed or not. It is whole once a finish reason or `[DONE]` was seen, and no
 * error: some servers send `[DONE]` after an error, others never.
 * What can't be read after the finish reason is passed over: it takes nothing from an answer that was whole.
 * @throws `stream-interrupted` where it broke off, `invalid-response` for what is no answer, and what the server says in the midst of it
 */
export async function* readAnswer(
  response: Response,
  model: string,
  warn: (message: string) => void = () => {},
): AsyncGenerator<ChatEvent, void, undefined> {
  if (!(headerOf(response, "content-type") ?? "").includes("event-stream")) {
    const text = await response.text();
    if (!streamBegins.test(text)) {
      for (const event of wholeAnswer(text, model)) yield event;
      return;
    }
    response = new Response(text);
  }
  const calls = createToolCalls();
  let finishReason: string | undefined;
  let usage: unknown;
  let beginning = "";
  let begun = false;
  let ended = false;
  const onBeginning = (text: string) => {
    if (beginning.length < longestBeginning) beginning += text;
  };
  const chunkOf = (event: ServerSentEvent): Chunk | undefined => {
    try {
      return readChunk(toChunk(event, model));
    } catch (error) {
      if (finishReason === undefined) throw error;
      warn(`${model} sent something after the end of its answer that was passed over.`);
      return undefined;
    }
  };
  try {
    for await (const event of readEvents(response, { isLast, onBeginning })) {
      if (event.data === last) ended = true;
      if (ended || event.data === "") continue;
      const chunk = chunkOf(event);
      if (chunk === undefined) continue;
      begun ||= chunk.hasChoice;
      if (chunk.reasoning !== undefined) yield { type: "reasoning-delta", text: chunk.reasoning };
      if (chunk.logprobs !== undefined) yield* likelyText(chunk);
      else if (chunk.text !== undefined) yield { type: "text-delta", text: chunk.text };
      if (chunk.toolCalls !== undefined) calls.add(chunk.toolCalls);
      finishReason = chunk.finishReason ?? finishReason;
      usage = chunk.usage ?? usage;
    }
  } catch (error) {
    const whole = finishReason !== undefined;
    // What breaks after the last word breaks nothing.
    if (!(whole && isModelyardError(error) && error.code === "stream-interrupted")) throw error;
  }
  const unread = !begun && !ended && finishReason === undefined;
  if (unread && beginning.trim() !== "" && !streamBegins.test(beginning))
    return yield* wholeAnswer(beginning, model);
  if (finishReason === undefined && !ended) throw brokenOff(model);
  if (!begun) throw empty(model);
  yield* ending({ finishReason, usage, calls }, model);
}

/** A token may be no more than a part of a character: then it has a likelihood and no text. Those of reasoning are not told. */
function likelyText({ text, logprobs, reasoning }: Chunk): ChatEvent[] {
  if (text === undefined && reasoning !== undefined) return [];
  return [{ type: "text-delta", text: text ?? "", logprobs }];
}

interface Ending {
  finishReason: string | undefined;
  usage: unknown;
  calls: ReturnType<typeof createToolCalls>;
}

function* ending({ finishReason, usage, calls }: Ending, model: string): Generator<ChatEvent> {
  if (finishReason === "error" || finishReason === "abort") throw failed(finishReason, model);
  const reason = toFinishReason(finishReason, calls.size > 0);
  const cut = reason === "length" || reason === "content-filter";
  for (const call of calls.finish(cut)) yield { type: "tool-call", ...call };
  yield {
    type: "finish",
    reason,
    ...(finishReason === undefined ? {} : { rawReason: finishReason }),
    usage: toUsage(usage),
  };
}

/** An answer that came in one piece, although a stream was asked for. */
function* wholeAnswer(text: string, model: string): Generator<ChatEvent> {
  const answer = parseAnswer(text, model);
  const chunk = readChunk(answer);
  if (!chunk.hasChoice) throw noAnswer(text);
  const calls = createToolCalls();
  if (chunk.reasoning !== undefined) yield { type: "reasoning-delta", text: chunk.reasoning };
  if (chunk.logprobs !== undefined) yield* likelyText(chunk);
  else if (chunk.text !== undefined) yield { type: "text-delta", text: chunk.text };
  if (chunk.toolCalls !== undefined) calls.add(chunk.toolCalls);
  yield* ending({ finishReason: chunk.finishReason, usage: chunk.usage, calls }, model);
}

/**
 * What a server answered with status 200, which may be an error or a web page all the same.
 * @throws `invalid-response`, and what the server says
 */
export function parseAnswer(text: string, model: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw notJson(text, cause);
  }
  if (typeof parsed !== "object" || parsed === null) throw noAnswer(text);
  if (isError(parsed)) throw responseError({ status: 200, body: parsed, model });
  return parsed;
}

function toChunk({ event, data, unended }: ServerSentEvent, model: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch (cause) {
    if (unended === true) throw brokenOff(model, cause);
    if (event === "error") throw responseError({ status: 200, body: data, model });
    throw notJson(data, cause);
  }
  if (typeof parsed !== "object" || parsed === null) throw noAnswer(data);
  if (isError(parsed)) throw responseError({ status: 200, body: parsed, model });
  if (event === "error") throw responseError({ status: 200, body: { error: parsed }, model });
  return parsed;
}

function brokenOff(model: string, cause?: unknown): ModelyardError {
  return new ModelyardError(
    "stream-interrupted",
    `${model} broke off: its answer ended without a finish reason.`,
    { cause, remedy: "Try again; if it stays so, look into the log of that server." },
  );
}

function failed(reason: string, model: string): ModelyardError {
  return new ModelyardError(
    "backend-error",
    `${model} ended its answer with ${JSON.stringify(reason)}.`,
    { remedy: "Try again; if it stays so, look into the log of that server." },
  );
}

function empty(model: string): ModelyardError {
  return new ModelyardError("invalid-response", `${model} answered with an empty stream.`, {
    remedy: "Try again; if it stays so, look into the log of that server.",
  });
}

function noAnswer(text: string): ModelyardError {
  return new ModelyardError(
    "invalid-response",
    `What the backend sent is JSON, but no answer: ${quote(text)}.`,
    { remedy: "Check that baseUrl is the address of this kind of API." },
  );
}
