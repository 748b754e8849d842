import { createRequire } from "node:module";
import type { DestinationStream, Logger } from "pino";
import type { Log } from "../contract/backend.ts";
import { figureOf } from "../contract/usage.ts";
import type { Trace } from "../gateway/api.ts";
import { logLevels, type LogLevel } from "./stderr-log.ts";

/** A log that also takes what became of a call, a line each. */
export interface CallLog extends Log {
  call(trace: Trace): void;
}

/** Lines are gathered for so long, in milliseconds, or until so many calls have ended. */
const gatheredMs = 200;
const gatheredCalls = 64;
/** What the library writes at once, where it is not given more in one piece. */
const pieceBytes = 65_536;
/** A model's name is the caller's word: no longer than this. */
const longestName = 200;

interface Writer {
  readonly logger: Logger;
  readonly destination: DestinationStream & { flush(): void; flushSync(): void };
}

/**
 * Log lines as JSON, for programs to read: `time`, `level`, `msg`, and for each call its figures. They are written behind the program's
 * back, and what is gathered is written when it ends, by a crash too. What writes them is loaded with the first line.
 */
export function createJsonLog(level: LogLevel, file: number | string = 2): CallLog {
  let writer: Writer | undefined;
  let soon: NodeJS.Timeout | undefined;
  /** Calls whose lines are to be written, in one piece: one by one each would cost several times as much. */
  let ended: Trace[] = [];
  /** The process ends: whoever is asked for the first time now hears of that no more. */
  let isOver = false;
  process.prependOnceListener("exit", () => (isOver = true));

  function opened(): Writer {
    if (writer !== undefined) return writer;
    // Heard before the library's own listener, which writes what it has been given.
    process.once("exit", handOver);
    return (writer = open(level, file));
  }

  function handOver(): void {
    if (ended.length === 0) return;
    const traces = ended;
    ended = [];
    opened().destination.write(traces.map(toLine).join(""));
  }

  function flushSoon(): void {
    soon ??= setTimeout(() => {
      soon = undefined;
      handOver();
      opened().destination.flush();
    }, gatheredMs).unref();
  }

  const isWanted = (name: keyof Log) => logLevels.indexOf(name) >= logLevels.indexOf(level);

  const at = (name: keyof Log) =>
    isWanted(name) ? (message: string) => say(name, message) : () => {};

  function say(name: keyof Log, message: string): void {
    const { logger } = opened();
    handOver();
    logger[name](message);
    if (isOver) opened().destination.flushSync();
    else flushSoon();
  }

  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    call: isWanted("info")
      ? (trace) => {
          opened();
          if (ended.push(trace) >= gatheredCalls) handOver();
          flushSoon();
        }
      : () => {},
  };
}

function open(level: LogLevel, file: number | string): Writer {
  // Not a static import: a program that is greeted by its client first must not wait for it.
  const pino = createRequire(import.meta.url)("pino") as typeof import("pino");
  const destination = pino.destination({
    dest: file,
    sync: false,
    minLength: 8_192,
    maxWrite: pieceBytes,
  });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  return { logger, destination };
}

/**
 * What is said of a call, in one piece: field by field the library takes several times as long, and every call pays for it. No word of
 * what was asked, answered or, as it may repeat these, complained of.
 */
function toLine(trace: Trace): string {
  const { id, caller, capability, requested, target, outcome, attempts, stream, usage } = trace;
  const { startedAt, begunMs, endedMs } = trace;
  const line = {
    level: "info",
    time: new Date(startedAt + endedMs).toISOString(),
    id,
    caller,
    capability,
    requested: requested?.slice(0, longestName),
    backend: target?.backend,
    model: target?.model.slice(0, longestName),
    outcome,
    attempts,
    stream,
    begunMs: begunMs === undefined ? undefined : Math.round(begunMs),
    ms: Math.round(endedMs),
    inputTokens: figureOf(usage?.inputTokens),
    outputTokens: figureOf(usage?.outputTokens),
    msg: "call",
  };
  return `${JSON.stringify(line)}\n`;
}
