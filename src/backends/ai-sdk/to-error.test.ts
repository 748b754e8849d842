import {
  APICallError,
  InvalidArgumentError,
  JSONParseError,
  LoadAPIKeyError,
  LoadSettingError,
  NoSuchModelError,
  TypeValidationError,
  UnsupportedFunctionalityError,
} from "@ai-sdk/provider";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ModelyardError } from "../../contract/errors.ts";
import { toError } from "./to-error.ts";

const secret = "a prompt that nobody else may read";
const failure = { provider: "@ai-sdk/x", model: "m", signal: new AbortController().signal };
const call = { url: "https://api.example.com/v1", requestBodyValues: { prompt: secret } };

describe("toError", () => {
  it.each([
    [
      new LoadAPIKeyError({
        message:
          "Acme API key is missing. Pass it using the 'apiKey' parameter or the ACME_API_KEY environment variable.",
      }),
      {
        code: "backend-unauthorized",
        remedy: "Set options.apiKey or the environment variable ACME_API_KEY.",
      },
    ],
    [new LoadSettingError({ message: "AWS region is missing." }), { code: "invalid-config" }],
    [
      new NoSuchModelError({ modelId: "m", modelType: "languageModel" }),
      { code: "model-not-found" },
    ],
    [
      new UnsupportedFunctionalityError({ functionality: "audio" }),
      { code: "capability-not-supported" },
    ],
    [
      new InvalidArgumentError({ argument: "providerOptions", message: "invalid acme options" }),
      { code: "invalid-request" },
    ],
    [new TypeValidationError({ value: { text: secret }, cause: "" }), { code: "invalid-response" }],
    [new JSONParseError({ text: secret, cause: "" }), { code: "invalid-response" }],
    [
      new APICallError({ ...call, message: "Invalid JSON", statusCode: 200, responseBody: secret }),
      { code: "invalid-response" },
    ],
    [
      new APICallError({ ...call, message: "Not found", statusCode: 500, responseBody: "" }),
      { code: "backend-error" },
    ],
    [
      new APICallError({
        ...call,
        message: "Cannot connect",
        cause: Object.assign(new Error("x"), { code: "ECONNREFUSED" }),
      }),
      {
        code: "backend-unavailable",
        message: "api.example.com: the connection was refused.",
      },
    ],
    [{ message: "Overloaded", type: "overloaded_error", statusCode: 529 }, { code: "overloaded" }],
    [{ message: "It broke", code: 500 }, { code: "backend-error" }],
    ["It broke", { code: "backend-error", message: expect.stringContaining("It broke") }],
    [new Error("It broke"), { code: "backend-error", message: "@ai-sdk/x failed: It broke" }],
  ])("%s", (thrown, expected) => {
    const error = toError(thrown, failure);
    expect(error).toMatchObject({ ...expected, model: "m" });
    expect(inspect(error, { depth: 10 })).not.toContain(secret);
  });

  it("keeps an error of ours, however it is wrapped", () => {
    const ours = new ModelyardError("privacy-violation", "Nothing was sent.");
    const wrapped = new APICallError({ ...call, message: "Cannot connect", cause: ours });
    expect(toError(wrapped, failure)).toBe(ours);
  });

  it("says why a call was given up, whatever the provider threw", () => {
    const reason = new ModelyardError("timeout", "A minute has passed.");
    const aborted = { ...failure, signal: AbortSignal.abort(reason) };
    expect(toError(new Error("AbortError"), aborted)).toBe(reason);
  });
});
