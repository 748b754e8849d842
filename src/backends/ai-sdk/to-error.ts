import { abortError } from "../../contract/abort.ts";
import { isModelyardError, ModelyardError, type ErrorCode } from "../../contract/errors.ts";
import { connectionProblem } from "../../contract/http/connection-problem.ts";
import { responseError } from "../../contract/http/response-error.ts";

export interface Failure {
  readonly provider: string;
  readonly model: string;
  readonly signal: AbortSignal;
}

/**
 * What a provider threw, or told as an `error` part, as an error of ours. The SDK's errors hold the request and the answer, and some
 * their messages too: so none becomes a cause, and only messages that are the upstream's or the SDK's own words are kept.
 */
export function toError(thrown: unknown, { provider, model, signal }: Failure): ModelyardError {
  if (signal.aborted) return abortError(signal);
  const known = chainOf(thrown).find(isModelyardError);
  if (known !== undefined) return known;
  const fail = (code: ErrorCode, message: string, remedy?: string) =>
    new ModelyardError(code, message, { model, remedy });
  const { message, statusCode, data } = fields(thrown);
  const words = typeof message === "string" ? message : "";

  if (isSdkError(thrown, "AI_APICallError")) return fromCall(thrown, model, fail);
  if (isSdkError(thrown, "AI_LoadAPIKeyError"))
    return fail("backend-unauthorized", words, keyRemedy(words));
  if (isSdkError(thrown, "AI_LoadSettingError"))
    return fail("invalid-config", words, "Set it in options.");
  if (isSdkError(thrown, "AI_NoSuchModelError")) {
    return fields(thrown)["modelType"] === "languageModel"
      ? fail("model-not-found", `${provider} has no model ${model}.`)
      : fail(
          "capability-not-supported",
          `${provider} can't embed with ${model}.`,
          "Embed with a model of another backend.",
        );
  }
  if (isSdkError(thrown, "AI_UnsupportedFunctionalityError"))
    return fail("capability-not-supported", `${provider}: ${words}`);
  if (isSdkError(thrown, "AI_InvalidArgumentError"))
    return fail("invalid-request", `${provider}: ${words}`);
  if (isSdkError(thrown, "AI_InvalidPromptError"))
    return fail("invalid-request", `${provider} refused the form of the messages.`);
  // Without data: the SDK's word for a stream that ended before its answer did.
  if (isSdkError(thrown, "AI_InvalidResponseDataError") && data === undefined)
    return brokenOff(provider, model);
  if (unreadable.some((name) => isSdkError(thrown, name)))
    return fail("invalid-response", `${provider} can't read what its upstream sent.`);
  if (thrown instanceof Error) return fail("backend-error", `${provider} failed: ${words}`);

  // What came inside a stream is the upstream's own error, or the SDK's copy of it.
  const status = typeof statusCode === "number" ? statusCode : 200;
  const error = typeof thrown === "string" ? { message: thrown } : thrown;
  return responseError({ status, body: { error }, model });
}

/** An answer that stopped before it was whole. */
export function brokenOff(provider: string, model: string): ModelyardError {
  return new ModelyardError(
    "stream-interrupted",
    `The answer from ${provider} broke off before it was whole.`,
    { model, remedy: "Try again." },
  );
}

const unreadable = [
  "AI_TypeValidationError",
  "AI_JSONParseError",
  "AI_InvalidResponseDataError",
  "AI_EmptyResponseBodyError",
  "AI_NoContentGeneratedError",
];

function fromCall(
  thrown: unknown,
  model: string,
  fail: (code: ErrorCode, message: string, remedy?: string) => ModelyardError,
): ModelyardError {
  const { statusCode, responseHeaders, responseBody, url, message } = fields(thrown);
  const host = typeof url === "string" && URL.canParse(url) ? new URL(url).host : "The backend";
  if (typeof statusCode !== "number") {
    return fail(
      "backend-unavailable",
      `${host}: ${connectionProblem(thrown)}.`,
      "Check that the server runs, and that options.baseURL is its address.",
    );
  }
  if (statusCode >= 400) {
    const body = typeof responseBody === "string" ? responseBody : { message };
    const headers = new Headers(responseHeaders as Record<string, string> | undefined);
    return responseError({ status: statusCode, headers, body, model });
  }
  if (typeof responseBody !== "string") {
    return fail(
      "stream-interrupted",
      `${host} broke off its answer: ${connectionProblem(thrown)}.`,
      "Try again.",
    );
  }
  return fail(
    "invalid-response",
    `What ${host} sent is not an answer.`,
    "Check that options.baseURL is the address of the API.",
  );
}

/** "… Pass it using the 'apiKey' parameter or the ANTHROPIC_API_KEY environment variable." */
function keyRemedy(message: string): string {
  const [, parameter = "apiKey"] = /'(\w+)' parameter/.exec(message) ?? [];
  const [, variable] = /\b([A-Z][A-Z0-9]*_[A-Z0-9_]+)\b/.exec(message) ?? [];
  return `Set options.${parameter}${variable === undefined ? "" : ` or the environment variable ${variable}`}.`;
}

/** The SDK marks its errors, since several copies of its classes may be installed. */
function isSdkError(thrown: unknown, name: string): boolean {
  return fields(thrown)[Symbol.for(`vercel.ai.error.${name}`)] === true;
}

function chainOf(thrown: unknown): unknown[] {
  const chain: unknown[] = [];
  for (let each = thrown; each !== undefined && chain.length < 8; each = fields(each)["cause"])
    chain.push(each);
  return chain;
}

function fields(value: unknown): Record<string | symbol, unknown> {
  return typeof value === "object" && value !== null
    ? (value as Record<string | symbol, unknown>)
    : {};
}
