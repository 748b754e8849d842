import type { Model } from "../contract/backend.ts";
import type { AnyCapability } from "../contract/capability.ts";
import { toModelyardError } from "../contract/errors.ts";
import {
  isWider,
  narrowestOf,
  widestOf,
  type PrivacyClass,
} from "../contract/http/privacy-class.ts";
import type { HealthReport } from "./assess-target.ts";
import type { BackendEntry, Gateway, ModelEntry } from "./api.ts";
import type { Configuration } from "./configuration.ts";
import { healthLimit } from "./health-limit.ts";
import { modelOf } from "./model-names.ts";
import { isShownFor, resolveHandler } from "./resolve-handler.ts";
import type { RunningBackend } from "./running-backend.ts";

type Capabilities = ReadonlyMap<string, AnyCapability>;

const healthTimeoutMs = 2_000;

/**
 * Every model of every backend, aliases first; a backend that can't list is left out (its own entry says why), and so is what reaches
 * further than is allowed: such a backend is not asked.
 */
export async function listModels(
  backends: readonly RunningBackend[],
  {
    models: aliases,
    privacy: { allow },
    defaults,
  }: Pick<Configuration, "models" | "privacy" | "defaults">,
  capabilities: Capabilities,
  {
    capability,
    health = false,
    signal,
    caller,
  }: NonNullable<Parameters<Gateway["models"]>[0]> = {},
): Promise<ModelEntry[]> {
  const defaultsOf = defaultsByModel(defaults, aliases);
  const limit = narrowestOf([allow, caller?.privacy ?? "remote"]);
  const excluded = await Promise.all(backends.map((backend) => backend.excluded(limit)));
  const admitted = backends.filter((_, index) => excluded[index] === undefined);
  const lists = await Promise.all(
    admitted.map(async (backend) => {
      const [found, privacy, models = []] = await Promise.all([
        health ? healthOf(backend, health, signal) : undefined,
        backend.privacy(),
        listOf(backend),
      ]);
      // Some know only then what they can do.
      const usual = offered(backend, undefined, capabilities);
      return {
        backend,
        found,
        privacy,
        usual,
        entries: models.map((model) => toEntry(backend, model, { found, privacy, usual })),
      };
    }),
  );
  const entries = lists.flatMap((list) => list.entries);
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const byBackend = new Map(lists.map((list) => [list.backend.name, list]));

  function toEntry(
    backend: RunningBackend,
    model: Model,
    { found, privacy, usual }: OfBackend,
  ): ModelEntry {
    const defaultFor = defaultsOf(backend.name, model.name);
    const can =
      model.capabilities === undefined && defaultFor.length === 0
        ? usual
        : offered(backend, model, capabilities, defaultFor);
    return modelEntry(backend, model, can, found, privacy);
  }

  /** What an alias stands for; undefined where its backend is not there, or may not be asked. */
  function entryOf(target: string): ModelEntry | undefined {
    const [backendName] = target.split("/", 1);
    const list = byBackend.get(backendName ?? "");
    if (list === undefined) return undefined;
    // A backend that takes any name, or that can't list now, lists no such model; the alias is there all the same.
    const unlisted = { name: target.slice(target.indexOf("/") + 1) };
    return byName.get(target) ?? toEntry(list.backend, unlisted, list);
  }

  const aliased = aliases.flatMap((alias): ModelEntry[] => {
    const { name, allowWider, added } = alias;
    const names = alias.targets.map(modelOf);
    const within = narrowestOf([limit, alias.privacy ?? "remote"]);
    const reached = names.flatMap((target) => {
      const entry = entryOf(target);
      return entry === undefined || isWider(entry.privacy, within) ? [] : [entry];
    });
    const [first] = reached;
    if (first === undefined) return [];
    const privacy = allowWider ? widestOf(reached.map((each) => each.privacy)) : first.privacy;
    return [{ ...first, name, targets: names, privacy, ...(added === true && { added }) }];
  });
  const all = [...aliased, ...entries.filter(({ privacy }) => !isWider(privacy, limit))];
  return capability === undefined
    ? all
    : all.filter((entry) => entry.capabilities.includes(capability));
}

/** What holds for all models of a backend. */
interface OfBackend {
  /** How it is, where that was asked. */
  readonly found: HealthReport | undefined;
  readonly privacy: PrivacyClass;
  /** What a model can do that says nothing of it. */
  readonly usual: Offered;
}

/** Why a backend could not list the last time: a list that is asked for again and again tells it once. */
const told = new WeakMap<RunningBackend, string>();

async function listOf(backend: RunningBackend): Promise<readonly Model[] | undefined> {
  try {
    const models = await backend.models.all();
    told.delete(backend);
    return models;
  } catch (error) {
    const { message } = toModelyardError(error);
    if (told.get(backend) !== message)
      backend.log.warn(`${backend.name} can't list its models: ${message}`);
    told.set(backend, message);
    return [];
  }
}

function modelEntry(
  backend: RunningBackend,
  model: Model,
  { names, derived }: Offered,
  /** How its backend is, where that was asked. */
  found: HealthReport | undefined,
  backendPrivacy: PrivacyClass,
): ModelEntry {
  const { name, sizeBytes, contextTokens, description, licence, installed = true } = model;
  const own = backend.healthOf(name);
  const isTold = own.status !== "unknown" && found?.status !== "unhealthy";
  const { status, reason } = isTold ? own : (found ?? own);
  const circuit = backend.circuits.all.get(name)?.state ?? "closed";
  return {
    name: `${backend.name}/${name}`,
    backend: backend.name,
    capabilities: names,
    ...(derived.length === 0 ? {} : { derived }),
    loaded: backend.isLoaded(name) || model.loaded === true,
    installed,
    health: status,
    ...(reason === undefined ? {} : { reason }),
    ...(circuit === "closed" ? {} : { circuit }),
    state: backend.lifecycle.state,
    ...(sizeBytes === undefined ? {} : { sizeBytes }),
    ...(contextTokens === undefined ? {} : { contextTokens }),
    privacy: widestOf([backendPrivacy, model.privacy ?? "device"]),
    ...(description === undefined ? {} : { description }),
    ...(licence === undefined ? {} : { licence }),
    ...(backend.configured.added === true && { added: true as const }),
  };
}

export async function listBackends(
  backends: readonly RunningBackend[],
  capabilities: Capabilities,
  { health = false, signal }: NonNullable<Parameters<Gateway["backends"]>[0]> = {},
): Promise<BackendEntry[]> {
  return Promise.all(
    backends.map(async (backend) => {
      const { name, definition, lifecycle } = backend;
      const url = plainUrl(backend.url);
      const beyond = await backend.excluded();
      const found =
        beyond === undefined
          ? await healthOf(backend, health, signal)
          : { status: "unknown" as const, reason: beyond.message };
      const reason = health ? found.reason : (lifecycle.failure?.message ?? found.reason);
      const circuits = [...backend.circuits.all].flatMap(([model, { state }]) =>
        state === "closed" ? [] : [[model, state] as const],
      );
      const { places, memoryBytes } = backend;
      return {
        name,
        type: definition.type,
        ...(definition.description === undefined ? {} : { description: definition.description }),
        state: lifecycle.state,
        ...(reason === undefined ? {} : { reason }),
        capabilities: offered(backend, undefined, capabilities).names,
        health: found.status,
        ...(circuits.length === 0 ? {} : { circuits: Object.fromEntries(circuits) }),
        running: places.running,
        waiting: places.waiting,
        ...(memoryBytes === 0 ? {} : { memoryBytes }),
        privacy: await backend.privacy(),
        ...(url === undefined ? {} : { url }),
        ...(backend.discovered && { discovered: true as const }),
        ...(backend.configured.added === true && { added: true as const }),
      };
    }),
  );
}

/** An address that may be shown: it names a place, and no secret. */
function plainUrl(url: string | undefined): string | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname === "/" ? "" : pathname}`;
}

/** The capabilities whose default a model is, by itself or by an alias. */
function defaultsByModel(
  defaults: Configuration["defaults"],
  aliases: Configuration["models"],
): (backend: string, model: string) => readonly string[] {
  const byName = new Map<string, string[]>();
  for (const [capability, name] of Object.entries(defaults)) {
    const targets = aliases.find((alias) => alias.name === name)?.targets.map(modelOf) ?? [name];
    for (const target of targets) byName.set(target, [...(byName.get(target) ?? []), capability]);
  }
  return (backend, model) => byName.get(`${backend}/${model}`) ?? byName.get(model) ?? [];
}

/** Capabilities by name. */
interface Offered {
  readonly names: string[];
  /** Those of them that are made from another. */
  readonly derived: string[];
}

function offered(
  { backend, configured }: RunningBackend,
  model: Model | undefined,
  capabilities: Capabilities,
  /** Capabilities whose default it is. */
  defaultFor: readonly string[] = [],
): Offered {
  const { capabilities: offers } = configured.settings;
  const asked = [...(offers ?? []), ...defaultFor];
  const [names, derived]: [string[], string[]] = [[], []];
  for (const capability of capabilities.values()) {
    const resolved = resolveHandler(capability, backend.capabilities, model, offers);
    if (resolved === undefined || !isShownFor(capability, resolved, asked)) continue;
    names.push(capability.name);
    if (resolved.derivedFrom !== undefined) derived.push(capability.name);
  }
  return { names, derived };
}

/** As calls and probes have told, unless the caller wants it asked now: a list must not cost a probe of every backend. */
async function healthOf(
  backend: RunningBackend,
  ask: boolean,
  signal?: AbortSignal,
): Promise<HealthReport> {
  if (!ask) return backend.currentHealth;
  const limit = healthLimit(healthTimeoutMs);
  return backend.health(signal === undefined ? limit : AbortSignal.any([signal, limit]));
}
