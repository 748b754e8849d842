import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { services } from "../../src/app/services.ts";
import { createModelyard } from "../../src/index.ts";
import { connectClient } from "../../src/mcp/__fixtures__/clients.ts";
import { runModelyard } from "../cli/run-modelyard.ts";
import { serveFolder, type ServedFolder } from "./serve-folder.ts";

const plugin = path.resolve(import.meta.dirname, "../../examples/capabilities/transcription.ts");
const configuration = { plugins: [plugin], defaults: { transcription: "parrot/any" } };
const request = { audio: Buffer.from("caw caw").toString("base64") };
const text = "It heard 7 bytes of audio/wav.";

let served: ServedFolder;

beforeAll(async () => {
  served = await serveFolder(configuration);
});
afterAll(() => served[Symbol.asyncDispose]());

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
  const answer = await fetch(`${served.url}/v1/transcribe`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ model: "parrot/any", ...request }),
  });
  expect(await answer.json()).toMatchObject({ text, model: "any", backend: "parrot" });
});

it("is an MCP tool", async () => {
  const client = await connectClient("v2 auto", { url: `${served.url}/mcp` });
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
  const { code, stdout } = await runModelyard(["transcribe", request.audio], {
    directory: served.folder,
  });
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
