import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Health } from "../contract/backend.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import { createHealthWatch } from "./health-watch.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watchOf(privacy: PrivacyClass, random = 0.5) {
  let health: Health = { status: "healthy" };
  let wellAt = Number.NEGATIVE_INFINITY;
  const looks: [Health["status"] | undefined, Health["status"] | undefined][] = [];
  const probedAt: number[] = [];
  const startedAt = performance.now();
  const watch = createHealthWatch({
    async probe() {
      probedAt.push(Math.round(performance.now() - startedAt));
      return health;
    },
    privacy: async () => privacy,
    wellAt: () => wellAt,
    onLook: (now, former) => looks.push([now?.status, former?.status]),
    random: () => random,
  });
  return {
    watch,
    looks,
    probedAt,
    become: (next: Health) => void (health = next),
    answered: () => void (wellAt = performance.now()),
  };
}

describe("a watch over a backend's health", () => {
  it("asks nothing until it begins", async () => {
    const { watch, probedAt } = watchOf("device");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(probedAt).toEqual([]);
    expect(watch.latest).toBeUndefined();
  });

  it.each<[PrivacyClass, number[]]>([
    ["device", [0, 1_000, 2_500, 4_300, 6_100]],
    ["network", [0, 2_000, 5_000, 9_500, 16_250]],
    ["remote", [0, 15_000, 37_500, 71_250, 121_875]],
  ])("asks one that is %s ever more seldom while nothing changes", async (privacy, times) => {
    const { watch, probedAt } = watchOf(privacy);
    watch.begin();
    watch.begin();
    await vi.advanceTimersByTimeAsync(times.at(-1)!);
    expect(probedAt).toEqual(times);
    watch.stop();
    await vi.advanceTimersByTimeAsync(1_000_000);
    expect(probedAt.length).toBe(times.length);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("counts its pause from the last call that went well: who dies after it is found out as soon as any", async () => {
    const { watch, probedAt, answered } = watchOf("device");
    watch.begin();
    await vi.advanceTimersByTimeAsync(2_600);
    answered();
    await vi.advanceTimersByTimeAsync(1_800);
    expect(probedAt).toEqual([0, 1_000, 2_500, 4_400]);
  });

  it("sees within 2 s that one on this device has died, however long it was well", async () => {
    const { watch, probedAt } = watchOf("device", 1);
    watch.begin();
    await vi.advanceTimersByTimeAsync(60_000);
    const pauses = probedAt.slice(1).map((at, index) => at - probedAt[index]!);
    expect(Math.max(...pauses)).toBeLessThan(2_000);
    watch.stop();
  });

  it("tells what it found and what it had found before, and begins anew with a change", async () => {
    const { watch, looks, become, probedAt } = watchOf("device");
    watch.begin();
    await vi.advanceTimersByTimeAsync(10_000);
    become({ status: "unhealthy", reason: "gone" });
    await vi.advanceTimersByTimeAsync(1_800);
    expect(looks[0]).toEqual(["healthy", undefined]);
    expect(looks.at(-1)).toEqual(["unhealthy", "healthy"]);
    expect(watch.latest?.health).toEqual({ status: "unhealthy", reason: "gone" });
    const { length } = probedAt;
    await vi.advanceTimersByTimeAsync(1_000);
    expect(probedAt.length).toBe(length + 1);
    watch.stop();
  });

  it("asks nothing while calls tell that all is well, and again when they end", async () => {
    const { watch, probedAt, answered } = watchOf("device");
    watch.begin();
    await vi.advanceTimersByTimeAsync(0);
    const traffic = setInterval(answered, 100);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(probedAt).toEqual([0]);
    clearInterval(traffic);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(probedAt.length).toBeGreaterThan(1);
    watch.stop();
  });

  it("asks at once when it is told to hurry, but not in a storm", async () => {
    const { watch, probedAt, become } = watchOf("remote");
    watch.begin();
    await vi.advanceTimersByTimeAsync(0);
    become({ status: "degraded" });
    watch.hurry();
    await vi.advanceTimersByTimeAsync(0);
    expect(probedAt).toEqual([0, 0]);
    const storm = setInterval(watch.hurry, 1);
    await vi.advanceTimersByTimeAsync(1_000);
    clearInterval(storm);
    expect(probedAt.length).toBeLessThanOrEqual(6);
    watch.stop();
  });
});
