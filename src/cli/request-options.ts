import fs from "node:fs/promises";
import { InvalidArgumentError, Option, type Command } from "commander";
import type { AnyCapability } from "../contract/capability.ts";
import { ModelyardError } from "../contract/errors.ts";
import { toJsonSchema, type JsonSchema } from "../contract/schema.ts";

/** A field of a request as an option of a command. */
interface RequestOption {
  field: string;
  option: Option;
  /** What was given, as the request takes it. */
  read(given: unknown): unknown;
}

/** What the well-known fields are for; a plugin's come with the `description` of its schema. */
const explanations: Readonly<Record<string, string>> = {
  messages: "the whole conversation, instead of a prompt",
  system: "what the model is told before everything else",
  tools: "tools that the model may call",
  toolChoice: "auto, none, required, or one tool by name",
  responseSchema: "a JSON Schema that the answer keeps to",
  maxTokens: "stop after this many tokens",
  temperature: "how freely to choose: 0 is strict, 2 is wild",
  topP: "choose among the likeliest tokens that make up this share",
  stop: "stop where the answer would say this; repeatable",
  seed: "the same seed gives the same choices",
  topK: "choose among so many of the likeliest tokens",
  frequencyPenalty: "over 0: the more often a token was written, the less likely it is",
  presencePenalty: "over 0: a token that was written is less likely",
  logitBias: "makes tokens likelier or less likely, by their numbers at the model",
  logprobs: "tell how likely each token was, and so many others",
  parallelToolCalls: "several tools may be called at once",
  reasoningEffort: "how much is thought before it is answered",
  providerOptions: "handed to the backend untouched, under its type",
  dimensions: "shorten the vectors to this many numbers",
  purpose: "what the text is for",
  labels: "what to choose from",
  documents: "what to sort; repeatable",
  topN: "only so many of the best",
  returnDocuments: "repeat each document with its score",
  multiLabel: "judge each label by itself: several may hold, or none",
};

/** One option for each field of a capability's request but its plain text, made from the request's JSON Schema. */
export function addRequestOptions(
  command: Command,
  capability: AnyCapability,
): (values: Record<string, unknown>) => Promise<Record<string, unknown>> {
  const { properties = {} } = toJsonSchema(capability.request, "input") as {
    properties?: Record<string, JsonSchema>;
  };
  const options = Object.entries(properties)
    .filter(([field]) => field !== capability.text.input)
    .map(([field, schema]) => toOption(field, schema));
  for (const { option } of options) command.addOption(option);

  return async (values) => {
    const request: Record<string, unknown> = {};
    for (const { field, option, read } of options) {
      const given = values[option.attributeName()];
      if (given !== undefined) request[field] = await read(given);
    }
    return request;
  };
}

/** Whether the plain text of a capability may be several texts: `embed "one" "two"`. */
export function takesSeveralTexts(capability: AnyCapability): boolean {
  const { properties = {} } = toJsonSchema(capability.request, "input") as {
    properties?: Record<string, JsonSchema>;
  };
  return variants(properties[capability.text.input] ?? {}).some(isListOfTexts);
}

/** What commander made of an option is what the request takes. */
const asGiven = (given: unknown) => given;

function toOption(field: string, schema: JsonSchema): RequestOption {
  const flag = `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const description =
    (schema["description"] as string | undefined) ??
    explanations[field] ??
    `the request's ${field}`;
  const kinds = variants(schema);
  const [only] = kinds;
  const make = (placeholder: string, suffix = "") =>
    new Option(`${flag}${placeholder}`, description + suffix);

  if (kinds.length === 1 && only !== undefined) {
    const { type, enum: choices } = only as { type?: unknown; enum?: unknown };
    if (type === "boolean") return { field, option: make(""), read: asGiven };
    if (type === "integer" || type === "number")
      return { field, option: make(" <number>").argParser(numberParser(only)), read: asGiven };
    if (Array.isArray(choices) && choices.every((choice) => typeof choice === "string"))
      return { field, option: make(" <choice>").choices(choices), read: asGiven };
    if (type === "string") return { field, option: make(" <text>"), read: asGiven };
    if (isListOfTexts(only))
      return { field, option: make(" <a,b,…>").argParser(collectNames), read: asGiven };
  }
  if (kinds.some(({ type }) => type === "string") && kinds.some(isListOfTexts))
    return { field, option: make(" <text>").argParser(collect), read: asGiven };
  const readWord = wordReader(kinds);
  return {
    field,
    option:
      readWord === undefined
        ? make(" <json>", " (JSON, or @file)")
        : make(" <word>", " (or JSON, or @file)"),
    read: async (given) => readWord?.(String(given)) ?? (await readJson(flag, String(given))),
  };
}

/**
 * Reads what needs no JSON around it: one of a schema's words, any text where the schema takes one, and a bare name where it
 * takes an object that holds nothing else. Undefined where the schema takes neither; gives undefined for JSON and `@file`.
 */
function wordReader(kinds: readonly JsonSchema[]): ((given: string) => unknown) | undefined {
  const texts = kinds.filter(({ type }) => type === "string");
  const words = texts.flatMap((kind) => (kind["enum"] as string[] | undefined) ?? []);
  const takesAnyText = texts.some((kind) => kind["enum"] === undefined);
  const [key] = kinds.flatMap(onlyTextOf);
  if (texts.length === 0 && key === undefined) return undefined;
  return (given) => {
    if (words.includes(given)) return given;
    if (given.startsWith("@") || isJson(given)) return undefined;
    if (takesAnyText) return given;
    return key !== undefined && /^[\w.:/-]+$/.test(given) ? { [key]: given } : undefined;
  };
}

/** The name of an object's only property, where that is a text and must be there. */
function onlyTextOf(schema: JsonSchema): string[] {
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, JsonSchema>;
    required?: string[];
  };
  const [first, ...rest] = Object.entries(properties);
  if (first === undefined || rest.length > 0) return [];
  const [name, { type }] = first;
  return type === "string" && required.includes(name) ? [name] : [];
}

function isJson(given: string): boolean {
  try {
    JSON.parse(given);
    return true;
  } catch {
    return false;
  }
}

/** A schema that is one of several, as a list of them. */
function variants(schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf } = schema as { anyOf?: JsonSchema[]; oneOf?: JsonSchema[] };
  return anyOf ?? oneOf ?? [schema];
}

function isListOfTexts({ type, items }: JsonSchema): boolean {
  return type === "array" && (items as JsonSchema | undefined)?.["type"] === "string";
}

/** Reads a number that its schema allows: refused here, it is called by its flag and not by the request's field. */
function numberParser(schema: JsonSchema): (given: string) => number {
  const whole = schema["type"] === "integer";
  const {
    minimum = -Infinity,
    maximum = Infinity,
    exclusiveMinimum = -Infinity,
  } = schema as Record<"minimum" | "maximum" | "exclusiveMinimum", number | undefined>;
  const limits = [
    { word: "above", limit: exclusiveMinimum },
    { word: "at least", limit: minimum },
    { word: "at most", limit: maximum },
  ]
    // Every whole number has the limits of what a double can hold.
    .filter(({ limit }) => Math.abs(limit) < Number.MAX_SAFE_INTEGER)
    .map(({ word, limit }) => `${word} ${limit}`);
  const wanted = [whole ? "a whole number" : "a number", limits.join(" and ")].join(" ").trimEnd();

  return (given) => {
    const value = Number(given);
    const fits = value > exclusiveMinimum && value >= minimum && value <= maximum;
    if (given.trim() !== "" && fits && (!whole || Number.isInteger(value))) return value;
    throw new InvalidArgumentError(`Give ${wanted}.`);
  };
}

/** `a,b`, and once more for more of them. */
function collectNames(given: string, former: string[] = []): string[] {
  return [...former, ...given.split(",").map((name) => name.trim())];
}

function collect(given: string, former: string[] = []): string[] {
  return [...former, given];
}

async function readJson(flag: string, given: string): Promise<unknown> {
  const file = given.startsWith("@") ? given.slice(1) : undefined;
  const text = file === undefined ? given : await readFile(flag, file);
  try {
    return JSON.parse(text);
  } catch (error) {
    // Without @ in front, a file's name is the likeliest mistake.
    const remedy =
      file === undefined ? `Give JSON, or a file that holds it: ${flag} @file` : "Mend the file.";
    throw new ModelyardError(
      "invalid-request",
      `${flag}: ${file ?? "what was given"} is not JSON: ${(error as Error).message}`,
      { cause: error, remedy },
    );
  }
}

async function readFile(flag: string, file: string): Promise<string> {
  try {
    return await fs.readFile(file, "utf8");
  } catch (error) {
    throw new ModelyardError(
      "invalid-request",
      `${flag}: can't read ${file}: ${(error as NodeJS.ErrnoException).code}.`,
      { cause: error, remedy: "Give the path of a file that is there." },
    );
  }
}
