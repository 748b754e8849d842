import { describe, expect, it, onTestFinished } from "vitest";
import { startRecordedServer, type RecordedAnswers } from "../../../test/peers/recorded-server.ts";
import { recorded, tryBackend, tryChat } from "./__fixtures__/try-backend.ts";

async function serve(answers: RecordedAnswers) {
  const server = await startRecordedServer(answers);
  onTestFinished(() => server.stop());
  return server;
}

const good = {
  status: 200,
  contentType: "text/event-stream",
  body: 'data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
};
const refusal = (status: number, error: object) => ({ status, body: { error } });
const path = "POST /v1/chat/completions";
const bodies = (requests: readonly { body: unknown }[]) =>
  requests.map(({ body }) => body as Record<string, unknown>);

describe("a parameter that a server refuses by name", () => {
  it.each<[string, number, object, string]>([
    [
      "OpenAI's",
      400,
      {
        message: "Unsupported value: 'temperature' does not support 0.5 with this model.",
        param: "temperature",
        code: "unsupported_value",
      },
      "temperature",
    ],
    ["one without param", 400, { message: "property 'seed' is unsupported" }, "seed"],
    [
      "vLLM's",
      400,
      {
        message:
          "[{'type': 'extra_forbidden', 'loc': ('body', 'top_p'), 'msg': 'Extra inputs are not permitted'}]",
        type: "BadRequestError",
        code: 400,
      },
      "top_p",
    ],
    [
      "TGI's, which lists all it knows",
      422,
      { message: "unknown field `seed`, expected one of `model`, `temperature`, `stop`, `top_p`" },
      "seed",
    ],
  ])("is left out, told, and remembered: %s", async (_, status, error, name) => {
    const { url, requests } = await serve({ [path]: [refusal(status, error), good] });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    const input = { prompt: "Hi", temperature: 0.5, seed: 1, topP: 0.9, stop: "x" };
    expect((await tryChat(trial, input)).events).toHaveLength(2);
    expect((await tryChat(trial, input)).events).toHaveLength(2);
    const [first, ...rest] = bodies(requests);
    expect(first).toHaveProperty(name);
    const { [name]: _refused, ...others } = first ?? {};
    expect(rest).toEqual([others, others]);
    const warning = `m does not take ${name}: it was left out.`;
    expect(trial.warnings).toEqual([warning, warning]);
  });

  it("is remembered for that model alone", async () => {
    const { url, requests } = await serve({
      [path]: [refusal(400, { message: "seed is not supported" }), good],
    });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    await tryChat(trial, { prompt: "Hi", seed: 1 });
    await tryChat(
      { ...trial, context: { ...trial.context, model: "n" } },
      { prompt: "Hi", seed: 1 },
    );
    expect(bodies(requests).map((body) => "seed" in body)).toEqual([true, false, true]);
  });

  it("takes its other name where it has one, without a word", async () => {
    const error = {
      message:
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      param: "max_tokens",
    };
    const { url, requests } = await serve({ [path]: [refusal(400, error), good] });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    expect((await tryChat(trial, { prompt: "Hi", maxTokens: 5 })).events).toHaveLength(2);
    expect(bodies(requests)[1]).toMatchObject({ max_completion_tokens: 5 });
    expect(bodies(requests)[1]).not.toHaveProperty("max_tokens");
    expect(trial.warnings).toEqual([]);
  });

  it("is not told where we asked on our own account", async () => {
    const error = {
      message: {
        detail: [
          {
            type: "extra_forbidden",
            loc: ["body", "stream_options"],
            msg: "Extra inputs are not permitted",
          },
        ],
      },
    };
    const { url, requests } = await serve({ [path]: [refusal(422, error), good] });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    expect((await tryChat(trial, { prompt: "Hi" })).events).toHaveLength(2);
    expect(bodies(requests)[1]).not.toHaveProperty("stream_options");
    expect(trial.warnings).toEqual([]);
  });

  it("is an error where strict is on", async () => {
    const { url, requests } = await serve({
      [path]: refusal(400, { message: "seed is not supported" }),
    });
    const trial = tryBackend({ baseUrl: url, profile: "plain", strict: true });
    expect((await tryChat(trial, { prompt: "Hi", seed: 1 })).error).toMatchObject({
      code: "invalid-request",
    });
    expect(requests).toHaveLength(1);
  });

  it.each<[string, object]>([
    [
      "its value is wrong",
      { message: "temperature must be between 0 and 1", param: "temperature" },
    ],
    ["nothing we sent is named", { message: "unknown parameter 'foo'" }],
    [
      "the request makes no sense without it",
      { message: "messages is not supported", param: "messages" },
    ],
  ])("is what it is where %s", async (_, error) => {
    const { url, requests } = await serve({ [path]: refusal(400, error) });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    expect((await tryChat(trial, { prompt: "Hi", temperature: 1.5 })).error?.code).toBe(
      "invalid-request",
    );
    expect(requests).toHaveLength(1);
  });

  it("is repeated once a call", async () => {
    const { url, requests } = await serve({
      [path]: [
        refusal(400, { message: "seed is not supported" }),
        refusal(400, { message: "top_p is not supported" }),
        good,
      ],
    });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    const input = { prompt: "Hi", seed: 1, topP: 0.5 };
    expect((await tryChat(trial, input)).error?.message).toContain("top_p");
    expect(requests).toHaveLength(2);
  });

  it("is not even sent where the profile knows", async () => {
    const { url, requests } = await serve({ "POST /chat/completions": good });
    const trial = tryBackend({ baseUrl: `${url}/`, profile: "perplexity" });
    expect((await tryChat(trial, { prompt: "Hi", seed: 1 })).events).toHaveLength(2);
    expect(bodies(requests)[0]).not.toHaveProperty("seed");
    expect(trial.warnings).toEqual(["m does not take seed: it was left out."]);
  });
});

describe("an address", () => {
  it.each(["", "/", "/v1", "/v1/", "/v1/chat/completions"])(
    "ends as people write it: %j",
    async (end) => {
      const { url } = await serve({ [path]: good });
      const trial = tryBackend({ baseUrl: `${url}${end}`, profile: "plain" });
      expect((await tryChat(trial, { prompt: "Hi" })).events).toHaveLength(2);
    },
  );

  it("keeps a query of its own", async () => {
    const { url, requests } = await serve({ "POST /x/chat/completions": good });
    const trial = tryBackend({ baseUrl: `${url}/x?api-version=1`, profile: "plain" });
    expect((await tryChat(trial, { prompt: "Hi" })).events).toHaveLength(2);
    expect(requests[0]?.path).toBe("/x/chat/completions?api-version=1");
  });

  it("that lacks its /v1 is told so", async () => {
    const { url } = await serve({
      "POST /llm/chat/completions": { status: 404, body: { detail: "Not Found" } },
    });
    const trial = tryBackend({ baseUrl: `${url}/llm`, profile: "plain" });
    expect((await tryChat(trial, { prompt: "Hi" })).error).toMatchObject({
      code: "backend-error",
      message: `${url} has no /llm/chat/completions (404).`,
      remedy: `Check baseUrl: perhaps it should be ${url}/llm/v1.`,
    });
  });

  it.each([200, 404])("of a page, answered with %s, is told so", async (status) => {
    const body = "<!doctype html><title>Welcome</title>";
    const { url } = await serve({ [path]: { status, contentType: "text/html", body } });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    const { error } = await tryChat(trial, { prompt: "Hi" });
    expect(error?.code).toBe(status === 200 ? "invalid-response" : "backend-error");
    expect(error?.message).toContain(status === 200 ? "web page" : "has no /v1/chat/completions");
    expect(error?.remedy).toContain("baseUrl");
  });

  it("where nothing listens is told so", async () => {
    const server = await startRecordedServer([]);
    await server.stop();
    const trial = tryBackend({ baseUrl: server.url });
    expect((await tryChat(trial, { prompt: "Hi" })).error).toMatchObject({
      code: "backend-unavailable",
      message: expect.stringContaining("the connection was refused"),
    });
  });
});

describe("a model that a server does not have", () => {
  it("is told with the nearest that it lists", async () => {
    const { url } = await serve({
      "GET /v1/models": { status: 200, body: { data: [{ id: "gpt-6-luna" }, { id: "other" }] } },
      [path]: refusal(404, {
        message: "The model `gpt-6-lun` does not exist",
        code: "model_not_found",
      }),
    });
    const trial = tryBackend({ baseUrl: url, profile: "plain" });
    await trial.backend.listModels!(new AbortController().signal);
    const context = { ...trial.context, model: "gpt-6-lun" };
    expect((await tryChat({ ...trial, context }, { prompt: "Hi" })).error).toMatchObject({
      code: "model-not-found",
      message: expect.stringContaining('Did you mean "gpt-6-luna"?'),
    });
  });
});

it("a schema that a server can't hold is an error which says so", async () => {
  const { url } = await serve({ [path]: recorded("llama-server/error-bad-schema") });
  const trial = tryBackend({ baseUrl: url, profile: "plain" });
  const { error } = await tryChat(trial, {
    prompt: "Hi",
    responseSchema: { type: "object" },
  });
  expect(error).toMatchObject({
    code: "invalid-request",
    message: expect.stringContaining("unrecognized type nonsense"),
    remedy: "Simplify responseSchema: this server can't hold it as it is.",
  });
});

it("what lies beside the API is asked for there, behind a proxy too", async () => {
  const { url, requests } = await serve({ "GET /llm/health": { status: 200, body: "" } });
  const { backend } = tryBackend({ baseUrl: `${url}/llm/v1`, profile: "vllm" });
  const { signal } = new AbortController();
  expect(await backend.healthCheck!(signal)).toEqual({ status: "healthy" });
  expect(requests[0]?.path).toBe("/llm/health");
});

describe("credentials", () => {
  it("go where the profile wants them", async () => {
    const { url, requests } = await serve({ "POST /openai/v1/chat/completions": good });
    const trial = tryBackend({ baseUrl: url, profile: "azure", apiKey: "a-secret" });
    await tryChat(trial, { prompt: "Hi" });
    expect(requests[0]?.headers).toMatchObject({ "api-key": "a-secret" });
    expect(requests[0]?.headers.authorization).toBeUndefined();
  });

  it("that are refused are an error which says where to look", async () => {
    const { url, requests } = await serve({
      [path]: refusal(401, { message: "Incorrect API key provided: wrong-k**" }),
    });
    const trial = tryBackend({ baseUrl: url, profile: "plain", apiKey: "wrong-key" });
    expect((await tryChat(trial, { prompt: "Hi" })).error).toMatchObject({
      code: "backend-unauthorized",
      remedy: "Check the key or token that this backend is configured with.",
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers.authorization).toBe("Bearer wrong-key");
  });
});

describe("a caller who leaves", () => {
  it("has the connection closed at once", async () => {
    const closed = Promise.withResolvers<number>();
    const { url } = await serve({
      [path]: (_, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" });
        response.write('data: {"choices":[{"index":0,"delta":{"content":"Hi"}}]}\n\n');
        response.on("close", () => closed.resolve(performance.now()));
      },
    });
    const { backend, context } = tryBackend({ baseUrl: url, profile: "plain" });
    const controller = new AbortController();
    const request = {
      messages: [{ role: "user" as const, content: [{ type: "text" as const, text: "Hi" }] }],
    };
    const events = backend.capabilities.chat!(request, { ...context, signal: controller.signal })[
      Symbol.asyncIterator
    ]();
    await events.next();
    const left = performance.now();
    const rest = events.next();
    controller.abort();
    await expect(rest).rejects.toMatchObject({ code: "cancelled" });
    expect((await closed.promise) - left).toBeLessThan(1_000);
  });
});

it("a schema that llama.cpp's grammar would hold in part alone is refused before it is sent; others' servers judge it", async () => {
  const { url, requests } = await serve({
    "POST /v1/chat/completions": recorded("llama-server/chat"),
  });
  const input = { prompt: "Hi", responseSchema: { type: "integer", multipleOf: 5 } };
  const { error } = await tryChat(tryBackend({ baseUrl: url, profile: "llama-server" }), input);
  expect(error).toMatchObject({
    code: "invalid-request",
    message: "responseSchema: llama.cpp server can't hold an answer to multipleOf.",
  });
  expect(requests).toEqual([]);
  expect((await tryChat(tryBackend({ baseUrl: url, profile: "vllm" }), input)).error).toBe(
    undefined,
  );
});
