import type { ModelyardError } from "../../contract/errors.ts";
import type { Change, ConfigurationStatus } from "../api.ts";
import type { Configuration } from "../configuration.ts";
import { restartNeeded } from "../restart-needed.ts";
import { layOver, noAdditions, type Additions } from "./additions.ts";
import { changeAdditions, type Present } from "./change-additions.ts";
import { forgetOutdated } from "./forget-outdated.ts";
import { listOverlays } from "./list-overlays.ts";

/** What the running configuration is made of: the file, and over it what was added. */
export interface Layers {
  /** The file says something else. */
  takeFile(configuration: Configuration): Plan;
  /** Something is added or taken out. @throws ModelyardError */
  change(change: Change, present: Omit<Present, "file">): Plan;
  refuse(problem: ModelyardError | undefined): void;
  readonly status: Omit<ConfigurationStatus, "file" | "admin">;
}

/** What is to run. Nothing has changed until it is kept. */
export interface Plan {
  readonly configuration: Configuration;
  keep(): void;
}

export function createLayers(first: Configuration): Layers {
  let file = first;
  let additions = noAdditions;
  let takenAt = new Date();
  let problem: string | undefined;

  function plan(below: Configuration, above: Additions, keep?: () => void): Plan {
    return {
      configuration: layOver(below, above),
      keep() {
        file = below;
        additions = above;
        takenAt = new Date();
        keep?.();
      },
    };
  }

  return {
    takeFile: (configuration) =>
      plan(
        configuration,
        forgetOutdated(additions, file, configuration),
        () => (problem = undefined),
      ),
    change: (change, present) =>
      plan(file, changeAdditions(additions, change, { ...present, file })),
    refuse(reason) {
      problem = reason?.message;
    },
    get status() {
      const waiting = restartNeeded(first, file);
      const overFile = listOverlays(additions, file);
      return {
        takenAt: takenAt.toISOString(),
        ...(problem === undefined ? {} : { problem }),
        ...(waiting.length === 0 ? {} : { needsRestart: waiting }),
        ...(overFile.length === 0 ? {} : { overFile }),
      };
    },
  };
}
