import type { AnyBackendDefinition } from "../contract/backend.ts";
import { silentLog } from "../contract/silent-log.ts";
import type { Configuration } from "./configuration.ts";
import { findPrivacyWarnings } from "./find-privacy-warnings.ts";
import { placementOf } from "./placement-of.ts";
import { surveyPrivacy } from "./privacy-survey.ts";

/** What a configuration that is right says, in short. */
export interface ConfigurationSummary {
  backends: number;
  /** How many of these come with us, whether they are written or not. */
  builtIn: number;
  models: number;
  /** Which model serves a capability when nobody names one: capability → model. */
  defaults: Readonly<Record<string, string>>;
  /** Whether servers that run on this device are looked for. */
  discover: boolean;
  /** What it says and does not get, a sentence each. */
  warnings: string[];
}

/** Sums up a configuration. Nothing is asked, and no name looked up: it can be checked anywhere. */
export async function checkConfiguration(
  configuration: Configuration,
  definitions: readonly AnyBackendDefinition[],
): Promise<ConfigurationSummary> {
  const survey = await surveyPrivacy({
    configuration,
    definitions,
    environment: process.env,
    log: silentLog,
    lookup: (_host, _options, answer) => answer(new Error("not looked up"), []),
    ask: false,
  });
  const enabled = configuration.backends.filter(({ settings }) => settings.enabled);
  const builtIn = new Set(definitions.flatMap((each) => (each.builtIn === true ? each.type : [])));
  return {
    backends: enabled.length,
    builtIn: enabled.filter(({ name }) => builtIn.has(name)).length,
    models: configuration.models.length,
    defaults: configuration.defaults,
    discover: configuration.discover,
    warnings: [...findFaults(configuration, definitions), ...findPrivacyWarnings(survey)],
  };
}

/** The backends that can't be started, for a mistake of their kind's. */
function findFaults(
  { backends }: Configuration,
  definitions: readonly AnyBackendDefinition[],
): string[] {
  return backends.flatMap((configured) => {
    const { name, settings } = configured;
    const definition = definitions.find(({ type }) => type === settings.type);
    if (definition === undefined || !settings.enabled) return [];
    const { fault } = placementOf(definition, configured);
    return fault === undefined ? [] : [`backends.${name}: ${fault.problem} ${fault.remedy}`];
  });
}
