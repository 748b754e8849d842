import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";
import {
  startTestServer,
  type TestServer,
} from "../../../../contract/http/__fixtures__/test-server.ts";
import { createGuardedFetch } from "../../../../contract/http/guarded-fetch.ts";
import type { Backend, CallContext } from "../../../../contract/backend.ts";
import { config } from "../../config.ts";
import definition from "../../index.ts";

/** What a route answers: JSON, or a text as it is. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface Asked {
  readonly route: string;
  readonly headers: IncomingHttpHeaders;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects
  readonly body: any;
}

type Route = Answer | ((asked: Asked) => Answer | Promise<Answer>);

/** A server that answers by a table, and the backend that speaks to it. */
export interface RemoteServer extends AsyncDisposable {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** What was asked of one route. */
  askedOf(route: string): readonly Asked[];
  /** Changes what routes answer. */
  answer(more: Readonly<Record<string, Route>>): void;
  /** A backend with these settings; what it sends to `address` comes here. */
  create(settings?: object, address?: string): Backend;
  context(model: string, more?: Partial<CallContext>): CallContext;
}

const silent = () => undefined;

export async function startRemoteServer(
  routes: Readonly<Record<string, Route>>,
): Promise<RemoteServer> {
  const table = { ...routes };
  const asked: Asked[] = [];
  const server: TestServer = await startTestServer((request, response) => {
    void text(request).then(async (body) => {
      const route = `${request.method} ${request.url}`;
      const question = { route, headers: request.headers, body: body && JSON.parse(body) };
      asked.push(question);
      const known = table[route] ?? { status: 404 };
      const answer = typeof known === "function" ? await known(question) : known;
      response.writeHead(answer.status ?? 200, answer.headers);
      response.end(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
    });
  });
  const guarded = createGuardedFetch({ environment: {} });
  let replaced: string | undefined;
  const fetch: typeof globalThis.fetch = (input, init) => {
    const url = String(input instanceof Request ? input.url : input);
    return guarded.fetch(replaced === undefined ? url : url.replace(replaced, server.url), init);
  };
  return {
    url: server.url,
    asked,
    askedOf: (route) => asked.filter((each) => each.route === route),
    answer: (more) => void Object.assign(table, more),
    create(settings = { baseUrl: server.url }, address) {
      replaced = address;
      const log = { debug: silent, info: silent, warn: silent, error: silent };
      const parsed = config.parse({ mode: "remote", ...settings });
      return definition.create({
        name: "hf",
        config: parsed,
        fetch,
        log,
        unloaded: silent,
        secret: silent,
      });
    },
    context(model, more = {}) {
      const { signal } = new AbortController();
      return { model, signal, stream: true, fetch, warn: silent, progress: silent, ...more };
    },
    async [Symbol.asyncDispose]() {
      await guarded.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** The events of an answer. */
export async function readAll<Event>(events: AsyncIterable<Event>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const event of events) all.push(event);
  return all;
}

/** A body of server-sent events. */
export function eventStream(...events: readonly unknown[]): Answer {
  const lines = events.map(
    (event) => `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`,
  );
  return { headers: { "content-type": "text/event-stream" }, body: lines.join("") };
}
