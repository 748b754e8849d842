import type { ModelyardError } from "../../contract/errors.ts";
import type { Change, ConfigurationStatus } from "../api.ts";
import type { Configuration } from "../configuration.ts";
import { restartNeeded } from "../restart-needed.ts";
import { layOver, noAdditions } from "./additions.ts";
import { changeAdditions, type Present } from "./change-additions.ts";

/** What the running configuration is made of: the file, and over it what was added. */
export interface Layers {
  /** The file says something else: gives what is to run. */
  takeFile(configuration: Configuration): Configuration;
  /** Something is added or taken out: gives what is to run. @throws ModelyardError and nothing has changed */
  change(change: Change, present: Present): Configuration;
  refuse(problem: ModelyardError | undefined): void;
  readonly status: Omit<ConfigurationStatus, "file" | "admin">;
}

export function createLayers(first: Configuration): Layers {
  let file = first;
  let additions = noAdditions;
  let takenAt = new Date();
  let problem: string | undefined;

  function take(): Configuration {
    takenAt = new Date();
    return layOver(file, additions);
  }

  return {
    takeFile(configuration) {
      file = configuration;
      problem = undefined;
      return take();
    },
    change(change, present) {
      additions = changeAdditions(additions, change, present);
      return take();
    },
    refuse(reason) {
      problem = reason?.message;
    },
    get status() {
      const waiting = restartNeeded(first, file);
      return {
        takenAt: takenAt.toISOString(),
        ...(problem === undefined ? {} : { problem }),
        ...(waiting.length === 0 ? {} : { needsRestart: waiting }),
      };
    },
  };
}
