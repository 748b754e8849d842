import type { Health } from "../../contract/backend.ts";
import { isModelyardError, toModelyardError } from "../../contract/errors.ts";
import { parseAnswer } from "./read-answer.ts";
import type { SendContext } from "./send.ts";
import type { Server } from "./server.ts";

/** Whether the server lives, by a question that costs nothing. */
export async function checkHealth(
  server: Server,
  context: Pick<SendContext, "fetch" | "signal">,
): Promise<Health> {
  try {
    const { profile, upstream } = await server.ready(context);
    const path = profile.health ?? profile.paths.models;
    if (path === undefined) return { status: "healthy", reason: "has nothing to ask for free" };
    const text = await (await upstream.get(path, context)).text();
    if (profile.health === undefined) parseAnswer(text, "the list of models");
    return { status: "healthy" };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const { code, message, details } = toModelyardError(error);
    const status = details?.["status"];
    if (status === 404 || status === 405)
      return { status: "degraded", reason: `answers, but not as expected: ${message}` };
    const loading = code === "backend-unavailable" && isModelyardError(error) && status === 503;
    return { status: loading ? "degraded" : "unhealthy", reason: message };
  }
}
