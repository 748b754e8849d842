import { stat } from "node:fs/promises";
import type { BackendSetup } from "../../../contract/backend.ts";
import { createSharedWorks } from "../../../contract/shared-works.ts";
import type { Auth } from "./config.ts";
import type { Token } from "./parse-token.ts";
import { readTokenFile } from "./read-token-file.ts";
import { runTokenCommand } from "./run-token-command.ts";

/** Where a token comes from, and how long it is good for. */
export interface TokenSource {
  /** The token as it is now; got anew where it has expired, or its file has changed. */
  token(signal: AbortSignal): Promise<string>;
  /** Gets it anew, unless it is another than `refused` already. Says whether it is another now. */
  renew(signal: AbortSignal, refused?: string): Promise<boolean>;
}

interface Kept extends Token {
  /** Which state of the file it was read from. */
  readonly version?: string | undefined;
  /** From when on it is got anew, in milliseconds since 1970. */
  readonly staleAtMs: number;
}

/** A token is replaced this long before it expires, or after half of its life where that is short. */
const marginMs = 60_000;

/** The source that an `auth` names; undefined where it names none. */
export function createTokenSource(
  { value, file, command }: Auth,
  { log, secret }: Pick<BackendSetup<unknown>, "log" | "secret">,
): TokenSource | undefined {
  if (value !== undefined) {
    secret(value);
    return { token: async () => value, renew: async () => false };
  }
  if (file === undefined && command === undefined) return undefined;
  const works = createSharedWorks<Kept>();
  let kept: Kept | undefined;

  function obtain(signal: AbortSignal): Promise<Kept> {
    return works.join("token", { signal, progress() {} }, async ({ signal: shared }) => {
      // Before it is read: what is written meanwhile is then read again.
      const version = file === undefined ? undefined : await versionOf(file);
      const token =
        file === undefined
          ? await runTokenCommand(command ?? "", shared)
          : await readTokenFile(file, shared);
      secret(token.value);
      kept = { ...token, version, staleAtMs: staleAt(token, Date.now()) };
      log.debug(`A token was read from ${file === undefined ? "a command" : file}.`);
      return kept;
    });
  }

  async function isCurrent({ version, staleAtMs }: Kept): Promise<boolean> {
    if (file !== undefined) return version !== undefined && version === (await versionOf(file));
    return Date.now() < staleAtMs;
  }

  return {
    async token(signal) {
      const found = kept !== undefined && (await isCurrent(kept)) ? kept : await obtain(signal);
      return found.value;
    },
    async renew(signal, refused = kept?.value) {
      if (kept !== undefined && kept.value !== refused) return true;
      return (await obtain(signal)).value !== refused;
    },
  };
}

function staleAt({ expiresAtMs }: Token, nowMs: number): number {
  if (expiresAtMs === undefined) return Infinity;
  return expiresAtMs - Math.min(marginMs, (expiresAtMs - nowMs) / 2);
}

/** Changes when the file does; undefined where it can't be asked, which reading it will tell. */
async function versionOf(file: string): Promise<string | undefined> {
  try {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
