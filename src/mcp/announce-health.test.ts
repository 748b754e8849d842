import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { createTrialGateway, silentLog } from "./__fixtures__/trial-gateway.ts";
import { createMcpHttpHandler } from "./http.ts";

it("tells clients of the 2025 era that a model is not well any more, where their level lets it through", async () => {
  const gateway = createTrialGateway();
  const face = createMcpHttpHandler(gateway, { version: "0.0.0", log: silentLog });
  const server = createServer(face.handle).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
  onTestFinished(async () => {
    await face.close();
    server.close();
    server.closeAllConnections();
    await gateway.close({ drainMs: 0 });
  });

  const connect = async () => {
    const client = new Client({ name: "test", version: "0" });
    const heard: unknown[] = [];
    client.setNotificationHandler("notifications/message", ({ params }) => {
      if (params.logger === "health") heard.push(params);
    });
    await client.connect(new StreamableHTTPClientTransport(url));
    return { client, heard };
  };
  const [open, quiet] = await Promise.all([connect(), connect()]);
  await quiet.client.setLoggingLevel("error");
  const call = { name: "chat", arguments: { prompt: "hi", model: "trial/broken" } };
  expect(await open.client.callTool(call)).toMatchObject({ isError: true });
  await expect.poll(() => open.heard.length).toBeGreaterThan(0);
  expect(open.heard[0]).toMatchObject({
    level: "warning",
    data: {
      backend: "trial",
      model: "broken",
      status: expect.stringMatching(/degraded|unhealthy/),
    },
  });
  expect(JSON.stringify(open.heard)).not.toContain("passwd");
  expect(quiet.heard).toEqual([]);
  await Promise.all([open.client.close(), quiet.client.close()]);
});
