import { hang } from "../../faults/connection.ts";
import { expectUpstreamFree } from "../abandon.ts";
import { beginCall, type BegunCall } from "../begin-call.ts";
import { Failure, type Chapter } from "../check.ts";
import { describeValue } from "../describe-value.ts";
import type { OpenedBackend } from "../open-backend.ts";
import type { Subject } from "../subject.ts";
import { abortable, essenceOf, isSame, outcomeWithin, readyFor } from "../trials.ts";
import { pause } from "../within.ts";
import { stopsJob } from "./stops-job.ts";

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
        each(subject, async ({ abort, begin, expectEnd, expectFree }) => {
          abort();
          const begun = begin();
          await expectEnd(begun.first(), "before it began");
          await expectFree(begun);
        }),
    },
    {
      id: "cancellation/waiting",
      level: "silver",
      title: "a call that is given up while it waits ends, and so do its requests",
      why: "The server would work on for nobody, and the next caller would wait for it.",
      remedy: "Hand context.signal to everything that is waited for; context.fetch has it already.",
      run: (subject) =>
        each(subject, async ({ abort, begin, expectEnd, expectFree }) => {
          const begun = begin("before-headers");
          const first = begun.first();
          await workOn(first);
          abort();
          await expectEnd(first, "while it waited");
          await expectFree(begun);
        }),
    },
    {
      id: "cancellation/answering",
      level: "silver",
      title: "a call that is given up in mid-answer ends, and so do its requests",
      why: "An answer that nobody reads costs as much as one that is read.",
      remedy:
        "Read the server's answer in a loop that ends with the signal, and close what you opened in finally.",
      run: (subject) =>
        each(subject, async ({ abort, begin, expectEnd, expectFree }) => {
          const begun = begin("middle");
          const { next } = await begun.untilItWaits(workMs);
          abort();
          await expectEnd(next, "in mid-answer");
          await expectFree(begun);
        }),
    },
    {
      id: "cancellation/stops-reading",
      level: "silver",
      title: "an answer that is not read to its end is ended",
      why: "Faces stop reading when their client has gone.",
      remedy: "Write the handler as an async generator, and close what you opened in finally.",
      run: (subject) =>
        each(subject, async ({ abort, begin, expectFree }) => {
          const begun = begin("middle");
          await workOn(begun.first());
          abort();
          await expectFree(begun);
        }),
    },
    stopsJob,
    {
      id: "cancellation/after",
      level: "silver",
      title: "answers as before, after a call was given up",
      why: "One caller who leaves must not spoil the answer of the next.",
      remedy: "Keep what belongs to a call inside its handler.",
      run: (subject) =>
        each(subject, async ({ abort, answer, begin, opened }) => {
          const before = await answer();
          const begun = begin("middle");
          await workOn(begun.first());
          abort();
          await begun.stop();
          opened.upstreams.use();
          const again = await answer();
          const once = await answer();
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

/** A call of one capability, and what a check does with it. */
interface Trial {
  readonly opened: OpenedBackend;
  abort(): void;
  /** Begins it, its server hanging where that is said. */
  begin(hangs?: Parameters<typeof hang>[0]): BegunCall;
  /** What the same request is answered where nobody gives it up. */
  answer(): Promise<unknown>;
  /** @throws {Failure} where the work does not end in time */
  expectEnd(work: Promise<unknown>, when: string): Promise<unknown>;
  /** Stops reading. @throws {Failure} where a server works on */
  expectFree(begun: BegunCall): Promise<void>;
}

async function each(subject: Subject, run: (trial: Trial) => Promise<void>): Promise<void> {
  const { settleMs } = subject.limits;
  for (const capability of subject.capabilities) {
    const { opened, model, asked } = await readyFor(subject, capability);
    const { signal, abort } = abortable();
    const request = subject.request(capability);
    await run({
      opened,
      abort,
      begin(hangs) {
        if (hangs !== undefined) opened.upstreams.use(hang(hangs));
        return beginCall(opened, capability, model, request, signal);
      },
      answer: async () => essenceOf(capability, await opened.ask(capability, model, request)),
      expectEnd(work, when) {
        const what = `A ${capability.name} call that was given up ${when}`;
        return outcomeWithin(work, settleMs, what, asked);
      },
      async expectFree(begun) {
        await begun.stop();
        await expectUpstreamFree(opened, settleMs, "The call", asked);
      },
    });
  }
}

/** Lets a handler work for a while, or until it has something. */
async function workOn(first: Promise<unknown>): Promise<void> {
  await Promise.race([pause(workMs), first.catch(() => {})]); // what becomes of it, the check looks at
}
