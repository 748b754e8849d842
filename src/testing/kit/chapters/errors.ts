import { isModelyardError, type ErrorCode } from "../../../contract/errors.ts";
import { errorBody } from "../../answer.ts";
import type { Fault } from "../../exchange.ts";
import { webPage } from "../../faults/body.ts";
import { cut, noHttp, reset } from "../../faults/connection.ts";
import { rateLimited, refusal, serverError, unavailable } from "../../faults/refusal.ts";
import { expect, type Chapter } from "../check.ts";
import { describeThrown, describeValue } from "../describe-value.ts";
import { eachCapability } from "../failing-upstream.ts";
import { breaksOff } from "../faults.ts";
import { brokenAnswerChecks } from "./broken-answers.ts";
import { startAndList } from "./start-and-list.ts";
import { withPlantedKey } from "../planted-key.ts";
import { plainText } from "../sample-request.ts";
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
    ...brokenAnswerChecks,
    startAndList,
  ],
};

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

/** Whether anything that is told of an error holds a text. */
function quotes(thrown: unknown, text: string): boolean {
  const { message, remedy, details } = Object(thrown) as Record<string, unknown>;
  const told = [typeof thrown === "string" ? thrown : message, remedy, JSON.stringify(details)];
  return told.some((each) => typeof each === "string" && each.includes(text));
}
