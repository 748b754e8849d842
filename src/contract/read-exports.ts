import type { AnyBackendDefinition } from "./backend.ts";
import { builtInCapabilities } from "./capabilities.ts";
import type { AnyCapability } from "./capability.ts";
import { describeKind, isClass } from "./describe-kind.ts";
import { findMisshapenBackend, findMisspeltCapability } from "./find-misshapen.ts";
import { describeWordless, messageOfThrown } from "./message-of-thrown.ts";
import { misspelt } from "./misspelt.ts";
import { toJsonSchema, type Schema } from "./schema.ts";
import { endSentence } from "./tell-error.ts";
import { validateNow } from "./validate-now.ts";

/** What a module offers: kinds of backends, capabilities, or both. */
export interface Exports {
  readonly definitions: readonly AnyBackendDefinition[];
  readonly capabilities: readonly AnyCapability[];
  readonly problem?: undefined;
}

/** Why a module is no plugin. */
export interface ExportsProblem {
  /** What is wrong, one sentence that begins with what is meant: `Its default export is a class.` */
  readonly problem: string;
  /** What to do about it, one sentence. */
  readonly remedy: string;
}

type Fields = Readonly<Record<string, unknown>>;

const wanted =
  "Write `export default defineBackend({…})`, `defineCapability({…})`, or a list of them; both come from modelyard/backend.";

/**
 * What a module's default export is: a backend (`defineBackend`), a capability (`defineCapability`), or a list of both. Nothing else
 * of a module is read. One wrong thing makes the whole wrong. Never throws.
 */
export function readExports(module: object): Exports | ExportsProblem {
  try {
    return readModule(module);
  } catch (error) {
    // A field that is a getter, a proxy.
    return {
      problem: `Its default export can't be read: ${endSentence(messageOf(error))}`,
      remedy: "Give plain values and functions to `defineBackend` and `defineCapability`.",
    };
  }
}

function readModule(module: object): Exports | ExportsProblem {
  const { default: exported } = module as Fields;
  if (exported === undefined) return noDefault(Object.keys(module));
  const inside = fieldsOf(exported);
  // What a compiler makes of `export default` in CommonJS.
  const value = inside?.["__esModule"] === true ? inside["default"] : exported;
  if (value === undefined) return noDefault(Object.keys(inside ?? {}));
  // What Node makes of a file that exports nothing.
  if ("module.exports" in module && inside !== undefined && Object.keys(inside).length === 0)
    return noDefault([]);
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (parts.length === 0)
    return { problem: "Its default export is an empty list.", remedy: wanted };

  const definitions: AnyBackendDefinition[] = [];
  const capabilities: AnyCapability[] = [];
  for (const [index, part] of parts.entries()) {
    const called = Array.isArray(value)
      ? `Entry ${index + 1} of its default export`
      : "Its default export";
    const found = problemOf(part, called);
    if (found !== undefined) return found;
    if (isBackend(part as Fields)) definitions.push(part as AnyBackendDefinition);
    else capabilities.push(part as AnyCapability);
  }
  return (
    findMisspeltAbility(definitions, capabilities) ??
    twice("backend", "type", definitions) ??
    twice("capability", "name", capabilities) ?? { definitions, capabilities }
  );
}

function noDefault(names: readonly string[]): ExportsProblem {
  const others = names.filter(
    (name) => !["default", "__esModule", "module.exports"].includes(name),
  );
  const rest = others.length === 0 ? "" : `, it exports ${others.join(", ")} alone`;
  return { problem: `It has no default export${rest}.`, remedy: wanted };
}

function problemOf(part: unknown, called: string): ExportsProblem | undefined {
  const fields = fieldsOf(part);
  if (fields === undefined) return { problem: `${called} is ${kindOf(part)}.`, ...remedyFor(part) };
  const { contract } = fields;
  if (typeof contract === "number" && contract > 1) {
    return {
      problem: `${nameOf(fields) ?? called} is written for contract ${contract}; this version of Modelyard knows contract 1.`,
      remedy:
        "Update Modelyard (`npm install modelyard@latest`), or take an older version of the plugin.",
    };
  }
  if (contract !== 1) {
    const likely = "create" in fields ? "defineBackend" : "defineCapability";
    return "create" in fields || "collect" in fields
      ? {
          problem: `${called} does not come from ${likely}.`,
          remedy: `Write \`export default ${likely}({…})\`; it comes from modelyard/backend.`,
        }
      : { problem: `${called} is ${kindOf(part)}.`, remedy: wanted };
  }
  return isBackend(fields) ? problemOfBackend(fields, called) : problemOfCapability(fields, called);
}

function problemOfBackend(fields: Fields, called: string): ExportsProblem | undefined {
  const { type, config, create, capabilities } = fields;
  if (!isText(type)) {
    return {
      problem: `${called} is a backend without a type.`,
      remedy: 'Give it one, a word of its own: `type: "acme"`.',
    };
  }
  const name = `The backend ${JSON.stringify(type)}`;
  if (!/^[^/\s]+$/.test(type)) {
    return {
      problem: `${name} has a type that holds a slash or a space.`,
      remedy: 'Models are called type/model: take one word, such as "acme".',
    };
  }
  if (type in Object.prototype) {
    return {
      problem: `${name} has a type that every object has something under.`,
      remedy: 'Call it otherwise, such as "acme".',
    };
  }
  if (typeof create !== "function") {
    return {
      problem: `${name} has no function \`create\`.`,
      remedy: "Give it one: `create: ({ name, config, fetch, log }) => ({ capabilities: {…} })`.",
    };
  }
  if (capabilities !== undefined && !(Array.isArray(capabilities) && capabilities.every(isText))) {
    return {
      problem: `${name} has \`capabilities\` that are no list of names.`,
      remedy: 'Write `capabilities: ["chat"]`; the handlers stand in what `create` gives.',
    };
  }
  return (
    findMisshapenBackend(fields, name) ??
    problemOfSchema(config, "input", `${name}: its \`config\``, "config: z.strictObject({})") ??
    problemOfJudging(config as Schema, name)
  );
}

/** What a schema of configuration does with nothing at all: it has to say at once whether that is enough. */
function problemOfJudging(config: Schema, name: string): ExportsProblem | undefined {
  const { type = "object" } = toJsonSchema(config, "input");
  if (type !== "object") {
    return {
      problem: `${name}: its \`config\` takes no object, and what is written in a configuration is one.`,
      remedy: "Write `config: z.strictObject({ … })`, with a key for each setting.",
    };
  }
  try {
    validateNow(config, {});
    return undefined;
  } catch (error) {
    return {
      problem: `${name}: its \`config\` can't judge a configuration: ${endSentence(messageOf(error))}`,
      remedy:
        "Let it name what is wrong at once (`ctx.addIssue`, `refine`); what may fail or waits belongs into `create` or `initialize`.",
    };
  }
}

/** A capability that no plugin may have meant to bring: it looks like one that is there. */
function findMisspeltAbility(
  definitions: readonly AnyBackendDefinition[],
  own: readonly AnyCapability[],
): ExportsProblem | undefined {
  const names = [...builtInCapabilities, ...own].map(({ name }) => name);
  for (const { type, capabilities = [], defaults = {} } of definitions) {
    for (const word of [...capabilities, ...Object.keys(defaults)]) {
      const meant = misspelt(word, names);
      if (meant === undefined) continue;
      return {
        problem: `The backend ${JSON.stringify(type)} speaks of a capability ${JSON.stringify(word)}, which is not known.`,
        remedy: `Did you mean ${JSON.stringify(meant)}?`,
      };
    }
  }
  return undefined;
}

function problemOfCapability(fields: Fields, called: string): ExportsProblem | undefined {
  const { name, names, request, result, event, output, collect, text, derive } = fields;
  if (!isText(name)) {
    return {
      problem: `${called} has neither the type of a backend nor the name of a capability.`,
      remedy: wanted,
    };
  }
  const what = `The capability ${JSON.stringify(name)}`;
  if (name in Object.prototype) {
    return {
      problem: `${what} has a name that every object has something under.`,
      remedy: "Call it otherwise, by what it does.",
    };
  }
  const { tool, route, verb } = fieldsOf(names) ?? {};
  if (!isName(tool) || !isName(verb) || !isText(route) || !/^\/[\w./-]+$/.test(route)) {
    return {
      problem: `${what} has no right \`names\`: a tool and a verb are words of letters, digits, _ and -, a route is a path.`,
      remedy: `Write \`names: { tool: "${name}", route: "/v1/${name}", verb: "${name}" }\`.`,
    };
  }
  if (typeof collect !== "function") {
    return {
      problem: `${what} has no function \`collect\`, which makes the result of what a handler gave.`,
      remedy: "Where a handler returns the result itself, write `collect: (output) => output`.",
    };
  }
  const { input, ofResult } = fieldsOf(text) ?? {};
  if (!isText(input) || typeof ofResult !== "function") {
    return {
      problem: `${what} has no right \`text\`, which shows it to people.`,
      remedy: 'Write `text: { input: "prompt", ofResult: (result) => result.text }`.',
    };
  }
  if (derive !== undefined && !Array.isArray(derive)) {
    return {
      problem: `${what} has a \`derive\` that is no list.`,
      remedy: "Write `derive: [deriveFrom(chat, (handler) => …)]`.",
    };
  }
  const of = (field: string) => `${what}: its \`${field}\``;
  return (
    findMisspeltCapability(fields, what) ??
    problemOfSchema(request, "input", of("request"), "request: z.strictObject({ … })") ??
    problemOfSchema(result, "output", of("result"), "result: z.object({ … })") ??
    (event === undefined
      ? problemOfSchema(output, "output", of("output"), "output: z.object({ … })")
      : problemOfSchema(event, "output", of("event"), "event: z.object({ … })"))
  );
}

/** Whether it is a schema that checks and can be written as JSON Schema: tools and commands are made of that. */
function problemOfSchema(
  value: unknown,
  side: "input" | "output",
  called: string,
  example: string,
): ExportsProblem | undefined {
  const remedy = `Write \`${example}\`; z comes from modelyard/backend.`;
  const standard = fieldsOf(fieldsOrFunction(value)?.["~standard"]);
  if (typeof standard?.["validate"] !== "function")
    return { problem: `${called} is no schema.`, remedy };
  const json = fieldsOf(standard["jsonSchema"]);
  if (typeof json?.[side] !== "function") {
    return {
      problem: `${called} is a schema that can't give its JSON Schema.`,
      remedy: "Take z of modelyard/backend, or zod 4.2 or newer, ArkType, or Valibot's adapter.",
    };
  }
  try {
    toJsonSchema(value as Schema, side);
    return undefined;
  } catch (error) {
    return {
      problem: `${called} is a schema that has no JSON Schema: ${endSentence(messageOf(error))}`,
      remedy: "Describe plain JSON alone; what is computed belongs into the handler.",
    };
  }
}

function twice(
  what: string,
  key: string,
  all: readonly (AnyBackendDefinition | AnyCapability)[],
): ExportsProblem | undefined {
  const names = all.map((each) => (each as unknown as Fields)[key]);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  return double === undefined
    ? undefined
    : {
        problem: `It exports the ${what} ${JSON.stringify(double)} twice.`,
        remedy: `Give each a ${key} of its own.`,
      };
}

function isBackend(fields: Fields): boolean {
  return "type" in fields || "create" in fields;
}

/** `Backend "acme"`, where it says what it is called. */
function nameOf({ type, name }: Fields): string | undefined {
  if (isText(type)) return `The backend ${JSON.stringify(type)}`;
  return isText(name) ? `The capability ${JSON.stringify(name)}` : undefined;
}

function kindOf(value: unknown): string {
  return fieldsOf(value) === undefined
    ? describeKind(value)
    : "an object that is neither a backend nor a capability";
}

function remedyFor(value: unknown): { remedy: string } {
  if (typeof value !== "function") return { remedy: wanted };
  return {
    remedy: isClass(value)
      ? "Write `export default fromClass(…)` around it; it comes from modelyard/backend."
      : "Export what `defineBackend({…})` gives, not a function that calls it.",
  };
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isName(value: unknown): boolean {
  return isText(value) && /^[A-Za-z][\w-]{0,63}$/.test(value);
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Promise)
    ? (value as Fields)
    : undefined;
}

/** ArkType's schemas are functions. */
function fieldsOrFunction(value: unknown): Fields | undefined {
  return typeof value === "function" ? (value as unknown as Fields) : fieldsOf(value);
}

function messageOf(error: unknown): string {
  return messageOfThrown(error) ?? describeWordless(error);
}
