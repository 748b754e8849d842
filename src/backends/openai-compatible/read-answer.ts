import { type BatchedIterator, Batches, type BatchSource } from "../../contract/batches.ts";
import type { ChatEvent } from "../../contract/capabilities/chat.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import { headerOf } from "../../contract/http/header-of.ts";
import { quote } from "../../contract/http/quote.ts";
import { createEventSource, type ServerSentEvent } from "../../contract/http/read-events.ts";
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
 * `answer`: what the server answers, or what asks it once somebody reads.
 * @throws `stream-interrupted` where it broke off, `invalid-response` for what is no answer, and what the server says in the midst of it
 */
export function readAnswer(
  answer: Response | (() => Promise<Response>),
  model: string,
  warn: (message: string) => void = () => {},
): BatchedIterator<ChatEvent> {
  let stream: BatchSource<ChatEvent> | undefined;
  let stopped = false;
  return new Batches<ChatEvent>({
    async read(to) {
      if (stream !== undefined) return stream.read(to);
      const response = typeof answer === "function" ? await answer() : answer;
      if (isStream(response)) stream = createStreamReader(response, model, warn);
      else {
        const text = await response.text();
        if (!streamBegins.test(text)) return addWhole(to, text, model);
        stream = createStreamReader(new Response(text), model, warn);
      }
      if (stopped) await stream.stop();
      return stopped ? false : stream.read(to);
    },
    async stop() {
      stopped = true;
      await stream?.stop();
    },
  });
}

function isStream(response: Response): boolean {
  return (headerOf(response, "content-type") ?? "").includes("event-stream");
}

function createStreamReader(
  response: Response,
  model: string,
  warn: (message: string) => void,
): BatchSource<ChatEvent> {
  const calls = createToolCalls();
  let finishReason: string | undefined;
  let usage: unknown;
  let beginning = "";
  let begun = false;
  let ended = false;
  const onBeginning = (text: string) => {
    if (beginning.length < longestBeginning) beginning += text;
  };
  const source = createEventSource(response, { isLast, onBeginning });

  function chunkOf(event: ServerSentEvent): Chunk | undefined {
    try {
      return readChunk(toChunk(event, model));
    } catch (error) {
      if (finishReason === undefined) throw error;
      warn(`${model} sent something after the end of its answer that was passed over.`);
      return undefined;
    }
  }

  function add(to: ChatEvent[], event: ServerSentEvent): void {
    if (event.data === last) ended = true;
    if (ended || event.data === "") return;
    const chunk = chunkOf(event);
    if (chunk === undefined) return;
    begun ||= chunk.hasChoice;
    addSaid(to, chunk);
    if (chunk.toolCalls !== undefined) calls.add(chunk.toolCalls);
    finishReason = chunk.finishReason ?? finishReason;
    usage = chunk.usage ?? usage;
  }

  /** @returns whether more comes */
  async function readSome(to: ChatEvent[]): Promise<boolean> {
    const events: ServerSentEvent[] = [];
    try {
      return await source.read(events);
    } catch (error) {
      const whole = finishReason !== undefined;
      // What breaks after the last word breaks nothing.
      if (!(whole && isModelyardError(error) && error.code === "stream-interrupted")) throw error;
      return false;
    } finally {
      for (const event of events) add(to, event);
    }
  }

  return {
    async read(to) {
      if (await readSome(to)) return true;
      const unread = !begun && !ended && finishReason === undefined;
      if (unread && beginning.trim() !== "" && !streamBegins.test(beginning))
        return addWhole(to, beginning, model);
      if (finishReason === undefined && !ended) throw brokenOff(model);
      if (!begun) throw empty(model);
      addEnding(to, { finishReason, usage, calls }, model);
      return false;
    },
    stop: source.stop,
  };
}

function addSaid(to: ChatEvent[], chunk: Chunk): void {
  if (chunk.reasoning !== undefined) to.push({ type: "reasoning-delta", text: chunk.reasoning });
  if (chunk.logprobs !== undefined) to.push(...likelyText(chunk));
  else if (chunk.text !== undefined) to.push({ type: "text-delta", text: chunk.text });
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

function addEnding(to: ChatEvent[], { finishReason, usage, calls }: Ending, model: string): void {
  if (finishReason === "error" || finishReason === "abort") throw failed(finishReason, model);
  const reason = toFinishReason(finishReason, calls.size() > 0);
  const cut = reason === "length" || reason === "content-filter";
  for (const call of calls.finish(cut)) to.push({ type: "tool-call", ...call });
  const cost = toUsage(usage);
  to.push(
    finishReason === undefined
      ? { type: "finish", reason, usage: cost }
      : { type: "finish", reason, rawReason: finishReason, usage: cost },
  );
}

/** An answer that came in one piece, although a stream was asked for. Nothing comes after it. */
function addWhole(to: ChatEvent[], text: string, model: string): false {
  const chunk = readChunk(parseAnswer(text, model));
  if (!chunk.hasChoice) throw noAnswer(text);
  const calls = createToolCalls();
  addSaid(to, chunk);
  if (chunk.toolCalls !== undefined) calls.add(chunk.toolCalls);
  addEnding(to, { finishReason: chunk.finishReason, usage: chunk.usage, calls }, model);
  return false;
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
