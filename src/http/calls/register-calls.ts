import type { FastifyInstance } from "fastify";
import type { Log } from "../../contract/backend.ts";
import { checkSize } from "../../contract/check-size.ts";
import { isModelyardError, ModelyardError } from "../../contract/errors.ts";
import type { Gateway } from "../../gateway/api.ts";
import type { Conversion, ReadRequest } from "../dialects/conversion.ts";
import { isObject } from "../dialects/invalid-field.ts";
import { openaiConversions } from "../dialects/openai/conversions.ts";
import { rerankConversion } from "../dialects/rerank/rerank-conversion.ts";
import { createPlainConversion } from "../dialects/plain-conversion.ts";
import type { Drain } from "../drain.ts";
import { answerEvents } from "./answer-events.ts";
import { answerHeaders } from "./answer-headers.ts";
import { answerWhole } from "./answer-whole.ts";
import { idOfCall } from "./call-each.ts";
import { watchConnection } from "./connection.ts";
import { nameFields } from "./name-fields.ts";
import { readCallOptions } from "./read-call-options.ts";

export interface CallRoutesOptions {
  readonly gateway: Gateway;
  readonly log: Log;
  readonly drain: Pick<Drain, "tell">;
  readonly keepAliveMs: number;
  /** How long a client may leave unread what it was sent, in milliseconds. */
  readonly stallMs: number;
}

const conversions = [...openaiConversions, rerankConversion];

/** A route for each capability that the gateway knows: OpenAI's words where it has any, else the contract's own. */
export function registerCalls(app: FastifyInstance, options: CallRoutesOptions): void {
  for (const { name, names } of options.gateway.capabilities.values()) {
    const conversion = conversions.find(({ capability }) => capability === name);
    registerCall(app, names.route, conversion ?? createPlainConversion(name), options);
  }
}

function registerCall(
  app: FastifyInstance,
  route: string,
  conversion: Conversion,
  { gateway, log, drain, keepAliveMs, stallMs }: CallRoutesOptions,
): void {
  const { capability } = conversion;
  app.post(route, async (request, reply) => {
    const { access } = request;
    const connection = watchConnection(reply.raw, { access, stallMs });
    let read: ReadRequest | undefined;
    try {
      const body = readBody(request.body);
      const call = readCallOptions(body, request.headers);
      read = conversion.read(body);
      const { controller } = connection;
      const options = { ...call, id: request.id, caller: access?.caller, controller };
      if (!read.stream) return await answerWhole(gateway, capability, read, options, reply);
      await answerEvents(
        { gateway, capability, read, options, connection, log, drain, keepAliveMs },
        reply,
      );
    } catch (error) {
      const attempts = attemptsOf(gateway, request.id, read?.requests.length ?? 0);
      // One that was passed over, or whose queue was full, has answered nothing.
      const backend = attempts > 0 && isModelyardError(error) ? error.backend : undefined;
      reply.headers(
        answerHeaders({ id: request.id, backend, attempts, warnings: read?.warnings ?? [] }),
      );
      throw nameFields(error, conversion);
    }
  });
}

/** How many targets the calls of a request have tried. None is asked for where none was made: the id may be an earlier request's. */
function attemptsOf(gateway: Gateway, id: string, calls: number): number {
  let attempts = 0;
  for (let choice = 0; choice < calls; choice++)
    attempts += gateway.explain(idOfCall(id, choice))?.attempts ?? 0;
  return attempts;
}

function readBody(body: unknown): Readonly<Record<string, unknown>> {
  if (isObject(body)) {
    checkSize(body);
    return body;
  }
  throw new ModelyardError("invalid-request", "The body must be a JSON object.");
}
