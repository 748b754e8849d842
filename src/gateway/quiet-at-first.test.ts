import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Progress } from "../contract/progress.ts";
import { quietAtFirst } from "./quiet-at-first.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("tells of a load only where it takes a while, and of how far it is at once", () => {
  const heard: Progress[] = [];
  const short = quietAtFirst((event) => heard.push(event));
  short.progress({ phase: "load", model: "held" });
  vi.advanceTimersByTime(200);
  short.end();
  vi.advanceTimersByTime(1_000);
  expect(heard).toEqual([]);

  const long = quietAtFirst((event) => heard.push(event));
  long.progress({ phase: "load", model: "large" });
  vi.advanceTimersByTime(400);
  expect(heard).toEqual([{ phase: "load", model: "large" }]);
  long.progress({ phase: "load", model: "large", fraction: 0.5 });
  expect(heard).toHaveLength(2);
  long.end();
});
