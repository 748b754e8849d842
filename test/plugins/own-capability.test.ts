import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { deferredGateway } from "../../src/app/open-gateway.ts";
import { services } from "../../src/app/services.ts";
import type { RunningServer } from "../../src/cli/services.ts";
import { silentLog } from "../../src/contract/silent-log.ts";
import type { DeferredGateway } from "../../src/gateway/deferred-gateway.ts";
import { createModelyard } from "../../src/index.ts";
import { connectClient } from "../../src/mcp/__fixtures__/clients.ts";
import { folderWith, runModelyard } from "../cli/run-modelyard.ts";

const plugin = path.resolve(import.meta.dirname, "../../examples/capabilities/transcription.ts");
const configuration = { plugins: [plugin], defaults: { transcription: "parrot/any" } };
const request = { audio: Buffer.from("caw caw").toString("base64") };
const text = "It heard 7 bytes of audio/wav.";

let folder: string;
let gateway: DeferredGateway;
let server: RunningServer;

beforeAll(async () => {
  folder = folderWith(configuration);
  gateway = deferredGateway({ config: path.join(folder, "modelyard.json"), log: silentLog });
  server = await services.serveHttp(await gateway.open(), { port: 0, log: silentLog });
});
afterAll(async () => {
  await server.close();
  await gateway.close();
  fs.rmSync(folder, { recursive: true });
});

it("is one file of forty lines at most", () => {
  expect(fs.readFileSync(plugin, "utf8").trimEnd().split("\n").length).toBeLessThanOrEqual(40);
});

it("is a library call, whose request and result are typed", async () => {
  await using modelyard = createModelyard(configuration);
  const answer = await modelyard.call("transcription", request);
  const said: string = answer.text;
  expect(said).toBe(text);
  // @ts-expect-error -- the request has no such field
  await expect(modelyard.call("transcription", { sound: "caw" })).rejects.toThrow(/audio/);
});

it("is an HTTP route", async () => {
  const answer = await fetch(`${server.url}/v1/transcribe`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "parrot/any", ...request }),
  });
  expect(await answer.json()).toMatchObject({ text, model: "any", backend: "parrot" });
});

it("is an MCP tool", async () => {
  const client = await connectClient("v2 auto", { url: `${server.url}/mcp` });
  try {
    const tool = (await client.tools()).find(({ name }) => name === "transcribe");
    expect(tool?.inputSchema).toHaveProperty("properties.audio.description");
    const { structuredContent } = await client.call("transcribe", request);
    expect(structuredContent).toMatchObject({ text, backend: "parrot" });
  } finally {
    await client.close();
  }
});

it("is a command", async () => {
  const { code, stdout } = await runModelyard(["transcribe", request.audio], { directory: folder });
  expect({ code, stdout }).toEqual({ code: 0, stdout: `${text}\n` });
});

it("is known to editors: the schema of the configuration holds its kinds and its capability", async () => {
  const schema = JSON.stringify(await services.configurationSchema({ plugins: [plugin] }));
  expect(schema).toContain('{"const":"parrot"}');
  expect(schema).toContain('"transcription"');
});

it("is a chapter of the conformance kit, which its backend passes", async () => {
  const tests = await services.testBackend({ named: plugin, onCheck() {} });
  expect(tests).toMatchObject([{ type: "parrot", level: "gold", failed: 0 }]);
  expect(tests[0]?.text({ colours: false })).toContain("\ntranscription\n");
});
