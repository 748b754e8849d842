import { expect, it } from "vitest";
import { createTargetRecords } from "./target-records.ts";

it("counts recent calls for more than those before", () => {
  const records = createTargetRecords();
  for (let each = 0; each < 20; each++) records.succeeded("m", 100);
  records.failed("m", "It broke.");
  expect(records.of("m")).toMatchObject({ successRate: 0.8, calls: 21, problem: "It broke." });
  for (let each = 0; each < 20; each++) records.succeeded("m", 200);
  const { successRate, latencyMs, problem } = records.of("m")!;
  expect(successRate).toBeGreaterThan(0.99);
  expect(latencyMs).toBeGreaterThan(195);
  expect(problem).toBeUndefined();
});

it("knows no latency before a success, and keeps it through a failure", () => {
  const records = createTargetRecords();
  records.failed("m", "It broke.");
  expect(records.of("m")?.latencyMs).toBeUndefined();
  records.succeeded("m", 40);
  records.failed("m", "Again.");
  expect(records.of("m")?.latencyMs).toBe(40);
});

it("tells who listens of every call that was counted", () => {
  const heard: [string, number][] = [];
  const records = createTargetRecords((model, { calls }) => heard.push([model, calls]));
  records.succeeded("a", 1);
  records.failed("a", "It broke.");
  expect(heard).toEqual([
    ["a", 1],
    ["a", 2],
  ]);
});

it("keeps a bounded number of records", () => {
  const records = createTargetRecords();
  for (let each = 0; each < 1_100; each++) records.succeeded(String(each), 1);
  expect(records.all.size).toBe(1_000);
  expect(records.of("0")).toBeUndefined();
  expect(records.of("1099")).toBeDefined();
});
