import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import type { Answer } from "./answer.ts";
import { answerAsOpenAi } from "./answer-as-openai.ts";
import { askRealServer } from "./ask-real-server.ts";
import type { Exchange, Fault, SeenConnection, SeenRequest } from "./exchange.ts";
import { promptOf } from "./prompt-of.ts";
import { sendAnswer } from "./send-answer.ts";

/**
 * What happens to requests. A list: one fault each for the next requests that ask a model something (`POST`), `undefined` for a good
 * answer; what comes after the list is answered well. A function is asked for every request, its number counted from 1.
 */
export type Script =
  | readonly (Fault | undefined)[]
  | ((number: number, request: SeenRequest) => Fault | undefined);

export interface ChaosUpstreamOptions {
  readonly script?: Script;
  /** The address of a real server, without `/v1`, whose answers are spoilt; without one it answers by itself. */
  readonly proxy?: string;
  /** What answers well, in the place of either: another API than OpenAI's. */
  readonly answer?: (request: SeenRequest, signal: AbortSignal) => Promise<Answer> | Answer;
  /** What it says by itself. A word is a token, and an event of its own. */
  readonly text?: string;
  /** The models that it lists by itself. */
  readonly models?: readonly string[];
}

/** A server that fails as it is told. */
export interface ChaosUpstream extends AsyncDisposable {
  /** Its address without a path. */
  readonly url: string;
  /** What it says where it answers well by itself. */
  readonly text: string;
  /** Every request so far, in the order they came. */
  readonly requests: readonly SeenRequest[];
  /** What models were asked, in the order it came. */
  readonly prompts: readonly string[];
  /** Every connection so far, in the order they came. */
  readonly connections: readonly SeenConnection[];
  /** Replaces the script: for outages and recoveries. */
  use(script: Script): void;
  /** Forgets the requests so far: of very many the texts would fill the memory. */
  forget(): void;
  /** Resets all connections and refuses new ones, until {@link ChaosUpstream.accept}. */
  refuse(): Promise<void>;
  /** Listens again, at the same port. */
  accept(): Promise<void>;
  close(): Promise<void>;
}

const defaultText =
  "Words of one, two, three and four bytes: a ä € 𝄞, each in an event of its own.";

/** Starts a server on 127.0.0.1 and a free port that answers as OpenAI's API does, or as the server behind it, and fails as its script says. */
export async function chaosUpstream({
  script: firstScript = [],
  proxy,
  answer: given,
  text = defaultText,
  models = ["chaos"],
}: ChaosUpstreamOptions = {}): Promise<ChaosUpstream> {
  let script = firstScript;
  /** How much of a list has been used. */
  let used = 0;
  const requests: SeenRequest[] = [];
  const connections = new Map<Socket, SeenConnection>();
  const server = createServer(
    // As many requests on a connection as anybody likes: a fault alone ends one.
    { keepAliveTimeout: 0, requestTimeout: 0, headersTimeout: 0, noDelay: true },
    (incoming, response) => void handle(incoming, response),
  );
  server.on("connection", (socket) => {
    const connection: SeenConnection = { openedAtMs: nowMs(), requests: 0 };
    connections.set(socket, connection);
    socket.on("error", () => {}); // the close that follows is what counts
    socket.on("close", () => (connection.closedAtMs = nowMs()));
  });

  function faultFor(request: SeenRequest): Fault | undefined {
    if (typeof script === "function") return script(request.number, request);
    return request.method === "POST" ? script[used++] : undefined;
  }

  async function answer(request: SeenRequest, signal: AbortSignal): Promise<Answer> {
    if (given !== undefined) return given(request, signal);
    if (proxy !== undefined) return askRealServer(request, { url: proxy, signal });
    return answerAsOpenAi(request, { text, models });
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { socket } = incoming;
    const closed = new AbortController();
    response.on("close", () => closed.abort());
    try {
      const request = await receive(incoming, connections.get(socket)!, requests);
      const ended = () => (request.endedAtMs = nowMs());
      if (closed.signal.aborted) ended();
      else response.on("close", ended);
      const { signal } = closed;
      const exchange: Exchange = {
        request,
        response,
        socket,
        signal,
        answer: (body) => answer(body === undefined ? request : withBody(request, body), signal),
      };
      const fault = faultFor(request);
      if (fault === undefined) await sendAnswer(exchange, await exchange.answer());
      else await fault(exchange);
    } catch (error) {
      // Nobody waits for the answer any more, or the server behind is gone: then so is this connection.
      if (!closed.signal.aborted) socket.destroy(error as Error);
    }
  }

  async function listen(port: number): Promise<void> {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  }

  async function refuse(): Promise<void> {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    for (const [socket, { closedAtMs }] of connections)
      if (closedAtMs === undefined) socket.resetAndDestroy();
    await closed;
  }

  await listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    text,
    requests,
    get prompts() {
      return requests.flatMap(({ prompt }) => prompt ?? []);
    },
    get connections() {
      return [...connections.values()];
    },
    use(next) {
      script = next;
      used = 0;
    },
    forget: () => void requests.splice(0),
    refuse,
    accept: () => listen(port),
    close: refuse,
    [Symbol.asyncDispose]: refuse,
  };
}

/** Reads a request to its end, and takes it down. */
async function receive(
  incoming: IncomingMessage,
  connection: SeenConnection,
  requests: SeenRequest[],
): Promise<SeenRequest> {
  connection.requests += 1;
  const bytes = await buffer(incoming);
  const { method = "", url: path = "", headers } = incoming;
  const body = parsed(bytes);
  const request: SeenRequest = {
    number: requests.length + 1,
    method,
    path,
    headers,
    bytes,
    body,
    prompt: promptOf(body),
    connection,
    receivedAtMs: nowMs(),
  };
  requests.push(request);
  return request;
}

function withBody(request: SeenRequest, body: object): SeenRequest {
  return { ...request, body, bytes: Buffer.from(JSON.stringify(body)) };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString()) as unknown;
  } catch {
    return undefined; // what is no JSON is refused by who answers
  }
}

/** On the clock that other processes have too. */
function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
