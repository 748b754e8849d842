import type { AnyBackendDefinition, Log } from "../contract/backend.ts";
import { addressesOfUrl, type Lookup } from "../contract/http/class-of-url.ts";
import { isWider, widestOf, type PrivacyClass } from "../contract/http/privacy-class.ts";
import { proxiesOf, proxyOfUrl } from "../contract/http/proxies.ts";
import type { ModelEntry } from "./api.ts";
import { createBackendPrivacy, widestOfReach } from "./backend-privacy.ts";
import type { Configuration, ConfiguredBackend, ModelEntrySettings } from "./configuration.ts";
import { createGateway } from "./gateway.ts";
import { modelOf } from "./model-names.ts";
import { placementOf } from "./placement-of.ts";

/** Where prompts can go, under a configuration. */
export interface PrivacySurvey {
  /** How far any may. */
  readonly allow: PrivacyClass;
  readonly backends: readonly SurveyedBackend[];
  readonly aliases: readonly SurveyedAlias[];
  /** Keys that are held to less than anybody else. */
  readonly keys: readonly { readonly name: string; readonly privacy: PrivacyClass }[];
}

export interface SurveyedBackend {
  readonly name: string;
  readonly type: string;
  readonly privacy: PrivacyClass;
  /** What is certain while its name can't be resolved. */
  readonly atLeast?: PrivacyClass;
  /** Why it is of that class: its address, what its configuration declares, that nothing is sent, or that it sends by means of its own. */
  readonly because:
    | "address"
    | "declared"
    | "sends-nothing"
    | "sends-by-itself"
    | "unknown-address";
  /** A narrower class that its configuration declares, in vain. */
  readonly passedOver?: PrivacyClass;
  /** `host:port` that it sends to, where it says so. */
  readonly host?: string;
  /** What the host resolves to now. */
  readonly addresses?: readonly string[];
  /** The proxy that stands between, `host:port`. */
  readonly proxy?: string;
  /** Why no prompt goes there, and nothing else. */
  readonly excluded?: string;
}

export interface SurveyedAlias {
  readonly name: string;
  /** How far a prompt can go; left out where it can go nowhere. */
  readonly privacy?: PrivacyClass;
  readonly allowWider: boolean;
  readonly targets: readonly SurveyedTarget[];
}

export interface SurveyedTarget {
  /** `backend/model` */
  readonly model: string;
  /** Left out where there is no such backend. */
  readonly privacy?: PrivacyClass;
  readonly host?: string;
  readonly proxy?: string;
  readonly excluded?: string;
}

export interface PrivacySurveyOptions {
  readonly configuration: Configuration;
  readonly definitions: readonly AnyBackendDefinition[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly lookup?: Lookup | undefined;
  /** Whether backends are asked for their models; they are where left out. */
  readonly ask?: boolean;
}

/** Tells where prompts can go. Names are resolved; beyond that only backends are asked, for their models, that lie within the configuration's limit. */
export async function surveyPrivacy(options: PrivacySurveyOptions): Promise<PrivacySurvey> {
  const { configuration, ask = true } = options;
  const { allow } = configuration.privacy;
  const enabled = configuration.backends.filter(({ settings }) => settings.enabled);
  const backends = await Promise.all(enabled.map((each) => surveyBackend(each, options)));
  const near = new Set(backends.flatMap(({ name, excluded }) => (excluded ? [] : [name])));
  const { found, models } = ask ? await askNear(near, options) : unasked;
  const all = [...backends, ...found];
  return {
    allow,
    backends: all,
    aliases: configuration.models.map((alias) => surveyAlias(alias, all, models, configuration)),
    keys: configuration.server.keys.flatMap(({ name, privacy }) =>
      privacy === undefined ? [] : [{ name, privacy }],
    ),
  };
}

const unasked = { found: [], models: new Map<string, ModelEntry>() };

async function surveyBackend(
  configured: ConfiguredBackend,
  { configuration, definitions, environment, lookup }: PrivacySurveyOptions,
): Promise<SurveyedBackend> {
  const { name, settings } = configured;
  const { type, privacy: declared } = settings;
  const placement = placementOf(
    definitions.find((each) => each.type === type)!,
    configured,
  );
  const common = { placement, environment, lookup };
  const reach = await createBackendPrivacy({ ...common, declared }).reach();
  const privacy = widestOfReach(reach);
  const { sends: how, upstream } = placement;
  const url = upstream === undefined ? undefined : new URL(upstream.url);
  const addresses = url === undefined ? undefined : await addressesOfUrl(url, lookup);
  // A proxy is used for what is remote, and never for what is near.
  const far = url !== undefined && privacy === "remote";
  const proxy = far ? proxyOfUrl(url, proxiesOf(environment)) : undefined;
  const { allow } = configuration.privacy;
  const computed = await createBackendPrivacy(common).widest();
  const reason = {
    nothing: "sends-nothing",
    "by-itself": "sends-by-itself",
    guarded: addresses === undefined ? "unknown-address" : "address",
  } as const;
  return {
    name,
    type,
    privacy,
    ...(typeof reach !== "string" && { atLeast: reach.atLeast }),
    because: declared !== undefined && privacy !== computed ? "declared" : reason[how ?? "guarded"],
    ...(declared !== undefined &&
      typeof reach === "string" &&
      isWider(reach, declared) && { passedOver: declared }),
    ...(url !== undefined && { host: url.host }),
    ...(addresses !== undefined && { addresses }),
    ...(proxy !== undefined && { proxy }),
    ...(isWider(privacy, allow) && { excluded: `privacy.allow is ${allow}` }),
  };
}

/**
 * What runs here and was not configured, and the models of those that may be asked: through a gateway that knows no others. What they
 * list may reach further than they do themselves.
 */
async function askNear(
  near: ReadonlySet<string>,
  { configuration, definitions, log, lookup }: PrivacySurveyOptions,
): Promise<{ found: SurveyedBackend[]; models: ReadonlyMap<string, ModelEntry> }> {
  const asked = {
    ...configuration,
    backends: configuration.backends.filter(({ name }) => near.has(name)),
    models: [],
    defaults: {},
    privacy: { allow: "remote" as const },
  };
  const gateway = createGateway({ configuration: asked, definitions, log, lookup });
  try {
    const [models, backends] = [await gateway.models(), await gateway.backends()];
    const found = backends.flatMap(({ name, type, privacy, url, discovered }) => {
      if (discovered !== true) return [];
      const host = url === undefined ? {} : { host: new URL(url).host };
      return [{ name, type, privacy, because: "address" as const, ...host }];
    });
    return { found, models: new Map(models.map((model) => [model.name, model])) };
  } finally {
    await gateway.close({ drainMs: 0 });
  }
}

function surveyAlias(
  { name, targets, allowWider, privacy: own = "remote" }: ModelEntrySettings,
  backends: readonly SurveyedBackend[],
  models: ReadonlyMap<string, ModelEntry>,
  { privacy: { allow }, backends: configured, discover }: Configuration,
): SurveyedAlias {
  const found = targets.map((target) => {
    const model = modelOf(target);
    const backend = backends.find((each) => model.startsWith(`${each.name}/`));
    const classes = [backend?.privacy ?? "device", models.get(model)?.privacy ?? "device"] as const;
    return { model, backend, privacy: widestOf(classes) };
  });
  const preferred = modelOf(targets[0]!);
  // One that nobody configured, and that does not run now, is found on this device.
  const isToBeFound = discover && !configured.some(({ name }) => preferred.startsWith(`${name}/`));
  const there = isToBeFound ? found[0] : found.find(({ backend }) => backend !== undefined);
  const atLeast = there?.backend?.atLeast;
  const first = atLeast ?? there?.privacy ?? "device";
  const limitOfFirst =
    atLeast === undefined
      ? `its first target reaches ${first}`
      : `its first target's name can't be resolved`;
  const limits: readonly (readonly [PrivacyClass, string])[] = [
    [allow, `privacy.allow is ${allow}`],
    [own, `the alias's own privacy is ${own}`],
    ...(allowWider ? [] : [[first, `${limitOfFirst}, and allowWider is off`] as const]),
  ];
  const surveyed = found.map(({ model, backend, privacy }): SurveyedTarget => {
    if (backend === undefined) return { model, excluded: "there is no such backend" };
    const [, excluded] = limits.find(([limit]) => isWider(privacy, limit)) ?? [];
    return {
      model,
      privacy,
      ...(backend.host !== undefined && { host: backend.host }),
      ...(backend.proxy !== undefined && { proxy: backend.proxy }),
      ...(excluded !== undefined && { excluded }),
    };
  });
  const reached = surveyed.flatMap((each) =>
    each.excluded === undefined && each.privacy !== undefined ? [each.privacy] : [],
  );
  return {
    name,
    ...(reached.length > 0 && { privacy: widestOf(reached) }),
    allowWider,
    targets: surveyed,
  };
}
