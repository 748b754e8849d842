import { describe, expect, it } from "vitest";
import { ModelyardError, type ErrorCode, type ErrorOptions } from "../contract/errors.ts";
import { createFakeBackend, createFakeCall, yielding } from "./__fixtures__/fake-call.ts";
import type { Call, Candidate, Reply } from "./call.ts";
import { fallback } from "./fallback.ts";
import { createStory } from "./story.ts";

const failing = (code: ErrorCode, options?: ErrorOptions) =>
  new ModelyardError(code, `It says ${code}.`, options);

function candidate(name: string, window?: number): Candidate {
  const backend = createFakeBackend(yielding(), { name, contextTokensOf: () => window });
  return { target: { backend: name, model: "m" }, backend };
}

/** Sends a call to candidates, each with what it fails with, if it does; a list: in turn. */
async function send(
  plans: readonly [Candidate, ModelyardError | (ModelyardError | undefined)[] | undefined][],
  overrides: Partial<Call> = {},
) {
  const candidates = plans.map(([each]) => each);
  const errors = new Map(plans.map(([{ target }, error]) => [target.backend, error]));
  const asked: string[] = [];
  const call = createFakeCall(candidates[0]!.backend, { ...overrides, candidates });
  const answer = await fallback(call, async ({ target, candidates: others }) => {
    asked.push(`${target.backend}, ${others.length} left`);
    const plan = errors.get(target.backend);
    const error = Array.isArray(plan) ? plan.shift() : plan;
    if (error !== undefined) throw error;
    return { target, onEnd() {} } satisfies Reply;
  }).catch((error: unknown) => error as ModelyardError);
  return { answer, asked, call };
}

describe("fallback", () => {
  it("goes from one target to the next, in order, until one serves", async () => {
    const { answer, asked } = await send([
      [candidate("a"), failing("backend-unavailable")],
      [candidate("b"), failing("rate-limited")],
      [candidate("c"), undefined],
      [candidate("d"), undefined],
    ]);
    expect(answer).toMatchObject({ target: { backend: "c" } });
    expect(asked).toEqual(["a, 3 left", "b, 2 left", "c, 1 left"]);
  });

  it.each<ErrorCode>(["invalid-request", "content-filtered", "cancelled"])(
    "hands on no %s",
    async (code) => {
      const error = failing(code);
      const { answer, asked } = await send([
        [candidate("a"), error],
        [candidate("b"), undefined],
      ]);
      expect(answer).toMatchObject({ ...error, backend: "a", model: "m" });
      expect(error.backend).toBeUndefined();
      expect(asked).toHaveLength(1);
    },
  );

  it("hands on what a content filter stopped only where the alias says so", async () => {
    const routing = {
      strategy: "ordered",
      allowWider: false,
      fallbackOn: ["content-filtered"],
    } as const;
    const { answer } = await send(
      [
        [candidate("a"), failing("content-filtered")],
        [candidate("b"), undefined],
      ],
      { routing },
    );
    expect(answer).toMatchObject({ target: { backend: "b" } });
  });

  it("takes a prompt that was too long to a larger window, or to one that nobody knows", async () => {
    const details = { inputTokens: 9_001, contextTokens: 8_192 };
    const { answer, asked, call } = await send([
      [candidate("a", 8_192), failing("context-length-exceeded", { details })],
      [candidate("b", 8_192), undefined],
      [candidate("c"), failing("context-length-exceeded")],
      [candidate("d", 128_000), undefined],
    ]);
    expect(answer).toMatchObject({ target: { backend: "d" } });
    expect(asked).toEqual(["a, 3 left", "c, 1 left", "d, 0 left"]);
    expect(call.story.steps).toMatchObject([
      { did: "skipped", target: "b/m", reason: "its window of 8192 tokens is no larger" },
    ]);
  });

  it("names the targets that were left out where nobody else serves", async () => {
    const story = createStory();
    story.skipped({ backend: "cloud", model: "m" }, "reaches remote, beyond device");
    // One that was skipped, and may be asked all the same.
    story.skipped({ backend: "a", model: "m" }, "is left alone after failures");
    const options = { remedy: "Mend it" };
    const { answer } = await send([[candidate("a"), failing("backend-error", options)]], { story });
    expect(answer).toMatchObject({
      code: "backend-error",
      backend: "a",
      remedy: expect.stringMatching(
        /^Mend it\. Left out: cloud\/m \(reaches remote, beyond device\); .*allowWider/,
      ) as string,
    });
    const refused = await send([[candidate("a"), failing("invalid-request", options)]], { story });
    expect(refused.answer).toMatchObject({ remedy: "Mend it" });
  });

  it("goes nowhere once the call has been given up", async () => {
    const backend = createFakeBackend(yielding());
    const candidates = [candidate("a"), candidate("b")];
    const call = createFakeCall(backend, { candidates });
    let asked = 0;
    const answer = fallback(call, async () => {
      asked++;
      call.controller.abort();
      throw failing("backend-error");
    });
    await expect(answer).rejects.toMatchObject({ code: "backend-error" });
    expect(asked).toBe(1);
  });

  it("sums up in one error what went wrong with all of them", async () => {
    const { answer } = await send([
      [candidate("a"), failing("rate-limited", { retryAfterMs: 4_000 })],
      [candidate("b"), failing("backend-error", { remedy: "Mend b.", details: { status: 500 } })],
      [
        candidate("c"),
        failing("backend-unavailable", { retryAfterMs: 9_000, details: { limit: "circuit" } }),
      ],
    ]);
    expect(answer).toMatchObject({
      code: "backend-error",
      backend: "b",
      model: "m",
      remedy: "Mend b.",
      retryAfterMs: 4_000,
      message:
        "It says backend-error. Other targets failed too: a/m: rate-limited: It says rate-limited. c/m: backend-unavailable: It says backend-unavailable.",
      details: {
        status: 500,
        failures: [
          { code: "rate-limited", backend: "a", model: "m" },
          { code: "backend-error", backend: "b", model: "m" },
          { code: "backend-unavailable", backend: "c", model: "m" },
        ],
      },
    });
  });

  it("tells of a single failure as it is", async () => {
    const error = failing("backend-error", { backend: "a", model: "m" });
    expect((await send([[candidate("a"), error]])).answer).toBe(error);
  });

  it("asks a target that was spared after all where no other one serves", async () => {
    const spared = () =>
      failing("backend-unavailable", { details: { limit: "circuit", spared: true } });
    const { answer, asked } = await send([
      [candidate("a"), [spared(), spared()]],
      [candidate("b"), failing("backend-error")],
      [candidate("c"), [spared()]],
    ]);
    expect(answer).toMatchObject({ target: { backend: "c" } });
    expect(asked.map((each) => each[0])).toEqual(["a", "b", "c", "a", "c"]);
  });
});
