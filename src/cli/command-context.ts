import type { Trace } from "../gateway/api.ts";
import type { Log } from "../contract/backend.ts";
import type { DeferredGateway } from "../gateway/deferred-gateway.ts";
import type { CommonOptions } from "./common-options.ts";
import type { Interruption } from "./interruption.ts";
import { createJsonLog } from "./json-log.ts";
import type { Services, Source } from "./services.ts";
import { createStderrLog, type LogLevel } from "./stderr-log.ts";
import { createProgressDisplay, type ProgressDisplay } from "./terminal/progress-display.ts";
import { printable } from "./terminal/printable.ts";
import { paint, write, type Terminal } from "./terminal/terminal.ts";

/** What a command works with. */
export interface CommandContext {
  readonly services: Services;
  readonly terminal: Terminal;
  readonly options: CommonOptions;
  /** What it works from: the configuration, and plugins beside it. */
  readonly source: Source;
  readonly interruption: Interruption;
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Shows on standard error what a wait is spent on. */
  readonly progress: ProgressDisplay;
  /** The gateway that the configuration describes: opened at the first need, closed when the command has ended. */
  readonly gateway: DeferredGateway;
  /** Writes to standard output: the answer, nothing else. */
  answer(text: string): Promise<void>;
  /** Writes data: as JSON with `--json`, else as `text` says. */
  print(data: unknown, text: () => string): Promise<void>;
  /** Says something beside the answer, on standard error. */
  note(text: string): void;
  warn(text: string): void;
  /** Closes what the command opened. */
  dispose(): Promise<void>;
}

export interface ContextOptions {
  services: Services;
  terminal: Terminal;
  options: CommonOptions;
  interruption: Interruption;
  /** A program that runs long: it logs more, with times. */
  longRunning?: boolean;
  /** How much it logs where nobody says so: less where its answer tells the same. */
  level?: LogLevel | undefined;
}

/** Makes what a command works with. Nothing is opened until the command asks for it. */
export function createCommandContext({
  services,
  terminal,
  options,
  interruption,
  longRunning = false,
  level: ownLevel = longRunning ? "info" : "warn",
}: ContextOptions): CommandContext {
  const level = options.logLevel ?? ownLevel;
  // Programs read what runs long and is not watched by a person.
  const jsonLog = longRunning && terminal.errors.isTTY !== true ? createJsonLog(level) : undefined;
  const plainLog = jsonLog ?? createStderrLog(terminal.errors, level, { times: longRunning });
  const progress = createProgressDisplay(terminal.errors);
  const log = overProgress(plainLog, progress);
  const source: Source = { config: options.config, plugins: options.plugin };
  const gateway = services.deferredGateway({
    ...source,
    log,
    follow: longRunning,
    watch: options.watch,
  });
  const callLog = longRunning ? log.info : log.debug;
  gateway.on("call", jsonLog?.call ?? ((trace) => callLog(describeCall(trace))));

  function say(text: string): void {
    progress.clear();
    terminal.errors.write(`${text}\n`);
  }

  return {
    services,
    terminal,
    options,
    source,
    interruption,
    signal: interruption.signal,
    log,
    progress,
    gateway,
    async answer(text) {
      progress.clear();
      await write(terminal.output, text);
    },
    async print(data, text) {
      progress.clear();
      await write(terminal.output, `${options.json === true ? JSON.stringify(data) : text()}\n`);
    },
    note: (text) => say(paint(terminal.errors, "dim", text)),
    warn: (text) => say(`${paint(terminal.errors, "yellow", "warning:")} ${printable(text)}`),
    async dispose() {
      progress.clear();
      await gateway.close({ drainMs: 0 });
    },
  };
}

/** `chat of parrot by echo/any: done; 2 tries, began after 12 ms, ended after 340 ms (a call's id)` */
function describeCall(trace: Trace): string {
  const { id, capability, requested, target, outcome, attempts, begunMs, endedMs } = trace;
  const began = begunMs === undefined ? "never began" : `began after ${Math.round(begunMs)} ms`;
  const times = `${began}, ended after ${Math.round(endedMs)} ms`;
  const name = target === undefined ? undefined : `${target.backend}/${target.model}`;
  const of = requested === undefined || requested === name ? "" : ` of ${requested}`;
  const by = name === undefined ? "" : ` by ${name}`;
  const tries = attempts > 1 ? `${attempts} tries, ` : "";
  return `${capability}${of}${by}: ${outcome}; ${tries}${times} (${id})`;
}

/** A log line must not be written into a bar that is being drawn. */
function overProgress(log: Log, progress: ProgressDisplay): Log {
  const over = (name: keyof Log) => (message: string) => {
    progress.clear();
    log[name](message);
  };
  return { debug: over("debug"), info: over("info"), warn: over("warn"), error: over("error") };
}
