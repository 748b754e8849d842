import type { Health } from "../../contract/backend.ts";
import { isModelyardError } from "../../contract/errors.ts";
import { parseAnswer, psAnswer, versionAnswer } from "./api.ts";
import type { OllamaServer } from "./server.ts";

/** Whether Ollama answers; finds out on the way which of the models that were loaded have left memory. */
export async function checkHealth(server: OllamaServer, signal: AbortSignal): Promise<Health> {
  const { fetch } = server;
  // One that is loaded while this is under way may not stand in the answer.
  const before = [...server.loaded];
  try {
    const [version, ps] = await Promise.all([
      server.ask(fetch, "/api/version", { signal }),
      server.ask(fetch, "/api/ps", { signal }),
    ]);
    parseAnswer(versionAnswer, version, "/api/version");
    const { models } = parseAnswer(psAnswer, ps, "/api/ps");
    const there = new Set(models?.map(({ name }) => name));
    for (const name of before) if (!there.has(name)) server.lost(name);
    return { status: "healthy" };
  } catch (error) {
    if (!isModelyardError(error) || signal.aborted) throw error;
    if (error.code === "backend-unavailable") server.lost();
    const { message, remedy } = error;
    return {
      status: "unhealthy",
      reason: remedy === undefined ? message : `${message} ${remedy}`,
    };
  }
}
