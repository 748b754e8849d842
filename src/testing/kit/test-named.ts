import path from "node:path";
import type { AnyBackendDefinition } from "../../contract/backend.ts";
import { builtInCapabilities } from "../../contract/capabilities.ts";
import type { AnyCapability } from "../../contract/capability.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { SetAside } from "../../contract/set-aside.ts";
import { toBadgeSvg } from "./badge.ts";
import { formatReport, reportToJson, type Report, type ReportStyle } from "./report.ts";
import { testBackend } from "./test-backend.ts";

/** What was found under a name, as the house reads it. */
export interface FoundKinds {
  readonly configuration: {
    readonly backends: readonly {
      readonly name: string;
      readonly settings: { readonly type: string };
      readonly options: unknown;
    }[];
  };
  readonly kinds: {
    readonly definitions: readonly AnyBackendDefinition[];
    readonly capabilities: readonly AnyCapability[];
    readonly setAside: readonly SetAside[];
    readonly plugins: readonly {
      readonly plugin: string;
      readonly file?: string;
      readonly definitions: readonly AnyBackendDefinition[];
    }[];
  };
  /** The configuration's file. */
  readonly file?: string | undefined;
}

export interface NamedTestOptions {
  /** A file, a package, or a kind that is known already. */
  readonly named: string;
  /** The file that it means: the configuration may name it otherwise. */
  readonly file?: string | undefined;
  readonly model?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Why a chapter or a check is left out, by its name. */
  readonly skip?: Readonly<Record<string, string>> | undefined;
  /** Told of each check before it is run, and when it is over. */
  readonly onCheck?: ((type: string, title: string, isOver: boolean) => void) | undefined;
  /** Reads the configuration, and loads these plugins beside those that it names. */
  read(plugins: readonly string[]): Promise<FoundKinds>;
}

/** What came of one kind of backend. */
export interface NamedTest {
  readonly type: string;
  readonly level: Report["badge"]["level"];
  /** How many checks failed. */
  readonly failed: number;
  readonly json: object;
  /** The badge as SVG. */
  readonly svg: string;
  text(style?: ReportStyle): string;
}

/**
 * Tests all kinds of backend that a plugin brings, or one that is known by its type.
 * @throws ModelyardError `invalid-config` where the plugin can't be used, or brings no backend
 */
export async function testNamed(options: NamedTestOptions): Promise<NamedTest[]> {
  const { named, timeoutMs, skip, onCheck, read } = options;
  const isType = /^[a-z0-9-]+$/.test(named);
  const known = isType ? await read([]) : undefined;
  const ofType = known?.kinds.definitions.find(({ type }) => type === named);
  const found = ofType === undefined ? await read([named]) : known!;
  const definitions = ofType === undefined ? broughtBy(options, found) : [ofType];
  const builtIn: readonly string[] = builtInCapabilities.map(({ name }) => name);
  const tests: NamedTest[] = [];
  for (const definition of definitions) {
    const { configured, untested, model } = findConfigured(definition.type, options.model, found);
    const report = await testBackend(definition, {
      ...(configured === undefined ? {} : { parsedConfig: configured.options }),
      models: model,
      timeoutMs,
      skip,
      capabilities: found.kinds.capabilities.filter(({ name }) => !builtIn.includes(name)),
      directory: found.file === undefined ? undefined : path.dirname(found.file),
      onCheck: ({ id, title }, outcome) =>
        onCheck?.(definition.type, `${title} (${id})`, outcome !== undefined),
    });
    tests.push(toTest(report, { backend: configured?.name, untested }));
  }
  return tests;
}

/** The backend of this type that the model is asked of, and the model's name there: it may be written `backend/model`, as everywhere. */
function findConfigured(type: string, model: string | undefined, { configuration }: FoundKinds) {
  const ofType = configuration.backends.filter(({ settings }) => settings.type === type);
  const names = [...ofType.map(({ name }) => name), type];
  const prefix = names.find((name) => model?.startsWith(`${name}/`));
  const configured = ofType.find(({ name }) => name === prefix) ?? ofType[0];
  return {
    configured,
    // Under its type's name it may be there without being configured.
    untested: ofType
      .map(({ name }) => name)
      .filter((name) => ![configured?.name, type].includes(name)),
    model: prefix === undefined ? model : model?.slice(prefix.length + 1),
  };
}

function broughtBy(
  { named, file }: Pick<NamedTestOptions, "named" | "file">,
  { kinds }: FoundKinds,
): readonly AnyBackendDefinition[] {
  const isIt = (each: { plugin: string; file?: string }) =>
    each.plugin === named || (file !== undefined && each.file === file);
  const aside = kinds.setAside.find(isIt);
  if (aside !== undefined)
    throw new ModelyardError("invalid-config", `${named}: ${aside.problem}`, {
      remedy: aside.remedy,
    });
  const definitions = kinds.plugins.find(isIt)?.definitions ?? [];
  if (definitions.length > 0) return definitions;
  throw new ModelyardError("invalid-config", `${named} brings no backend.`, {
    remedy: "Export one as the default: `export default defineBackend({…})`.",
  });
}

/** Which of the configured backends was tested, and which of the same kind were not. */
interface Chosen {
  readonly backend: string | undefined;
  readonly untested: readonly string[];
}

function toTest(report: Report, chosen: Chosen): NamedTest {
  const outcomes = report.chapters.flatMap((chapter) => chapter.outcomes);
  return {
    type: report.type,
    level: report.badge.level,
    failed: outcomes.filter(({ status }) => status === "failed").length,
    json: { ...reportToJson(report), ...(chosen.backend !== undefined && chosen) },
    svg: toBadgeSvg(report.badge),
    text: (style) => `${formatReport(report, style)}${tellUntested(chosen)}`,
  };
}

function tellUntested({ backend, untested: [first, ...others] }: Chosen): string {
  if (first === undefined) return "";
  const are = others.length === 0 ? "is" : "are";
  return `Tested as ${backend} is configured; ${[first, ...others].join(", ")} ${are} not tested: -m ${first}/<model> picks another.\n`;
}
