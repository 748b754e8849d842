import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { sendRecorded, type RecordedResponse } from "./recorded-response.ts";

export interface ReceivedRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: IncomingMessage["headers"];
  /** As parsed JSON; the text where it is not JSON; undefined where there is none. */
  body: unknown;
}

/** A recording as it lies in `__fixtures__`, its response alone, or a fault of one's own: whatever is done with the open response. */
export type RecordedAnswer =
  | { response: RecordedResponse }
  | RecordedResponse
  | ((request: ReceivedRequest, response: ServerResponse) => unknown);

/** One after another whatever is asked; or by `"METHOD path"`, where of several answers the last one stays. */
export type RecordedAnswers =
  | readonly RecordedAnswer[]
  | Readonly<Record<string, RecordedAnswer | readonly RecordedAnswer[]>>;

export interface RecordedServerOptions {
  /** Between the parts of a streamed answer: a number of milliseconds, or as it was recorded. Left out: none. */
  delayMs?: number | "recorded";
}

export interface RecordedServer extends AsyncDisposable {
  /** Its address without a path. */
  url: string;
  /** Every request so far, in the order they came. */
  requests: readonly ReceivedRequest[];
  stop(): Promise<void>;
}

/**
 * Starts a server on 127.0.0.1 and a free port that gives recorded answers and remembers what it was asked.
 * A request that there is no answer for gets status 599 and a text that says so.
 */
export async function startRecordedServer(
  answers: RecordedAnswers,
  options: RecordedServerOptions = {},
): Promise<RecordedServer> {
  const requests: ReceivedRequest[] = [];
  const next = answerPicker(answers);
  const server = createServer(async (incoming, response) => {
    const request = await receivedRequest(incoming);
    requests.push(request);
    const answer = next(request) ?? missing(request);
    try {
      if (typeof answer === "function") await answer(request, response);
      else {
        const recorded = "response" in answer ? answer.response : answer;
        await sendRecorded(recorded, response, options.delayMs ?? 0);
      }
    } catch (error) {
      if (response.headersSent) response.destroy();
      else response.writeHead(599).end(String(error));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = async () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    await closed;
  };
  let stopped: Promise<void> | undefined;
  const stopOnce = () => (stopped ??= stop());
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

async function receivedRequest(incoming: IncomingMessage): Promise<ReceivedRequest> {
  const parts: Buffer[] = [];
  for await (const part of incoming) parts.push(part as Buffer);
  const { method = "", url = "", headers } = incoming;
  return { method, path: url, headers, body: parsed(Buffer.concat(parts).toString()) };
}

function parsed(text: string): unknown {
  if (text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text; // a body that is no JSON is remembered as it came
  }
}

function answerPicker(
  answers: RecordedAnswers,
): (request: ReceivedRequest) => RecordedAnswer | undefined {
  if (isList(answers)) {
    let index = 0;
    return () => answers[index++];
  }
  const given = new Map<string, number>();
  return ({ method, path }) => {
    const [withQuery, without] = [`${method} ${path}`, `${method} ${path.split("?", 1)[0]}`];
    const route = withQuery in answers ? withQuery : without;
    const found = answers[route];
    if (!isList(found)) return found;
    const index = given.get(route) ?? 0;
    given.set(route, index + 1);
    return found[Math.min(index, found.length - 1)];
  };
}

function isList(
  answers: RecordedAnswers | RecordedAnswer | readonly RecordedAnswer[] | undefined,
): answers is readonly RecordedAnswer[] {
  return Array.isArray(answers);
}

function missing({ method, path }: ReceivedRequest): RecordedResponse {
  return { status: 599, body: `The recorded server has no answer for ${method} ${path}.` };
}
