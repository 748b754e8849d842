import { hang } from "../faults/connection.ts";
import { expect, Skip } from "./check.ts";
import type { OpenedBackend } from "./open-backend.ts";
import type { Subject } from "./subject.ts";
import { abortable, outcomeWithin } from "./trials.ts";
import { becomes } from "./within.ts";

/** How long a first request may take to be sent, in milliseconds, before it counts as none. */
const requestMs = 250;

/**
 * Uses one of a backend's methods while its server hangs, and takes the interest away: it must end, and the server be told.
 * @throws {Skip} where it asks no server
 */
export async function expectEndsAbandoned(
  opened: OpenedBackend,
  { limits }: Subject,
  method: "initialize" | "healthCheck" | "listModels",
): Promise<void> {
  const { signal, abort } = abortable();
  const asked = opened.backend[method];
  opened.upstreams.use(hang("before-headers"));
  const work = opened.call(`${method}()`, (each) => each[method]?.(signal) as Promise<unknown>);
  let isOver = false;
  const end = () => ((isOver = true), false);
  const ended = work.then(end, end);
  // Nobody goes on looking once it is over: a runner would wait for that.
  const isSent = becomes(() => isOver || opened.upstreams.requests.length > 0, requestMs);
  if (!(await Promise.race([ended, isSent])))
    throw new Skip(`Its ${method} asks no server.`, { declared: true });
  abort();
  await outcomeWithin(work, limits.settleMs, `${method}(), its signal aborted,`, asked);
  await expectUpstreamFree(opened, limits.settleMs, `${method}()`, asked);
}

/** @throws {Failure} where a server still works on something that nobody waits for */
export async function expectUpstreamFree(
  { upstreams }: OpenedBackend,
  limitMs: number,
  who: string,
  asked: unknown,
): Promise<void> {
  const working = () => upstreams.requests.filter(({ endedAtMs }) => endedAtMs === undefined);
  expect(
    await becomes(() => working().length === 0, limitMs),
    () => {
      const [first] = working();
      return `${who} has ended, and its server still works on ${first?.method} ${first?.path}: nothing told it to stop.`;
    },
    { asked },
  );
}
