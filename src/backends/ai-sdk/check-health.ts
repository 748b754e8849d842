import type { Health } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { readJson } from "../../contract/http/read-json.ts";
import { requestJson } from "../../contract/http/request-json.ts";
import type { ProviderModels } from "./provider-models.ts";
import { toError } from "./to-error.ts";

export interface HealthQuestion {
  /** The service's address, where the configuration names one. */
  readonly baseURL: string | undefined;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/**
 * Whether the package loads and has what it needs to begin a request; and, where an address is configured, whether its service lists
 * its models, which is free wherever there is such a list. Without an address nobody is asked. What was not checked is said.
 */
export async function checkHealth(
  models: ProviderModels,
  { baseURL, fetch, signal }: HealthQuestion,
): Promise<Health> {
  try {
    const headers = await headersOfRequest(models, signal);
    if (baseURL === undefined || headers === undefined || isSigned(headers))
      return healthy("the service was not asked");
    const url = `${baseURL.replace(/\/+$/, "")}/models`;
    await readJson(await requestJson(fetch, url, { headers: Object.fromEntries(headers), signal }));
    return { status: "healthy" };
  } catch (error) {
    if (!isModelyardError(error) || signal.aborted) throw error;
    const { code, message, remedy = "" } = error;
    const status = Number(error.details?.["status"]);
    const isPage = /\bweb page\b/.test(message);
    // A key may be allowed to chat and not to list.
    const isRefused = code === "backend-unauthorized" && status !== 403;
    if (!isPage && !isRefused && status >= 400 && status < 500)
      return healthy(`the service answers, but gives no list of models to check it by (${status})`);
    return { status: "unhealthy", reason: `${message} ${remedy}`.trim() };
  }
}

function healthy(rest: string): Health {
  return { status: "healthy", reason: `its package loads and finds what it needs; ${rest}` };
}

/** A signature holds for one request alone. */
function isSigned(headers: Headers): boolean {
  return !/^(bearer|basic) |^$/i.test(headers.get("authorization") ?? "");
}

/**
 * The headers that a call would send, the key among them: one is made up to the point where it would be sent, and not sent. Undefined
 * for a package that only embeds, or that knows its models' names: it has come far enough.
 * @throws {ModelyardError} what a call would meet: `invalid-config`, `backend-unauthorized`
 */
async function headersOfRequest(
  models: ProviderModels,
  signal: AbortSignal,
): Promise<Headers | undefined> {
  let headers: Headers | undefined;
  const model = "health";
  const send: typeof fetch = (input, init) => {
    headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.delete("content-type");
    return Promise.reject(new Error("A check of health sends nothing."));
  };
  try {
    const language = await models.language(model, send);
    await language.doStream({
      prompt: [{ role: "user", content: [{ type: "text", text: "Hello" }] }],
      abortSignal: signal,
    });
  } catch (thrown) {
    if (headers !== undefined) return headers;
    const error = toError(thrown, { provider: models.provider, model, signal });
    if (error.code !== "model-not-found") throw error;
  }
  return headers;
}
