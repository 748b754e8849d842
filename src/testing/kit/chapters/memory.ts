import { randomUUID } from "node:crypto";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { AnyCapability } from "../../../contract/capability.ts";
import { expect, Skip, type Chapter } from "../check.ts";
import type { OpenedBackend } from "../open-backend.ts";
import { plainText } from "../sample-request.ts";
import type { Subject } from "../subject.ts";
import { readyFor } from "../trials.ts";
import { pause } from "../within.ts";

/** Calls in each of two rounds, at most; what each asks, in characters; how long a round may take, in milliseconds. */
const mostCalls = 60;
const leastCalls = 12;
const promptCharacters = 32_000;
const roundMs = 800;
/** What a program's memory goes up and down by, whatever it does. */
const noiseBytes = 400_000;
/** How often, and after how many milliseconds, it is looked again whether requests are still held. */
const mostTurns = 6;
const turnMs = 100;

/** What is left of a call. */
export const memory: Chapter = {
  name: "memory",
  about: "A call that has ended leaves nothing behind.",
  checks: [
    {
      id: "memory/requests",
      level: "gold",
      title: "forgets its requests",
      why: "A gateway runs for months: what each call leaves behind fills the memory, with prompts.",
      remedy: "Keep no request, signal or context in a list or map that outlives the call.",
      alone: true,
      async run(subject) {
        for (const capability of subject.capabilities) {
          const { opened, model } = await readyFor(subject, capability);
          const seen: WeakRef<object>[] = [];
          for (let call = 0; call < leastCalls; call += 1)
            seen.push(await askOnce(subject, opened, capability, model));
          const held = () => seen.filter((reference) => reference.deref() !== undefined).length;
          await collectGarbage();
          // A timer may hold one for a moment more, and the last may still be on a stack.
          for (let turn = 0; turn < mostTurns && held() > leastCalls / 3; turn += 1) {
            await pause(turnMs);
            await collectGarbage();
          }
          const kept = held();
          expect(
            kept <= leastCalls / 3,
            `Of ${leastCalls} requests that were answered it still holds ${kept}.`,
            { asked: opened.handlerOf(capability) },
          );
        }
      },
    },
    {
      id: "memory/grows-not",
      level: "gold",
      title: "does not grow with each call",
      why: "A gateway runs for months: what each call leaves behind ends in a crash.",
      remedy:
        "Look for lists and maps that are filled by calls and never emptied: caches, histories, logs.",
      alone: true,
      async run(subject) {
        let told = 0;
        for (const capability of subject.capabilities) {
          const { opened, model } = await readyFor(subject, capability);
          await opened.tryToAsk(capability, model, subject.request(capability));
          opened.upstreams.repeat();
          await round(subject, opened, capability, model, 5);
          const measured = async (most: number) => {
            const before = await usedBytes();
            const calls = await round(subject, opened, capability, model, most);
            return { calls, left: (await usedBytes()) - before };
          };
          const { calls, left } = await measured(mostCalls);
          if (calls < leastCalls) continue;
          const isMuch = (bytes: number) =>
            bytes >= Math.max(noiseBytes, (calls * promptCharacters) / 2);
          const rounds = [left, (await measured(calls)).left];
          // What fills a cache once grows in one round alone, and what is let go just then hides what grows: a third round decides.
          if (isMuch(rounds[0]!) !== isMuch(rounds[1]!)) rounds.push((await measured(calls)).left);
          const grown = rounds.toSorted((one, other) => one - other)[1]!;
          told += 1;
          expect(
            !isMuch(grown),
            `Each round of ${calls} calls left ${Math.round(grown / 1024)} KiB behind, of prompts of ${Math.round((calls * promptCharacters) / 1024)} KiB.`,
            { asked: opened.handlerOf(capability) },
          );
        }
        if (told === 0)
          throw new Skip("It answers too slowly for enough calls to tell.", { declared: true });
      },
    },
  ],
};

async function askOnce(
  subject: Subject,
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
): Promise<WeakRef<object>> {
  const request = subject.request(capability) as object;
  await opened.tryToAsk(capability, model, request);
  return new WeakRef(request);
}

/** Asks again and again, each time something else. @returns how often */
async function round(
  subject: Subject,
  opened: OpenedBackend,
  capability: AnyCapability,
  model: string,
  calls: number,
): Promise<number> {
  const endMs = performance.now() + roundMs;
  let done = 0;
  while (done < calls && performance.now() < endMs) {
    // Of bytes, so that it is not held as 200 times the same.
    const random = Buffer.from(randomUUID().repeat(promptCharacters / 36)).toString();
    await opened.tryToAsk(capability, model, subject.request(capability, `${plainText} ${random}`));
    done += 1;
  }
  opened.upstreams.forget();
  return done;
}

async function usedBytes(): Promise<number> {
  await collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

let collect: (() => void) | undefined;

/** What is let go in one turn of the event loop is collected in another. */
async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  for (let turn = 0; turn < 3; turn += 1) {
    await pause(5);
    collect();
  }
}
