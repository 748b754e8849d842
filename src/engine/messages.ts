import type { SerializedError } from "../contract/errors.ts";
import type { ModuleSources } from "../contract/module-source.ts";
import type { PullResult } from "../contract/backend.ts";
import type { RequestLimits } from "../contract/http/limited-fetch.ts";
import type { GuardedFetchOptions } from "../contract/http/guarded-fetch.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Progress, PullProgress } from "../contract/progress.ts";

/** What crosses the process wall. Both sides run the same version of this file: no version field. */
export type ToChild =
  /** The first message, once. Answered by `ready`, or by an `error` with `startId`. */
  | {
      type: "create";
      module: string;
      /** Of the definition that is meant: a module may export several. */
      kind: string;
      name: string;
      config: unknown;
      directory?: string | undefined;
      packages?: PackagePlace | undefined;
      /** What the module, and what it imports, is made of; their files where left out. */
      sources?: ModuleSources | undefined;
      /** What it may send with; nothing where left out. */
      guard?: ChildGuard | undefined;
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
      /** Of what it sends, beside what holds for all. */
      limits?: RequestLimits | undefined;
    }
  /** A method of the backend; answered like a call. */
  | {
      type: "method";
      id: number;
      method: MethodName;
      /** Empty where it is about none. */
      model: string;
      /** Of a pull. */
      sha256?: string | undefined;
      credits?: number | undefined;
    }
  /** How far anything may go from here on. */
  | { type: "widest"; widest: PrivacyClass }
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
  /** An `abort` has arrived: it still listens. */
  | { type: "heard" }
  /** A model, or all, has left memory by itself. */
  | { type: "unloaded"; model?: string | undefined }
  /** To be blotted out in all that follows. */
  | { type: "secret"; value: string }
  | { type: "log"; level: "debug" | "info" | "warn" | "error"; message: string };

/** The methods that a message can ask for; a shutdown has its own. */
export type MethodName =
  | "initialize"
  | "healthCheck"
  | "listModels"
  | "pull"
  | "remove"
  | "load"
  | "unload";

/** What the child's guarded `fetch` is made with, as far as it can be copied. */
export interface ChildGuard extends Pick<GuardedFetchOptions, "connectMs" | "tls" | "environment"> {
  readonly widest: PrivacyClass;
}

/** What a pull gives over the wall: its progress, and what it returns as the last. */
export type PullStep =
  | { readonly progress: PullProgress }
  | { readonly returned: PullResult | undefined };

/** Where an engine's packages are found. */
export interface PackagePlace {
  /** The packages that lie there, by name. */
  names: readonly string[];
  /** The folder from which Node resolves them. */
  folder: string;
}

/** The id under which a failed start is reported. */
export const startId = 0;
