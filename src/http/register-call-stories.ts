import type { FastifyInstance } from "fastify";
import type { Log } from "../contract/backend.ts";
import { ModelyardError } from "../contract/errors.ts";
import type { Caller, Gateway, Trace } from "../gateway/api.ts";
import { toErrorBody } from "./to-error-body.ts";

/** `/api/calls/<request id>`: what became of a recent call, and the way it took. It holds no word of what was asked or answered. */
export function registerCallStories(app: FastifyInstance, gateway: Gateway, log: Log): void {
  app.get<{ Params: { id: string } }>(
    "/api/calls/:id",
    async ({ params: { id }, access }, reply) => {
      const story = gateway.explain(id);
      if (story !== undefined && mayRead(access?.caller, story)) return toStory(story);
      const message = "There is no call of this id among the latest thousand that have ended.";
      const error = new ModelyardError("invalid-request", message, { details: { param: "id" } });
      return reply.code(404).send(toErrorBody(error, log).body);
    },
  );
}

/** Each reads what became of their own calls; who may change what runs, of all. */
function mayRead(caller: Caller | undefined, story: Trace): boolean {
  return caller === undefined || caller.admin === true || caller.name === story.caller;
}

/** Times rounded to a tenth of a millisecond. What an upstream said is left out: it may repeat the prompt. */
function toStory({ steps, begunMs, endedMs, startedAt, ...trace }: Trace): object {
  const { reason: _reason, ...told } = trace;
  return {
    ...told,
    startedAt: new Date(startedAt).toISOString(),
    ...(begunMs === undefined ? {} : { begunMs: rounded(begunMs) }),
    endedMs: rounded(endedMs),
    steps: steps.map((step) => {
      const entries = Object.entries(step).filter(
        ([name]) => name !== "reason" || step.did === "skipped",
      );
      return Object.fromEntries(
        entries.map(([name, value]: [string, unknown]) => [
          name,
          typeof value === "number" ? rounded(value) : value,
        ]),
      );
    }),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
