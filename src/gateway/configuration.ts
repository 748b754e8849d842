import { z } from "zod";

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

/** What every backend's entry may hold, beside the keys of its own kind. */
export const backendSettings = z.object({
  /** The kind of backend. */
  type: z.string(),
  /** `false` leaves it out, a built-in one too. */
  enabled: z.boolean().default(true),
  /** Whether missing weights are fetched on first use. Left out: for the models that `defaults` and `models` name. */
  autoPull: z.boolean().optional(),
  timeouts,
  /** How many calls may run at once. */
  maxConcurrent: z.int().positive().default(64),
  /** How many more may wait. */
  maxQueue: z.int().nonnegative().default(1000),
});

export type BackendSettings = z.output<typeof backendSettings>;

/** Names of those keys, to tell them from a backend's own. */
export const backendSettingNames = Object.keys(backendSettings.shape);

const modelEntry = z.strictObject({
  /** The alias: a bare name, without a slash. */
  name: z.string().regex(/^[^/]+$/, { error: "An alias is a bare name, without a slash." }),
  /** `backend/model`. */
  targets: z
    .array(z.string().regex(/^[^/]+\/.+$/, { error: "A target is written backend/model." }))
    .length(1, {
      error: "One target for now: several (fallback and balancing) are not yet supported.",
    }),
  /** `totalMs` bounds the whole call. */
  timeouts: z.strictObject({ totalMs: limit }).optional(),
});

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

const loopbackHost = z.string().regex(/^(127\.\d+\.\d+\.\d+|localhost|::1|\[::1\])$/, {
  error: "Must be a loopback address: any other needs keys, which are not yet supported.",
});

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
  /** Whether servers that run on this device are looked for. Left out: only where there is no configuration. */
  discover: z.boolean().default(false),
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
      host: loopbackHost.default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(4600),
      maxBodyBytes: z.int().positive().default(16_777_216),
      /** How long a shutdown waits for calls under way. */
      drainMs: z.int().nonnegative().default(30_000),
    })
    .prefault({}),
});

/** The configuration as a person writes it. */
export type ConfigurationInput = z.input<typeof configurationSchema>;

/** One backend, checked: the common settings, and `options` as its definition's schema gives them. */
export interface ConfiguredBackend {
  readonly name: string;
  readonly settings: BackendSettings;
  readonly options: unknown;
  /** Nobody configured it: a server of this kind was found at this port. */
  readonly discovered?: { readonly kind: string; readonly port: number };
}

/** What is configured: one immutable snapshot. */
export interface Configuration extends Omit<
  z.output<typeof configurationSchema>,
  "backends" | "$schema"
> {
  readonly backends: readonly ConfiguredBackend[];
}
