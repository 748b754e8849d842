import { framingOf, type Answer } from "./answer.ts";
import type { SeenRequest } from "./exchange.ts";

/** What concerns one connection alone, or no longer holds once the body has been read. */
const connectionHeaders = [
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "date",
  "expect",
  "host",
  "keep-alive",
  "transfer-encoding",
];

/** The answer of a real server behind this one, its stream cut into events. @throws what `fetch` throws where it can't be reached */
export async function askRealServer(
  { method, path, headers, bytes }: SeenRequest,
  { url, signal }: { url: string; signal: AbortSignal },
): Promise<Answer> {
  const response = await fetch(`${url.replace(/\/$/, "")}${path}`, {
    method,
    headers: kept(Object.entries(headers).map(([name, value]) => [name, String(value)])),
    ...(bytes.length === 0 ? {} : { body: new Uint8Array(bytes) }),
    redirect: "manual",
    signal,
  });
  const head = kept(response.headers.entries());
  const framing = framingOf({ headers: head });
  return {
    status: response.status,
    headers: head,
    parts:
      framing === undefined || response.body === null
        ? wholeOf(response)
        : partsOf(response.body, framing === "events" ? /(?<=\r?\n\r?\n)/ : /(?<=\n)/),
  };
}

function kept(headers: Iterable<[string, string]>): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !connectionHeaders.includes(name)));
}

async function* wholeOf(response: Response): AsyncGenerator<Buffer> {
  yield Buffer.from(await response.arrayBuffer());
}

/** Bytes regrouped: each part ends with what ends an event. */
async function* partsOf(
  body: AsyncIterable<Uint8Array>,
  afterEach: RegExp,
): AsyncGenerator<Buffer> {
  let rest = "";
  for await (const chunk of body) {
    // Each byte as a character of its own, so that a split character is not harmed.
    rest += Buffer.from(chunk).toString("latin1");
    const events = rest.split(afterEach);
    // What follows the last end may go on; where the text ends with one, nothing follows.
    const open = `${rest}.`.split(afterEach).pop()!.slice(0, -1);
    rest = open;
    if (open !== "") events.pop();
    for (const event of events) if (event !== "") yield Buffer.from(event, "latin1");
  }
  if (rest !== "") yield Buffer.from(rest, "latin1");
}
