import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createLargeResults } from "./large-results.ts";

describe("createLargeResults", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("keeps a result for a while", () => {
    const results = createLargeResults({ keptMs: 60_000 });
    const link = results.add("embeddings", "[1]");
    expect(link).toMatchObject({ type: "resource_link", name: "embeddings", size: 3 });
    expect(results.read(idOf(link))).toBe("[1]");
    vi.advanceTimersByTime(60_000);
    expect(results.read(idOf(link))).toBeUndefined();
  });

  it("lets the oldest go when there is too much, and keeps the newest whatever its size", () => {
    const results = createLargeResults({ maxLength: 10 });
    const links = ["aaaa", "bbbb", "cccc"].map((json) => results.add("x", json));
    expect(links.map((link) => results.read(idOf(link)))).toEqual([undefined, "bbbb", "cccc"]);
    const huge = results.add("x", "d".repeat(100));
    expect(results.read(idOf(huge))).toHaveLength(100);
    expect(links.map((link) => results.read(idOf(link)))).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});

function idOf({ uri }: { uri: string }): string {
  return uri.replace("results://", "");
}
