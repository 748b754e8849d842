import type { AnyCapability } from "../../../contract/capability.ts";
import { isStream } from "../../answer.ts";
import type { SeenRequest } from "../../exchange.ts";
import { hang } from "../../faults/connection.ts";
import { sendAnswer } from "../../send-answer.ts";
import { beginCall, type BegunCall } from "../begin-call.ts";
import { expect, Skip, type Check } from "../check.ts";
import type { Subject } from "../subject.ts";
import { abortable, outcomeWithin, readyFor } from "../trials.ts";
import { becomes } from "../within.ts";

/** Of a backend that begins a job by one request and asks for it by others: a connection that closes stops nothing there. */
export const stopsJob: Check = {
  id: "cancellation/stops-job",
  level: "silver",
  title: "a job that it began at its server is stopped when the call is given up",
  why: "A job that was begun by one request and is asked for by others goes on when their connections close, and is paid for.",
  remedy:
    "Send what stops it in finally, with create's fetch: context.fetch has ended with the call. Where the API has no such request, leave this check out, and say so as the reason.",
  async run(subject) {
    let tried = 0;
    for (const capability of subject.capabilities)
      if (await tryToGiveUp(subject, capability)) tried += 1;
    if (tried === 0)
      throw new Skip("It begins no job at its server that it asks for later.", { declared: true });
  },
};

/** @returns whether it begins a job @throws {Failure} where its server is not told that nobody waits for it */
async function tryToGiveUp(subject: Subject, capability: AnyCapability): Promise<boolean> {
  const { limits } = subject;
  const { opened, model, asked } = await readyFor(subject, capability);
  const { upstreams } = opened;
  const { signal, abort } = abortable();
  let job: SeenRequest | undefined;
  upstreams.choose((request) => {
    if (request.method !== "GET" || upstreams.nameIn(request) === undefined) return undefined;
    return async (exchange) => {
      const answer = await exchange.answer();
      // One that streams ends with its connection.
      if (isStream(answer)) return sendAnswer(exchange, answer);
      job ??= request;
      await hang("before-headers")(exchange);
    };
  });
  const begun = beginCall(opened, capability, model, subject.request(capability), signal);
  let isOver = false;
  const reading = readAll(begun, capability.event !== undefined).finally(() => (isOver = true));
  reading.catch(() => {}); // what becomes of it is looked at below
  await becomes(() => isOver || job !== undefined, limits.answerMs);
  const before = upstreams.requests.length;
  abort();
  const what = `A ${capability.name} call that was given up while its job was under way`;
  await outcomeWithin(reading, limits.settleMs, what, asked);
  await begun.stop();
  if (job === undefined) return false;
  const { path } = job;
  const isStop = (request: SeenRequest) =>
    request.method !== "GET" || pathOf(request.path) !== pathOf(path);
  const isTold = () => upstreams.requests.slice(before).some(isStop);
  expect(
    await becomes(isTold, limits.settleMs),
    `The call has ended, and its server was sent nothing any more: the job that it asked for by GET ${path} goes on.`,
    { asked },
  );
  return true;
}

/** Reads all of an answer. */
async function readAll(begun: BegunCall, isStreamed: boolean): Promise<void> {
  for (;;) {
    const step = await begun.first();
    if (!isStreamed || Object(step).done === true) return;
  }
}

const pathOf = (path: string) => path.replace(/\?.*$/, "");
