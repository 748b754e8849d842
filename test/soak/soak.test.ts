import { expect, it } from "vitest";
import { soak } from "./soak.ts";

it("accounts for every call of some seconds of mixed traffic, with faults, an outage and a new configuration", async () => {
  const { sent, fates, losses, counted } = await soak({
    lastsMs: 5_000,
    reloadEveryMs: 2_000,
    outageEveryMs: 3_000,
  });
  expect(losses).toEqual([]);
  expect(fates.answered).toBeGreaterThan(0);
  expect(fates.answered + fates.failed + fates.cancelled).toBe(sent);
  expect(counted.told).toBeLessThanOrEqual(counted.sent);
  expect(counted.told).toBeGreaterThanOrEqual(counted.sent - counted.cancelled);
  expect(counted.running).toBe(0);
});
