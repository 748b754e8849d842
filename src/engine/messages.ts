import type { SerializedError } from "../contract/errors.ts";
import type { Progress } from "../contract/progress.ts";

/** What crosses the process wall. Both sides run the same version of this file: no version field. */
export type ToChild =
  /** The first message, once. Answered by `ready`, or by an `error` with `startId`. */
  | {
      type: "create";
      module: string;
      name: string;
      config: unknown;
      packages?: PackagePlace | undefined;
    }
  /** `credits`: set for a call that streams; how many events the child may send before it is granted more. */
  | {
      type: "call";
      id: number;
      capability: string;
      request: unknown;
      model: string;
      stream: boolean;
      credits?: number | undefined;
    }
  | { type: "load"; id: number; model: string }
  | { type: "unload"; id: number; model: string }
  | { type: "credit"; id: number; events: number }
  /** Nobody is interested any more. Answered like any call: by its end or an error. */
  | { type: "abort"; id: number; reason: SerializedError }
  /** Abort everything, shut the backend down, exit. */
  | { type: "shutdown" };

export type FromChild =
  | { type: "ready" }
  /** Events of one call, in order; `last`: no more will come. */
  | { type: "events"; id: number; events: unknown[]; last: boolean }
  | { type: "result"; id: number; value: unknown }
  | { type: "error"; id: number; error: SerializedError }
  | { type: "warn"; id: number; message: string }
  | { type: "progress"; id: number; event: Progress }
  | { type: "log"; level: "debug" | "info" | "warn" | "error"; message: string };

/** Where an engine's packages are found. */
export interface PackagePlace {
  /** The packages that lie there, by name. */
  names: readonly string[];
  /** The folder from which Node resolves them. */
  folder: string;
}

/** The id under which a failed start is reported. */
export const startId = 0;
