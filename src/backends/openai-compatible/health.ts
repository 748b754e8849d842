import type { Health } from "../../contract/backend.ts";
import { toModelyardError } from "../../contract/errors.ts";
import { parseAnswer } from "./read-answer.ts";
import type { SendContext } from "./sender.ts";
import type { Server } from "./server.ts";

/** Whether the server lives, by a question that costs nothing. */
export async function checkHealth(
  server: Server,
  context: Pick<SendContext, "fetch" | "signal">,
): Promise<Health> {
  try {
    const profile = await server.profile(context);
    const path = profile.health ?? profile.paths.models;
    if (path === undefined) return { status: "healthy", reason: "has nothing to ask for free" };
    const text = await (await server.get(path, context)).text();
    if (profile.health === undefined) parseAnswer(text, "the list of models");
    return { status: "healthy" };
  } catch (error) {
    if (context.signal.aborted) throw error;
    const { code, message, remedy, details } = toModelyardError(error);
    const reason = remedy === undefined ? message : `${message} ${remedy}`;
    const status = details?.["status"];
    if (status === 404 || status === 405)
      return { status: "degraded", reason: `answers, but not as expected: ${reason}` };
    const loading = code === "backend-unavailable" && status === 503;
    return { status: loading ? "degraded" : "unhealthy", reason };
  }
}
