import type { Capability, Health } from "../contract/backend.ts";
import type { CapabilityMap } from "../contract/capabilities.ts";
import type { BatchedIterator } from "../contract/batches.ts";
import type { AnyCapability, AnyEvent, RequestInput } from "../contract/capability.ts";
import type { ModelyardError } from "../contract/errors.ts";
import type { PrivacyClass } from "../contract/http/privacy-class.ts";
import type { Progress } from "../contract/progress.ts";
import type { CircuitState } from "../pipeline/circuits.ts";
import type { Target } from "../pipeline/call.ts";
import type { Trace } from "../pipeline/trace.ts";

/** How well it is, as its calls and probes tell. */
export type HealthStatus = Health["status"] | "unknown";

/** Where a backend is in its life. */
export type BackendState = "created" | "initialising" | "ready" | "failed" | "stopping" | "stopped";

/** Who calls, as far as a key tells. */
export interface Caller {
  /** The key's name. */
  readonly name: string;
  /** The models that it may ask: aliases, and names with their backend; all where left out. */
  readonly models?: readonly string[] | undefined;
  /** How far its prompts may travel. */
  readonly privacy?: PrivacyClass | undefined;
  /** Whether it may change what runs. */
  readonly admin?: boolean | undefined;
}

/** A caller who has proved who they are, for as long as their key holds. */
export interface Access {
  readonly caller: Caller;
  /** Calls `listener` once, with an `unauthorized` error of its own, when the key has been revoked; gives what ends the listening. */
  onRevoked(listener: (reason: ModelyardError) => void): () => void;
}

export interface CallOptions {
  /** `backend/model`, an alias, or a name that one backend alone lists; the default of the capability where left out. */
  model?: string | undefined;
  /** Gives up on the call; what it does upstream stops. */
  signal?: AbortSignal | undefined;
  /** Everything from first to last, in milliseconds. */
  timeoutMs?: number | undefined;
  /** Hears what is going on while the answer is not there yet. */
  onProgress?: ((event: Progress) => void) | undefined;
  /** Names the call in logs and events; a random one where left out. */
  id?: string | undefined;
  /** How far the prompt may travel; the narrowest of this and what else is configured holds. */
  privacy?: PrivacyClass | undefined;
  /** Left out where nobody had to prove who they are. */
  caller?: Caller | undefined;
}

/** What a face may say beside. */
export interface FaceCallOptions extends CallOptions {
  /** Lent to one call, which saves one of its own: it gives up on the call, and aborts when the call's time is up or the program ends. */
  controller?: AbortController | undefined;
}

/** What every answer says of itself. */
export interface AnswerOrigin {
  readonly id: string;
  readonly target: Target;
  /** How often a target was asked. */
  readonly attempts: number;
  /** What could not be honoured. Complete once the answer has ended. */
  readonly warnings: readonly string[];
}

export interface StreamedAnswer extends AnswerOrigin {
  /** To be read once. Ending the iteration early stops the work upstream. */
  readonly events: BatchedIterator<AnyEvent>;
}

export interface CollectedAnswer extends AnswerOrigin {
  readonly result: unknown;
}

/** A model as lists show it. */
export interface ModelEntry {
  /** `backend/model`, or an alias. */
  name: string;
  backend: string;
  /** An alias: what it stands for. */
  targets?: string[];
  capabilities: string[];
  /** Those of `capabilities` that are made from another one. */
  derived?: string[];
  loaded: boolean;
  installed: boolean;
  health: HealthStatus;
  /** Why it is not healthy. */
  reason?: string;
  /** What becomes of calls to it, where it has failed lately. */
  circuit?: CircuitState;
  state: BackendState;
  sizeBytes?: number;
  contextTokens?: number;
  /** How far a prompt to it travels; of an alias, as far as it may take one. */
  privacy: PrivacyClass;
  description?: string;
  licence?: string;
  /** It, or its backend, was added while the program runs, and ends with it. */
  added?: true;
}

/** A configured backend as lists show it. */
export interface BackendEntry {
  name: string;
  type: string;
  description?: string;
  state: BackendState;
  /** Why it failed, is not healthy, or is not asked. */
  reason?: string;
  capabilities: string[];
  health: HealthStatus;
  /** Of its models, those that have failed lately: what becomes of calls to them. */
  circuits?: Record<string, CircuitState>;
  /** Calls at work. */
  running: number;
  /** Calls that wait for their turn. */
  waiting: number;
  /** What its loaded models take in memory, as far as it is known. */
  memoryBytes?: number;
  privacy: PrivacyClass;
  /** Where it sends: the address without credentials and query. */
  url?: string;
  /** Nobody configured it: it was found running on this device. */
  discovered?: true;
  /** It was added, or replaced, while the program runs, and ends with it. */
  added?: true;
}

/** One who changes what runs: the user of this machine, who could change the file as well, or somebody with a key. */
export type Administrator = "local" | Caller;

/** A change of what runs. What is set under a name that is there takes its place. It lies over the file, and ends with the process. */
export type Change =
  | { readonly kind: "set-backend"; readonly name: string; readonly entry: unknown }
  | { readonly kind: "remove-backend"; readonly name: string }
  /** An entry of `models`, with its name. */
  | { readonly kind: "set-model"; readonly entry: unknown }
  | { readonly kind: "remove-model"; readonly name: string };

/** What is configured, and whether its file is what runs. */
export interface ConfigurationStatus {
  /** None where nothing is configured. */
  file?: string;
  /** When what runs was taken: ISO 8601. */
  takenAt: string;
  /** Why the file, as it is now, is not what runs. */
  problem?: string;
  /** What the file says and a restart alone brings about: `server.port`. */
  needsRestart?: string[];
  /** The names of `models`, those too that were added while it runs. */
  aliases?: string[];
  /** What was changed while it runs, and lies over the file until the process ends. */
  overFile?: Overlay[];
  /** Whether what runs may be changed by others than the file. */
  admin: boolean;
}

/** An entry that is another than the file's: added beside it, put in its place, or taken out. */
export interface Overlay {
  kind: "backend" | "model";
  name: string;
  change: "added" | "replaced" | "removed";
}

export interface PulledModel {
  /** `backend/model`, to be called by. */
  model: string;
  sizeBytes?: number;
  /** Of the weights: `sha256:…`. */
  digest?: string;
}

/** What the gateway tells those who listen; the value is the listener's argument. */
export interface GatewayEvents {
  /** A backend changed its state. */
  state: [{ backend: string; state: BackendState; reason?: string }];
  /** The health of a backend, or of one of its models, is another than it was. */
  health: [{ backend: string; model?: string; status: HealthStatus; reason?: string }];
  /** A model that keeps failing is left alone (`open`), tried again (`half-open`), or asked as before. */
  circuit: [{ backend: string; model: string; state: CircuitState }];
  /** Backends or models came, went, or were loaded or unloaded. */
  models: [];
  /** What is configured is something else now. */
  configuration: [];
  /** A call has ended. */
  call: [Trace];
}

/** All that a face sees. */
export interface Gateway {
  readonly capabilities: ReadonlyMap<string, AnyCapability>;
  /** Whether a face shows this capability unasked: any, but those that are shown where they are served. */
  shows(capability: string): boolean | Promise<boolean>;
  /** The story of a recent call; undefined where it is not known (any more). */
  explain(id: string): Trace | undefined;
  /** Names the problem of a request before anything is done; gives what a handler would receive. @throws ModelyardError `invalid-request` */
  call(capability: string, request: unknown, options?: FaceCallOptions): Promise<CollectedAnswer>;
  /** Settles with the first event. */
  stream(capability: string, request: unknown, options?: FaceCallOptions): Promise<StreamedAnswer>;
  models(options?: {
    capability?: string | undefined;
    health?: boolean;
    signal?: AbortSignal;
    /** Leaves out what this caller may not ask. */
    caller?: Caller | undefined;
  }): Promise<ModelEntry[]>;
  backends(options?: {
    /** Asks each now. */
    health?: boolean;
    /** Gives those that are known, and looks for no others. */
    known?: boolean;
    signal?: AbortSignal;
  }): Promise<BackendEntry[]>;
  /** Fetches a model's weights: a name, `hf:owner/repo/file.gguf`, a URL, or a path. */
  pull(
    model: string,
    options?: {
      sha256?: string | undefined;
      /** Takes listed models and `hf:` references; a path or a URL is `forbidden`. For callers who may not read files or reach addresses of this machine. */
      onlyListed?: boolean;
      /** One who is held to models may fetch no other. */
      caller?: Caller | undefined;
      signal?: AbortSignal | undefined;
      onProgress?: ((event: Progress) => void) | undefined;
    },
  ): Promise<PulledModel>;
  /** Frees a model's memory once its calls have ended. */
  unload(model: string): Promise<void>;
  /** Deletes a model's weights. */
  remove(model: string): Promise<void>;
  /**
   * Changes what runs, at once; calls under way end on what they began with. Gives what else it changed: aliases that lack a backend now.
   * @throws ModelyardError `forbidden`, `invalid-request`, `model-not-found`
   */
  change(
    change: Change,
    by: Administrator | undefined,
  ): Promise<{ readonly warnings: readonly string[] }>;
  configuration(): Promise<ConfigurationStatus>;
  on<Name extends keyof GatewayEvents>(
    name: Name,
    listener: (...values: GatewayEvents[Name]) => void,
  ): () => void;
  /** Takes no new call, waits `drainMs` (default 30,000) for those under way, ends the rest, and stops every backend. */
  close(options?: { drainMs?: number }): Promise<void>;
}

/** A request by capability, as a caller writes it. */
export type InputOf<Name extends Capability> = RequestInput<CapabilityMap[Name]>;

export type { CircuitState, PrivacyClass, Trace };
