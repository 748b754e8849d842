import { expect, it } from "vitest";
import { createSpeedometer } from "./speedometer.ts";

it("is never less than nothing, though a fetch begins anew", () => {
  let now = 0;
  const speedometer = createSpeedometer(() => now);
  speedometer.add(90_000);
  now = 1_000;
  speedometer.add(100_000);
  expect(speedometer.read()).toBe(10_000);
  now = 2_000;
  speedometer.add(1_000);
  expect(speedometer.read()).toBeUndefined();
  now = 3_000;
  speedometer.add(3_000);
  expect(speedometer.read()).toBe(2_000);
});
