import { expect, it } from "vitest";
import { startRecordedServer, type RecordedAnswer } from "../../../test/peers/recorded-server.ts";
import { createAiSdk } from "./__fixtures__/create-ai-sdk.ts";

const { signal } = new AbortController();
const json = (status: number, body: unknown) => ({ status, body });
const page = (status: number) => ({ status, contentType: "text/html", body: "<!doctype html>Hi" });
const list = json(200, { data: [] });
const refusal = json(401, { error: { message: "invalid x-api-key" } });
const wrongGoogleKey = json(400, { error: { message: "API key not valid." } });
const mayNotList = json(403, { error: { message: "Missing scopes: api.model.read" } });

async function healthOf(answer: RecordedAnswer, provider = "@ai-sdk/anthropic") {
  await using server = await startRecordedServer({ "GET /v1/models": answer });
  const options = { apiKey: "sk-1", baseURL: `${server.url}/v1` };
  const sdk = createAiSdk({ provider, options });
  await using _ = sdk;
  return { health: await sdk.backend.healthCheck?.(signal), requests: server.requests };
}

it.each([
  ["@ai-sdk/anthropic", "x-api-key", "sk-1"],
  ["@ai-sdk/google", "x-goog-api-key", "sk-1"],
  ["@ai-sdk/openai-compatible", "authorization", "Bearer sk-1"],
])("asks %s's service for its list alone, with the key of a call", async (name, header, value) => {
  const { health, requests } = await healthOf(list, name);
  expect(health).toEqual({ status: "healthy" });
  expect(requests).toHaveLength(1);
  expect(requests[0]?.headers).toMatchObject({ [header]: value });
});

it.each<[string, RecordedAnswer, string, RegExp]>([
  ["is a page", page(200), "unhealthy", /web page.+baseUrl/i],
  ["is a page that is not there", page(404), "unhealthy", /404 with a web page/],
  ["refuses the key", refusal, "unhealthy", /invalid x-api-key.+Check the key/],
  ["refuses the key as Gemini does", wrongGoogleKey, "unhealthy", /API key not valid/],
  ["fails", json(500, { error: "boom" }), "unhealthy", /boom/],
  ["lists to none with this key", mayNotList, "healthy", /no list of models.+403/],
  ["has no list", json(404, { error: "no" }), "healthy", /no list of models.+404/],
])("says how well a service is that %s", async (_, answer, status, reason) => {
  const { health } = await healthOf(answer);
  expect(health).toEqual({ status, reason: expect.stringMatching(reason) });
});

it("says that nobody answers at the address", async () => {
  const options = { apiKey: "sk-1", baseURL: "http://127.0.0.1:9/v1" };
  const sdk = createAiSdk({ provider: "@ai-sdk/anthropic", options });
  await using _ = sdk;
  expect(await sdk.backend.healthCheck?.(signal)).toMatchObject({
    status: "unhealthy",
    reason: expect.stringContaining("127.0.0.1:9"),
  });
});
