import { randomUUID } from "node:crypto";
import type { Log } from "../contract/backend.ts";
import { isModelyardError, ModelyardError } from "../contract/errors.ts";

/** An error whose text may be shown. Text of an unknown one may hold paths, prompts or keys: it goes to the log alone. */
export function toKnownError(thrown: unknown, log: Pick<Log, "error">): ModelyardError {
  if (isModelyardError(thrown)) return thrown;
  const id = randomUUID();
  const story = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  log.error(`Fault ${id} behind MCP: ${story}`);
  return new ModelyardError("internal", "A fault of Modelyard itself.", {
    remedy: `Its log tells more under ${id}.`,
  });
}
