import type { CallContext } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { requestJson } from "../../contract/http/request-json.ts";
import type { Authorization } from "./auth/create-authorization.ts";
import { toUrl } from "./base-url.ts";
import type { Body } from "./convert/to-chat-request.ts";
import { explain } from "./explain.ts";
import { createRefused } from "./remember-refused.ts";

/** What a request needs of its call. */
export type SendContext = Pick<CallContext, "fetch" | "signal"> &
  Partial<Pick<CallContext, "model" | "warn">>;

/** The way to one server: its address, our credentials, and what its models were found to refuse. */
export interface Sender {
  /**
   * Sends one request and gives the response, its body still to be read. A parameter that the server refuses by name is left out and
   * the request repeated once, a token that it refuses is got anew.
   * @throws what the server refused it with, its remedy naming what is configured
   */
  post(path: string, body: Body, context: SendContext): Promise<Response>;
  get(path: string, context: SendContext): Promise<Response>;
}

export interface SenderOptions {
  readonly baseUrl: string;
  readonly authorization: Authorization;
  /** Whether a parameter that the server refuses is an error. */
  readonly strict: boolean;
  /** Parameters that this server is known to refuse. */
  readonly refuses: () => readonly string[];
  /** The models that it has listed. */
  readonly names: () => readonly string[];
}

export function createSender({
  baseUrl,
  authorization,
  strict,
  refuses,
  names,
}: SenderOptions): Sender {
  const refused = createRefused();
  /** By path: what is read of a URL again and again need not be put together each time. */
  const addresses = new Map<string, URL>();

  function addressOf(path: string): URL {
    let address = addresses.get(path);
    if (address === undefined) addresses.set(path, (address = toUrl(baseUrl, path)));
    return address;
  }

  async function send(path: string, body: Body | undefined, context: SendContext) {
    const { fetch, signal, model } = context;
    for (let refreshed = false; ; refreshed = true) {
      const request = { url: addressOf(path), headers: {} };
      const applied = authorization.apply(request, signal);
      if (applied !== undefined) await applied;
      try {
        const { url, headers } = request;
        return await requestJson(fetch, url, { headers, signal, body, model });
      } catch (error) {
        const again =
          !refreshed &&
          isModelyardError(error) &&
          error.details?.["status"] === 401 &&
          (await authorization.refresh(signal, request));
        if (!again)
          throw explain(error, {
            baseUrl,
            path,
            hasSchema: body?.["response_format"] !== undefined,
            names: names(),
          });
      }
    }
  }

  /** A server that is known to refuse something is not asked first. */
  function withoutKnown(body: Body, context: SendContext): Body {
    const names = strict ? [] : refuses().filter((name) => body[name] !== undefined);
    if (names.length === 0) return body;
    const rest = { ...body };
    for (const name of names) {
      delete rest[name];
      context.warn?.(`${context.model ?? "This server"} does not take ${name}: it was left out.`);
    }
    return rest;
  }

  return {
    get: (path, context) => send(path, undefined, context),
    post(path, body, context) {
      const { model = "", warn = () => {} } = context;
      const known = withoutKnown(body, context);
      const first = strict ? known : refused.without(model, known, warn);
      return send(path, first, context).catch((error: unknown) => {
        if (strict || !refused.learn(model, first, error)) throw error;
        // What was left out already has been told.
        return send(path, refused.without(model, first, warn), context);
      });
    },
  };
}
