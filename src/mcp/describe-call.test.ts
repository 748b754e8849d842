import { expect, it } from "vitest";
import type { Trace } from "../gateway/api.ts";
import { describeCall } from "./describe-call.ts";

it("stays below a kilobyte, and repeats nothing that an upstream said", () => {
  const steps = Array.from({ length: 30 }, (_, index) => ({
    did: "tried" as const,
    target: `backend/${"m".repeat(300)}`,
    atMs: 10_000.123 * index,
    endedMs: 10_000.123 * index + 9_000,
    outcome: "backend-unavailable" as const,
    reason: "You said: the prompt",
  }));
  const id = "0f8fad5b-d9cb-469f-a165-70867728950e";
  const told = describeCall({ id, attempts: 30, steps } as Partial<Trace> as Trace);
  expect(told).toMatchObject({ id, attempts: 30 });
  const json = JSON.stringify(told);
  expect(json.length).toBeLessThan(1_000);
  expect(json).not.toContain("prompt");
});
