/** An answer on its way: what a fault spoils. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The events of a stream, each with the empty line that ends it; of anything else the whole body as one part. */
  readonly parts: AsyncIterable<Buffer>;
}

export function isStream({ headers }: Answer): boolean {
  return (headers["content-type"] ?? "").includes("event-stream");
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
