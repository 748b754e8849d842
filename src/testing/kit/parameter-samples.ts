import type { AnyCapability } from "../../contract/capability.ts";
import { fieldsAt, toJsonSchema, type JsonSchema } from "../../contract/schema.ts";
import { valueOf } from "./sample-request.ts";

/** What a request is about, which is no parameter of it. */
const subjects = ["messages", "prompt", "system", "input", "labels"];

const tools = [
  {
    name: "look_up",
    description: "Looks up a word.",
    inputSchema: { type: "object", properties: { word: { type: "string" } }, required: ["word"] },
  },
];

/** A parameter with a value that makes a difference, and what must be given beside it. */
export interface ParameterSample {
  readonly name: string;
  readonly given: Readonly<Record<string, unknown>>;
  readonly beside: Readonly<Record<string, unknown>>;
}

const known: Readonly<Record<string, unknown>> = {
  maxTokens: 1,
  temperature: 0.25,
  topP: 0.5,
  stop: ["four"],
  seed: 7,
  topK: 5,
  frequencyPenalty: 0.5,
  presencePenalty: 0.5,
  logitBias: { 5: 1 },
  logprobs: 2,
  tools,
  toolChoice: "required",
  parallelToolCalls: false,
  reasoningEffort: "low",
  responseSchema: {
    type: "object",
    properties: { answer: { type: "string" } },
    required: ["answer"],
    additionalProperties: false,
  },
  dimensions: 2,
  purpose: "query",
  multiLabel: true,
};

const besides: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  toolChoice: { tools },
  parallelToolCalls: { tools },
};

/** The parameters of a capability's request, each with a value to try. `type`: whose own options are tried. */
export function parameterSamples(
  { request, text: { input } }: AnyCapability,
  type: string,
): ParameterSample[] {
  const schema = toJsonSchema(request, "input");
  const required = (schema["required"] as string[] | undefined) ?? [];
  const names = fieldsAt(schema, []).filter(
    (name) => name !== input && !subjects.includes(name) && !required.includes(name),
  );
  return names.map((name) => ({
    name,
    given: { [name]: valueFor(name, schema, type) },
    beside: besides[name] ?? {},
  }));
}

function valueFor(name: string, schema: JsonSchema, type: string): unknown {
  if (name === "providerOptions") return { [type]: { kit: 1 } };
  if (name in known) return known[name];
  const properties = schema["properties"] as Record<string, JsonSchema> | undefined;
  return valueOf(properties?.[name] ?? {});
}
