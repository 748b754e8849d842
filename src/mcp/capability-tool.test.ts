import { expect, it } from "vitest";
import { rerank } from "../contract/capabilities/rerank.ts";
import { createTestGateway, echoing } from "../gateway/__fixtures__/test-gateway.ts";
import { createCapabilityTool } from "./capability-tool.ts";
import { createLargeResults } from "./large-results.ts";

it("is listed where its capability is shown: as a tool list is paid for on every turn", async () => {
  const gateway = createTestGateway({ any: echoing }, {});
  const tool = createCapabilityTool(gateway, rerank, createLargeResults());
  const offered = () => tool.offered?.({} as never);
  expect(await offered()).toBe(false);
  await gateway.configure({ defaults: { rerank: "any/m" } });
  expect(await offered()).toBe(true);
  expect(Object.keys(tool.definition.inputSchema.properties ?? {})).toEqual([
    "query",
    "documents",
    "topN",
    "model",
    "timeoutMs",
    "privacy",
  ]);
  expect(JSON.stringify(tool.definition).length / 4).toBeLessThan(350);
});
