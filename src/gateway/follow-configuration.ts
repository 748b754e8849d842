import { isDeepStrictEqual } from "node:util";
import type { Log } from "../contract/backend.ts";
import { toModelyardError, type ModelyardError } from "../contract/errors.ts";
import type { Configuration } from "./configuration.ts";
import type { GatewayKinds, ManagedGateway } from "./gateway.ts";
import { restartNeeded } from "./restart-needed.ts";
import { watchFile, type FileWatchOptions } from "./watch-file.ts";

/** A configuration, and what there is to work with under it. */
export interface Reading {
  readonly configuration: Configuration;
  /** The same as long as nothing of it has changed; what the gateway began with where left out. */
  readonly kinds?: GatewayKinds;
  /** Other files that it depends on. */
  readonly files?: readonly string[];
}

export interface FollowOptions extends Omit<FileWatchOptions, "signatureOf"> {
  readonly gateway: Pick<ManagedGateway, "reconfigure" | "refuse">;
  /** None where nothing is configured. */
  readonly file: string | undefined;
  /** What was read at first. */
  readonly first: Reading;
  /** Reads it anew. @throws ModelyardError `invalid-config` with every problem */
  readonly read: () => Promise<Reading>;
  readonly log: Log;
  /** Tells two states of the other files apart. */
  readonly signatureOf?: FileWatchOptions["signatureOf"];
}

/** Has the gateway run what the file says, whenever that is something else. It is taken whole or not at all: what is wrong is told, and the former goes on. Gives what ends it. */
export function followConfiguration(options: FollowOptions): () => void {
  const { gateway, file, first, read, log, signatureOf, ...times } = options;
  const what = file ?? "The configuration";
  const watched = new Map<string, () => void>();
  let taken = first;
  let problem: string | undefined;
  let reading: Promise<void> = Promise.resolve();
  let ended = false;

  function refuse(reason: ModelyardError): void {
    if (ended || reason.message === problem) return;
    problem = reason.message;
    gateway.refuse(reason);
    log.error(`What was configured before goes on. ${reason.message}`);
  }

  async function take(): Promise<void> {
    let next: Reading;
    try {
      next = await read();
    } catch (error) {
      refuse(toModelyardError(error, "invalid-config"));
      return;
    }
    if (ended) return;
    const mended = problem !== undefined;
    watch(next.files);
    const says = !isDeepStrictEqual(next.configuration, taken.configuration);
    if (!says && next.kinds === taken.kinds) {
      problem = undefined;
      gateway.refuse(undefined);
      if (mended) log.info(`${what} is right again, and says what runs.`);
      return;
    }
    let left: Promise<void>;
    try {
      left = gateway.reconfigure(next.configuration, next.kinds);
    } catch (error) {
      refuse(toModelyardError(error, "internal"));
      return;
    }
    taken = next;
    problem = undefined;
    if (says) log.info(`${what} has changed: what it says now is in force.`);
    // What has left may still end its calls: the next change does not wait for that.
    left.catch((error: unknown) => {
      log.error(`What has left could not be ended. ${toModelyardError(error, "internal").message}`);
    });
    for (const name of restartNeeded(first.configuration, next.configuration))
      log.warn(`${name} has changed: that takes a restart.`);
  }

  const onChange = () => void (reading = reading.then(take));

  function watch(files: readonly string[] = []): void {
    for (const [each, end] of watched) {
      if (files.includes(each)) continue;
      end();
      watched.delete(each);
    }
    for (const each of files) {
      if (!watched.has(each))
        watched.set(
          each,
          watchFile(each, onChange, { ...times, ...(signatureOf && { signatureOf }) }),
        );
    }
  }

  const end = file === undefined ? undefined : watchFile(file, onChange, times);
  watch(first.files);
  return () => {
    ended = true;
    end?.();
    watch();
  };
}
