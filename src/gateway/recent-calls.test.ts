import { expect, it } from "vitest";
import type { Trace } from "../pipeline/trace.ts";
import { createRecentCalls } from "./recent-calls.ts";

const trace = (id: string, outcome: Trace["outcome"] = "done") => ({ id, outcome }) as Trace;

it("knows the latest calls, and forgets those long before them", () => {
  const recent = createRecentCalls(10);
  for (let call = 1; call <= 95; call++) recent.add(trace(`${call}`));
  const known = Array.from({ length: 95 }, (_, index) => recent.find(`${index + 1}`) !== undefined);
  expect(known.slice(-10)).toEqual(Array(10).fill(true));
  expect(known.filter(Boolean).length).toBeLessThanOrEqual(20);
});

it("takes the later of two calls with one id", () => {
  const recent = createRecentCalls(2);
  recent.add(trace("a", "timeout"));
  recent.add(trace("b"));
  recent.add(trace("a"));
  expect(recent.find("a")?.outcome).toBe("done");
});
