import { isDeepStrictEqual } from "node:util";
import type { Log } from "../contract/backend.ts";
import { toModelyardError } from "../contract/errors.ts";
import type { Configuration } from "./configuration.ts";
import type { ManagedGateway } from "./gateway.ts";
import { restartNeeded } from "./restart-needed.ts";
import { watchFile, type FileWatchOptions } from "./watch-file.ts";

export interface FollowOptions extends FileWatchOptions {
  readonly gateway: Pick<ManagedGateway, "reconfigure" | "refuse">;
  readonly file: string;
  /** What the file held when it was read at first. */
  readonly first: Configuration;
  /** Reads the file. @throws ModelyardError `invalid-config` with every problem */
  readonly read: () => Promise<Configuration>;
  readonly log: Log;
}

/** Has the gateway run what the file says, whenever that is something else. It is taken whole or not at all: what is wrong is told, and the former goes on. Gives what ends it. */
export function followConfiguration(options: FollowOptions): () => void {
  const { gateway, file, first, read, log } = options;
  let taken = first;
  let problem: string | undefined;
  let reading: Promise<void> = Promise.resolve();
  let ended = false;

  async function take(): Promise<void> {
    let next: Configuration;
    try {
      next = await read();
    } catch (error) {
      const refused = toModelyardError(error, "invalid-config");
      if (ended || refused.message === problem) return;
      problem = refused.message;
      gateway.refuse(refused);
      log.error(`What was configured before goes on. ${refused.message}`);
      return;
    }
    if (ended) return;
    const mended = problem !== undefined;
    problem = undefined;
    if (isDeepStrictEqual(next, taken)) {
      gateway.refuse(undefined);
      if (mended) log.info(`${file} is right again, and says what runs.`);
      return;
    }
    taken = next;
    log.info(`${file} has changed: what it says now is in force.`);
    // What has left may still end its calls: the next change does not wait for that.
    gateway.reconfigure(next).catch((error: unknown) => {
      log.error(`${file} could not be taken. ${toModelyardError(error, "internal").message}`);
    });
    for (const name of restartNeeded(first, next))
      log.warn(`${name} has changed: that takes a restart.`);
  }

  const end = watchFile(file, () => void (reading = reading.then(take)), options);
  return () => {
    ended = true;
    end();
  };
}
