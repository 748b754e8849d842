import {
  isModelyardError,
  toModelyardError,
  type ErrorCode,
  type ModelyardError,
} from "../contract/errors.ts";
import { lastWordsOf } from "../contract/last-words.ts";
import { printable } from "./terminal/printable.ts";
import { paint, write, type Terminal } from "./terminal/terminal.ts";

/** How a command ended, as the shell sees it. */
export const exitCodes = { done: 0, failed: 1, wrongUsage: 2, interrupted: 130 } as const;

/** How much is shown of what a child process wrote before it died, in lines; `--json` has more. */
const mostWords = 5;

/** What a thrown value means to the shell: wrong usage or configuration is told apart from failure. */
export function exitCodeOf(thrown: unknown): number {
  if (!isModelyardError(thrown)) return exitCodes.failed;
  return thrown.code === "invalid-config" || thrown.code === "invalid-request"
    ? exitCodes.wrongUsage
    : exitCodes.failed;
}

/** What to do about an error that does not say so itself. */
function remedyFor({ code, remedy }: ModelyardError, help: string): string | undefined {
  if (remedy !== undefined) return remedy;
  if (code === "invalid-request") return `See \`${help}\`.`;
  if (code === "model-not-found") return "`modelyard models` lists what there is.";
  if (code === "invalid-config") return "`modelyard config schema` prints what it may hold.";
  return undefined;
}

/** How an error begins: its code tells programs and searches which one it is. */
export function errorLabel(code: ErrorCode): string {
  return `error (${code}):`;
}

/**
 * Says on standard error what went wrong, where, and what to do about it; `help` is the command that shows what may be given. With `json` the error is also the answer:
 * `{"error": {…}}` on standard output, so that a script that reads answers reads failures too.
 */
export async function reportError(
  thrown: unknown,
  terminal: Terminal,
  { json = false, help = "modelyard --help" }: { json?: boolean; help?: string } = {},
): Promise<void> {
  const error = toModelyardError(thrown, "internal");
  const remedy = remedyFor(error, help);
  // At once both: where the process is about to end there is no time to wait.
  const told = write(terminal.errors, `${describe(error, remedy, terminal)}\n`);
  if (json)
    await write(terminal.output, `${JSON.stringify({ error: { ...error.toJSON(), remedy } })}\n`);
  await told;
}

function describe(
  error: ModelyardError,
  remedy: string | undefined,
  { errors, environment }: Terminal,
): string {
  const lines = [
    `${paint(errors, ["bold", "red"], errorLabel(error.code))} ${printable(error.message)}`,
  ];
  const place = [
    error.backend === undefined ? "" : `backend ${error.backend}`,
    error.model === undefined ? "" : `model ${error.model}`,
  ].filter((part) => part !== "");
  if (place.length > 0) lines.push(paint(errors, "dim", `  (${printable(place.join(", "))})`));
  if (remedy !== undefined && remedy !== "") lines.push(`  ${printable(remedy)}`);
  const words = lastWordsOf(error, mostWords).map((line) => `    ${line}`);
  if (words.length > 0)
    lines.push(paint(errors, "dim", printable(["  It wrote last:", ...words].join("\n"))));
  const { stack } = error.cause instanceof Error ? error.cause : error;
  const wanted = error.code === "internal" || environment["MODELYARD_STACK"] === "1";
  if (wanted && stack !== undefined) lines.push(paint(errors, "dim", printable(stack)));
  return lines.join("\n");
}
