import type { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";
import type { DirectAnswer } from "./direct-answer.ts";

export type RequestId = string | number;

export interface CancellableCalls {
  readonly transport: WebStandardStreamableHTTPServerTransport;
  /** Those that came with others in one body, and share their stream. */
  readonly batched: ReadonlySet<RequestId>;
  /** Those that are answered past the transport. */
  readonly answers: Map<RequestId, DirectAnswer>;
}

/**
 * Ends the streams of the requests that a body has cancelled, without an answer: the protocol wants none. The SDK would keep each stream
 * open and alive until the client goes.
 */
export async function endCancelled(
  { transport, batched, answers }: CancellableCalls,
  body: unknown,
): Promise<void> {
  for (const id of cancelledBy(body)) {
    const answer = answers.get(id);
    if (answer !== undefined) {
      answers.delete(id);
      answer.end();
      continue;
    }
    // A stream that is shared ends with the last answer in it, so that there each is answered.
    if (!batched.has(id)) transport.closeSSEStream(id);
    // Where the stream is closed this reaches nobody: the transport merely forgets the request.
    const error = { code: -32_800, message: "The request was cancelled." };
    // It has been answered, or never came: then nothing is waited for either.
    await transport.send({ jsonrpc: "2.0", id, error }).catch(() => {});
  }
}

/** The requests of a body that holds several; of any other, none. */
export function batchedIn(body: unknown): RequestId[] {
  return Array.isArray(body) ? body.flatMap((each) => idIn(each, "id")) : [];
}

/** The requests that a body cancels. */
function cancelledBy(body: unknown): RequestId[] {
  return [body].flat().flatMap((each) => {
    const { method, params } = (each ?? {}) as { method?: unknown; params?: unknown };
    return method === "notifications/cancelled" ? idIn(params, "requestId") : [];
  });
}

function idIn(value: unknown, name: string): RequestId[] {
  const id = (value as Record<string, unknown> | null | undefined)?.[name];
  return typeof id === "string" || typeof id === "number" ? [id] : [];
}
