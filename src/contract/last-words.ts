import { isModelyardError } from "./errors.ts";

/** What a crash of Node writes beside what was thrown and where: its own frames, a caret, its version. */
const beside = /^\s+at .*\(?node:|^\s*\^+\s*$|^Node\.js v\d/;

/** Of the last lines that a child process wrote to standard error those that tell most. */
export function lastWords(lines: readonly string[], most: number): readonly string[] {
  return lines.filter((line) => !beside.test(line)).slice(-most);
}

/** The same of the process that died of what was thrown; none where it died of nothing. */
export function lastWordsOf(thrown: unknown, most: number): readonly string[] {
  const lines = isModelyardError(thrown) ? thrown.details?.["stderr"] : undefined;
  return Array.isArray(lines) ? lastWords(lines.map(String), most) : [];
}
