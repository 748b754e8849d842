import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chaosUpstream, formatReport, testBackend } from "../../src/testing/index.ts";
import { startAcme } from "../../examples/backends/servers/acme-server.ts";
import { plantedFaults } from "./planted-faults/planted-faults.ts";

let servers: Record<"openai" | "acme", { url: string; close(): Promise<void> }>;
beforeAll(async () => {
  servers = { openai: await chaosUpstream(), acme: await startAcme() };
});
afterAll(() => Promise.all(Object.values(servers).map((each) => each.close())));

describe("a backend that", () => {
  it.each(plantedFaults)(
    "$name",
    async ({ definition, caughtBy, also = [], options, server = "openai" }) => {
      const chapter = caughtBy.slice(0, caughtBy.indexOf("/"));
      const needsServer = definition.upstream !== undefined;
      const report = await testBackend(definition, {
        ...(needsServer ? { config: { baseUrl: servers[server].url } } : {}),
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
    },
  );
});
