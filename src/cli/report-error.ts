import { isModelyardError, ModelyardError, toModelyardError } from "../contract/errors.ts";
import { paint, write, type Terminal } from "./terminal/terminal.ts";

/** How a command ended, as the shell sees it. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const;

/** What a thrown value means to the shell: wrong usage or configuration is told apart from failure. */
export function exitCodeOf(thrown: unknown): number {
  if (!isModelyardError(thrown)) return exitCodes.failed;
  return thrown.code === "invalid-config" || thrown.code === "invalid-request"
    ? exitCodes.wrongUsage
    : exitCodes.failed;
}

/**
 * Says on standard error what went wrong, where, and what to do about it. With `json` the error is also the answer:
 * `{"error": {…}}` on standard output, so that a script that reads answers reads failures too.
 */
export async function reportError(
  thrown: unknown,
  terminal: Terminal,
  { json = false }: { json?: boolean } = {},
): Promise<void> {
  const error = toModelyardError(thrown, "internal");
  await write(terminal.errors, `${describe(error, terminal)}\n`);
  if (json) await write(terminal.output, `${JSON.stringify({ error })}\n`);
}

function describe(error: ModelyardError, { errors, environment }: Terminal): string {
  const lines = [`${paint(errors, ["bold", "red"], "error:")} ${error.message}`];
  const place = [
    error.backend === undefined ? "" : `backend ${error.backend}`,
    error.model === undefined ? "" : `model ${error.model}`,
  ].filter((part) => part !== "");
  if (place.length > 0) lines.push(paint(errors, "dim", `  (${place.join(", ")}; ${error.code})`));
  if (error.remedy !== undefined) lines.push(`  ${error.remedy}`);
  const { stack } = error.cause instanceof Error ? error.cause : error;
  const wanted = error.code === "internal" || environment["MODELYARD_STACK"] === "1";
  if (wanted && stack !== undefined) lines.push(paint(errors, "dim", stack));
  return lines.join("\n");
}
