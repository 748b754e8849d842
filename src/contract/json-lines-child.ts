import { spawn } from "node:child_process";
import type { Log } from "./backend.ts";
import { ModelyardError } from "./errors.ts";
import { type LineFromChild, type LineToChild, parseLineFromChild } from "./json-lines-messages.ts";
import { createLineSplitter } from "./split-lines.ts";
import { stderrTail } from "./stderr-tail.ts";

export interface JsonLinesCommand {
  /** What it is called in errors and in the log. */
  readonly name: string;
  /** The program; no shell reads it. */
  readonly command: string;
  readonly args?: readonly string[];
  /** Variables beside our own. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
}

/** What becomes of one request. */
export interface JsonLinesReceiver {
  event(event: Record<string, unknown>): void;
  end(): void;
  failed(error: ModelyardError): void;
}

/** One running child process. */
export interface JsonLinesChild {
  readonly pid: number | undefined;
  /** Sends a request; gives its id. */
  open(request: object, receiver: JsonLinesReceiver): number;
  /** Nobody waits for a request any more; what still comes of it is dropped. */
  cancel(id: number): void;
  /** Closes its standard input, which asks it to end, and kills it after the limit. Settles when it is gone. */
  stop(limitMs: number): Promise<void>;
}

interface Pending {
  readonly request: object;
  /** Undefined once nobody waits for it. */
  receiver: JsonLinesReceiver | undefined;
}

/** Long enough for a thousand vectors; in characters. */
const longestLine = 64 * 2 ** 20;
/** How long to wait for the last words of a process that is gone, where another holds its pipes. */
const lastWordsMs = 500;

export interface JsonLinesListener {
  /** It takes no more requests. Called before those under way fail. */
  onExit(): void;
  /** It is gone, and those that were under way have failed. */
  onGone(): void;
}

/** Starts a child process that reads requests and writes events, a JSON value a line. */
export function startJsonLinesChild(
  { name, command, args = [], env, log }: JsonLinesCommand,
  listener: JsonLinesListener,
): JsonLinesChild {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
  });
  const pending = new Map<number, Pending>();
  const gone = Promise.withResolvers<void>();
  let nextId = 1;
  let isGone = false;
  /** Set where we know better than its exit code why it is gone. */
  let cause: ModelyardError | undefined;
  let lastWords: NodeJS.Timeout | undefined;
  const stderr = stderrTail(
    child.stderr,
    () => Array.from(pending.values(), ({ request }) => request),
    (line) => log.debug(`${name}: ${line}`),
  );

  /** A child that owes nothing does not keep our own process alive. */
  function hold(held: boolean): void {
    for (const each of [child, child.stdin, child.stdout, child.stderr]) {
      const { ref, unref } = each as { ref?(): void; unref?(): void };
      (held ? ref : unref)?.call(each);
    }
  }

  function write(line: LineToChild): void {
    if (!isGone && child.stdin.writable) child.stdin.write(`${toLine(line)}\n`);
  }

  function ended(id: number): JsonLinesReceiver | undefined {
    const receiver = pending.get(id)?.receiver;
    if (pending.delete(id) && pending.size === 0) hold(false);
    return receiver;
  }

  function take(line: LineFromChild | undefined): void {
    if (line === undefined)
      return log.debug(`${name} wrote a line that is none of the protocol's: it was dropped.`);
    if (line.type === "event") return pending.get(line.id)?.receiver?.event(line.event);
    if (line.type === "end") return ended(line.id)?.end();
    const { message, ...error } = line.error;
    ended(line.id)?.failed(ModelyardError.fromJSON({ message, ...error }));
  }

  function die(exitCode: number | null, signal: NodeJS.Signals | null): void {
    if (isGone) return;
    isGone = true;
    clearTimeout(lastWords);
    process.off("exit", kill);
    const lost = [...pending.values()];
    pending.clear();
    listener.onExit();
    const error = cause ?? endedEarly(name, { exitCode, signal, stderr: [...stderr] });
    for (const { receiver } of lost) receiver?.failed(error);
    listener.onGone();
    gone.resolve();
  }

  function kill(): void {
    child.kill("SIGKILL");
  }

  const split = createLineSplitter(longestLine);
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (piece: string) => {
    let lines: string[];
    try {
      lines = split(piece);
    } catch (error) {
      cause = new ModelyardError("invalid-response", `${name} wrote an endless line.`, {
        cause: error,
      });
      return kill();
    }
    for (const line of lines) if (line.trim() !== "") take(parseLineFromChild(line));
  });
  for (const stream of [child.stdin, child.stdout])
    stream.on("error", (error) => log.debug(`${name}: ${error.message}`));
  child.on("error", (error) => {
    log.debug(`${name}: ${error.message}`);
    if (child.pid !== undefined) return;
    cause = notStarted(name, command, error);
    die(null, null);
  });
  child.on("exit", (code, signal) => {
    lastWords = setTimeout(die, lastWordsMs, code, signal);
  });
  // After its last line on either stream.
  child.on("close", die);
  process.once("exit", kill);
  hold(false);

  return {
    pid: child.pid,
    open(request, receiver) {
      const id = nextId++;
      pending.set(id, { request, receiver });
      hold(true);
      write({ type: "request", id, request });
      return id;
    },
    cancel(id) {
      const found = pending.get(id);
      if (found?.receiver === undefined) return;
      found.receiver = undefined;
      write({ type: "cancel", id });
    },
    async stop(limitMs) {
      if (isGone) return;
      cause = new ModelyardError("cancelled", `${name} is shutting down.`);
      hold(true);
      child.stdin.end();
      const timer = setTimeout(kill, limitMs);
      await gone.promise;
      clearTimeout(timer);
    },
  };
}

/** These end a line for some readers of lines, Node's own among them. */
function toLine(value: LineToChild): string {
  return JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

function notStarted(name: string, command: string, cause: Error): ModelyardError {
  return new ModelyardError("backend-unavailable", `${name} can't be started: ${cause.message}.`, {
    remedy: `See whether ${command} is there and may be run.`,
    cause,
  });
}

interface Death {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stderr: readonly string[];
}

function endedEarly(name: string, death: Death): ModelyardError {
  const how =
    death.signal === null ? `exited with code ${death.exitCode}` : `was ended by ${death.signal}`;
  const memory = " If the system ended it for want of memory, use a smaller model.";
  return new ModelyardError("backend-error", `${name} ${how} before it had answered.`, {
    remedy: `Ask again, which starts it anew.${death.signal === "SIGKILL" ? memory : ""}`,
    details: { ...death },
  });
}
