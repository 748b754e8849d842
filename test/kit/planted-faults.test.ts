import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  chaosUpstream,
  formatReport,
  testBackend,
  type ChaosUpstream,
} from "../../src/testing/index.ts";
import { plantedFaults } from "./planted-faults/planted-faults.ts";

let server: ChaosUpstream;
beforeAll(async () => {
  server = await chaosUpstream();
});
afterAll(() => server.close());

describe("a backend that", () => {
  it.each(plantedFaults)("$name", async ({ definition, caughtBy, also = [], options }) => {
    const chapter = caughtBy.slice(0, caughtBy.indexOf("/"));
    const needsServer = definition.upstream !== undefined;
    const report = await testBackend(definition, {
      ...(needsServer ? { config: { baseUrl: server.url } } : {}),
      timeoutMs: 1_000,
      only: [chapter],
      ...options,
    });
    const failed = report.chapters.flatMap(({ outcomes }) =>
      outcomes.filter(({ status }) => status === "failed").map(({ check }) => check.id),
    );
    const expected = options?.only === undefined ? [caughtBy, ...also] : [caughtBy];
    const isRight = failed.toSorted().join() === expected.toSorted().join();
    // What is wrong with the kit then is seen in its report.
    expect({ failed, report: isRight ? "" : formatReport(report) }).toEqual({
      failed: expect.arrayContaining(expected) as unknown,
      report: "",
    });
  });
});
