import type { Log } from "../contract/backend.ts";
import type { Problem } from "../contract/describe-issues.ts";
import { tellError } from "../contract/tell-error.ts";
import { isModelyardError, type ModelyardError } from "../contract/errors.ts";

export interface ErrorAnswer {
  status: number;
  body: { error: { message: string; type: string; code: string; param: string | null } };
}

/** A thrown value as an HTTP answer. Text of an unknown error goes to the log alone. */
export function toErrorBody(thrown: unknown, log: Pick<Log, "error">): ErrorAnswer {
  if (isModelyardError(thrown)) {
    return answer(thrown.status, thrown.code, tellError(thrown), paramOf(thrown));
  }
  const { statusCode, message } = thrown as { statusCode?: number; message?: string };
  // Fastify's own refusals of a request: a body too long, broken JSON, a wrong media type.
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return answer(statusCode, "invalid-request", message ?? "Bad request.");
  log.error(`HTTP: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
  return answer(500, "internal", "A fault of Modelyard itself; its log tells more.");
}

/** The field of the request that an error is about, where it is about one. */
function paramOf({ code, details }: ModelyardError): string | null {
  if (typeof details?.["param"] === "string") return details["param"];
  if (code === "model-not-found" || code === "capability-not-supported") return "model";
  const [first] = Array.isArray(details?.["problems"]) ? (details["problems"] as Problem[]) : [];
  return code === "invalid-request" && first !== undefined && first.path !== "" ? first.path : null;
}

function answer(
  status: number,
  code: string,
  message: string,
  param: string | null = null,
): ErrorAnswer {
  const type = status < 500 ? "invalid_request_error" : "server_error";
  return { status, body: { error: { message, type, code, param } } };
}
