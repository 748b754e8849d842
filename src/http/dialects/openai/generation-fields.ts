import { invalidField, readFlag, readObject } from "../invalid-field.ts";
import { readFields, type FieldTable } from "../read-fields.ts";

/** What chat and completion have in common. */
export const generationFields: FieldTable = {
  model: "read",
  max_tokens: "read",
  temperature: "read",
  top_p: "read",
  stop: "read",
  seed: "read",
  stream: "read",
  stream_options: "read",
  n: "read",
  frequency_penalty: "read",
  presence_penalty: "read",
  logit_bias: "read",
  // What other servers take beside OpenAI's own fields, and what changes an answer.
  top_k: "read",
  min_p: "refused",
  typical_p: "refused",
  repetition_penalty: "refused",
  repeat_penalty: "refused",
  min_tokens: "refused",
  ignore_eos: "refused",
  grammar: "refused",
  guided_json: "refused",
  guided_regex: "refused",
  guided_choice: "refused",
  structured_outputs: "refused",
  // Nothing of the answer hangs on these.
  user: "ignored",
  safety_identifier: "ignored",
  prompt_cache_key: "ignored",
  prompt_cache_retention: "ignored",
  service_tier: "ignored",
  metadata: "ignored",
};

/** OpenAI's names of the contract's fields. */
export const generationNames = {
  maxTokens: "max_tokens",
  topP: "top_p",
  topK: "top_k",
  frequencyPenalty: "frequency_penalty",
  presencePenalty: "presence_penalty",
  logitBias: "logit_bias",
} as const;

/** The options as the contract has them; the gateway judges their values. */
export function toGenerationOptions(
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  setGiven(options, "maxTokens", readMaxTokens(body));
  setGiven(options, "temperature", body["temperature"]);
  setGiven(options, "topP", body["top_p"]);
  setGiven(options, "stop", body["stop"]);
  setGiven(options, "seed", body["seed"]);
  setGiven(options, "topK", body["top_k"]);
  setGiven(options, "frequencyPenalty", body["frequency_penalty"]);
  setGiven(options, "presencePenalty", body["presence_penalty"]);
  setGiven(options, "logitBias", body["logit_bias"]);
  setGiven(options, "providerOptions", body["providerOptions"]);
  return options;
}

/** Whether it is to be streamed, and whether the stream ends with what the answer cost. */
export function readStreaming(
  body: Readonly<Record<string, unknown>>,
  warnings: string[],
): { stream: boolean; includeUsage: boolean } {
  const stream = readFlag(body["stream"], "stream") ?? false;
  const given = body["stream_options"] ?? undefined;
  if (given === undefined) return { stream, includeUsage: false };
  const options = readObject(given, "stream_options");
  warnings.push(...readFields(options, streamFields, "stream_options."));
  if (!stream) warnings.push("stream_options was ignored: the answer is not streamed.");
  const wanted = readFlag(options["include_usage"], "stream_options.include_usage");
  return { stream, includeUsage: wanted ?? false };
}

/** Obfuscation pads events against listeners; there is none. */
const streamFields: FieldTable = { include_usage: "read", include_obfuscation: "ignored" };

function readMaxTokens(body: Readonly<Record<string, unknown>>): unknown {
  const older = body["max_tokens"] ?? undefined;
  const newer = body["max_completion_tokens"] ?? undefined;
  if (older !== undefined && newer !== undefined && older !== newer) {
    const message = `Is ${JSON.stringify(older)}, and max_completion_tokens is ${JSON.stringify(newer)}.`;
    throw invalidField("max_tokens", message, "Give one of them.");
  }
  return newer ?? older;
}

/** What is null, or nothing, was left out. */
export function setGiven(options: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined && value !== null) options[name] = value;
}
