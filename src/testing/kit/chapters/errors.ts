import type { AnyCapability } from "../../../contract/capability.ts";
import { isModelyardError, type ErrorCode } from "../../../contract/errors.ts";
import { errorBody } from "../../answer.ts";
import type { Fault } from "../../exchange.ts";
import { emptyBody, webPage } from "../../faults/body.ts";
import { cut, noHttp, reset } from "../../faults/connection.ts";
import { rateLimited, refusal, serverError, unavailable } from "../../faults/refusal.ts";
import { expect, Skip, type Chapter } from "../check.ts";
import { breaksOff, earlyEnd, halfJson } from "../faults.ts";
import { describeValue, type Answered, type OpenedBackend } from "../open-backend.ts";
import { withPlantedKey } from "../planted-key.ts";
import { plainText } from "../sample-request.ts";
import { describeThrown } from "../run-check.ts";
import type { Subject } from "../subject.ts";
import { isSame, readyWithUpstream, steadyAnswer } from "../trials.ts";

const unauthorized = refusal(401, errorBody("The key is not known.", "authentication_error"));
const badRequest = refusal(400, errorBody("A field is wrong.", "invalid_request_error"));

/** More requests than these for one call are a retry of one's own: one token may be refreshed, one parameter left out. */
const mostRequests = 3;

/** What becomes of an upstream's failures. */
export const errors: Chapter = {
  name: "errors",
  about:
    "Each failure of its server becomes the error that it is, so that a call is repeated, handed on or given up rightly.",
  checks: [
    {
      id: "errors/thrown",
      level: "silver",
      title: "throws errors, and nothing else",
      why: "A text or an object that is thrown has no stack, and tells nobody where it came from.",
      remedy: "Throw new ModelyardError(code, message, { remedy }), or any Error.",
      run: (subject) =>
        eachCapability(subject, async ({ opened, fail, capability }) => {
          for (const fault of [serverError, badRequest, cut("before-headers")]) {
            const thrown = await fail(fault);
            expect(
              isModelyardError(thrown) || (thrown instanceof Error && thrown.message !== ""),
              () => `It threw ${describeThrown(thrown)}`,
              { thrown, asked: opened.handlerOf(capability) },
            );
          }
        }),
    },
    codeCheck({
      id: "errors/unauthorized",
      title: "a key that is refused is backend-unauthorized",
      why: "It is never repeated, and the next target is asked at once; as anything else it is repeated in vain.",
      faults: { "401": unauthorized },
      codes: ["backend-unauthorized"],
    }),
    codeCheck({
      id: "errors/rate-limited",
      title: "“too many requests” is rate-limited",
      why: "It is waited for, and never counted as a failure of the server.",
      faults: { "429": rateLimited() },
      codes: ["rate-limited"],
    }),
    {
      id: "errors/retry-after",
      level: "silver",
      title: "hands on how long to wait",
      why: "Who asks again too early is refused again, and makes it worse.",
      remedy: "responseError reads Retry-After; or give retryAfterMs to your ModelyardError.",
      run: (subject) =>
        eachCapability(subject, async ({ opened, fail, capability }) => {
          const thrown = await fail(rateLimited({ seconds: 3 }));
          const { retryAfterMs } = Object(thrown) as { retryAfterMs?: unknown };
          expect(
            retryAfterMs === 3000,
            () =>
              `The server said to wait 3 s, and the error says ${describeValue(retryAfterMs)} ms.`,
            { thrown, asked: opened.handlerOf(capability) },
          );
        }),
    },
    codeCheck({
      id: "errors/server-error",
      title: "a failure of the server may be repeated",
      why: "Most of them pass: the call is repeated, or handed on.",
      faults: { "500": serverError, "503": unavailable() },
      codes: ["backend-error", "backend-unavailable", "overloaded"],
    }),
    codeCheck({
      id: "errors/bad-request",
      title: "a request that the server refuses is not repeated",
      why: "It would be refused again, by every target.",
      faults: { "400": badRequest },
      codes: ["invalid-request", "capability-not-supported", "context-length-exceeded"],
    }),
    codeCheck({
      id: "errors/unreachable",
      title: "a server that is away is backend-unavailable",
      why: "Another target is asked, and the circuit opens.",
      faults: {
        "a connection that is closed at once": cut("before-headers"),
        "a connection that is reset": reset("before-headers"),
        "something that speaks no HTTP": noHttp,
      },
      codes: ["backend-unavailable", "stream-interrupted"],
    }),
    {
      id: "errors/recovers",
      level: "silver",
      title: "answers again when its server is well again",
      why: "A failure is over when it is over.",
      remedy:
        "Keep nothing of a failed call: no flag, no broken connection, no promise that has failed.",
      run: (subject) =>
        eachCapability(subject, async ({ opened, fail, capability, model, request }) => {
          const before = await steadyAnswer(opened, capability, model, request);
          await fail(serverError);
          await fail(breaksOff("reset"), { mayAnswer: true });
          opened.upstreams.use();
          const after = await steadyAnswer(opened, capability, model, request);
          expect(
            isSame(before, after),
            () => `Before: ${describeValue(before)}; after: ${describeValue(after)}.`,
            { asked: opened.handlerOf(capability) },
          );
        }),
    },
    {
      id: "errors/no-own-retry",
      level: "silver",
      title: "leaves repeating to the gateway",
      why: "Retries within retries multiply, and no limit or budget of the gateway holds for them.",
      remedy: "Ask once and let the error out; the gateway repeats what may be repeated.",
      run: (subject) =>
        eachCapability(subject, async ({ opened, fail, capability }) => {
          const before = opened.upstreams.requests.length;
          await fail(unavailable());
          const sent = opened.upstreams.requests.length - before;
          expect(
            sent <= mostRequests,
            `Its server answered 503, and it asked ${sent} times for one call.`,
            { asked: opened.handlerOf(capability) },
          );
        }),
    },
    {
      id: "errors/no-secret",
      level: "silver",
      title: "no error holds its key",
      why: "Errors go to callers, into logs and into tickets.",
      remedy:
        "Tell setup.secret(key) of it, so that it is blotted out wherever it is said; and don't put it into messages.",
      async run(subject) {
        const { config, key } = withPlantedKey(subject);
        for (const capability of subject.capabilities) {
          const { opened, model } = await readyWithUpstream(subject, capability, { config });
          const quoting: Fault = refusal(
            401,
            errorBody(`Wrong key: ${key}`, "authentication_error"),
          );
          for (const fault of [quoting, serverError, reset("before-headers"), webPage]) {
            opened.upstreams.use(fault);
            const { thrown } = await opened.tryToAsk(
              capability,
              model,
              subject.request(capability),
            );
            if (thrown === undefined) continue;
            const told = opened.secrets.redactError(thrown.error);
            expect(!quotes(told, key), "Its key stands in the error that it throws.", {
              thrown: thrown.error,
              asked: opened.handlerOf(capability),
            });
          }
        }
      },
    },
    {
      id: "errors/no-prompt",
      level: "silver",
      title: "no error holds the prompt",
      why: "Prompts are people's own; errors are read by others.",
      remedy: "Say what failed and where, not what was asked.",
      run: (subject) =>
        eachCapability(subject, async ({ opened, fail, capability }) => {
          for (const fault of [serverError, cut("before-headers"), webPage]) {
            const thrown = await fail(fault, { mayAnswer: true });
            expect(!quotes(thrown, plainText), "The prompt stands in the error that it throws.", {
              thrown,
              asked: opened.handlerOf(capability),
            });
          }
        }),
    },
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
  ],
};

interface CapabilityTrial {
  readonly capability: AnyCapability;
  readonly opened: OpenedBackend;
  readonly model: string;
  readonly request: unknown;
  /** What it throws where its server does this. @throws {Failure} where it answers, unless it may; undefined then */
  fail(fault: Fault, options?: { mayAnswer?: boolean }): Promise<unknown>;
}

async function eachCapability(
  subject: Subject,
  run: (trial: CapabilityTrial) => Promise<void>,
): Promise<void> {
  for (const capability of subject.capabilities) {
    const { opened, model } = await readyWithUpstream(subject, capability);
    const request = subject.request(capability);
    const fail: CapabilityTrial["fail"] = async (fault, { mayAnswer = false } = {}) => {
      opened.upstreams.use(fault);
      const { answered, thrown } = await opened.tryToAsk(capability, model, request);
      expect(
        mayAnswer || answered === undefined,
        () => `Its server failed, and it answered all the same: ${describeAnswer(answered)}.`,
        { asked: opened.handlerOf(capability) },
      );
      return thrown?.error;
    };
    await run({ capability, opened, model, request, fail });
  }
}

/** A check that faults become errors of these codes. */
function codeCheck({
  id,
  title,
  why,
  faults,
  codes,
}: {
  id: string;
  title: string;
  why: string;
  faults: Readonly<Record<string, Fault>>;
  codes: readonly ErrorCode[];
}): Chapter["checks"][number] {
  const [usual] = codes;
  return {
    id,
    level: "silver",
    title,
    why,
    remedy: `requestJson and responseError do so; where you read answers yourself, throw new ModelyardError("${usual}", …).`,
    run: (subject) =>
      eachCapability(subject, async ({ opened, fail, capability }) => {
        for (const [name, fault] of Object.entries(faults)) {
          const thrown = await fail(fault);
          const code = isModelyardError(thrown) ? thrown.code : undefined;
          const given = code ?? "an error without a code, which counts as backend-error";
          expect(
            code !== undefined && codes.includes(code),
            () => `${name} of its server became ${given}: ${describeThrown(thrown)}`,
            { thrown, asked: opened.handlerOf(capability) },
          );
        }
      }),
  };
}

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
}): Chapter["checks"][number] {
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
          expectNotWhole(opened, capability, answered, name);
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
      `Its server's answer was ${spoilt}, and it gave it out as whole: ${describeAnswer(answered)}.`,
    { asked: opened.handlerOf(capability) },
  );
}

/** An answer that ends without `finish` counts as broken off: the gateway says so. */
function isWhole(capability: AnyCapability, events: readonly { type: string }[]): boolean {
  return capability.event === undefined || events.some(({ type }) => type === "finish");
}

function describeAnswer(answered: { events: readonly unknown[]; output: unknown } | undefined) {
  return describeValue(answered?.events.length === 0 ? answered.output : answered?.events);
}

/** Whether anything that is told of an error holds a text. */
function quotes(thrown: unknown, text: string): boolean {
  const { message, remedy, details } = Object(thrown) as Record<string, unknown>;
  const told = [typeof thrown === "string" ? thrown : message, remedy, JSON.stringify(details)];
  return told.some((each) => typeof each === "string" && each.includes(text));
}
