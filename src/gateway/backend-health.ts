import { abortError, orAborted } from "../contract/abort.ts";
import type { Backend, Health, Log } from "../contract/backend.ts";
import { type ModelyardError, toModelyardError } from "../contract/errors.ts";
import type { HealthReport } from "./assess-target.ts";
import { createHealthWatch, type HealthWatchOptions } from "./health-watch.ts";
import type { Lifecycle } from "./lifecycle.ts";
import { createTrafficHealth, freshMs, type TrafficHealthOptions } from "./traffic-health.ts";

/** How well a backend and its models are: calls tell while they are fresh; else it is asked, again and again once it has begun to matter. */
export interface BackendHealth {
  /** As calls and probes have told. */
  readonly current: HealthReport;
  /** Of one model. */
  of(model: string): HealthReport;
  /** Asks now. What goes wrong is the answer. */
  ask(signal: AbortSignal): Promise<HealthReport>;
  /** It has begun to matter: whether it is well is worth knowing from now on. */
  attend(): void;
  /** Something has just gone wrong: it is probed at once. */
  hurry(): void;
  /** A call to this model was counted, or its circuit has changed. */
  changed(model: string): void;
  stop(): void;
}

export interface BackendHealthOptions
  extends
    Pick<HealthWatchOptions, "privacy">,
    Pick<TrafficHealthOptions, "records" | "circuits" | "cooldownMs" | "slowMs"> {
  readonly name: string;
  readonly backend: Pick<Backend, "healthCheck">;
  readonly lifecycle: Pick<Lifecycle, "failure">;
  readonly log: Log;
  /** The backend, or one of its models, is in another state than it was. */
  onChange(health: HealthReport, model?: string): void;
}

export function createBackendHealth(options: BackendHealthOptions): BackendHealth {
  const { name, backend, lifecycle, privacy, log, onChange } = options;
  /** One that can't be asked is well: there is nothing to watch. */
  const isWatched = backend.healthCheck !== undefined;
  let told: HealthReport["status"] = "unknown";
  /** Runs from the latest call on. */
  let stale: NodeJS.Timeout | undefined;
  let isStopped = false;

  const traffic = createTrafficHealth({
    ...options,
    onChange(model, health) {
      log.info(`${name}/${model} is ${describe(health)}`);
      onChange(health, model);
    },
    onLook(isWell) {
      if (!isWell || told !== "healthy") tell();
      if (!isWatched && !isStopped)
        stale = stale?.refresh() ?? setTimeout(growOld, freshMs + 1).unref();
    },
  });

  /** Nobody asks it, so that nothing else would say that what calls have told is old. */
  function growOld(): void {
    tell();
    if (traffic.current() !== undefined) stale?.refresh();
  }

  const watch = createHealthWatch({
    probe,
    privacy,
    wellAt: () => (traffic.current()?.status === "healthy" ? traffic.wellAt : undefined),
    onLook(health, former) {
      const isBack = health?.status === "healthy" && former !== undefined;
      if (isBack && former.status !== "healthy") traffic.forgive();
      tell();
    },
  });

  /** The newest that is known; of calls, what `told` says. */
  function newest(told: HealthReport | undefined): HealthReport {
    if (lifecycle.failure !== undefined)
      return { status: "unhealthy", reason: withRemedy(lifecycle.failure) };
    return badProbe() ?? told ?? watch.latest?.health ?? { status: "unknown" };
  }

  /** What a probe found wrong, where no call has gone well since. */
  function badProbe(): Health | undefined {
    if (watch.latest === undefined) return undefined;
    const { health, at } = watch.latest;
    return health.status === "healthy" || traffic.wellAt > at ? undefined : health;
  }

  /** Says what has changed. */
  function tell(): void {
    const health = newest(traffic.current());
    if (health.status === told) return;
    told = health.status;
    // No warning: a call that fails says so itself, and who runs long reads this too.
    log.info(`${name} is ${describe(health)}`);
    onChange(health);
  }

  async function probe(signal: AbortSignal): Promise<Health> {
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
    get current() {
      return newest(traffic.current());
    },
    of: (model) => newest(traffic.of(model)),
    async ask(signal) {
      const asked = await probe(signal);
      return asked.status === "healthy" ? (traffic.current() ?? asked) : asked;
    },
    attend() {
      if (isWatched) watch.begin();
    },
    hurry() {
      if (isWatched) watch.hurry();
    },
    changed: traffic.changed,
    stop() {
      watch.stop();
      clearTimeout(stale);
      isStopped = true;
    },
  };
}

function describe({ status, reason }: HealthReport): string {
  return reason === undefined ? status : `${status}: ${reason}`;
}

function withRemedy({ message, remedy }: ModelyardError): string {
  return remedy === undefined ? message : `${message} ${remedy}`;
}
