import { expect, it } from "vitest";
import echo from "../../backends/echo.ts";
import { defineBackend } from "../../contract/backend.ts";
import { describeBackend } from "./describe-backend.ts";

type Body = (this: unknown, context?: unknown) => Promise<void>;

/** What a runner is told. */
function collect(definition: Parameters<typeof describeBackend>[0]) {
  const groups: string[] = [];
  const tests = new Map<string, Body>();
  void describeBackend(definition, {
    only: ["chat", "health"],
    describe(name, body) {
      groups.push(name);
      body();
    },
    it: (name, body) => void tests.set(name, body),
  });
  return { groups, tests };
}

it("tells any runner of a test for each check, by chapters", async () => {
  const { groups, tests } = collect(echo);
  expect(groups).toEqual(["echo as a backend", "health", "chat"]);
  await tests.get("gives events, and ends (bronze)")!();
});

it("skips a test with its reason, where the runner can", async () => {
  const { tests } = collect(echo);
  const reasons: unknown[] = [];
  await tests.get("asks no model (silver)")!({ skip: (reason: string) => reasons.push(reason) });
  expect(reasons).toEqual(["It has no healthCheck."]);
});

it("fails a test with what was seen, where, why it matters and how to mend it", async () => {
  const mute = defineBackend({
    type: "mute",
    config: echo.config,
    sends: "nothing",
    create: () => ({ capabilities: { async *chat() {} } }),
  });
  const { tests } = collect(mute);
  const failure = await tests.get("gives events, and ends (bronze)")!().catch((error) => error);
  expect(failure).toMatchObject({ name: "Nonconformance" });
  const { message } = failure as Error;
  expect(message.split("\n")).toEqual([
    "It ended without a single event.",
    expect.stringContaining("Why it matters: "),
    expect.stringContaining("To mend it: "),
    "chat/answers",
  ]);
});
