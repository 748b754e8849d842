import type { FastifyReply } from "fastify";
import type { CallOptions, Gateway } from "../../gateway/api.ts";
import type { ReadRequest } from "../dialects/conversion.ts";
import { answerHeaders } from "./answer-headers.ts";

/** Answers a caller who waits for the whole. */
export async function answerWhole(
  gateway: Gateway,
  capability: string,
  read: ReadRequest,
  options: CallOptions,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const answer = await gateway.call(capability, read.request, options);
  const { backend, model } = answer.target;
  const createdAt = Math.floor(Date.now() / 1000);
  const { body, warnings } = read.toAnswer(answer.result, {
    id: answer.id,
    backend,
    model,
    createdAt,
  });
  const all = [...read.warnings, ...answer.warnings, ...warnings];
  return reply
    .headers(answerHeaders({ backend, attempts: answer.attempts, warnings: all }))
    .type("application/json; charset=utf-8")
    .send(JSON.stringify(body));
}
