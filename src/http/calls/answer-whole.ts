import type { FastifyReply } from "fastify";
import type { FaceCallOptions, CollectedAnswer, Gateway } from "../../gateway/api.ts";
import type { ReadRequest } from "../dialects/conversion.ts";
import { answerHeaders } from "./answer-headers.ts";
import { callEach } from "./call-each.ts";

/** Answers a caller who waits for the whole. */
export async function answerWhole(
  gateway: Gateway,
  capability: string,
  read: ReadRequest,
  options: FaceCallOptions,
  reply: FastifyReply,
): Promise<void> {
  const answers = await callEach(read.requests, options, (request, own) =>
    gateway.call(capability, request, own),
  );
  const [first] = answers as [CollectedAnswer, ...CollectedAnswer[]];
  const { backend, model } = first.target;
  const attempts = answers.reduce((sum, each) => sum + each.attempts, 0);
  const createdAt = Math.floor(Date.now() / 1000);
  const { body, warnings } = read.toAnswer(
    answers.map(({ result }) => result),
    { id: first.id, backend, model, createdAt },
  );
  const told = new Set(read.warnings);
  for (const list of [...answers.map((each) => each.warnings), warnings])
    for (const warning of list) told.add(warning);
  const text = JSON.stringify(body);
  const { id } = reply.request;
  const headers = answerHeaders({ id, backend, attempts, warnings: [...told] });
  headers["content-type"] = "application/json; charset=utf-8";
  headers["content-length"] = String(Buffer.byteLength(text));
  reply.raw.writeHead(200, headers);
  // From here on the answer is ours to write: what failed before is still Fastify's to tell.
  reply.hijack();
  reply.raw.end(text);
}
