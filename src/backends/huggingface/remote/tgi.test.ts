import { afterEach, expect, it } from "vitest";
import { generationInfo } from "./__fixtures__/known-answers.ts";
import {
  eventStream,
  readAll,
  type RemoteServer,
  startRemoteServer,
} from "./__fixtures__/remote-server.ts";

let server: RemoteServer;
afterEach(() => server[Symbol.asyncDispose]());

const user = { role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] };

/** A chunk of chat, as it sends them. */
function chunk(content: string, finish_reason: string | null = null) {
  return {
    object: "chat.completion.chunk",
    model: generationInfo.model_id,
    choices: [{ index: 0, delta: { role: "assistant", content }, finish_reason, logprobs: null }],
    usage: null,
  };
}

/** A piece of a completion. */
function piece(text: string, details: object | null = null) {
  return {
    index: 1,
    token: { id: 1, text, logprob: -0.1, special: false },
    generated_text: details === null ? null : "…",
    details,
  };
}

function chat(request: object = {}) {
  return readAll(
    server.create().capabilities.chat!({ messages: [user], ...request }, server.context("default")),
  );
}

function complete(request: object = {}) {
  const { completion } = server.create().capabilities;
  return readAll(completion!({ prompt: "Once", ...request }, server.context("default")));
}

it("lists its model with its window", async () => {
  server = await startRemoteServer({ "GET /info": { body: generationInfo } });
  expect(await server.create().listModels!(new AbortController().signal)).toEqual([
    {
      name: "HuggingFaceTB/SmolLM2-135M-Instruct",
      aliases: ["default"],
      capabilities: ["chat", "completion"],
      contextTokens: 2048,
      loaded: true,
    },
  ]);
});

it("tells how likely the tokens of a completion are, also where a stop text holds them back", async () => {
  const top_tokens = [{ id: 1, text: " upon", logprob: -0.1, special: false }];
  const last = piece(" a", { finish_reason: "length" });
  server = await startRemoteServer({
    "GET /info": { body: generationInfo },
    "POST /generate_stream": eventStream({ ...piece(" upon"), top_tokens }, last),
  });
  const request = { logprobs: 1, topK: 3, frequencyPenalty: 0.5, stop: [" upon x"] };
  const [first] = await complete({ ...request, temperature: 1 });
  expect(first).toEqual({
    type: "text-delta",
    text: " upon a",
    logprobs: [
      { token: " upon", logprob: -0.1, top: [{ token: " upon", logprob: -0.1 }] },
      { token: " a", logprob: -0.1 },
    ],
  });
  expect(server.asked.at(-1)?.body).toMatchObject({
    parameters: { top_k: 3, frequency_penalty: 0.5, top_n_tokens: 1 },
  });
});

it("chats in its own words", async () => {
  const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
  server = await startRemoteServer({
    "GET /info": { body: generationInfo },
    "POST /v1/chat/completions": eventStream(
      chunk("Hel"),
      chunk("lo"),
      chunk(".EN"),
      chunk("D", "stop_sequence"),
      { ...chunk(""), choices: [], usage },
      "[DONE]",
    ),
  });
  const schema = { type: "object", properties: { name: { type: "string" } } };
  const events = await chat({ stop: ["END"], topP: 1, temperature: 0, responseSchema: schema });
  expect(events).toMatchObject([
    { type: "text-delta", text: "Hel" },
    { type: "text-delta", text: "lo" },
    { type: "text-delta", text: "." },
    { type: "finish", reason: "stop", usage: { inputTokens: 9, outputTokens: 3 } },
  ]);
  expect(server.askedOf("POST /v1/chat/completions")[0]?.body).toEqual({
    model: "tgi",
    messages: [{ role: "user", content: "Hi" }],
    stop: ["END"],
    temperature: 0,
    response_format: { type: "json", value: schema },
    stream: true,
    stream_options: { include_usage: true },
  });
});

it("continues a text by its native route", async () => {
  server = await startRemoteServer({
    "GET /info": { body: generationInfo },
    "POST /generate_stream": eventStream(piece(" upon"), piece(" a time."), {
      ...piece("</s>", { finish_reason: "eos_token", generated_tokens: 3, input_length: 2 }),
      token: { id: 2, text: "</s>", special: true },
    }),
  });
  const providerOptions = { huggingface: { top_n_tokens: 2, details: false } };
  const request = { maxTokens: 9, temperature: 0, topP: 0.5, seed: 7, providerOptions };
  expect(await complete(request)).toEqual([
    { type: "text-delta", text: " upon" },
    { type: "text-delta", text: " a time." },
    {
      type: "finish",
      reason: "stop",
      rawReason: "eos_token",
      usage: { inputTokens: 2, outputTokens: 3 },
    },
  ]);
  expect(server.askedOf("POST /generate_stream")[0]?.body).toEqual({
    inputs: "Once",
    parameters: {
      max_new_tokens: 9,
      do_sample: false,
      seed: 7,
      top_n_tokens: 2,
      details: true,
      return_full_text: false,
    },
  });
});

it("leaves the stop text out, which it would leave standing", async () => {
  server = await startRemoteServer({
    "GET /info": { body: generationInfo },
    "POST /generate_stream": eventStream(
      piece("one, t"),
      piece("wo,"),
      piece(" three", { finish_reason: "stop_sequence", generated_tokens: 3 }),
    ),
  });
  const events = await complete({ stop: ["two"] });
  expect(events.map((event) => ("text" in event ? event.text : event.type))).toEqual([
    "one, ",
    "finish",
  ]);
});

it("fails with what it says, before an answer and in the midst of one", async () => {
  const tooLong = {
    error: "Input validation error: `inputs` must have less than 1023 tokens. Given: 2000",
    error_type: "validation",
  };
  const failed = {
    error: "Request failed during generation: out of memory",
    error_type: "generation",
  };
  server = await startRemoteServer({
    "GET /info": { body: generationInfo },
    "POST /v1/chat/completions": { status: 422, body: tooLong },
    "POST /generate_stream": eventStream(piece(" upon"), failed),
  });
  await expect(chat()).rejects.toMatchObject({ code: "context-length-exceeded" });
  await expect(complete()).rejects.toMatchObject({
    code: "backend-error",
    message: expect.stringContaining("out of memory"),
  });
  const inside = { error: { message: "Request failed during generation", http_status_code: 424 } };
  server.answer({
    "POST /v1/chat/completions": eventStream(chunk("Hel"), inside, "[DONE]"),
    "POST /generate_stream": eventStream(piece(" upon")),
  });
  await expect(chat()).rejects.toMatchObject({ code: "backend-error" });
  await expect(complete()).rejects.toMatchObject({ code: "stream-interrupted" });
});

it("makes no embeddings", async () => {
  server = await startRemoteServer({ "GET /info": { body: generationInfo } });
  const { embedding } = server.create().capabilities;
  await expect(embedding!({ input: ["a"] }, server.context("default"))).rejects.toMatchObject({
    code: "capability-not-supported",
  });
});
