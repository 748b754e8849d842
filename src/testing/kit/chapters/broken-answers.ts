import type { AnyCapability } from "../../../contract/capability.ts";
import type { Fault } from "../../exchange.ts";
import { emptyBody, webPage } from "../../faults/body.ts";
import { isModelyardError } from "../../../contract/errors.ts";
import { expect, Skip, type Check } from "../check.ts";
import { describeThrown } from "../describe-value.ts";
import { describeAnswer, eachCapability } from "../failing-upstream.ts";
import { breaksOff, earlyEnd, halfJson } from "../faults.ts";
import type { Answered, OpenedBackend } from "../open-backend.ts";
import { otherShapes } from "../other-shapes.ts";

/** What is not a whole answer is not given out as one: of the chapter errors. */
export const brokenAnswerChecks: readonly Check[] = [
  brokenCheck({
    id: "errors/cut-off",
    title: "an answer that breaks off is an error",
    why: "Half an answer that looks whole is worse than none.",
    remedy:
      "Let the error of the connection out, and yield finish only when the server has said that it is done.",
    faults: { "cut halfway": breaksOff("cut"), "reset halfway": breaksOff("reset") },
  }),
  {
    id: "errors/ends-early",
    level: "gold",
    title: "a stream that ends without its end is an error",
    why: "Servers that crash often close the connection as if all were well.",
    remedy:
      "Remember whether the server's last event has come, and throw stream-interrupted where it has not.",
    async run(subject) {
      let wasCut = false;
      await eachCapability(subject, async ({ opened, capability, model, request }) => {
        const early = earlyEnd();
        opened.upstreams.use(early.fault);
        const { answered } = await opened.tryToAsk(capability, model, request);
        if (!early.wasCut) return;
        wasCut = true;
        expectNotWhole(opened, capability, answered, "ended halfway, without its end");
      });
      if (!wasCut)
        throw new Skip("Its server's answers have no end of their own that could be missing.", {
          declared: true,
        });
    },
  },
  brokenCheck({
    id: "errors/garbage",
    title: "what is no answer is an error",
    why: "A login page, an empty body or half a JSON is what proxies and crashes give, with status 200.",
    remedy:
      "Check that what came is what was expected, and throw invalid-response where it is not.",
    faults: {
      "a web page": webPage,
      nothing: emptyBody,
      "half of its JSON": halfJson,
    },
  }),
  {
    id: "errors/other-shape",
    level: "gold",
    title: "an answer of another shape is invalid-response",
    why: "APIs change: who is told which field is not as agreed can mend it; a TypeError or a dump of a schema's issues looks like a fault of yours.",
    remedy:
      "Read it by a schema: readJson(response, Schema), readJsonEvents and readLines throw invalid-response, which names the field.",
    run: (subject) =>
      eachCapability(subject, async ({ opened, capability, model, request }) => {
        for (const [name, fault] of Object.entries(otherShapes)) {
          opened.upstreams.use(fault);
          const { answered, thrown } = await opened.tryToAsk(capability, model, request);
          expectNotWhole(opened, capability, answered, name);
          if (thrown === undefined) continue;
          const code = isModelyardError(thrown.error) ? thrown.error.code : undefined;
          expect(
            code === "invalid-response" || code === "stream-interrupted",
            () => `Its server's answer ${name}, and it threw ${describeThrown(thrown.error)}`,
            { thrown: thrown.error, asked: opened.handlerOf(capability) },
          );
        }
      }),
  },
];

/** A check that a spoilt answer is not sold as a whole one. */
function brokenCheck({
  id,
  title,
  why,
  remedy,
  faults,
}: {
  id: string;
  title: string;
  why: string;
  remedy: string;
  faults: Readonly<Record<string, Fault>>;
}): Check {
  return {
    id,
    level: "gold",
    title,
    why,
    remedy,
    run: (subject) =>
      eachCapability(subject, async ({ opened, capability, model, request }) => {
        for (const [name, fault] of Object.entries(faults)) {
          opened.upstreams.use(fault);
          const { answered } = await opened.tryToAsk(capability, model, request);
          expectNotWhole(opened, capability, answered, `was ${name}`);
        }
      }),
  };
}

/** @throws {Failure} where it gives out a spoilt answer as a whole one */
function expectNotWhole(
  opened: OpenedBackend,
  capability: AnyCapability,
  answered: Answered | undefined,
  spoilt: string,
): void {
  const whole = answered !== undefined && isWhole(capability, answered.events);
  expect(
    !whole,
    () =>
      `Its server's answer ${spoilt}, and it gave it out as whole: ${describeAnswer(answered)}.`,
    { asked: opened.handlerOf(capability) },
  );
}

/** An answer that ends without `finish` counts as broken off: the gateway says so. */
function isWhole(capability: AnyCapability, events: readonly { type: string }[]): boolean {
  return capability.event === undefined || events.some(({ type }) => type === "finish");
}
