import type { Configuration } from "./configuration.ts";

/** What a server takes from its configuration when it starts, and never again. */
const fixed = ["host", "port", "maxBodyBytes"] as const;

/** What differs between two configurations that a running server can't change. */
export function restartNeeded(running: Configuration, wanted: Configuration): string[] {
  return fixed
    .filter((name) => running.server[name] !== wanted.server[name])
    .map((name) => `server.${name}`);
}
