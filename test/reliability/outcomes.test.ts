import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chaosUpstream, type ChaosUpstream } from "../../src/testing/chaos-upstream.ts";
import { faults } from "../../src/testing/faults.ts";
import { openPort, situations } from "./ask-port.ts";
import { outcomes } from "./outcomes.ts";

let second: ChaosUpstream;
beforeAll(async () => {
  second = await chaosUpstream();
});
afterAll(() => second.close());

it("states what callers see of every fault", () => {
  expect(outcomes.map(({ fault }) => fault)).toEqual(Object.keys(faults));
});

describe("what a caller of the port sees, with retry, circuit breaker and fallback as they are by default", () => {
  it.concurrent.for(outcomes)(
    "$fault",
    { timeout: 60_000 },
    async ({ fault, ...expected }, { expect }) => {
      await using port = await openPort({
        fault: faults[fault],
        second,
        hangs: fault.startsWith("hang"),
      });
      if (fault === "reset on a reused connection") await port.warmUp();
      const seen = await Promise.all(
        situations.map(async (situation) => {
          const [streamed, whole] = await Promise.all([
            port.ask(situation, true),
            port.ask(situation, false),
          ]);
          return [situation, { streamed, whole }] as const;
        }),
      );
      expect(Object.fromEntries(seen)).toEqual(expected);
    },
  );
});
