import type { WebStandardStreamableHTTPServerTransport } from "@modelcontextprotocol/server";

/**
 * Answers the requests that a body has cancelled, so that their streams end. The SDK answers none of them, and would keep each stream
 * open and alive until the client goes.
 */
export async function endCancelled(
  transport: WebStandardStreamableHTTPServerTransport,
  body: unknown,
): Promise<void> {
  for (const id of cancelledBy(body)) {
    // Those that were sent in one body share a stream, which ends with the last of them: so it is not closed, but told.
    const error = { code: -32_800, message: "The request was cancelled." };
    // It has been answered, or never came: then nothing is waited for either.
    await transport.send({ jsonrpc: "2.0", id, error }).catch(() => {});
  }
}

/** The requests that a body cancels. */
function cancelledBy(body: unknown): (string | number)[] {
  return [body].flat().flatMap((each) => {
    const { method, params } = (each ?? {}) as {
      method?: unknown;
      params?: { requestId?: unknown } | null;
    };
    const id = method === "notifications/cancelled" ? params?.requestId : undefined;
    return typeof id === "string" || typeof id === "number" ? [id] : [];
  });
}
