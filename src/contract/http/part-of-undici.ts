import { createRequire } from "node:module";

type Undici = typeof import("undici");

const load = createRequire(import.meta.url);

/** Where undici keeps what it exports. Its agents for proxies need the whole. */
const places = {
  Agent: "undici/lib/dispatcher/agent.js",
  buildConnector: "undici/lib/core/connect.js",
} as const;

/**
 * A part of undici, without the rest: its fetch, WebSocket, caches and mocks take megabytes that a server would hold for nothing. An agent
 * that comes so has `dispatch` and none of the short forms (`request`, `stream`). Where it lies is undici's own affair: a version that
 * keeps it elsewhere is loaded whole.
 */
export function partOfUndici<Name extends keyof typeof places>(name: Name): Undici[Name] {
  try {
    return load(places[name]) as Undici[Name];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    return wholeUndici()[name];
  }
}

export function wholeUndici(): Undici {
  return load("undici") as Undici;
}
