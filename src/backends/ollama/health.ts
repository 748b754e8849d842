import type { Health } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { parseAnswer, versionAnswer } from "./api.ts";
import { listLoaded, noticeLost } from "./loaded-models.ts";
import type { OllamaServer } from "./server.ts";

/** Whether Ollama answers; finds out on the way which of the models that were loaded have left memory. */
export async function checkHealth(server: OllamaServer, signal: AbortSignal): Promise<Health> {
  const { fetch } = server;
  // One that is loaded while this is under way may not stand in the answer.
  const before = [...server.loaded];
  try {
    const [version, inMemory] = await Promise.all([
      server.ask(fetch, "/api/version", { signal }),
      listLoaded(server, signal),
    ]);
    parseAnswer(versionAnswer, version, "/api/version");
    noticeLost(server, before, inMemory);
    return { status: "healthy" };
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
