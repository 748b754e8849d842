import { expect, it } from "vitest";
import type { Backend } from "../contract/backend.ts";
import { createTestGateway, echoing } from "./__fixtures__/test-gateway.ts";

const never = () => new Promise<never>(() => {});
const starts: Backend = { ...echoing(), initialize: never };
const lists: Backend = { ...echoing(), listModels: never };
const hello = { prompt: "hello" };
const short = { timeouts: { firstTokenMs: 30 }, retry: { attempts: 1 } };

it.each([
  ["start", starts],
  ["list its models", lists],
])("a backend that does not %s costs a try no more than its limit", async (what, hanging) => {
  const gateway = createTestGateway(
    { hanging, echo: echoing },
    {
      backends: { hanging: short, usual: { type: "hanging" } },
      models: [
        { name: "any", targets: ["hanging/x", "echo/y"] },
        { name: "hurried", targets: ["usual/x", "echo/y"], timeouts: { firstTokenMs: 20 } },
      ],
    },
  );
  await expect(gateway.call("chat", hello, { model: "hanging/x" })).rejects.toMatchObject({
    code: "timeout",
    backend: "hanging",
    message: `hanging did not ${what} within 30 ms.`,
  });
  for (const model of ["any", "hurried"])
    expect(await gateway.call("chat", hello, { model })).toMatchObject({
      target: { backend: "echo" },
      attempts: 2,
    });
  await gateway.close();
});
