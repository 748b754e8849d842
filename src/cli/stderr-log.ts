import type { Log } from "../contract/backend.ts";
import { printable } from "./terminal/printable.ts";
import { paint } from "./terminal/terminal.ts";

/** How much is logged: what is named and everything graver. */
export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

const styles = { debug: "dim", info: "cyan", warn: "yellow", error: "red" } as const;

/** Log lines on standard error. `times`: for a program that runs long. */
export function createStderrLog(
  stream: NodeJS.WritableStream,
  level: LogLevel,
  { times = false }: { times?: boolean } = {},
): Log {
  const from = logLevels.indexOf(level);
  const at = (name: keyof Log) => {
    if (logLevels.indexOf(name) < from) return () => {};
    const label = paint(stream, styles[name], `${name}:`);
    return (message: string) => {
      const time = times ? `${new Date().toISOString()} ` : "";
      stream.write(`${time}${label} ${printable(message)}\n`);
    };
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
