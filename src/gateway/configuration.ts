import { z } from "zod";
import { privacyClasses } from "../contract/http/privacy-class.ts";
import { writtenKeyDigest } from "../contract/key-digest.ts";
import type { DefinitionFault } from "./placement-of.ts";

/** Milliseconds, as many as a timer can count: some 24 days. */
const limit = z
  .int()
  .positive()
  .max(2 ** 31 - 1);

/** Default limits on one try, in milliseconds. */
export const defaultTimeouts = {
  connectMs: 2_000,
  firstTokenMs: 60_000,
  idleMs: 30_000,
  totalMs: 600_000,
} as const;

const timeouts = z
  .strictObject({
    /** Until a connection stands. */
    connectMs: limit.default(defaultTimeouts.connectMs),
    /** Until the first event of an answer. */
    firstTokenMs: limit.default(defaultTimeouts.firstTokenMs),
    /** Between two events. */
    idleMs: limit.default(defaultTimeouts.idleMs),
    /** One try in all. */
    totalMs: limit.default(defaultTimeouts.totalMs),
  })
  .prefault({});

/** How far a prompt may travel, or does: on this device, in a private network, anywhere. */
const privacyClass = z.enum(privacyClasses);

/** What every backend's entry may hold, beside the keys of its own kind. */
export const backendSettings = z.object({
  /** The kind of backend. */
  type: z.string(),
  /** `false` leaves it out, a built-in one too. */
  enabled: z.boolean().default(true),
  /** What it offers, of what it can do; all of it where left out. */
  capabilities: z
    .array(z.string())
    .min(1, { error: "Name a capability, or leave it out to offer all." })
    .optional(),
  /** Whether missing weights are fetched on first use. Left out: for the models that `defaults` and `models` name. */
  autoPull: z.boolean().optional(),
  /** How far its prompts travel, where that is further than its address says; or at all, where it sends by other means than the `fetch` it is given. */
  privacy: privacyClass.optional(),
  /** Whether it runs in a process of its own, with all that it has: its crash is then a failed call. */
  isolate: z.boolean().default(false),
  timeouts,
  retry: z
    .strictObject({
      /** How often one target is tried in all; 1: nothing is repeated. */
      attempts: z.int().positive().default(3),
    })
    .prefault({}),
  /** When a target that keeps failing is left alone. */
  circuitBreaker: z
    .strictObject({
      /** So many failures in a row. */
      failures: z.int().positive().default(5),
      /** This share of the latest calls. */
      failureRate: z.number().gt(0).max(1).default(0.5),
      /** For how long. */
      cooldownMs: limit.default(30_000),
    })
    .prefault({}),
  /** How many calls may run at once. */
  maxConcurrent: z.int().positive().default(64),
  /** How many more may wait. */
  maxQueue: z.int().nonnegative().default(1000),
});

export type BackendSettings = z.output<typeof backendSettings>;

/** Names of those keys, to tell them from a backend's own. */
export const backendSettingNames = Object.keys(backendSettings.shape);

const targetName = z.string().regex(/^[^/]+\/.+$/, { error: "A target is written backend/model." });

export const modelEntry = z.strictObject({
  /** The alias: a bare name, without a slash. */
  name: z
    .string()
    .regex(/^[^/]*$/, { error: "An alias is a bare name, without a slash." })
    .min(1, { error: "Is empty: give it a name." }),
  /** `backend/model`, each perhaps with its weight. */
  targets: z
    .array(
      z.union([
        targetName,
        z.strictObject({ model: targetName, weight: z.number().positive().default(1) }),
      ]),
    )
    .min(1, { error: "An alias needs a target." }),
  /** Which target is tried first. The others follow where it fails. */
  strategy: z.enum(["ordered", "weighted", "fastest", "least-busy"]).default("ordered"),
  /** How far its prompts may travel. */
  privacy: privacyClass.optional(),
  /** Whether a target may lie further away than the first one. */
  allowWider: z.boolean().default(false),
  /** What is handed on to the next target although it usually is not. */
  fallbackOn: z.array(z.enum(["content-filtered"])).default([]),
  /** `totalMs` bounds the whole call; the others take the place of the backend's. */
  timeouts: z
    .strictObject({
      firstTokenMs: limit.optional(),
      idleMs: limit.optional(),
      totalMs: limit.optional(),
    })
    .optional(),
});

export interface ModelEntrySettings extends z.output<typeof modelEntry> {
  /** It is complete by itself: the backend of its name came with it, and goes with it. */
  readonly complete?: boolean;
  /** It was added while the program runs. */
  readonly added?: boolean;
}

/** Bytes, as a number or as people write them: `8GB`, `512 MB`. Powers of 1,000. */
const byteSize = z.union([
  z.int().positive(),
  z
    .string()
    .regex(/^\d+(\.\d+)?\s*(KB|MB|GB|TB|B)$/i, { error: 'Must be a size such as "8GB".' })
    .refine((written) => Number.parseFloat(written) > 0, { error: "Must be more than nothing." })
    .transform((written) => {
      const unit = written.replace(/[\d.\s]/g, "").toUpperCase();
      return Math.round(
        Number.parseFloat(written) * 1000 ** ["B", "KB", "MB", "GB", "TB"].indexOf(unit),
      );
    }),
]);

/** A caller's key: in clear, or as `modelyard keys new` gives its hash. */
const serverKey = z
  .strictObject({
    name: z.string().min(1),
    key: z
      .string()
      .regex(/^[\u0021-\u007E]+$/, {
        error: "Must be letters, digits and signs without a space: a header has to carry it.",
      })
      .optional(),
    hash: z
      .string()
      .regex(writtenKeyDigest, {
        error: "Must be sha256: and 64 hexadecimal digits, as `modelyard keys new` prints it.",
      })
      .optional(),
    /** The models that it may ask: aliases, and names with their backend; all where left out. */
    models: z
      .array(z.string().min(1))
      .min(1, { error: "Name a model, or leave it out to allow all." })
      .optional(),
    /** How far its prompts may travel. */
    privacy: privacyClass.optional(),
    /** Whether it may change what runs, where `server.admin` is on. */
    admin: z.boolean().default(false),
  })
  .refine(({ key, hash }) => (key === undefined) !== (hash === undefined), {
    error: "Needs either key or hash.",
  });

export type ServerKey = z.output<typeof serverKey>;

const loopback = /^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/;

/** The configuration's own keys; those of each backend's kind are checked by its definition. */
export const configurationSchema = z.strictObject({
  $schema: z.string().optional(),
  backends: z
    .record(
      z
        .string()
        .min(1, { error: "A backend's name must not be empty." })
        .regex(/^[^/]*$/, { error: "A backend's name holds no slash." }),
      // Its keys are checked by what its type asks for, the type too.
      z.looseObject({}),
    )
    .default({}),
  models: z.array(modelEntry).default([]),
  /** Which model serves a capability when nobody names one: capability → `backend/model` or an alias. */
  defaults: z.record(z.string(), z.string()).default({}),
  /** Files, folders and packages that add kinds of backend and capabilities. */
  plugins: z.array(z.string().min(1, { error: "Name a file, a folder or a package." })).default([]),
  /** Whether servers that run on this device are looked for. Left out: only where there is no configuration. */
  discover: z.boolean().default(false),
  privacy: z
    .strictObject({
      /** How far any prompt may travel. */
      allow: privacyClass.default("remote"),
    })
    .prefault({}),
  memory: z
    .strictObject({
      /** What all loaded models may take together. Left out: seven tenths of what the machine has. */
      budget: byteSize.optional(),
      /** After how long without a call a model is unloaded. */
      idleMs: limit.default(900_000),
    })
    .prefault({}),
  server: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(4600),
      keys: z.array(serverKey).default([]),
      /** Origins whose pages may call it from a browser. */
      cors: z
        .array(
          z.string().refine((origin) => URL.parse(origin)?.origin === origin, {
            error: "An origin is written https://app.example, or with a port: no path, no slash.",
          }),
        )
        .default([]),
      /** Whether backends and models may be added and removed while it runs. */
      admin: z.boolean().default(false),
      maxBodyBytes: z.int().positive().default(16_777_216),
      /** How long a shutdown waits for calls under way. */
      drainMs: z.int().nonnegative().default(30_000),
    })
    .refine(({ host, keys }) => loopback.test(host) || keys.length > 0, {
      path: ["host"],
      error:
        "Can be reached from other machines: give server.keys (`modelyard keys new <name>` makes one), or a loopback address.",
    })
    .prefault({}),
});

/** A model that is complete by itself: its backend comes with it. */
export type CompleteModelInput = {
  readonly name: string;
  /** The backend's settings: its kind's own, those of every backend, and `model`, the model's name there (`name` where left out). */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What it offers, of what its backend can do. */
  readonly capabilities?: readonly string[];
  /** Settings of every backend may stand here too. */
  readonly [setting: string]: unknown;
} & ({ readonly backend_type: string } | { readonly backendType: string });

/** A model as a person writes it: a name for targets, or complete by itself. */
export type ModelInput = z.input<typeof modelEntry> | CompleteModelInput;

/** The configuration as a person writes it. */
export interface ConfigurationInput extends Omit<z.input<typeof configurationSchema>, "models"> {
  models?: readonly ModelInput[] | undefined;
}

/** One backend, checked: the common settings, and `options` as its definition's schema gives them. */
export interface ConfiguredBackend {
  readonly name: string;
  readonly settings: BackendSettings;
  readonly options: unknown;
  /** Nobody configured it: a server of this kind was found at this port. */
  readonly discovered?: { readonly kind: string; readonly port: number };
  /** It was added while the program runs. */
  readonly added?: boolean;
  /** Why its kind could make nothing of its configuration, by a mistake of its own: it can't be started. `options` are as written then. */
  readonly fault?: DefinitionFault;
}

/** What is configured: one immutable snapshot. */
export interface Configuration extends Omit<
  z.output<typeof configurationSchema>,
  "backends" | "models" | "$schema"
> {
  readonly backends: readonly ConfiguredBackend[];
  readonly models: readonly ModelEntrySettings[];
}
