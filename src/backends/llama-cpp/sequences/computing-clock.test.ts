import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { createComputingClock } from "./computing-clock.ts";

it.each([
  {
    onGpu: false,
    waits: "counts no time in which this process does not compute",
    least: 0,
    most: 40,
  },
  {
    onGpu: true,
    waits: "counts all time, since a GPU may compute in it",
    least: 45,
    most: Infinity,
  },
])("on a GPU: $onGpu, it $waits", async ({ onGpu, least, most }) => {
  const elapsedMs = createComputingClock({ threads: 1, onGpu })();
  await pause(50);
  expect(elapsedMs()).toBeGreaterThanOrEqual(least);
  expect(elapsedMs()).toBeLessThan(most);
});
