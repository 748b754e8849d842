/** An answer on its way: what a fault spoils. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The events of a stream, each with the line's end that ends it; of anything else the whole body as one part. */
  readonly parts: AsyncIterable<Buffer>;
}

/** How its events are parted: by an empty line (server-sent events), or each a line of JSON; undefined where it is no stream. */
export function framingOf({ headers }: Pick<Answer, "headers">): "events" | "lines" | undefined {
  const type = headers["content-type"] ?? "";
  if (type.includes("event-stream")) return "events";
  return /ndjson|jsonl|json-lines|stream\+json/.test(type) ? "lines" : undefined;
}

export function isStream(answer: Pick<Answer, "headers">): boolean {
  return framingOf(answer) !== undefined;
}

export function jsonAnswer(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return textAnswer(JSON.stringify(body), "application/json", status, headers);
}

export function textAnswer(
  text: string,
  type: string,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return {
    status,
    headers: { "content-type": type, ...headers },
    parts: inOrder([Buffer.from(text)]),
  };
}

export async function* inOrder(parts: Iterable<Buffer>): AsyncGenerator<Buffer> {
  yield* parts;
}

/** An error in the words of OpenAI. */
export function errorBody(message: string, type: string, code: string | null = null): object {
  return { error: { message, type, param: null, code } };
}
