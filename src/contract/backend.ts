import type { CapabilityMap } from "./capabilities.ts";
import type { HandlerOf } from "./capability.ts";
import type { PrivacyClass } from "./http/privacy-class.ts";
import type { ModuleSources } from "./module-source.ts";
import type { Interest, Progress, PullProgress } from "./progress.ts";
import type { OutputOf, Schema } from "./schema.ts";

/** The name of a capability, built in or added by a plugin. */
export type Capability = keyof CapabilityMap;

/** The handler of one capability. */
export type Handler<Name extends Capability> = HandlerOf<CapabilityMap[Name]>;

/** Handlers by capability. What a backend cannot do is a key it leaves out. */
export type Handlers = { [Name in Capability]?: Handler<Name> };

/** What a handler is given beside the request. */
export interface CallContext {
  /** The model's name at this backend, without the backend's own name. */
  readonly model: string;
  /** Aborts when nobody is interested any more. The reason is a ModelyardError: `cancelled` or `timeout`. */
  readonly signal: AbortSignal;
  /** Whether the caller sees the answer as it is written. A backend streams upstream where it can, either way. */
  readonly stream: boolean;
  /** Aborted with the call. Use this one, so that privacy and deadlines hold for what you send. */
  readonly fetch: typeof fetch;
  /** Tells the caller of something that could not be honoured: a parameter dropped, an answer degraded. */
  warn(message: string): void;
  /** Tells a caller who waits what is going on. */
  progress(event: Progress): void;
}

/** A model that a backend offers. */
export interface Model {
  /** Its name at this backend. */
  name: string;
  /** Other names that it answers to: `smollm2` for `smollm2:latest`. */
  aliases?: readonly string[];
  /** What it can do; all that the backend can where left out. */
  capabilities?: readonly Capability[];
  /** The window that a prompt and its answer share, in tokens. */
  contextTokens?: number;
  /** Size of its weights on disk, or of what a pull would fetch, in bytes. */
  sizeBytes?: number;
  /** Whether its weights are here; true where left out. */
  installed?: boolean;
  /** Whether it is in memory now. */
  loaded?: boolean;
  /** What it takes in memory once loaded, in bytes, as far as one can tell beforehand. */
  memoryBytes?: number;
  description?: string;
  /** An SPDX identifier. */
  licence?: string;
  /** How far its prompts travel, where that is further than its backend's address says: a local server that hands on to a cloud. */
  privacy?: PrivacyClass;
}

export interface Health {
  status: "healthy" | "degraded" | "unhealthy";
  /** Why, in a few words. */
  reason?: string;
}

/** What a pull has brought here. */
export interface PullResult {
  /** The name under which the backend lists it, whatever reference it was asked for by. */
  name: string;
  sizeBytes?: number;
  /** The sha256 of its weights, in lower-case hexadecimal. */
  sha256?: string;
}

export interface PullContext {
  readonly signal: AbortSignal;
  /** The digest that the file must have, in hexadecimal. */
  readonly sha256?: string | undefined;
}

/** A running backend. Only `capabilities` is required. */
export interface Backend {
  capabilities: Handlers;
  /** Opens connections, before the first call, pull or removal; weights wait for `load` or the first call. */
  initialize?(signal: AbortSignal): Promise<void>;
  /** A throw counts as unhealthy. It must cost nothing upstream. Asked at any time, before `initialize` too. */
  healthCheck?(signal: AbortSignal): Promise<Health>;
  /** Left out: any model name is passed on. Asked at any time, before `initialize` too. */
  listModels?(signal: AbortSignal): Promise<Model[]>;
  /** Whether a model that is not listed is passed on all the same: an upstream knows names that it does not list. Asked once it has listed. */
  takesAnyModel?(): boolean;
  /** Fetches a model's weights. A generator that returns nothing has fetched the model under the name it was given. */
  pull?(model: string, context: PullContext): AsyncIterable<PullProgress, PullResult | void>;
  /** Deletes a model's weights. */
  remove?(model: string): Promise<void>;
  /** Reads a model into memory; gives what it takes there, in bytes, where that can be told. */
  load?(model: string, context: LoadContext): Promise<{ memoryBytes?: number } | void>;
  unload?(model: string): Promise<void>;
  shutdown?(): Promise<void>;
}

/** Who waits for a model to be loaded. */
export type LoadContext = Interest;

/** Where log lines go. Never a prompt, never a key. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What `create` is given. */
export interface BackendSetup<Config> {
  /** The name under which this backend is configured: `ollama`. */
  readonly name: string;
  readonly config: Config;
  /** The folder of the configuration file; left out where there is none. Packages that the user installs are looked for there too. */
  readonly directory?: string | undefined;
  /** For what is no call: health, lists, pulls. A handler uses the one of its call. */
  readonly fetch: typeof fetch;
  readonly log: Log;
  /** Tells that a model (all models where none is named) has left memory by itself: an upstream has died, or freed it. */
  unloaded(model?: string): void;
  /** Tells of a key or a token, to be blotted out wherever it would be said: in errors, warnings, log lines, reasons of health. */
  secret(value: string): void;
}

/** Where a backend sends, as it is configured. */
export interface Upstream {
  /** The address that all its requests begin with. Its privacy class is this address's. */
  readonly url: string;
  /** Certificates, as PEM text. */
  readonly tls?: {
    /** Authorities to trust beside the usual ones. */
    readonly ca?: string;
    /** Who we are, for a server that asks. */
    readonly cert?: string;
    readonly key?: string;
  };
}

/** How a running server is found on this device and recognised. */
export interface Discovery {
  /** What a found one is called: `lm-studio`. */
  readonly name: string;
  /** The ports where it usually listens. */
  readonly ports: readonly number[];
  /**
   * Asks what listens at `url` (`http://127.0.0.1:1234`) and gives the configuration of a backend for it; undefined where it is
   * something else. Other kinds may listen there: an open port proves nothing.
   */
  recognise(
    url: string,
    context: { fetch: typeof fetch; signal: AbortSignal },
  ): Promise<object | undefined>;
}

/** What becomes of a parameter of a request: sent as it is, put into other terms, dropped with a warning, refused with an error. */
export type ParameterTreatment = "honoured" | "converted" | "warned" | "refused";

/** By capability, what becomes of each of its request's parameters. */
export type ParameterTreatments = {
  readonly [Name in Capability]?: Readonly<Record<string, ParameterTreatment>>;
};

/**
 * What an engine needs installed. Its handlers import these by name (`await import("node-llama-cpp")`), wherever they lie:
 * beside the program, in the project it is started from, or in the cache, where the first need installs them.
 */
export interface EnginePackages {
  /** What the handlers import: name → exact version. The first one's version names the engine's. */
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Packages that hold the binaries of one platform: `linux-x64` (as `process.platform`-`process.arch`, with `-musl` where that is
   * the C library) → name → exact version. Where given, no other platform is supported, and npm's own optional dependencies are
   * left out; otherwise npm chooses among them.
   */
  readonly binaries?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** npm's `overrides` for the installation in the cache. */
  readonly overrides?: Readonly<Record<string, string>>;
  /**
   * Folders, inside `node_modules`, that hold a folder for each platform and in it one for each architecture: all but this machine's
   * are deleted from the cache. A part of the path may be `*`: `onnxruntime-node/bin/*`.
   */
  readonly platformFolders?: readonly string[];
}

/** What runs in a child process: handlers, load and unload, and the rest here; or all that the backend has, as with `"isolate": true` in its configuration. */
export type Isolation = "handlers" | "everything";

export type Sends = "nothing" | "guarded" | "by-itself";

/** A kind of backend. */
export interface BackendDefinition<
  Config extends Schema<unknown, unknown> = Schema<unknown, unknown>,
> {
  /** The version of this contract, which `defineBackend` stamps; the plugin loader reads it. */
  readonly contract: 1;
  /** What a configuration calls it: `ollama`. */
  readonly type: string;
  /** One sentence for lists and docs. */
  readonly description?: string;
  /** The schema of its own keys in the configuration. */
  readonly config: Config;
  /** Needs `module`. A function where it depends on the configuration. */
  readonly isolate?: Isolation | ((config: OutputOf<Config>) => Isolation | undefined);
  /** The module whose default export is this definition, or holds it (`import.meta.url`), so that a child process can import it. */
  readonly module?: string;
  /** Packages that its handlers import and that may have to be installed first. Needs `isolate`: only the child process finds them. */
  readonly packages?: EnginePackages;
  /** `nothing`: a prompt never leaves this device. `guarded`: only through the `fetch` it is given (default). `by-itself`: by other means. A function where it depends on the configuration. */
  readonly sends?: Sends | ((config: OutputOf<Config>) => Sends);
  /** Where it sends. A guarded backend that does not say so counts as `remote`. */
  readonly upstream?: (config: OutputOf<Config>) => Upstream | undefined;
  /** How running servers of this kind are found. */
  readonly discover?: readonly Discovery[];
  /** Whether a reference to weights (`hf:owner/repo`, a path, a URL) means a model of this kind; the first definition that says so takes it. */
  readonly takesReference?: (reference: string) => boolean;
  /**
   * What of its configuration may be given by others than the file, while the program runs: keys (`baseUrl`, and all that is inside) or
   * paths to them (`auth.value`). Nothing else comes in that way, and where this is left out no backend of the kind does. Name nothing
   * that runs a command or names a file, a folder, a package or a variable of the environment.
   */
  readonly atRunTime?: {
    readonly takes: readonly string[];
    /** Keys that must be given then, because what stands in for them is this machine's own: a token of its environment. */
    readonly needs?: (config: OutputOf<Config>) => readonly string[];
  };
  /** For docs and the conformance kit. */
  readonly parameters?: ParameterTreatments;
  /** Always there under its type's name, without configuration. */
  readonly builtIn?: boolean;
  /** The model that serves a capability where nobody names one: capability → model. Not where it sends elsewhere: nobody asked for that. */
  readonly defaults?: Readonly<Partial<Record<Capability, string>>>;
  /** Which capabilities it may have, for lists made before one is created. */
  readonly capabilities?: readonly Capability[];
  /** Makes a backend. Synchronous, and touches nothing: no file, no socket, no heavy import. */
  create(setup: BackendSetup<OutputOf<Config>>): Backend;
}

/** What the plugin loader adds to a definition; no author does. */
interface LoaderStamps {
  /** What its handlers answer is held to the schema of the capability. */
  readonly fromPlugin?: boolean;
  /** Where plugins are watched, the text of its module, and of what that imports, as they were taken. A process of its own runs that, whatever is saved meanwhile. */
  readonly sources?: () => ModuleSources;
}

/** Any definition, where the type of its configuration does not matter. */
// oxlint-disable-next-line typescript/no-explicit-any -- a definition's configuration is nobody else's business
export type AnyBackendDefinition = BackendDefinition<any> & LoaderStamps;

/** Declares a kind of backend; types are inferred from the schema and the capabilities. */
export function defineBackend<const Config extends Schema<unknown, unknown>>(
  definition: Omit<BackendDefinition<Config>, "contract">,
): BackendDefinition<Config> {
  return { contract: 1, ...definition };
}
