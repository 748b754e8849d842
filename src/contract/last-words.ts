import { isModelyardError } from "./errors.ts";

/** The last lines that a child process wrote to standard error before it died of what was thrown; none where it died of nothing. */
export function lastWordsOf(thrown: unknown, most: number): readonly string[] {
  const lines = isModelyardError(thrown) ? thrown.details?.["stderr"] : undefined;
  return Array.isArray(lines) ? lines.slice(-most).map(String) : [];
}
