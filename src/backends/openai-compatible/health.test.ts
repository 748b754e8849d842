import { describe, expect, it, onTestFinished } from "vitest";
import { startRecordedServer, type RecordedAnswer } from "../../../test/peers/recorded-server.ts";
import { tryBackend } from "./__fixtures__/try-backend.ts";

const json = (status: number, body: unknown) => ({ status, body });
const loading = json(503, { error: { code: 503, message: "Loading model" } });
const page = { status: 200, contentType: "text/html", body: "<!doctype html><p>Hello" };

async function healthOf(profile: string, answer: RecordedAnswer) {
  const server = await startRecordedServer([answer]);
  onTestFinished(() => server.stop());
  const { backend } = tryBackend({ baseUrl: server.url, profile });
  return backend.healthCheck!(new AbortController().signal);
}

describe("health", () => {
  it.each<[string, string, RecordedAnswer, string, RegExp]>([
    ["reads its model", "llama-server", loading, "degraded", /Loading model/],
    ["has no such path", "vllm", json(404, { detail: "Not Found" }), "degraded", /as expected/],
    ["fails", "vllm", json(500, { error: "boom" }), "unhealthy", /boom/],
    ["refuses the key", "plain", json(401, { error: "no" }), "unhealthy", /Check the key or token/],
    ["is a page", "plain", page, "unhealthy", /web page.+baseUrl/],
  ])("of a server that %s", async (_, profile, answer, status, reason) => {
    expect(await healthOf(profile, answer)).toEqual({
      status,
      reason: expect.stringMatching(reason),
    });
  });

  it("of a server that is gone says what to do", async () => {
    const server = await startRecordedServer([]);
    await server.stop();
    const { backend } = tryBackend({ baseUrl: server.url, profile: "plain" });
    expect(await backend.healthCheck!(new AbortController().signal)).toEqual({
      status: "unhealthy",
      reason: expect.stringMatching(/the connection was refused\. Check that the server runs/),
    });
  });

  it("costs a service nothing that lists no models", async () => {
    expect(await healthOf("perplexity", json(500, {}))).toMatchObject({ status: "healthy" });
  });
});
