import type { ServerResponse } from "node:http";
import { afterEach, expect, it } from "vitest";
import { startTestServer } from "./__fixtures__/test-server.ts";
import { createGuardedFetch } from "./guarded-fetch.ts";
import { readBeginning } from "./read-beginning.ts";
import { requestJson } from "./request-json.ts";

const guarded = createGuardedFetch({ environment: {} });
const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(answer: (response: ServerResponse) => void) {
  const server = await startTestServer((_, response) => {
    response.writeHead(500, { "content-type": "text/plain" });
    answer(response);
  });
  closing.push(() => server[Symbol.asyncDispose]());
  return server;
}

it("takes what has come of a body without an end, and closes the connection", async () => {
  const closed = Promise.withResolvers<void>();
  const server = await serve((response) => {
    response.on("close", closed.resolve).write("No room.");
  });
  const response = await guarded.fetch(server.url);
  expect(await readBeginning(response, { limitMs: 50 })).toBe("No room.");
  await closed.promise;
});

it("takes no more than is enough of one that is too long", async () => {
  const closed = Promise.withResolvers<void>();
  const server = await serve((response) => {
    const flood = setInterval(() => response.write("x".repeat(1_000)), 1);
    response.on("close", () => {
      clearInterval(flood);
      closed.resolve();
    });
  });
  const response = await guarded.fetch(server.url);
  const text = await readBeginning(response, { mostCharacters: 3_000 });
  expect(text.length).toBeGreaterThanOrEqual(3_000);
  expect(text.length).toBeLessThan(100_000);
  await closed.promise;
});

it("tells the status of a refusal whose body breaks off", async () => {
  const server = await serve((response) => {
    response.write("Out of m", () => response.destroy());
  });
  await expect(requestJson(guarded.fetch, server.url)).rejects.toMatchObject({
    code: "backend-error",
    message: expect.stringContaining("500"),
  });
});

it("ends with the caller who gives up", async () => {
  const controller = new AbortController();
  const server = await serve((response) => {
    response.write("No", () => setTimeout(() => controller.abort(), 20));
  });
  const { signal } = controller;
  await expect(requestJson(guarded.fetch, server.url, { signal })).rejects.toMatchObject({
    code: "cancelled",
  });
});
