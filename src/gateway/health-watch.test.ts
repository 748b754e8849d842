import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Health } from "../contract/backend.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import { createHealthWatch } from "./health-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watchOf(privacy: PrivacyClass) {
  let health: Health = { status: "healthy" };
  const changes: Health[] = [];
  let probes = 0;
  const watch = createHealthWatch({
    async probe() {
      probes++;
      return health;
    },
    privacy: async () => privacy,
    onChange: (now) => changes.push(now),
  });
  return {
    watch,
    changes,
    become: (next: Health) => void (health = next),
    probes: () => probes,
  };
}

describe("a watch over a backend's health", () => {
  it("asks nothing until it begins", async () => {
    const { watch, probes } = watchOf("device");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(probes()).toBe(0);
    expect(watch.latest).toBeUndefined();
  });

  it.each<[PrivacyClass, number]>([
    ["device", 1_000],
    ["network", 2_000],
    ["remote", 30_000],
  ])("asks one that is %s every %i ms, and tells of changes alone", async (privacy, pace) => {
    const { watch, changes, become, probes } = watchOf(privacy);
    watch.begin();
    watch.begin();
    await vi.advanceTimersByTimeAsync(0);
    expect([probes(), changes.length]).toEqual([1, 1]);
    await vi.advanceTimersByTimeAsync(pace);
    expect([probes(), changes.length]).toEqual([2, 1]);
    become({ status: "unhealthy", reason: "gone" });
    await vi.advanceTimersByTimeAsync(pace);
    expect(changes.at(-1)).toEqual({ status: "unhealthy", reason: "gone" });
    expect(watch.latest).toEqual({ status: "unhealthy", reason: "gone" });
    watch.stop();
    await vi.advanceTimersByTimeAsync(10 * pace);
    expect(probes()).toBe(3);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("asks at once when it is told to hurry", async () => {
    const { watch, probes, become, changes } = watchOf("remote");
    watch.begin();
    await vi.advanceTimersByTimeAsync(0);
    become({ status: "degraded" });
    watch.hurry();
    await vi.advanceTimersByTimeAsync(0);
    expect(probes()).toBe(2);
    expect(changes.map(({ status }) => status)).toEqual(["healthy", "degraded"]);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(probes()).toBe(3);
    watch.stop();
  });
});
