import type { Survey, SurveyedServer } from "../../gateway/discovery/survey.ts";
import { listSome } from "../list-some.ts";
import type { BackendKind } from "../../gateway/list-kinds.ts";

export interface ConfigurationText {
  readonly found: Survey["found"];
  /** The kinds of backend that are installed. */
  readonly kinds: readonly BackendKind[];
}

/** What a commented line shows: an entry of `backends`, where its kind is installed. */
interface Example {
  readonly name: string;
  readonly entry: { readonly type: string; readonly [key: string]: unknown };
}

const embedded: readonly Example[] = [
  { name: "llama-cpp", entry: { type: "llama-cpp", contextSize: 8192 } },
  { name: "huggingface", entry: { type: "huggingface", cacheDir: "./models" } },
];

const clouds: readonly Example[] = [
  cloud("openai", "OPENAI_API_KEY"),
  cloud("mistral", "MISTRAL_API_KEY"),
  cloud("groq", "GROQ_API_KEY"),
  cloud("openrouter", "OPENROUTER_API_KEY"),
  {
    name: "anthropic",
    entry: {
      type: "ai-sdk",
      provider: "@ai-sdk/anthropic",
      options: { apiKey: "${ANTHROPIC_API_KEY}" },
    },
  },
];

function cloud(profile: string, variable: string): Example {
  const entry = { type: "openai-compatible", profile, apiKey: `\${${variable}}` };
  return { name: profile, entry };
}

/** How many models are offered to choose from. */
const choices = 4;

/** A configuration as a person would write it: what was found, and as comments what else there could be. */
export function toConfigurationText({ found, kinds }: ConfigurationText): string {
  const types = new Set(kinds.map(({ type }) => type));
  const examples = (all: readonly Example[]) =>
    all
      .filter(({ entry }) => types.has(entry.type))
      .map(({ name, entry }) => `// ${property(name, entry)}`);
  const backends = [
    ...found.map((server) => [describe(server), property(server.name, server.entry)]),
    [
      "// The embedded engines are always there; an entry changes their settings.",
      ...examples(embedded),
    ],
    [
      "// Clouds: take the slashes away and set the variable. Prompts then leave this device.",
      ...examples(clouds),
    ],
  ];
  const chat = [...chatModels(found), ...embeddedDefaults("chat", kinds)];
  const embedding = [...embeddingModels(found), ...embeddedDefaults("embedding", kinds)];
  return [
    "// Written by `modelyard init`. `modelyard config check` tells what is wrong in here, `modelyard config schema` what there may be.",
    "{",
    "  // Where models come from. A model is called backend/model.",
    '  "backends": {',
    backends.map((lines) => lines.map((line) => `    ${line}`).join("\n")).join("\n\n"),
    "  },",
    "",
    "  // Names of your own for models.",
    '  "models": [',
    ...chat
      .slice(0, 1)
      .map((model) => `    // { "name": "assistant", "targets": [${JSON.stringify(model)}] },`),
    "  ],",
    "",
    "  // Which model answers where nobody names one; the embedded ones where nothing stands here.",
    '  "defaults": {',
    ...choicesOf("chat", chat),
    ...choicesOf("embedding", embedding),
    "  },",
    "",
    "  // Whether other servers are looked for on the usual ports of this device.",
    '  "discover": true,',
    "}",
    "",
  ].join("\n");
}

function describe({ kind, url, models }: SurveyedServer): string {
  const names = models.map(({ name }) => JSON.stringify(name.slice(name.indexOf("/") + 1)));
  const count = models.length === 1 ? "1 model" : `${models.length} models`;
  return `// ${kind}, found at ${url}${names.length === 0 ? ", with no model yet" : ` with ${count}: ${listSome(names)}`}.`;
}

/** `"name": { "type": "ollama" },` */
function property(name: string, value: unknown): string {
  return `${JSON.stringify(name)}: ${spaced(value)},`;
}

/** JSON on one line, with the spaces that a person would leave. */
function spaced(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(spaced).join(", ")}]`;
  const fields = Object.entries(value).map(
    ([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`,
  );
  return fields.length === 0 ? "{}" : `{ ${fields.join(", ")} }`;
}

/** Models to choose a default from: a line for each, as comments. */
function choicesOf(capability: string, models: readonly string[]): string[] {
  return models
    .slice(0, choices)
    .map((model) => `    // ${JSON.stringify(capability)}: ${JSON.stringify(model)},`);
}

/** The models of the embedded engines that answer where nothing is configured. */
function embeddedDefaults(capability: string, kinds: readonly BackendKind[]): string[] {
  return kinds.flatMap(({ type, defaults = {} }) => {
    const model = defaults[capability];
    return model === undefined ? [] : [`${type}/${model}`];
  });
}

function chatModels(found: Survey["found"]): string[] {
  const models = found.flatMap((server) => server.models);
  return models
    .filter(({ name, capabilities }) => capabilities.includes("chat") && !looksEmbedding(name))
    .map(({ name }) => name);
}

/** Where a server does not tell what its models can do, their names do. */
function embeddingModels(found: Survey["found"]): string[] {
  const models = found.flatMap((server) => server.models);
  const able = models.filter(({ capabilities }) => capabilities.includes("embedding"));
  return able
    .filter(({ name, capabilities }) => !capabilities.includes("chat") || looksEmbedding(name))
    .map(({ name }) => name);
}

function looksEmbedding(name: string): boolean {
  return /embed|minilm|bge-|gte-|e5-/i.test(name);
}
