import type { Writable } from "node:stream";
import type { AnyCapability } from "../contract/capability.ts";
import type { Log } from "../contract/backend.ts";
import type { Progress } from "../contract/progress.ts";
import type { JsonSchema } from "../contract/schema.ts";
import type { SetAside } from "../contract/set-aside.ts";
import type { Gateway } from "../gateway/api.ts";
import type { ConfigurationSummary } from "../gateway/check-configuration.ts";
import type { Survey } from "../gateway/discovery/survey.ts";
import type { BackendKind } from "../gateway/list-kinds.ts";
import type { PrivacySurvey } from "../gateway/privacy-survey.ts";
import type { DeferredGateway } from "../gateway/deferred-gateway.ts";

/** What a command works from, as its options say. */
export interface Source {
  /** The configuration's file; the usual places where left out. */
  readonly config?: string | undefined;
  /** Paths and packages beside those that the file names. */
  readonly plugins?: readonly string[] | undefined;
}

/** What others bring. */
export interface Plugins {
  /** Those that are used. */
  used: {
    /** As it was named. */
    plugin: string;
    /** Its file, or its package. */
    origin: string;
    backends: string[];
    capabilities: string[];
  }[];
  setAside: SetAside[];
  /** Packages of the project that are plugins by their name, and that nobody has named. */
  unnamed: string[];
}

/** What the conformance kit found of one kind of backend. */
export interface BackendTest {
  type: string;
  level: "none" | "bronze" | "silver" | "gold";
  /** How many checks failed. */
  failed: number;
  json: object;
  /** The badge as a picture. */
  svg: string;
  text(style: { colours: boolean }): string;
}

/** What was read as the configuration; without `file` none was there and none was needed. */
export interface CheckedConfiguration extends ConfigurationSummary {
  file?: string;
  /** It says nothing: an object without keys, or a list of no models. */
  empty: boolean;
  /** Plugins that are not used. */
  setAside: SetAside[];
}

/** An embedded engine, and where its binaries are. */
export interface EngineStatus {
  type: string;
  /** The pinned version that would be installed. */
  version: string;
  /** Where it was found; left out where it has to be installed first. */
  directory?: string;
}

/** A folder that the program writes to. */
export interface CacheFolder {
  what: string;
  directory: string;
}

/** A server of ours that runs, and is asked for what a gateway of our own would do. */
export type AskedServer = Pick<
  Gateway,
  "models" | "backends" | "pull" | "unload" | "configuration"
> & {
  /** Where it listens: `http://127.0.0.1:4600`. */
  readonly url: string;
};

/** An HTTP server that runs. */
export interface RunningServer {
  /** Where it listens: `http://127.0.0.1:4600`. */
  readonly url: string;
  /** Takes no new connection and waits for the answers under way. */
  close(): Promise<void>;
}

/**
 * What the command line is handed by the composition root: a face imports no other face, no backend and no engine.
 * Each loads what it needs when it is called, so that a command pays for itself alone.
 */
export interface Services {
  readonly version: string;
  /** The capabilities that there are, plugins' too; without a source the built-in ones. @throws ModelyardError `invalid-config` where the file can't be read */
  capabilities(source?: Source): Promise<readonly AnyCapability[]>;
  /** The gateway that the configuration describes; one that is wrong is told of, every problem at once, when it is opened. */
  deferredGateway(
    options: Source & {
      log: Log;
      /** Whether a change of the configuration's file is taken while the gateway runs. */
      follow?: boolean | undefined;
      /** Whether a change of a plugin is taken too. */
      watch?: boolean | undefined;
    },
  ): DeferredGateway;
  /** Speaks MCP on standard input and on this output until the client has gone or the signal fires. */
  serveStdio(
    gateway: Gateway,
    options: { log: Log; signal: AbortSignal; output: Writable; onListening: () => void },
  ): Promise<void>;
  /** MCP over HTTP; host and port from the configuration where left out. */
  serveHttp(
    gateway: Gateway,
    options: {
      host?: string | undefined;
      port?: number | undefined;
      log: Log;
    },
  ): Promise<RunningServer>;
  /** Whether the configuration speaks of administration at all: told before it is parsed. @throws ModelyardError `invalid-config` */
  mayBeChanged(source: Source): Promise<boolean>;
  /** Whether there is anything beside what comes with us: a configuration, or plugins. @throws ModelyardError `invalid-config` where it can't be read */
  isConfigured(source: Source): Promise<boolean>;
  /** The server that runs on the configuration's address; undefined where none does. @throws ModelyardError `invalid-config` */
  findServer(source: Source): Promise<AskedServer | undefined>;
  backendKinds(source: Source): Promise<BackendKind[]>;
  /** The plugins that are used, those that are not, and those that could be. */
  plugins(source: Source): Promise<Plugins>;
  /** Runs the conformance kit on what a plugin brings, or on a kind that is known. @throws ModelyardError `invalid-config` */
  testBackend(
    options: Source & {
      /** A file, a package or a kind. */
      named: string;
      model?: string | undefined;
      timeoutMs?: number | undefined;
      /** Why a chapter or a check is left out, by its name. */
      skip?: Readonly<Record<string, string>> | undefined;
      /** Told of each check before it is run, and when it is over. */
      onCheck: (type: string, title: string, isOver: boolean) => void;
    },
  ): Promise<BackendTest[]>;
  /** What runs on this device, whether it is used or not; `config: false` leaves aside what is configured. */
  survey(
    options: Pick<Source, "plugins"> & { config?: string | false | undefined; log: Log },
  ): Promise<Survey>;
  /** Where prompts can go. Nothing is asked that the configuration's limit forbids. */
  privacySurvey(options: Source & { log: Log }): Promise<PrivacySurvey>;
  engines(): Promise<EngineStatus[]>;
  installEngine(
    type: string,
    options: {
      gpu?: string | undefined;
      signal: AbortSignal;
      onProgress: (event: Progress) => void;
      log: Log;
    },
  ): Promise<EngineStatus>;
  cacheFolders(): Promise<CacheFolder[]>;
  /** Where `serve` would listen. */
  serverAddress(source: Source): Promise<{ host: string; port: number }>;
  /** @throws ModelyardError `invalid-config` with every problem at once. */
  checkConfiguration(source: Source): Promise<CheckedConfiguration>;
  configurationSchema(source: Source): Promise<JsonSchema>;
}
