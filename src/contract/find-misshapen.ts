import type { Backend, BackendDefinition } from "./backend.ts";
import type { StreamingCapability, PlainCapability } from "./capability.ts";
import { describeKind } from "./describe-kind.ts";
import { misspelt } from "./misspelt.ts";

type Fields = Readonly<Record<string, unknown>>;

interface Shape {
  is(value: unknown): boolean;
  /** How it is written, after `Write`. */
  readonly example: string;
}

const isFunction = (value: unknown) => typeof value === "function";
const isText = (value: unknown) => typeof value === "string";
const isObject = (value: unknown) =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);
const oneOf = (words: readonly string[]) => (value: unknown) =>
  isFunction(value) || words.includes(value as string);

/** Fields that may be left out, and what is to stand there otherwise; the rest is judged where it is read. */
const backendShapes: Record<
  Exclude<keyof BackendDefinition, "contract" | "type" | "config" | "create" | "capabilities">,
  Shape
> = {
  description: { is: isText, example: 'description: "Asks Acme\'s server."' },
  isolate: { is: oneOf(["handlers", "everything"]), example: 'isolate: "everything"' },
  module: { is: isText, example: "module: import.meta.url" },
  packages: { is: isObject, example: 'packages: { versions: { "their-package": "1.2.3" } }' },
  sends: {
    is: oneOf(["nothing", "guarded", "by-itself"]),
    example: 'sends: "nothing"`, `"guarded"` or `"by-itself"',
  },
  upstream: { is: isFunction, example: "upstream: ({ baseUrl }) => ({ url: baseUrl })" },
  discover: {
    is: (value) => Array.isArray(value) && value.every(isDiscovery),
    example:
      'discover: [{ name: "acme", ports: [8123], async recognise(url, { fetch, signal }) { … } }]',
  },
  takesReference: {
    is: isFunction,
    example: 'takesReference: (reference) => reference.startsWith("acme:")',
  },
  atRunTime: {
    is: (value) => {
      const { takes, needs } = (isObject(value) ? value : {}) as Fields;
      return isTexts(takes) && (needs === undefined || isFunction(needs));
    },
    example: 'atRunTime: { takes: ["baseUrl"] }',
  },
  parameters: { is: isObject, example: 'parameters: { chat: { seed: "honoured" } }' },
  builtIn: { is: (value) => typeof value === "boolean", example: "builtIn: true" },
  defaults: {
    is: (value) => isObject(value) && Object.values(value as object).every(isText),
    example: 'defaults: { chat: "acme-1" }',
  },
};

const isPort = (port: unknown) => Number.isInteger(port) && Number(port) > 0;

function isDiscovery(value: unknown): boolean {
  const { name, ports, recognise } = (isObject(value) ? value : {}) as Fields;
  return isText(name) && Array.isArray(ports) && ports.every(isPort) && isFunction(recognise);
}

const backendFields = [
  "contract",
  "type",
  "config",
  "create",
  "capabilities",
  ...Object.keys(backendShapes),
];

/** A record, so that none is forgotten. */
const methodTable: Record<Exclude<keyof Backend, "capabilities">, true> = {
  initialize: true,
  healthCheck: true,
  listModels: true,
  takesAnyModel: true,
  pull: true,
  remove: true,
  load: true,
  unload: true,
  shutdown: true,
};

/** What a backend has beside its handlers. */
export const backendMethods: readonly string[] = Object.keys(methodTable);

/** A record, so that none is forgotten. */
const capabilityTable: Record<keyof StreamingCapability | keyof PlainCapability, true> = {
  contract: true,
  name: true,
  description: true,
  names: true,
  alsoCalled: true,
  shown: true,
  request: true,
  shortcut: true,
  result: true,
  tool: true,
  derive: true,
  event: true,
  output: true,
  text: true,
  collect: true,
  cut: true,
  misfit: true,
};
const capabilityFields = Object.keys(capabilityTable);

interface Misshapen {
  readonly problem: string;
  readonly remedy: string;
}

/** What is wrong with the fields of a backend's definition: one misspelt, one of another shape. `name`: as the sentence calls it. */
export function findMisshapenBackend(fields: Fields, name: string): Misshapen | undefined {
  for (const key of Object.keys(fields)) {
    if (backendFields.includes(key)) continue;
    const method = backendMethods.find((each) => each === key) ?? misspelt(key, backendMethods);
    const meant = misspelt(key, backendFields);
    if (meant !== undefined) return unknownField(name, key, meant);
    if (method === undefined) continue;
    return {
      problem: `${name} has \`${key}\`, which is none of a definition's fields.`,
      remedy: `Give \`${method}\` in what \`create\` returns, beside \`capabilities\`.`,
    };
  }
  for (const [key, { is, example }] of Object.entries(backendShapes)) {
    const value = fields[key];
    if (value === undefined || is(value)) continue;
    const given = isText(value) ? JSON.stringify(value) : describeKind(value);
    const remedy = `Write \`${example}\`, or leave it out.`;
    return { problem: `${name}: its \`${key}\` is not right: ${given}.`, remedy };
  }
  return undefined;
}

/** The same of a capability: one misspelt; what it needs is judged where it is read. */
export function findMisspeltCapability(fields: Fields, name: string): Misshapen | undefined {
  for (const key of Object.keys(fields)) {
    const meant = misspelt(key, capabilityFields);
    if (meant !== undefined) return unknownField(name, key, meant);
  }
  return undefined;
}

function unknownField(name: string, key: string, meant: string): Misshapen {
  return {
    problem: `${name} has \`${key}\`, which is none of its fields.`,
    remedy: `Did you mean \`${meant}\`?`,
  };
}
