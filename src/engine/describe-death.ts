import { ModelyardError } from "../contract/errors.ts";

/** How a child process ended. */
export interface Death {
  /** Set where it ended by itself. */
  exitCode: number | null;
  /** Set where the system or somebody ended it. */
  signal: NodeJS.Signals | null;
  /** The last lines it wrote to standard error. */
  stderr: readonly string[];
}

/** What a call that was under way, or that came too soon after it, fails with. `begun`: part of the answer had reached the caller. */
export function describeDeath(
  engine: string,
  { exitCode, signal, stderr }: Death,
  begun: boolean,
): ModelyardError {
  return new ModelyardError(
    begun ? "stream-interrupted" : "backend-unavailable",
    `The engine of ${engine} ${howItDied(exitCode, signal)}${begun ? " in mid-answer" : ""}.`,
    {
      backend: engine,
      remedy:
        signal === "SIGKILL"
          ? "Ask again, which starts it anew. If the system ended it for want of memory, use a smaller model or context."
          : "Ask again, which starts it anew. If it goes on, try another model or report what it wrote (details).",
      details: { exitCode, signal, stderr },
    },
  );
}

export function howItDied(exitCode: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) {
    const native = signal === "SIGABRT" || signal === "SIGSEGV" || signal === "SIGILL";
    return `was ended by ${signal}${native ? " (a crash in native code)" : ""}`;
  }
  return exitCode === null ? "could not be started" : `exited with code ${exitCode}`;
}
