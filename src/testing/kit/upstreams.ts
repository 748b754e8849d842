import { createGuardedFetch } from "../../contract/http/guarded-fetch.ts";
import type { Secrets } from "../../contract/http/secrets.ts";
import { chaosUpstream, type ChaosUpstream } from "../chaos-upstream.ts";
import type { Fault, SeenConnection, SeenRequest } from "../exchange.ts";
import { asKit } from "./author-code.ts";
import type { OwnRecordings } from "./recordings.ts";

/** What to do with a request; undefined for a good answer. */
export type FaultChoice = (request: SeenRequest) => Fault | undefined;

/** Whatever a backend talks to by the `fetch` it is given, with something before it that sees and spoils as it is told. */
export interface Upstreams {
  readonly fetch: typeof fetch;
  /** Everything sent so far. */
  readonly requests: readonly SeenRequest[];
  readonly connections: readonly SeenConnection[];
  /** Where it was sent: `http://127.0.0.1:8000`, each once. */
  readonly origins: readonly string[];
  /** What becomes of every request from now on: the fault, or a good answer. */
  use(fault?: Fault): void;
  /** The same, chosen for each request. */
  choose(choice: FaultChoice): void;
  /** Answers from now on as it was answered before, whatever is asked: no real server is. */
  repeat(): void;
  /** The name that a request asks for, out of what an earlier one was answered: a job's. */
  nameIn(request: SeenRequest): string | undefined;
  /** Forgets what was sent: much of it would fill the memory. */
  forget(): void;
  /** Nothing answers any more, until {@link Upstreams.accept}. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  close(): Promise<void>;
}

export interface UpstreamsOptions {
  /** Learns what the requests carry, as the gateway's does. */
  readonly secrets: Secrets;
  readonly recordings: OwnRecordings;
}

/** Stands before every server that is asked: one listener for each, started with the first request. */
export function createUpstreams({ secrets, recordings }: UpstreamsOptions): Upstreams {
  const guarded = createGuardedFetch({ secrets, environment: {} });
  const proxies = new Map<string, Promise<ChaosUpstream>>();
  const started: ChaosUpstream[] = [];
  let chosen: FaultChoice | undefined;
  let refusing = false;
  let repeats = false;

  async function start(origin: string): Promise<ChaosUpstream> {
    const proxy = await chaosUpstream({
      script: (_, request) => chosen?.(request),
      answer: (request, signal) =>
        (repeats ? recordings.latest(origin, request) : undefined) ??
        recordings.answer(origin, request, signal),
    });
    started.push(proxy);
    if (refusing) await proxy.refuse();
    return proxy;
  }

  async function send(input: string | URL | Request, init?: RequestInit): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    const { origin } = url;
    if (!proxies.has(origin)) proxies.set(origin, start(origin));
    const proxy = await proxies.get(origin)!;
    const to = new URL(url.pathname + url.search, proxy.url);
    [to.username, to.password] = [url.username, url.password];
    const sent = input instanceof Request ? new Request(to, input) : to;
    const response = await guarded.fetch(sent, init);
    const answered = new URL(response.url);
    // Who compares the two addresses would take us for a redirect.
    const seen =
      answered.origin === to.origin ? origin + answered.pathname + answered.search : response.url;
    return Object.defineProperty(response, "url", { value: seen });
  }

  return {
    fetch: (input, init) => asKit(() => send(input, init)),
    get requests() {
      return started
        .flatMap(({ requests }) => requests)
        .toSorted((a, b) => a.receivedAtMs - b.receivedAtMs);
    },
    get connections() {
      return started.flatMap(({ connections }) => connections);
    },
    get origins() {
      return [...proxies.keys()];
    },
    use(fault) {
      chosen = () => fault;
    },
    choose(choice) {
      chosen = choice;
    },
    repeat() {
      repeats = true;
    },
    nameIn: recordings.nameIn,
    forget() {
      for (const each of started) each.forget();
    },
    async refuse() {
      refusing = true;
      await Promise.all(started.map((each) => each.refuse()));
    },
    async accept() {
      refusing = false;
      await Promise.all(started.map((each) => each.accept()));
    },
    async close() {
      await guarded.close();
      await Promise.all(started.map((each) => each.close()));
    },
  };
}
