import { setTimeout as sleep } from "node:timers/promises";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import type { Fault } from "../../src/testing/exchange.ts";
import { hang } from "../../src/testing/faults/connection.ts";
import { unavailable } from "../../src/testing/faults/refusal.ts";

const peaceful = Array.from({ length: 200 }, (_, index) => `asks-for-peace-${index}`);
let peaceIsAskedFor = 0;

/** Where a call is when it is given up, by the model that brings it there. */
export const moments = {
  "before headers": { model: () => "wide/before-headers" },
  "before the first token": { model: () => "wide/after-headers" },
  "in mid-stream": { model: () => "wide/middle" },
  "in the queue": { model: () => "narrow/before-headers" },
  // A target that asks for peace has it from all who call it: each call has one of its own.
  "in a retry's wait": {
    model: () => `wide/${peaceful[peaceIsAskedFor++ % peaceful.length]}`,
  },
} satisfies Record<string, { model(): string }>;

export type Moment = keyof typeof moments;

const faults: Readonly<Record<string, Fault>> = {
  "before-headers": hang("before-headers"),
  "after-headers": hang("after-headers"),
  middle: hang("middle"),
};
/** Longer than it takes to cancel, shorter than a test likes to wait. */
const peaceSeconds = 2;

/** How many calls may be under way at once: as many must be possible when all have been cancelled. */
export const wideness = 40;

/** An upstream that brings calls to each moment, and the configuration of who asks it. */
export async function openUpstream(): Promise<{ upstream: ChaosUpstream; configuration: object }> {
  const upstream = await chaosUpstream({
    models: ["good", ...Object.keys(faults), ...peaceful],
    script(_, { body }) {
      const { model = "" } = (body ?? {}) as { model?: string };
      if (model.startsWith("asks-for-peace")) return unavailable({ seconds: peaceSeconds });
      return faults[model];
    },
  });
  const backend = { type: "openai-compatible", profile: "plain", baseUrl: `${upstream.url}/v1` };
  return {
    upstream,
    configuration: {
      backends: {
        wide: { ...backend, maxConcurrent: wideness, maxQueue: 0 },
        narrow: { ...backend, maxConcurrent: 1 },
      },
      // Once it is told to end, a server ends what is under way nearly at once.
      server: { drainMs: 50 },
    },
  };
}

/** A call on its way. */
export interface Attempt {
  /** Gives it up, and may tell when; or when that happens by itself. Times are on the clock of `nowMs`. */
  readonly cancel: (() => unknown) | { readonly atMs: number };
}

export interface Given {
  readonly model: string;
  readonly prompt: string;
  readonly stream: boolean;
}

export type Begin = (given: Given) => Promise<Attempt> | Attempt;

let cases = 0;
const longestMs = 15_000;

/**
 * Begins a call, gives it up at that moment, and waits until nothing of it is left upstream: the connection is closed, or (in the queue,
 * in a retry's wait) it does not come, or not again. Gives how long the closing took, in milliseconds.
 * @throws where it still is after a long while, or comes
 */
export async function cancelAt(
  moment: Moment,
  { begin, upstream, stream }: { begin: Begin; upstream: ChaosUpstream; stream: boolean },
): Promise<number | undefined> {
  const prompt = `case-${++cases}-${process.pid}`;
  const requests = () => upstream.requests.filter((each) => each.prompt?.includes(`${prompt}.`));
  const { cancel } = await begin({ model: moments[moment].model(), prompt: `${prompt}.`, stream });
  if (moment !== "in the queue") await until(() => requests().length > 0, `${prompt} ${moment}`);
  await sleep(moment === "in the queue" ? 400 : 100);
  const nowAtMs = nowMs();
  const toldAtMs = typeof cancel === "function" ? await cancel() : cancel.atMs;
  const cancelledAtMs = typeof toldAtMs === "number" ? toldAtMs : nowAtMs;
  if (moment === "in the queue" || moment === "in a retry's wait") {
    const before = moment === "in the queue" ? 0 : 1;
    await sleep(peaceSeconds * 1000 + 500);
    if (requests().length > before) throw new Error(`A call came that was given up ${moment}.`);
    return undefined;
  }
  const closedAtMs = () => requests()[0]!.connection.closedAtMs;
  await until(() => closedAtMs() !== undefined, `the end of ${prompt} ${moment}`);
  return closedAtMs()! - cancelledAtMs;
}

/** Holds the only place of the narrow backend; to be let go by its `cancel`. */
export async function fillNarrow(begin: Begin, upstream: ChaosUpstream): Promise<Attempt> {
  const prompt = `filler-${++cases}.`;
  const attempt = await begin({ model: "narrow/before-headers", prompt, stream: false });
  await until(() => upstream.requests.some((each) => each.prompt?.includes(prompt)), prompt);
  return attempt;
}

export async function until(holds: () => boolean, what: string): Promise<void> {
  const endsAt = performance.now() + longestMs;
  while (!holds()) {
    if (performance.now() > endsAt) throw new Error(`Waited in vain for ${what}.`);
    await sleep(10);
  }
}

/** On the clock that the upstream's times are on. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
