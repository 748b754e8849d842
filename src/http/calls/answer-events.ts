import type { ServerResponse } from "node:http";
import type { FastifyReply } from "fastify";
import type { Log } from "../../contract/backend.ts";
import type { AnyEvent } from "../../contract/capability.ts";
import type { FaceCallOptions, Gateway, StreamedAnswer } from "../../gateway/api.ts";
import type { Frames, ReadRequest, Untold } from "../dialects/conversion.ts";
import type { Drain } from "../drain.ts";
import { toErrorBody } from "../to-error-body.ts";
import { answerHeaders } from "./answer-headers.ts";
import { callEach } from "./call-each.ts";
import type { Connection } from "./connection.ts";

export interface AnswerEventsOptions {
  readonly gateway: Gateway;
  readonly capability: string;
  readonly read: ReadRequest;
  readonly options: FaceCallOptions;
  readonly connection: Connection;
  readonly log: Log;
  readonly drain: Pick<Drain, "tell">;
  /** How long a caller hears nothing before the first event, in milliseconds. */
  readonly keepAliveMs: number;
}

/**
 * Answers a caller who reads events as they come. The headers go out with the first event, so that what fails before it still has a
 * status of its own; but a model may take minutes to load, so after a while they are sent all the same, with a comment now and then to
 * keep the connection alive, and what fails then is an event.
 */
export async function answerEvents(
  { gateway, capability, read, options, connection, log, drain, keepAliveMs }: AnswerEventsOptions,
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

  const answers: StreamedAnswer[] = [];
  let told: ReadonlySet<string> = new Set(read.warnings);
  let frames: Frames | undefined;
  let open = read.requests.length;

  const warnings = () => [
    ...new Set([...read.warnings, ...answers.flatMap((answer) => answer.warnings)]),
  ];

  function untold(): Untold | undefined {
    const late = warnings().filter((warning) => !told.has(warning));
    if (!early && late.length === 0) return undefined;
    const backend = answers[0]?.target.backend;
    return {
      ...(early && backend !== undefined ? { backend } : {}),
      ...(late.length === 0 ? {} : { warnings: late }),
    };
  }

  /** With the first event of whichever answer comes first. */
  function beginWith({ id, target, attempts }: StreamedAnswer): Frames {
    clearInterval(waiting);
    if (!early) {
      told = new Set(warnings());
      begin(reply, { backend: target.backend, attempts, warnings: [...told] });
    }
    const createdAt = Math.floor(Date.now() / 1000);
    return read.createFrames({ id: options.id ?? id, ...target, createdAt }, untold);
  }

  async function answerOne(request: object, own: FaceCallOptions, choice: number): Promise<void> {
    const answer = await gateway.stream(capability, request, own);
    answers.push(answer);
    frames ??= beginWith(answer);
    const made = frames;
    const frameOf = (event: AnyEvent) => {
      const frame = made.toFrame(event, choice);
      return event.type === "finish" && --open === 0 ? frame + made.end : frame;
    };
    await writeAll(answer.events, frameOf, connection);
  }

  try {
    await callEach(read.requests, options, answerOne);
  } catch (error) {
    if (!early && frames === undefined) throw error;
    return fail(response, drain.tell(error), log);
  } finally {
    clearInterval(waiting);
  }
  response.end();
}

/** Writes what is there at once in one piece. */
async function writeAll(
  events: StreamedAnswer["events"],
  frameOf: (event: AnyEvent) => string,
  connection: Connection,
): Promise<void> {
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await events.next();
      ended = done === true;
      if (done === true) return;
      let full: Promise<void> | undefined;
      let text = "";
      try {
        text = frameOf(value);
        for (let more = events.takeReady?.(); more !== undefined; more = events.takeReady?.())
          text += frameOf(more);
      } finally {
        // What came before an event that means that the answer has failed is not lost.
        if (text !== "") full = connection.write(text);
      }
      if (full !== undefined) await full;
    }
  } finally {
    if (!ended) await events.return?.();
  }
}

/** From here on the answer is ours to write: Fastify has no part in it. */
function begin(reply: FastifyReply, told: Omit<Parameters<typeof answerHeaders>[0], "id">): void {
  reply.hijack();
  reply.raw.writeHead(200, {
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-cache",
    ...answerHeaders({ ...told, id: reply.request.id }),
  });
}

/** The last event of an answer that has failed; nothing says that it is done. */
function fail(response: ServerResponse, error: unknown, log: Log): void {
  const { body } = toErrorBody(error, log);
  response.end(`event: error\ndata: ${JSON.stringify(body)}\n\n`);
}
