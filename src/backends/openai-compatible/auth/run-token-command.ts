import { type ChildProcess, type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { abortError } from "../../../contract/abort.ts";
import { ModelyardError } from "../../../contract/errors.ts";
import { stderrTail } from "../../../contract/stderr-tail.ts";
import type { Token } from "./parse-token.ts";
import { toKnownToken } from "./to-known-token.ts";

/** How long a command may take, in milliseconds: less than a list of models may, so that its own error is the one told. */
const limitMs = 8_000;
/** A token is no longer than this, in characters. */
const longestOutput = 1_048_576;
/** How long to wait for the last words of a process that is gone, where another holds its pipes. */
const lastWordsMs = 500;
const remedy = "Run auth.command by hand: it must print the token, within 8 s and unasked.";

/**
 * The token that a command prints: a line for the shell, or a program and its arguments. It ends, with its children, when `signal`
 * aborts and when this process does.
 * @throws `backend-unauthorized` where it gives none; what it printed is in no error, for it may be the token
 */
export async function runTokenCommand(
  command: string | readonly string[],
  signal: AbortSignal,
  { timeoutMs = limitMs }: { timeoutMs?: number } = {},
): Promise<Token> {
  const printed = await outputOf(command, signal, timeoutMs);
  return toKnownToken(printed, "The token command", remedy);
}

function outputOf(
  command: string | readonly string[],
  signal: AbortSignal,
  timeoutMs: number,
): Promise<string> {
  if (signal.aborted) return Promise.reject(abortError(signal));
  const child = start(command);
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let printed = "";
  const said = stderrTail(
    child.stderr,
    () => [],
    () => {},
  );
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece: string) => {
    printed += piece;
    if (printed.length > longestOutput) stop(failed("prints without end"));
  });
  const onExit = () => killTree(child);
  const onAbort = () => stop(abortError(signal));
  const timer = setTimeout(() => stop(failed(`did not end within ${timeoutMs} ms`)), timeoutMs);
  let lastWords: NodeJS.Timeout | undefined;
  process.once("exit", onExit);
  signal.addEventListener("abort", onAbort, { once: true });

  function settle(): void {
    clearTimeout(timer);
    clearTimeout(lastWords);
    process.off("exit", onExit);
    signal.removeEventListener("abort", onAbort);
    child.stdout.destroy();
    child.stderr.destroy();
  }

  function stop(error: Error): void {
    settle();
    killTree(child);
    reject(error);
  }

  function ended(code: number | null, endedBy: NodeJS.Signals | null): void {
    settle();
    if (code === 0) return resolve(printed);
    const how = code === null ? `was ended by ${endedBy}` : `failed with exit code ${code}`;
    // A line that repeats what it printed would give the token away.
    const last = said.findLast((line) => !overlaps(line, printed.trim()));
    reject(failed(last === undefined ? how : `${how}: ${last.trim().replace(/\.$/, "")}`));
  }

  child.on("error", (error: NodeJS.ErrnoException) => {
    const problem = error.code === "ENOENT" ? "is not found" : `can't be run (${error.code})`;
    stop(failed(problem));
  });
  child.on("exit", (code, endedBy) => {
    lastWords = setTimeout(ended, lastWordsMs, code, endedBy);
  });
  child.on("close", ended);
  return promise;
}

function start(command: string | readonly string[]): ChildProcessByStdio<null, Readable, Readable> {
  const [program = "", ...parameters] = typeof command === "string" ? [command] : command;
  return spawn(program, parameters, {
    shell: typeof command === "string",
    stdio: ["ignore", "pipe", "pipe"],
    // A group of its own, so that it can be ended with all that it has started; Windows knows the tree without.
    detached: process.platform !== "win32",
    windowsHide: true,
  });
}

function killTree({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/pid", String(pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    // Gone already: that is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function overlaps(line: string, printed: string): boolean {
  return printed.length > 0 && (line.includes(printed) || printed.includes(line.trim()));
}

function failed(problem: string): ModelyardError {
  return new ModelyardError("backend-unauthorized", `The token command ${problem}.`, { remedy });
}
