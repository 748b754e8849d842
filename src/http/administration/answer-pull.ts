import type { OutgoingHttpHeaders } from "node:http";
import type { FastifyReply } from "fastify";
import type { Log } from "../../contract/backend.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { Progress } from "../../contract/progress.ts";
import type { Access, Gateway } from "../../gateway/api.ts";
import { watchConnection } from "../calls/connection.ts";
import type { Drain } from "../drain.ts";
import { toErrorBody } from "../to-error-body.ts";

export interface AnswerPullOptions {
  readonly gateway: Gateway;
  readonly log: Log;
  readonly drain: Pick<Drain, "tell">;
  /** Who asks, where they had to prove that. */
  readonly access: Access | undefined;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A bar that moves needs no more, in milliseconds. */
const paceMs = 100;

/**
 * Fetches a model's weights and tells how it goes: events `progress`, and at last `done` or `error`. What fails before anything is
 * told has a status of its own. Who closes the connection gives up; a later pull goes on from what is there.
 */
export async function answerPull(
  { gateway, log, drain, access, body }: AnswerPullOptions,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const { model, sha256, ...rest } = body;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) throw invalid(unknown, "A pull takes model and sha256.");
  if (typeof model !== "string" || model === "") throw invalid("model", "Name the model.");
  if (sha256 !== undefined && typeof sha256 !== "string")
    throw invalid("sha256", "Must be a digest in hexadecimal.");

  const caller = access?.caller;
  const connection = watchConnection(reply.raw, { access });
  let begun = false;
  let toldAt = 0;
  let phase = "";

  function tell(event: string, data: unknown): void {
    if (!begun) {
      begun = true;
      reply.hijack();
      reply.raw.writeHead(200, {
        ...(reply.getHeaders() as OutgoingHttpHeaders),
        "x-request-id": reply.request.id,
        "content-type": "text/event-stream",
        "cache-control": "no-store",
      });
    }
    void connection.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  function onProgress(progress: Progress): void {
    const now = performance.now();
    const busy = reply.raw.writableNeedDrain;
    if (busy || (progress.phase === phase && now - toldAt < paceMs)) return;
    toldAt = now;
    phase = progress.phase;
    tell("progress", progress);
  }

  try {
    const pulled = await gateway.pull(model, {
      sha256,
      // Who could name a path would read any file here, and with a URL reach any address from here.
      onlyListed: caller?.admin !== true,
      caller,
      signal: connection.signal,
      onProgress,
    });
    tell("done", pulled);
  } catch (error) {
    if (!begun) throw error;
    tell("error", toErrorBody(drain.tell(error), log).body);
  }
  reply.raw.end();
  return reply;
}

function invalid(param: string, message: string): ModelyardError {
  return new ModelyardError("invalid-request", `${param}: ${message}`, { details: { param } });
}
