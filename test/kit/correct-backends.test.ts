import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyBackendDefinition } from "../../src/contract/index.ts";
import {
  chaosUpstream,
  formatReport,
  testBackend,
  type ChaosUpstream,
} from "../../src/testing/index.ts";
import byHand from "./correct-backends/by-hand.ts";
import classStyle from "./correct-backends/class-style.ts";
import closure from "./correct-backends/closure.ts";
import deferred from "./correct-backends/deferred.ts";

/** Plain JavaScript, without types. */
const plainFile = new URL("./correct-backends/plain.mjs", import.meta.url).href;
const { default: plain } = (await import(plainFile)) as { default: AnyBackendDefinition };

let server: ChaosUpstream;
beforeAll(async () => {
  server = await chaosUpstream();
});
afterAll(() => server.close());

const definitions: readonly AnyBackendDefinition[] = [closure, byHand, classStyle, plain, deferred];

it.each(definitions)("$type is gold: no false alarm", async (definition) => {
  const needsServer = definition.upstream !== undefined;
  const config = needsServer ? { baseUrl: server.url } : {};
  const report = await testBackend(definition, { config, timeoutMs: 5_000 });
  const { level } = report.badge;
  expect({ level, report: level === "gold" ? "" : formatReport(report) }).toEqual({
    level: "gold",
    report: "",
  });
});
