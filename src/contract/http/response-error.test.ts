import { describe, expect, it } from "vitest";
import { responseError } from "./response-error.ts";

const after = (headers: Record<string, string>) =>
  responseError({
    status: 429,
    headers: new Headers(headers),
    body: { error: { message: "slow" } },
  });
const text = (body: unknown) => (typeof body === "string" ? body : JSON.stringify(body));

describe("an upstream's refusal", () => {
  it.each<[string, number, unknown, object]>([
    [
      "OpenAI's",
      400,
      {
        error: { message: "bad", type: "invalid_request_error", param: "temperature", code: null },
      },
      { code: "invalid-request", details: { status: 400, param: "temperature" } },
    ],
    [
      "a failure of its own",
      500,
      { error: { message: "boom" } },
      { code: "backend-error", remedy: expect.stringContaining("log of that server") },
    ],
    ["vLLM's for a wrong key", 401, { error: "Unauthorized" }, { code: "backend-unauthorized" }],
    [
      "FastAPI's for a wrong key",
      401,
      { detail: "Unauthorized" },
      { code: "backend-unauthorized" },
    ],
    [
      "TGI's for a wrong key, which is empty",
      401,
      "",
      { code: "backend-unauthorized", message: "The backend answered 401." },
    ],
    ["a model that is unknown", 404, { error: "model 'x' not found" }, { code: "model-not-found" }],
    [
      "OpenAI's for an unknown model",
      404,
      {
        error: {
          message: "The model `x` does not exist or you do not have access to it.",
          code: "model_not_found",
        },
      },
      { code: "model-not-found" },
    ],
    [
      "a route that is unknown",
      404,
      { error: { message: "File Not Found", type: "not_found_error", code: 404 } },
      { code: "backend-error" },
    ],
    [
      "FastAPI's list",
      422,
      { detail: [{ loc: ["body", "messages"], msg: "field required" }] },
      {
        code: "invalid-request",
        message: "The backend answered 422: body.messages: field required",
        details: { status: 422, param: "messages" },
      },
    ],
    [
      "Mistral's list inside a message",
      422,
      {
        object: "error",
        message: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", "stream_options"],
              msg: "Extra inputs are not permitted",
            },
          ],
        },
        type: "invalid_request_error",
      },
      { code: "invalid-request", details: { status: 422, param: "stream_options" } },
    ],
    [
      "TGI's for a failed generation",
      424,
      { error: "Request failed during generation", error_type: "generation" },
      { code: "backend-error" },
    ],
    [
      "TEI's for too many texts",
      413,
      { message: "batch size 64 > maximum allowed batch size 32", code: 413, type: "Validation" },
      { code: "invalid-request" },
    ],
    [
      "a model that is loading",
      503,
      { error: "Model is loading", estimated_time: 20 },
      { code: "backend-unavailable", retryAfterMs: 20_000 },
    ],
    [
      "llama.cpp's while it loads",
      503,
      { error: { code: 503, message: "Loading model", type: "unavailable_error" } },
      { code: "backend-unavailable" },
    ],
    [
      "a gateway's page",
      502,
      "<html>bad gateway</html>",
      {
        code: "backend-unavailable",
        message: 'The backend answered 502: "<html>bad gateway</html>"',
      },
    ],
    [
      "too many calls",
      529,
      { type: "error", error: { type: "overloaded_error", message: "Overloaded" } },
      { code: "overloaded" },
    ],
    [
      "a filter",
      400,
      { error: { message: "The response was filtered", code: "content_filter" } },
      { code: "content-filtered" },
    ],
    [
      "no credit",
      402,
      { error: { message: "no credits", code: 402 } },
      { code: "backend-unauthorized", remedy: expect.stringContaining("credit") },
    ],
    [
      "no quota",
      429,
      { error: { message: "You exceeded your current quota", code: "insufficient_quota" } },
      { code: "backend-unauthorized", remedy: expect.stringContaining("credit") },
    ],
    [
      "a server without embeddings",
      501,
      {
        error: {
          code: 501,
          message: "This server does not support embeddings. Start it with `--embeddings`",
          type: "not_supported_error",
        },
      },
      { code: "capability-not-supported" },
    ],
    [
      "chat on a model for embeddings",
      500,
      {
        error: {
          code: 500,
          message: "the current context does not support logits computation. skipping",
          type: "server_error",
        },
      },
      { code: "capability-not-supported" },
    ],
    [
      "a model without tools",
      400,
      { error: { message: "registry.ollama.ai/library/x does not support tools" } },
      { code: "capability-not-supported" },
    ],
    [
      "vLLM without a parser for tools",
      400,
      {
        error: {
          message:
            '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
          type: "BadRequestError",
          code: 400,
        },
      },
      { code: "capability-not-supported" },
    ],
    [
      "images on a model for text",
      500,
      {
        error: {
          code: 500,
          message:
            "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
          type: "server_error",
        },
      },
      { code: "capability-not-supported" },
    ],
    [
      "vLLM's images on a model for text",
      400,
      { error: { message: "smollm is not a multimodal model", code: 400 } },
      { code: "capability-not-supported" },
    ],
    [
      "an error inside an answer",
      200,
      { error: { message: "prov", code: 502 } },
      { code: "backend-unavailable", details: { status: 200 } },
    ],
    [
      "an error inside an answer without a code",
      200,
      { error: { message: "boom" } },
      { code: "backend-error" },
    ],
  ])("%s", (_, status, body, expected) => {
    expect({ ...responseError({ status, body: text(body) }).toJSON() }).toMatchObject(expected);
  });

  it.each<[string, number, unknown, object]>([
    [
      "llama.cpp",
      400,
      {
        error: {
          code: 400,
          message:
            "request (3031 tokens) exceeds the available context size (2048 tokens), try increasing it",
          type: "exceed_context_size_error",
          n_prompt_tokens: 3031,
          n_ctx: 2048,
        },
      },
      { contextTokens: 2048, inputTokens: 3031 },
    ],
    [
      "llama.cpp's embeddings",
      500,
      {
        error: {
          code: 500,
          message:
            "input (902 tokens) is too large to process. increase the physical batch size (current batch size: 512)",
          type: "server_error",
        },
      },
      { contextTokens: 512, inputTokens: 902 },
    ],
    [
      "vLLM",
      400,
      {
        error: {
          message: "This model's maximum context length is 4096 tokens",
          type: "BadRequestError",
          code: 400,
        },
      },
      { contextTokens: 4096 },
    ],
    [
      "OpenAI",
      400,
      {
        error: {
          message:
            "This model's maximum context length is 4096 tokens. However, your messages resulted in 5000 tokens.",
          code: "context_length_exceeded",
        },
      },
      { contextTokens: 4096, inputTokens: 5000 },
    ],
    [
      "TGI",
      422,
      {
        error: "Input validation error: `inputs` must have less than 1024 tokens. Given: 2000",
        error_type: "validation",
      },
      { contextTokens: 1024, inputTokens: 2000 },
    ],
    [
      "SGLang",
      400,
      {
        object: "error",
        message: "The input (5000 tokens) is longer than the model's context length (4096 tokens).",
        type: "BadRequestError",
        code: 400,
      },
      { contextTokens: 4096, inputTokens: 5000 },
    ],
    [
      "Anthropic",
      400,
      {
        error: {
          type: "invalid_request_error",
          message: "prompt is too long: 210000 tokens > 200000 maximum",
        },
      },
      { contextTokens: 200_000, inputTokens: 210_000 },
    ],
    [
      "Mistral",
      400,
      {
        message:
          "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
      },
      { contextTokens: 32_768, inputTokens: 40_000 },
    ],
    [
      "Gemini",
      400,
      {
        error: {
          code: 400,
          message: "The input token count (20) exceeds the maximum number of tokens allowed (10).",
          status: "INVALID_ARGUMENT",
        },
      },
      { contextTokens: 10, inputTokens: 20 },
    ],
  ])("%s's for a prompt that is too long, with its counts", (_, status, body, counts) => {
    const error = responseError({ status, body });
    expect(error.code).toBe("context-length-exceeded");
    expect(error.details).toEqual({ status, ...counts });
  });

  it("reads an error within an error's text, as Ollama hands on its engine's", () => {
    const within = {
      error: {
        message: "request (20 tokens) exceeds",
        type: "exceed_context_size_error",
        n_ctx: 10,
        n_prompt_tokens: 20,
      },
    };
    expect(responseError({ status: 400, body: { error: JSON.stringify(within) } })).toMatchObject({
      code: "context-length-exceeded",
      message: "The backend answered 400: request (20 tokens) exceeds",
      details: { contextTokens: 10, inputTokens: 20 },
    });
    const plain = responseError({ status: 400, body: { error: "[not] JSON" } });
    expect(plain.message).toBe("The backend answered 400: [not] JSON");
  });

  it("waits as long as it is told, in each way to say it", () => {
    expect(after({ "retry-after": "7" })).toMatchObject({
      code: "rate-limited",
      retryAfterMs: 7_000,
    });
    expect(after({ "retry-after": "0.5" }).retryAfterMs).toBe(500);
    expect(after({ "retry-after-ms": "250", "retry-after": "7" }).retryAfterMs).toBe(250);
    const date = new Date(Date.now() + 60_000).toUTCString();
    expect(after({ "retry-after": date }).retryAfterMs).toBeGreaterThan(50_000);
    expect(after({ "retry-after": date }).retryAfterMs).toBeLessThanOrEqual(60_000);
    expect(after({ "retry-after": "Wed, 21 Oct 2015 07:28:00 GMT" }).retryAfterMs).toBe(0);
    expect(after({}).retryAfterMs).toBeUndefined();
    expect(after({ "retry-after": "soon" }).retryAfterMs).toBeUndefined();
  });

  it("takes from its sender what no shape tells: a code, a message, how long to wait", () => {
    const body = { fault: { tag: "SLOW_DOWN", words: "Too fast." } };
    const told = { code: "rate-limited", message: "Too fast.", retryAfterMs: 3_000 } as const;
    expect(responseError({ status: 420, body, ...told })).toMatchObject({
      ...told,
      message: "The backend answered 420: Too fast.",
    });
  });

  it("quotes the beginning of what it can't read", () => {
    const { message } = responseError({ status: 500, body: `no\njson ${"x".repeat(5_000)}` });
    expect(message).toMatch(/^The backend answered 500: "no json x{100,}…"$/);
    expect(message.length).toBeLessThan(300);
  });
});
