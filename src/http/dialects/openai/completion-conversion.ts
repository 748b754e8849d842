import type { CompletionResult } from "../../../contract/capabilities/completion.ts";
import type { Conversion, Origin, WholeAnswer } from "../conversion.ts";
import { invalidField } from "../invalid-field.ts";
import { readFields, type FieldTable } from "../read-fields.ts";
import {
  generationFields,
  generationNames,
  readStreaming,
  toGenerationOptions,
} from "./generation-fields.ts";
import { createTextFrames } from "./text-frames.ts";
import { toFinishReason } from "./to-finish-reason.ts";
import { toUsage } from "./to-usage.ts";

const completionFields: FieldTable = {
  ...generationFields,
  prompt: "read",
  best_of: [1],
  echo: [false],
  suffix: [""],
  logprobs: [false],
  messages: "refused",
};

/** `/v1/completions`. */
export const completionConversion: Conversion = {
  capability: "completion",
  fieldNames: generationNames,
  read(body) {
    const warnings = readFields(body, completionFields);
    const { stream, includeUsage } = readStreaming(body, warnings);
    return {
      request: { prompt: readPrompt(body["prompt"]), ...toGenerationOptions(body) },
      stream,
      warnings,
      toAnswer: (result, origin) => toAnswer(result as CompletionResult, origin),
      createFrames: (origin, untold) =>
        createTextFrames({
          id: `cmpl-${origin.id}`,
          object: "text_completion",
          includeUsage,
          field: '"text":',
          nothing: '""',
          origin,
          untold,
          ofEvent: (event) =>
            event.type === "text-delta" ? JSON.stringify((event as { text?: unknown }).text) : "",
        }),
    };
  },
};

function readPrompt(prompt: unknown): string {
  const only = Array.isArray(prompt) && prompt.length === 1 ? (prompt[0] as unknown) : prompt;
  if (typeof only === "string") return only;
  throw invalidField(
    "prompt",
    "Must be one text.",
    "Send one request for each prompt, and texts rather than token numbers.",
  );
}

function toAnswer(
  { text, finishReason, usage }: CompletionResult,
  { id, backend, model, createdAt }: Origin,
): WholeAnswer {
  const { word, warnings } = toFinishReason(finishReason);
  return {
    warnings,
    body: {
      id: `cmpl-${id}`,
      object: "text_completion",
      created: createdAt,
      model: `${backend}/${model}`,
      choices: [{ index: 0, text, logprobs: null, finish_reason: word }],
      usage: toUsage(usage),
    },
  };
}
