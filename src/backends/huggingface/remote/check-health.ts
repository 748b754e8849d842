import type { Health } from "../../../contract/backend.ts";
import { isModelyardError } from "../../../contract/errors.ts";
import type { Connection } from "./connection.ts";

/** Whether it answers, by what costs nothing: the head of a list, or `/health`. An endpoint is not asked, for that would wake it. */
export async function checkHealth(
  connection: Connection,
  fetch: typeof globalThis.fetch,
  signal: AbortSignal,
): Promise<Health> {
  if (connection.isDedicated)
    return { status: "healthy", reason: "It was not asked: that would wake the endpoint." };
  try {
    const response = connection.isRouter
      ? await connection.send(fetch, "/v1/models", { method: "HEAD", signal })
      : await connection.send(fetch, "/health", { signal, accept: "*/*" });
    await response.text();
    return { status: "healthy" };
  } catch (error) {
    if (!isModelyardError(error)) throw error;
    if (error.details?.["loading"] === true) return { status: "degraded", reason: error.message };
    // Something answers there that does not know the question.
    const status = Number(error.details?.["status"]);
    if (status === 404 || status === 405) return { status: "healthy" };
    return { status: "unhealthy", reason: error.message };
  }
}
