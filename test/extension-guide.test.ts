import fs from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { AnyBackendDefinition } from "../src/contract/backend.ts";
import { createTestGateway } from "../src/gateway/__fixtures__/test-gateway.ts";
import { guideFiles } from "./guide-files.ts";

let folder: string;
let server: Server;
/** What the API answers, whatever its models are asked. */
let answer: { status: number; body: object };

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "modelyard-guide-"));
  server = createServer(({ url }, response) => {
    const isList = url === "/models";
    const { status, body } = isList ? { status: 200, body: { models: [{ id: "small" }] } } : answer;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(() => {
  server.close();
  fs.rmSync(folder, { recursive: true });
});

async function ask(at: number, capability: "chat" | "embedding", input: object): Promise<unknown> {
  const own = path.resolve(import.meta.dirname, "../src/contract/index.ts");
  const file = path.join(folder, `${at}.mts`);
  fs.writeFileSync(file, guideFiles[at]!.replaceAll('"modelyard/backend"', JSON.stringify(own)));
  const { default: definition } = (await import(pathToFileURL(file).href)) as {
    default: AnyBackendDefinition;
  };
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = createTestGateway([definition], {
    backends: { acme: { type: "http-api", baseUrl } },
  });
  try {
    const { result } = await gateway.call(capability, input as never, { model: "acme/small" });
    return result;
  } finally {
    await gateway.close();
  }
}

it("puts an API that does not stream behind it", async () => {
  answer = { status: 200, body: { output: "hello" } };
  expect(await ask(0, "chat", { prompt: "hello" })).toMatchObject({ text: "hello" });
});

it("reads error codes of its own", async () => {
  answer = { status: 400, body: { code: "E_KEY" } };
  const code = "backend-unauthorized";
  await expect(ask(1, "chat", { prompt: "hello" })).rejects.toMatchObject({ code });
});

it("makes vectors", async () => {
  answer = { status: 200, body: { vectors: [[3, 4]] } };
  const embeddings = [[0.6, 0.8]];
  expect(await ask(2, "embedding", { input: "hello" })).toMatchObject({ embeddings });
});

it("has no fragment that is not tried here", () => {
  expect(guideFiles).toHaveLength(3);
});
