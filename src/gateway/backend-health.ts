import { abortError, orAborted } from "../contract/abort.ts";
import type { Backend, Health, Log } from "../contract/backend.ts";
import { type ModelyardError, toModelyardError } from "../contract/errors.ts";
import { createHealthWatch, type HealthWatchOptions } from "./health-watch.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** How well a backend is: asked when somebody wants to know, and at a fixed pace once it has begun to matter. */
export interface BackendHealth {
  /** As last probed; undefined where it never was. */
  readonly latest: Health | undefined;
  /** Asks now. What goes wrong is the answer. */
  ask(signal: AbortSignal): Promise<Health>;
  /** It has begun to matter: whether it is well is worth knowing from now on. */
  attend(): void;
  /** Something has just gone wrong: it is probed at once. */
  hurry(): void;
  stop(): void;
}

export interface BackendHealthOptions extends Pick<HealthWatchOptions, "privacy" | "onChange"> {
  readonly name: string;
  readonly backend: Pick<Backend, "healthCheck">;
  readonly lifecycle: Pick<Lifecycle, "failure">;
  readonly log: Log;
}

export function createBackendHealth(options: BackendHealthOptions): BackendHealth {
  const { name, backend, lifecycle, privacy, log } = options;
  /** One that can't be asked is well: there is nothing to watch. */
  const isWatched = backend.healthCheck !== undefined;
  const watch = createHealthWatch({
    probe: ask,
    privacy,
    onChange(health) {
      const { status, reason } = health;
      // No warning: a call that fails says so itself, and who runs long reads this too.
      log.info(`${name} is ${status}${reason === undefined ? "" : `: ${reason}`}`);
      options.onChange(health);
    },
  });

  async function ask(signal: AbortSignal): Promise<Health> {
    if (lifecycle.failure !== undefined)
      return { status: "unhealthy", reason: withRemedy(lifecycle.failure) };
    try {
      return (await orAborted(backend.healthCheck?.(signal), signal)) ?? { status: "healthy" };
    } catch (error) {
      const reason = signal.aborted ? abortError(signal) : toModelyardError(error);
      return { status: "unhealthy", reason: withRemedy(reason) };
    }
  }

  return {
    get latest() {
      return watch.latest;
    },
    ask,
    attend() {
      if (isWatched) watch.begin();
    },
    hurry() {
      if (isWatched) watch.hurry();
    },
    stop: watch.stop,
  };
}

function withRemedy({ message, remedy }: ModelyardError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}
