import { expect, it } from "vitest";
import { createRetryBudget } from "./retry-budget.ts";

function createBench() {
  let now = 0;
  const budget = createRetryBudget(() => now);
  return { budget, pass: (ms: number) => (now += ms) };
}

it("grants a few repetitions to who calls seldom", () => {
  const { budget } = createBench();
  budget.called();
  expect(Array.from({ length: 12 }, () => budget.take()).filter(Boolean)).toHaveLength(10);
});

it("adds a fifth at most to the load of a storm, however long it lasts", () => {
  const { budget, pass } = createBench();
  let repeated = 0;
  for (let call = 0; call < 10_000; call++) {
    budget.called();
    for (let again = 0; again < 2; again++) if (budget.take()) repeated++;
    pass(7);
  }
  expect(repeated / 10_000).toBeLessThanOrEqual(0.2);
  expect(repeated / 10_000).toBeGreaterThan(0.15);
});

it("forgets what lies more than two windows back", () => {
  const { budget, pass } = createBench();
  for (let each = 0; each < 10; each++) budget.take();
  expect(budget.take()).toBe(false);
  pass(15_000);
  // Half of the former window still reaches into the last ten seconds.
  expect(Array.from({ length: 12 }, () => budget.take()).filter(Boolean)).toHaveLength(5);
  pass(60_000);
  expect(budget.take()).toBe(true);
});
