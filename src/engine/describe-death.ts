import { ModelyardError } from "../contract/errors.ts";
import { lastWords } from "../contract/last-words.ts";

/** How much of what it wrote is logged, in lines. */
const mostWords = 5;

/** How a child process ended. */
export interface Death {
  /** Set where it ended by itself. */
  exitCode: number | null;
  /** Set where the system or somebody ended it. */
  signal: NodeJS.Signals | null;
  /** It heard nothing, and was ended for it. */
  blocked?: boolean;
  /** The last lines it wrote to standard error. */
  stderr: readonly string[];
}

/** What a call that was under way, or that came too soon after it, fails with. `begun`: part of the answer had reached the caller. */
export function describeDeath(engine: string, death: Death, begun: boolean): ModelyardError {
  const { exitCode, signal, stderr } = death;
  return new ModelyardError(
    begun ? "stream-interrupted" : "backend-unavailable",
    `The process of ${engine} ${howItDied(death)}${begun ? " in mid-answer" : ""}.`,
    {
      backend: engine,
      remedy: `Ask again, which starts it anew. ${whatElse(death)}`,
      details: { exitCode, signal, stderr },
    },
  );
}

/** The same for a log, in one line, with what it wrote last. */
export function deathInOneLine(engine: string, death: Death): string {
  const words = lastWords(death.stderr, mostWords).map((line) => line.trim());
  const said = words.length === 0 ? "It wrote nothing." : `It wrote last: ${words.join(" | ")}`;
  return `The process of ${engine} ${howItDied(death)}. ${said}`;
}

function whatElse({ signal, blocked }: Death): string {
  if (blocked === true) return "Let its handlers give way now and then, and heed their signal.";
  return signal === "SIGKILL"
    ? "If the system ended it for want of memory, use a smaller model or context."
    : "If it goes on, try another model or report what it wrote last.";
}

export function howItDied({ exitCode, signal, blocked }: Death): string {
  if (blocked === true) return "was blocked, heard nothing, and was ended for it";
  if (signal !== null) {
    const native = signal === "SIGABRT" || signal === "SIGSEGV" || signal === "SIGILL";
    return `was ended by ${signal}${native ? " (a crash in native code)" : ""}`;
  }
  return exitCode === null ? "could not be started" : `exited with code ${exitCode}`;
}
