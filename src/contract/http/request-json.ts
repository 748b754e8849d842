import { ModelyardError } from "../errors.ts";
import { readBeginning } from "./read-beginning.ts";
import { notJson } from "./read-json.ts";
import { parsedOrText, responseError, type FailedResponse } from "./response-error.ts";

export interface RequestJsonOptions {
  /** `POST` where there is a body, else `GET`. */
  readonly method?: string | undefined;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Beside those that say what is sent and taken. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends it; `context.fetch` ends with its call by itself. */
  readonly signal?: AbortSignal | undefined;
  /** Named in errors. */
  readonly model?: string | undefined;
  /**
   * What a refusal means, where this API has words of its own; undefined: as {@link responseError} reads it. A table of codes does:
   * `toError: (failed) => responseError({ ...failed, code: table[failed.body?.error_code] })`. `body` is what its JSON held, else its text.
   */
  readonly toError?: ((failed: FailedResponse) => ModelyardError | undefined) | undefined;
}

/**
 * Sends a request and gives the response once the upstream has taken it, its body still to be read (`readJson`, `readEvents`, `readLines`).
 * @throws what the upstream refused it with, as {@link responseError} reads it, and what `fetch` throws
 */
export function requestJson(
  fetch: typeof globalThis.fetch,
  url: string | URL,
  {
    body,
    method = body === undefined ? "GET" : "POST",
    headers = {},
    signal,
    ...meaning
  }: RequestJsonOptions = {},
): Promise<Response> {
  const sent =
    body === undefined
      ? { method, headers: { accept, ...headers } }
      : { method, headers: { accept, ...json, ...headers }, body: JSON.stringify(body) };
  return fetch(url, signal === undefined ? sent : { ...sent, signal }).then((response) =>
    response.ok ? response : refuse(response, url, meaning),
  );
}

const accept = "application/json, text/event-stream, application/x-ndjson";
const json = { "content-type": "application/json" };

type Meaning = Pick<RequestJsonOptions, "model" | "toError">;

async function refuse(response: Response, url: string | URL, meaning: Meaning): Promise<never> {
  const refusal = await refusalOf(response, url, meaning);
  throw leftOrigin(response, url) ? afterRedirect(refusal, new URL(response.url), url) : refusal;
}

async function refusalOf(
  response: Response,
  url: string | URL,
  { model, toError }: Meaning,
): Promise<ModelyardError> {
  const text = await readBeginning(response);
  const location = response.headers.get("location");
  if (response.status < 400 && location !== null)
    return redirected(url, URL.parse(location, String(url)));
  if (/^\s*<(!doctype|html)/i.test(text) && response.status < 500) {
    const page = notJson(text);
    return new ModelyardError(
      "backend-error",
      `The backend answered ${response.status} with a web page.`,
      {
        remedy: page.remedy,
        details: { status: response.status },
      },
    );
  }
  const { status, headers } = response;
  const failed = { status, headers, body: parsedOrText(text), model };
  return toError?.(failed) ?? responseError(failed);
}

function redirected(from: string | URL, to: URL | null): ModelyardError {
  const where = to === null ? "something that is no address" : `${to.origin}${to.pathname}`;
  return new ModelyardError("backend-error", `${new URL(from).host} redirects to ${where}.`, {
    remedy:
      to === null
        ? "Check the address; what answers there may be a proxy or a page."
        : "Name that address as baseUrl, if it is the one you mean.",
  });
}

/** Not every `fetch` says where an answer came from. */
function leftOrigin({ url }: Response, asked: string | URL): boolean {
  return URL.canParse(url) && new URL(url).origin !== new URL(asked).origin;
}

/** What another origin refuses it may refuse because who we are was not told there. */
function afterRedirect(
  { code, message, ...error }: ModelyardError,
  to: URL,
  from: string | URL,
): ModelyardError {
  const end = message.endsWith(".") ? "" : ".";
  return new ModelyardError(
    code,
    `${message}${end} ${new URL(from).host} had redirected to ${to.origin}, where no key is sent.`,
    { ...error, remedy: `Name ${to.origin} in the backend's address, if it is the one you mean.` },
  );
}
