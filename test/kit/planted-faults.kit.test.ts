import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chaosUpstream, testBackend } from "../../src/testing/index.ts";
import { saysBlocked } from "../../src/testing/kit/run-check.ts";
import { startAcme } from "../../examples/backends/servers/acme-server.ts";
import { plantedFaults } from "./planted-faults/planted-faults.ts";

/*
 * The whole kit on each planted fault, as its author would run it (`npm run kit:faults`). That nothing else of its chapter fails is
 * told by the quick test beside this one; what other chapters see of it is theirs.
 */

let servers: Record<"openai" | "acme", { url: string; close(): Promise<void> }>;
beforeAll(async () => {
  servers = { openai: await chaosUpstream(), acme: await startAcme() };
});
afterAll(() => Promise.all(Object.values(servers).map((each) => each.close())));

describe("the whole kit finds a backend that", () => {
  it.each(plantedFaults)("$name", async ({ definition, caughtBy, options, server = "openai" }) => {
    const { only: _, ...whole } = options ?? {};
    const needsServer = definition.upstream !== undefined;
    const report = await testBackend(definition, {
      ...(needsServer ? { config: { baseUrl: servers[server].url } } : {}),
      timeoutMs: 1_000,
      ...whole,
    });
    const failed = report.chapters.flatMap(({ outcomes }) =>
      outcomes.filter(({ status }) => status === "failed"),
    );
    // A blocked thread ends the kit at the first check that meets it.
    const told = failed.map((each) => (saysBlocked(each) ? caughtBy : each.check.id));
    expect(told).toContain(caughtBy);
  });
});
