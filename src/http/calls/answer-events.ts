import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { Log } from "../../contract/backend.ts";
import type { CallOptions, Gateway, StreamedAnswer } from "../../gateway/api.ts";
import type { ReadRequest, Untold } from "../dialects/conversion.ts";
import { toErrorBody } from "../to-error-body.ts";
import { answerHeaders } from "./answer-headers.ts";
import type { Connection } from "./connection.ts";

export interface AnswerEventsOptions {
  readonly gateway: Gateway;
  readonly capability: string;
  readonly read: ReadRequest;
  readonly options: CallOptions;
  readonly connection: Connection;
  readonly log: Log;
  /** How long a caller hears nothing before the first event, in milliseconds. */
  readonly keepAliveMs: number;
}

/**
 * Answers a caller who reads events as they come. The headers go out with the first event, so that what fails before it still has a
 * status of its own; but a model may take minutes to load, so after a while they are sent all the same, with a comment now and then to
 * keep the connection alive, and what fails then is an event.
 */
export async function answerEvents(
  { gateway, capability, read, options, connection, log, keepAliveMs }: AnswerEventsOptions,
  reply: FastifyReply,
): Promise<void> {
  const response = reply.raw;
  let early = false;
  const waiting = setInterval(() => {
    if (connection.signal.aborted) return;
    if (!early) begin(reply, { warnings: read.warnings });
    early = true;
    // Nobody waits for it: a client that does not read is not told a second time.
    if (response.writableLength === 0) void connection.write(": waiting\n\n");
  }, keepAliveMs);

  let answer: StreamedAnswer;
  try {
    answer = await gateway.stream(capability, read.request, options);
  } catch (error) {
    if (!early) throw error;
    return fail(response, error, log);
  } finally {
    clearInterval(waiting);
  }

  let told = read.warnings.length;
  if (!early) {
    const warnings = [...read.warnings, ...answer.warnings];
    told = warnings.length;
    begin(reply, { backend: answer.target.backend, attempts: answer.attempts, warnings });
  }
  const untold = (): Untold | undefined => {
    const late = [...read.warnings, ...answer.warnings].slice(told);
    if (!early && late.length === 0) return undefined;
    return {
      ...(early ? { backend: answer.target.backend } : {}),
      ...(late.length === 0 ? {} : { warnings: late }),
    };
  };
  try {
    await writeEvents(answer, read, connection, untold);
  } catch (error) {
    return fail(response, error, log);
  }
  response.end();
}

async function writeEvents(
  answer: StreamedAnswer,
  read: ReadRequest,
  connection: Connection,
  untold: () => Untold | undefined,
): Promise<void> {
  const { id, target, events } = answer;
  const createdAt = Math.floor(Date.now() / 1000);
  const frames = read.createFrames({ id, ...target, createdAt }, untold);
  for await (const event of events) {
    const frame = frames.toFrame(event);
    if (frame === "") continue;
    const full = connection.write(event.type === "finish" ? frame + frames.end : frame);
    if (full !== undefined) await full;
  }
}

/** From here on the answer is ours to write: Fastify has no part in it. */
function begin(reply: FastifyReply, told: Parameters<typeof answerHeaders>[0]): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...answerHeaders(told),
  });
}

/** The last event of an answer that has failed; nothing says that it is done. */
function fail(response: ServerResponse, error: unknown, log: Log): void {
  const { body } = toErrorBody(error, log);
  response.end(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
}
