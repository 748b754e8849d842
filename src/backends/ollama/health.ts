import type { Health } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { parseAnswer, versionAnswer } from "./api.ts";
import { watchLoaded } from "./loaded-models.ts";
import type { OllamaServer } from "./server.ts";

/** Whether Ollama answers; finds out on the way which of the models that were loaded have left memory. */
export async function checkHealth(server: OllamaServer, signal: AbortSignal): Promise<Health> {
  const { fetch } = server;
  try {
    const [answered] = await Promise.all([
      server.ask(fetch, "/api/version", { signal }),
      watchLoaded(server, signal),
    ]);
    const { version } = parseAnswer(versionAnswer, answered, "/api/version");
    return cutsInSilence(version)
      ? { status: "degraded", reason: `Ollama ${version} cuts long prompts in silence: update it.` }
      : { status: "healthy" };
  } catch (error) {
    if (!isModelyardError(error) || signal.aborted) throw error;
    const { message, remedy, details } = error;
    // One that refuses with a status is there still.
    if (error.code === "backend-unavailable" && details?.["status"] === undefined) server.lost();
    return {
      status: "unhealthy",
      reason: remedy === undefined ? message : `${message} ${remedy}`,
    };
  }
}

/** Before 0.12.6 it does not heed `truncate` and `shift`. One that somebody has built himself calls itself 0.0.0. */
function cutsInSilence(version: string): boolean {
  return version !== "0.0.0" && version.localeCompare("0.12.6", "en", { numeric: true }) < 0;
}
