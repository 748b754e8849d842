import { services } from "./services.ts";

/** Runs `modelyard` with these words and gives its exit code. */
export async function runCommand(words: readonly string[]): Promise<number> {
  const { runCommandLine } = await import("../cli/command-line.ts");
  return runCommandLine(words, services);
}
