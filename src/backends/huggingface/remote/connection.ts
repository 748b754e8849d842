import type { CallContext } from "../../../contract/backend.ts";
import { readBeginning } from "../../../contract/http/read-beginning.ts";
import { requestJson } from "../../../contract/http/request-json.ts";
import { type HuggingFaceConfig, routerUrl } from "../config.ts";
import { explainRefusal, missingToken } from "./explain-refusal.ts";
import { loadingProblem } from "./loading-problem.ts";
import { waitWhileLoading } from "./wait-while-loading.ts";

export interface SendOptions {
  /** Sent as JSON by `POST`; `GET` where left out. */
  readonly body?: unknown;
  readonly method?: string;
  readonly signal?: AbortSignal;
  /** Named in errors. */
  readonly model?: string;
  /** What may come back, for servers that choose their words by it; JSON where left out. */
  readonly accept?: string;
}

/** The way to one server, or to Inference Providers: its address, and who we are there. */
export interface Connection {
  readonly isRouter: boolean;
  /** An endpoint that Hugging Face runs for one customer: it may be scaled to zero, and a request wakes it. */
  readonly isDedicated: boolean;
  readonly hasToken: boolean;
  /** Where requests go, without a slash at its end. */
  readonly url: string;
  /** @throws what the server refused it with, and where its model is still being loaded an error whose `details.loading` is true */
  send(fetch: typeof globalThis.fetch, path: string, options?: SendOptions): Promise<Response>;
  /** Sends a call's request, and waits while the model is being loaded. */
  ask(context: CallContext, path: string, body: unknown, accept?: string): Promise<Response>;
}

/** Opens nothing: requests go through the `fetch` that each is sent with. */
export function createConnection(
  { baseUrl, token, billTo }: Pick<HuggingFaceConfig, "baseUrl" | "token" | "billTo">,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Connection {
  const isRouter = baseUrl === undefined;
  const url = baseUrl ?? routerUrl;
  const host = new URL(url).hostname;
  const isDedicated = host.endsWith(".huggingface.cloud");
  const isTheirs = isDedicated || host.endsWith(".huggingface.co");
  // Whoever runs another server has no right to the hub's token.
  const bearer = token ?? (isTheirs ? environment["HF_TOKEN"] || undefined : undefined);
  const hasToken = bearer !== undefined;
  const headers = {
    ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
    ...(billTo === undefined ? {} : { "x-hf-bill-to": billTo }),
  };

  async function send(
    fetch: typeof globalThis.fetch,
    path: string,
    { accept = "application/json", ...options }: SendOptions = {},
  ): Promise<Response> {
    if (isRouter && !hasToken) throw missingToken();
    const noticing: typeof fetch = async (input, init) => {
      const response = await fetch(input, init);
      if (response.status !== 502 && response.status !== 503) return response;
      const { status } = response;
      const body = await readBeginning(response);
      const loading = loadingProblem({
        status,
        body,
        dedicated: isDedicated,
        model: options.model,
      });
      if (loading !== undefined) throw loading;
      return new Response(body, { status, headers: response.headers });
    };
    try {
      return await requestJson(noticing, `${url}${path}`, {
        ...options,
        headers: { ...headers, accept },
      });
    } catch (error) {
      throw explainRefusal(error, { isRouter, hasToken });
    }
  }

  return {
    isRouter,
    isDedicated,
    hasToken,
    url,
    send,
    ask: (context, path, body, accept) =>
      waitWhileLoading(
        () =>
          send(context.fetch, path, {
            body,
            signal: context.signal,
            model: context.model,
            ...(accept === undefined ? {} : { accept }),
          }),
        context.model,
        context,
      ),
  };
}
