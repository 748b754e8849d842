import { afterEach, expect, it } from "vitest";
import { createTestGateway } from "../../../gateway/__fixtures__/test-gateway.ts";
import definition from "../index.ts";
import { embeddingInfo, generationInfo } from "./__fixtures__/known-answers.ts";
import { eventStream, type RemoteServer, startRemoteServer } from "./__fixtures__/remote-server.ts";

let server: RemoteServer;
let gateway: ReturnType<typeof createTestGateway>;
afterEach(async () => {
  await gateway.close();
  await server[Symbol.asyncDispose]();
});

async function start(...routes: Parameters<typeof startRemoteServer>) {
  server = await startRemoteServer(...routes);
  const hf = { type: "huggingface", mode: "remote", baseUrl: server.url };
  gateway = createTestGateway([definition], { backends: { hf } });
}

it("embeds, and classifies by what it embeds", async () => {
  await start({
    "GET /info": { body: embeddingInfo },
    "POST /embed": ({ body }) => ({
      body: body.inputs.map((text: string) => (text.includes("news") ? [0, 1] : [1, 0])),
    }),
  });
  const { result } = await gateway.call(
    "embedding",
    { input: "goal" },
    { model: "hf/sentence-transformers/all-MiniLM-L6-v2" },
  );
  expect(result).toMatchObject({ dimensions: 2 });
  const sorted = await gateway.call(
    "classification",
    { input: "goal", labels: ["news", "sports"] },
    { model: "hf/default" },
  );
  expect(sorted.result).toMatchObject({ labels: [{ label: "sports" }, { label: "news" }] });
});

it("names the model that there is to who asks for another, and what it can't do", async () => {
  await start({ "GET /info": { body: generationInfo } });
  const other = gateway.call("chat", { prompt: "Hi" }, { model: "hf/SmolLM2-135M" });
  await expect(other).rejects.toMatchObject({
    code: "model-not-found",
    message: expect.stringContaining("hf/HuggingFaceTB/SmolLM2-135M-Instruct"),
  });
  const embedded = gateway.call("embedding", { input: "a" }, { model: "hf/default" });
  await expect(embedded).rejects.toMatchObject({ code: "capability-not-supported" });
});

it("tells who waits for a model that it is being loaded, also when the time is up", async () => {
  await start({
    "GET /info": { body: generationInfo },
    "POST /v1/chat/completions": {
      status: 503,
      body: { error: "Model is currently loading", estimated_time: 30 },
    },
  });
  const told: object[] = [];
  const late = gateway.call(
    "chat",
    { prompt: "Hi" },
    { model: "hf/default", timeoutMs: 1_000, onProgress: (event) => told.push(event) },
  );
  await expect(late).rejects.toMatchObject({
    code: "timeout",
    message: expect.stringContaining("the model was still being loaded"),
  });
  expect(told).toContainEqual({ phase: "load", model: "default" });
  server.answer({
    "POST /v1/chat/completions": eventStream(
      { choices: [{ index: 0, delta: { content: "Hello" }, finish_reason: "stop" }] },
      "[DONE]",
    ),
  });
  const { result } = await gateway.call("chat", { prompt: "Hi" }, { model: "hf/default" });
  expect(result).toMatchObject({ text: "Hello" });
});
