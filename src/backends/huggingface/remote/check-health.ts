import type { Health } from "../../../contract/backend.ts";
import { isModelyardError, type ModelyardError } from "../../../contract/errors.ts";
import type { Connection } from "./connection.ts";
import { recogniseServer } from "./server/recognise-server.ts";

/**
 * Whether it answers as what it should be, by what costs nothing: the head of a list; `/health`, and who the server says it is. An
 * endpoint is not asked, for that would wake it.
 */
export async function checkHealth(
  connection: Connection,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<Health> {
  if (connection.isDedicated)
    return { status: "healthy", reason: "It was not asked: that would wake the endpoint." };
  try {
    if (connection.isRouter) {
      await connection.send(fetch, "/v1/models", { method: "HEAD", signal });
      return { status: "healthy", reason: "It answers; whether the token is valid was not asked." };
    }
    await askHealth(connection, fetch, signal);
    await recogniseServer(connection, fetch, signal);
    return { status: "healthy" };
  } catch (error) {
    if (!isModelyardError(error) || signal.aborted) throw error;
    const loading = error.details?.["loading"] === true;
    return { status: loading ? "degraded" : "unhealthy", reason: reasonOf(error) };
  }
}

async function askHealth(
  connection: Connection,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<void> {
  try {
    const response = await connection.send(fetch, "/health", { signal, accept: "*/*" });
    await response.text();
  } catch (error) {
    // It does not know the question: who it is says more.
    const status = isModelyardError(error) ? error.details?.["status"] : undefined;
    if (status !== 404 && status !== 405) throw error;
  }
}

function reasonOf({ message, remedy }: ModelyardError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}
