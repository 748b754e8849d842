import type {
  CompletionEvent,
  CompletionResult,
} from "../../../contract/capabilities/completion.ts";
import type { AnyEvent } from "../../../contract/capability.ts";
import { sumUsage } from "../../../contract/usage.ts";
import type { Conversion, Origin, WholeAnswer } from "../conversion.ts";
import { invalidField } from "../invalid-field.ts";
import { readFields, type FieldTable } from "../read-fields.ts";
import { readCount, toChoices } from "./choices.ts";
import {
  generationFields,
  generationNames,
  readStreaming,
  toGenerationOptions,
} from "./generation-fields.ts";
import { createTextFrames } from "./text-frames.ts";
import { toCompletionLogprobs } from "./to-completion-logprobs.ts";
import { toFinishReason } from "./to-finish-reason.ts";
import { toUsage } from "./to-usage.ts";

const completionFields: FieldTable = {
  ...generationFields,
  prompt: "read",
  best_of: [1],
  echo: [false],
  suffix: [""],
  logprobs: "read",
  messages: "refused",
};

/** `/v1/completions`. */
export const completionConversion: Conversion = {
  capability: "completion",
  fieldNames: generationNames,
  read(body) {
    const warnings = readFields(body, completionFields);
    const { stream, includeUsage } = readStreaming(body, warnings);
    const logprobs = body["logprobs"] ?? false;
    const options = {
      ...toGenerationOptions(body),
      ...(logprobs === false ? {} : { logprobs }),
    };
    const prompts = readPrompts(body["prompt"]);
    // Before anything is made of them: a body holds millions of prompts.
    const count = readCount(body, prompts.length);
    const requests = toChoices(
      prompts.map((prompt) => ({ prompt, ...options })),
      count,
    );
    return {
      requests,
      stream,
      warnings,
      toAnswer: (results, origin) => toAnswer(results as readonly CompletionResult[], origin),
      createFrames: (origin, untold) =>
        createTextFrames({
          id: `cmpl-${origin.id}`,
          object: "text_completion",
          choices: requests.length,
          includeUsage,
          field: '"text":',
          nothing: '""',
          origin,
          untold,
          ofEvent: (event) =>
            event.type === "text-delta" ? JSON.stringify((event as { text?: unknown }).text) : "",
          logprobsOf: createLogprobsOf(),
        }),
    };
  },
};

/** Each text is continued by itself. */
function readPrompts(given: unknown): readonly string[] {
  const prompts: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (prompts.length > 0 && prompts.every((prompt) => typeof prompt === "string")) return prompts;
  const [first] = prompts;
  if (typeof first === "number" || Array.isArray(first))
    throw invalidField("prompt", "Token numbers are not supported.", "Send texts.");
  throw invalidField("prompt", "Must be a text, or an array of texts.");
}

/** Each choice counts its own characters. */
function createLogprobsOf(): (event: AnyEvent, choice: number) => string {
  const offsets: number[] = [];
  return (given, choice) => {
    const event = given as CompletionEvent;
    if (event.type !== "text-delta") return "null";
    const offset = offsets[choice] ?? 0;
    offsets[choice] = offset + event.text.length;
    return event.logprobs === undefined
      ? "null"
      : JSON.stringify(toCompletionLogprobs(event.logprobs, offset));
  };
}

function toAnswer(
  results: readonly CompletionResult[],
  { id, backend, model, createdAt }: Origin,
): WholeAnswer {
  const reasons = results.map(({ finishReason }) => toFinishReason(finishReason));
  return {
    warnings: reasons.flatMap(({ warnings }) => warnings),
    body: {
      id: `cmpl-${id}`,
      object: "text_completion",
      created: createdAt,
      model: `${backend}/${model}`,
      choices: results.map(({ text, logprobs }, index) => ({
        index,
        text,
        logprobs: logprobs === undefined ? null : toCompletionLogprobs(logprobs, 0),
        finish_reason: reasons[index]?.word,
      })),
      usage: toUsage(sumUsage(results.map(({ usage }) => usage))),
    },
  };
}
