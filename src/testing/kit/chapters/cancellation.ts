import type { AnyCapability, AnyEvent } from "../../../contract/capability.ts";
import { hang } from "../../faults/connection.ts";
import { expectUpstreamFree } from "../abandon.ts";
import { asAuthor } from "../author-code.ts";
import { Failure, type Chapter } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import type { OpenedBackend } from "../open-backend.ts";
import type { Subject } from "../subject.ts";
import { abortable, essenceOf, isSame, outcomeWithin, readyFor } from "../trials.ts";
import { pause } from "../within.ts";

/** How long a handler may work before it is stopped, in milliseconds. */
const workMs = 25;

/** What becomes of a call that nobody waits for. */
export const cancellation: Chapter = {
  name: "cancellation",
  about: "A call that is given up ends, and so does the work for it.",
  checks: [
    {
      id: "cancellation/before",
      level: "silver",
      title: "a call that was given up before it began ends",
      why: "A caller may leave while the call still waits for its turn.",
      remedy: "Use context.fetch and context.signal from the first line on.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const { signal, abort } = abortable();
          abort();
          const begun = begin(opened, capability, model, subject.request(capability), signal);
          await expectEnd(begun.first(), subject, opened, capability, "before it began");
          await begun.stop();
          await expectUpstreamFree(opened, subject.limits.settleMs, "The call", begun.asked);
        }),
    },
    {
      id: "cancellation/waiting",
      level: "silver",
      title: "a call that is given up while it waits ends, and its server is told",
      why: "The server would work on for nobody, and the next caller would wait for it.",
      remedy: "Hand context.signal to everything that is waited for; context.fetch has it already.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const { signal, abort } = abortable();
          opened.upstreams.use(hang("before-headers"));
          const begun = begin(opened, capability, model, subject.request(capability), signal);
          const first = begun.first();
          await Promise.race([pause(workMs), first.catch(() => {})]);
          abort();
          await expectEnd(first, subject, opened, capability, "while it waited");
          await begun.stop();
          await expectUpstreamFree(opened, subject.limits.settleMs, "The call", begun.asked);
        }),
    },
    {
      id: "cancellation/answering",
      level: "silver",
      title: "a call that is given up in mid-answer ends, and its server is told",
      why: "An answer that nobody reads costs as much as one that is read.",
      remedy:
        "Read the server's answer in a loop that ends with the signal, and close what you opened in finally.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const { signal, abort } = abortable();
          opened.upstreams.use(hang("middle"));
          const begun = begin(opened, capability, model, subject.request(capability), signal);
          const pending = begun.untilItWaits(workMs);
          const waiting = await pending;
          abort();
          await expectEnd(waiting.next, subject, opened, capability, "in mid-answer");
          await begun.stop();
          await expectUpstreamFree(opened, subject.limits.settleMs, "The call", begun.asked);
        }),
    },
    {
      id: "cancellation/stops-reading",
      level: "silver",
      title: "an answer that is not read to its end is ended",
      why: "Faces stop reading when their client has gone.",
      remedy: "Write the handler as an async generator, and close what you opened in finally.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const { signal, abort } = abortable();
          opened.upstreams.use(hang("middle"));
          const begun = begin(opened, capability, model, subject.request(capability), signal);
          await Promise.race([pause(workMs), begun.first().catch(() => {})]);
          abort();
          await begun.stop();
          await expectUpstreamFree(opened, subject.limits.settleMs, "The call", begun.asked);
        }),
    },
    {
      id: "cancellation/after",
      level: "silver",
      title: "answers as before, after a call was given up",
      why: "One caller who leaves must not spoil the answer of the next.",
      remedy: "Keep what belongs to a call inside its handler.",
      run: (subject) =>
        each(subject, async (capability, opened, model) => {
          const request = subject.request(capability);
          const before = essenceOf(capability, await opened.ask(capability, model, request));
          const { signal, abort } = abortable();
          opened.upstreams.use(hang("middle"));
          const begun = begin(opened, capability, model, request, signal);
          await Promise.race([pause(workMs), begun.first().catch(() => {})]);
          abort();
          await begun.stop();
          opened.upstreams.use();
          const again = essenceOf(capability, await opened.ask(capability, model, request));
          const once = essenceOf(capability, await opened.ask(capability, model, request));
          // What differs each time can't be compared.
          if (isSame(again, once) && !isSame(before, again))
            throw new Failure(
              `Before: ${describeValue(before)}; afterwards: ${describeValue(again)}.`,
              { asked: begun.asked },
            );
        }),
    },
  ],
};

async function each(
  subject: Subject,
  run: (capability: AnyCapability, opened: OpenedBackend, model: string) => Promise<void>,
): Promise<void> {
  for (const capability of subject.capabilities) {
    const { opened, model } = await readyFor(subject, capability);
    await run(capability, opened, model);
  }
}

/** A call that has been begun and is read step by step. */
interface Begun {
  readonly asked: unknown;
  /** The first event, or the whole answer. */
  first(): Promise<unknown>;
  /** Reads on until nothing comes for a while; `next` is what is then waited for. */
  untilItWaits(quietMs: number): Promise<{ next: Promise<unknown> }>;
  /** Says that nobody reads on, as the gateway does. */
  stop(): Promise<void>;
}

function begin(
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
  request: unknown,
  signal: AbortSignal,
): Begun {
  const asked = opened.handlerOf(capability);
  const answer = beginSafely(() => opened.begin(capability, model, request, { signal }));
  if (capability.event === undefined) {
    const whole = answer as Promise<unknown>;
    whole.catch(() => {}); // who waits for it hears of it
    return {
      asked,
      first: () => whole,
      untilItWaits: async (quietMs) => {
        await Promise.race([pause(quietMs), whole.catch(() => {})]);
        return { next: whole };
      },
      async stop() {},
    };
  }
  const iterator = asAuthor(() => (answer as AsyncIterable<AnyEvent>)[Symbol.asyncIterator]());
  const next = () => {
    const step = asAuthor(async () => iterator.next());
    step.catch(() => {}); // who waits for it hears of it
    return step;
  };
  return {
    asked,
    first: next,
    async untilItWaits(quietMs) {
      for (;;) {
        const step = next();
        const came = await Promise.race([
          pause(quietMs).then(() => false),
          step.then(
            ({ done }) => done !== true,
            () => false,
          ),
        ]);
        if (!came) return { next: step };
      }
    },
    async stop() {
      const stopped = asAuthor(async () => iterator.return?.());
      await outcomeWithin(
        stopped,
        1_500,
        `The ${capability.name} handler, told that nobody reads on,`,
        asked,
      );
    },
  };
}

/** A handler that throws before it gives anything has failed like any other. */
function beginSafely(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    const failed = Promise.reject(error as Error);
    failed.catch(() => {}); // who waits for it hears of it
    return Object.assign(failed, {
      [Symbol.asyncIterator]: () => ({ next: () => failed, return: async () => ({ done: true }) }),
    });
  }
}

function expectEnd(
  work: Promise<unknown>,
  { limits }: Subject,
  opened: OpenedBackend,
  capability: AnyCapability,
  when: string,
): Promise<unknown> {
  const asked = opened.handlerOf(capability);
  const what = `A ${capability.name} call that was given up ${when}`;
  return outcomeWithin(work, limits.settleMs, what, asked);
}
