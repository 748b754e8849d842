import { abortError } from "../../contract/abort.ts";
import { ModelyardError } from "../../contract/errors.ts";
import { quote } from "../../contract/http/quote.ts";

/** A `fetch` for a server that nobody knows yet. */
export interface Probe {
  readonly fetch: typeof fetch;
  /** What the server has said so far, for a person: its status, its name, its first words. */
  describe(): string;
}

type ReceivedHeaders = NodeJS.Dict<string[]>;

interface Answer {
  readonly status: number;
  readonly headers: ReceivedHeaders;
  readonly body: Buffer;
}

/** Longer than any list of models; a server that sends more is none of ours. */
const bodyLimitBytes = 1_048_576;
const quotedCharacters = 80;
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Asks one server on this device, and never another: it reads only, carries no credentials, follows no redirect and knows no proxy. What
 * was asked once is not asked again, for several kinds may want to know the same. Node's own client, for it is loaded in a fifth of
 * the time that the whole scan may take.
 */
export function createProbe(origin: string, signal: AbortSignal): Probe {
  const asked = new Map<string, Promise<Answer>>();
  const answers: Answer[] = [];
  const failures: NodeJS.ErrnoException[] = [];

  async function ask(method: string, url: URL): Promise<Answer> {
    try {
      const answer = await request(method, url, signal);
      answers.push(answer);
      return answer;
    } catch (error) {
      if (signal.aborted) throw abortError(signal);
      failures.push(error as NodeJS.ErrnoException);
      throw new ModelyardError("backend-unavailable", `${url.host} gave no answer.`, {
        cause: error,
      });
    }
  }

  async function probingFetch(
    input: string | URL | Request,
    init: RequestInit = {},
  ): Promise<Response> {
    const asRequest = input instanceof Request ? input : undefined;
    const url = new URL(asRequest?.url ?? String(input));
    const method = init.method ?? asRequest?.method ?? "GET";
    if (url.origin !== new URL(origin).origin || !["GET", "HEAD"].includes(method)) {
      const message = `A server that is not known yet is only read from: ${method} ${url.origin} was not sent.`;
      throw new ModelyardError("privacy-violation", message);
    }
    const key = `${method} ${url.href}`;
    const answering = asked.get(key) ?? ask(method, url);
    asked.set(key, answering);
    const { status, headers, body } = await answering;
    return new Response(bodiless.has(status) ? null : new Uint8Array(body), {
      status,
      headers: toHeaders(headers),
    });
  }

  return {
    fetch: probingFetch,
    describe() {
      const answer = answers.find(({ status }) => status < 300) ?? answers[0];
      if (answer !== undefined) return describeAnswer(answer);
      const notHttp = failures.some(({ code }) => code?.startsWith("HPE_") === true);
      if (notHttp) return "does not speak HTTP";
      return failures.length > 0 ? "closes the connection" : "accepts connections and says nothing";
    },
  };
}

async function request(method: string, url: URL, signal: AbortSignal): Promise<Answer> {
  const http = await import("node:http");
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { accept: "application/json, */*", "user-agent": "modelyard" };
  // An agent of its own, for the common one may be told to use a proxy.
  http
    .request(url, { method, headers, signal, agent: new http.Agent() }, (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on("error", reject).on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size > bodyLimitBytes) response.destroy(new Error("It says too much."));
      });
      response.on("end", () => {
        const { statusCode: status = 0, headersDistinct } = response;
        resolve({ status, headers: headersDistinct, body: Buffer.concat(chunks) });
      });
    })
    .on("error", reject)
    .end();
  return promise;
}

function toHeaders(received: ReceivedHeaders): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(received))
    for (const value of values) headers.append(name, value);
  return headers;
}

function describeAnswer({ status, headers, body }: Answer): string {
  const [server] = headers["server"] ?? [];
  const name = server === undefined ? "" : `, server ${quote(server, 40)}`;
  const words = body.toString("utf8", 0, 1_000).trim();
  return `answers ${status}${name}, ${words === "" ? "without a word" : quote(words, quotedCharacters)}`;
}
