import { describe, expect, it } from "vitest";
import { ModelyardError } from "../../contract/errors.ts";
import { responseError } from "../../contract/http/response-error.ts";
import { engineDied, toOllamaError } from "./to-error.ts";

const here = "http://127.0.0.1:11434";

function errorOf(status: number, error: string | undefined): ModelyardError {
  const body = error === undefined ? "" : JSON.stringify({ error });
  return toOllamaError(responseError({ status, body, model: "m" }), here) as ModelyardError;
}

describe("what Ollama refuses", () => {
  it.each<[number, string | undefined, string, RegExp]>([
    [503, "server busy, please try again.  maximum pending requests exceeded", "overloaded", /./],
    [403, undefined, "backend-unauthorized", /host name/],
    [403, "cloud is disabled", "backend-unauthorized", /key or token/],
    [401, "unauthorized", "backend-unauthorized", /ollama signin/],
    [502, "upstream error", "backend-unavailable", /ollama ps/],
    [
      500,
      "model requires more system memory (5.6 GiB) than is available (2 GiB)",
      "insufficient-memory",
      /smaller model/,
    ],
    [500, "llama runner process has terminated: signal: killed", "backend-error", /Try again/],
    [500, "invalid JSON schema in format", "invalid-request", /schema/],
    [400, "invalid model name", "model-not-found", /modelyard models/],
    [404, 'model "x" not found, try pulling it first', "model-not-found", /modelyard models/],
    [400, "the input length exceeds the context length", "context-length-exceeded", /Shorten/],
    [400, "top_logprobs must be between 0 and 20", "invalid-request", /providerOptions/],
    [412, "this model requires a newer version of Ollama", "backend-error", /Update/],
  ])("%i %j is %s", (status, error, code, remedy) => {
    const read = errorOf(status, error);
    expect(read).toMatchObject({ code, model: "m", remedy: expect.stringMatching(remedy) });
    expect(read.message).toContain(`Ollama answered ${status}`);
  });

  it("is read within what its engine said, as newer versions hand it on", () => {
    const { code, message } = errorOf(
      400,
      '{"error":{"code":400,"message":"Multimodal data provided, but model does not support multimodal requests.","type":"invalid_request_error"}}',
    );
    expect(code).toBe("capability-not-supported");
    expect(message).toMatch(/^Ollama answered 400: Multimodal data provided/);
  });

  it("tells another server from an Ollama", () => {
    const { message, remedy } = errorOf(
      404,
      '{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}',
    );
    expect(message).toBe("What answers there is no Ollama (404: File Not Found).");
    expect(remedy).toMatch(/openai-compatible/);
    expect(errorOf(404, "404 page not found").message).toMatch(/^Ollama answered 404/);
  });

  it("tells an engine that died from a body that was cut", () => {
    expect(engineDied(errorOf(500, "model runner has unexpectedly stopped"))).toBe(true);
    expect(engineDied(errorOf(400, "unexpected EOF"))).toBe(false);
    expect(engineDied(errorOf(500, "something else"))).toBe(false);
  });
});

describe("an Ollama that can't be reached", () => {
  const refused = new ModelyardError("backend-unavailable", "box:1: the connection was refused.");

  it("is to be started where it is on this device", () => {
    expect(toOllamaError(refused, here)).toMatchObject({
      message: "Ollama can't be reached at box:1: the connection was refused.",
      remedy: "Start it: `ollama serve`.",
    });
    expect(toOllamaError(refused, "http://box:11434")).toMatchObject({
      remedy: expect.stringContaining("OLLAMA_HOST"),
    });
  });

  it("is said to need what is known of its proxy or its certificate", () => {
    const remedy = "Name the authority that signed it, or use an address that it is made out to.";
    const untrusted = new ModelyardError("backend-unavailable", "box:1: not trusted.", { remedy });
    expect(toOllamaError(untrusted, "https://box:1")).toMatchObject({ remedy });
  });

  it("is not said to be down where a certificate may be what it wants", () => {
    const remedy = "Check that the server runs; one that asks for a client certificate closes it.";
    const closed = new ModelyardError("backend-unavailable", "box:1: closed.", { remedy });
    expect(toOllamaError(closed, "https://127.0.0.1:1")).toMatchObject({ remedy });
  });

  it("leaves other failures as they are", () => {
    const cancelled = new ModelyardError("cancelled", "The call was cancelled.");
    const bug = new TypeError("x is not a function");
    expect(toOllamaError(cancelled, here)).toBe(cancelled);
    expect(toOllamaError(bug, here)).toBe(bug);
  });
});
