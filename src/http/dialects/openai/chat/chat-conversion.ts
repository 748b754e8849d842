import type { ChatResult } from "../../../../contract/capabilities/chat.ts";
import type { Conversion, Origin, WholeAnswer } from "../../conversion.ts";
import { invalidField, readFlag } from "../../invalid-field.ts";
import { readFields, type FieldTable } from "../../read-fields.ts";
import {
  generationFields,
  generationNames,
  readStreaming,
  setGiven,
  toGenerationOptions,
} from "../generation-fields.ts";
import { sumUsage } from "../../../../contract/usage.ts";
import { readCount, toChoices } from "../choices.ts";
import { toFinishReason } from "../to-finish-reason.ts";
import { toUsage } from "../to-usage.ts";
import { createChatFrames } from "./chat-frames.ts";
import { fromMessages } from "./from-messages.ts";
import { fromResponseFormat } from "./from-response-format.ts";
import { fromToolChoice, fromTools } from "./from-tools.ts";
import { toLogprobs } from "./to-logprobs.ts";
import { toToolCall } from "./to-tool-call.ts";

const chatFields: FieldTable = {
  ...generationFields,
  messages: "read",
  max_completion_tokens: "read",
  tools: "read",
  tool_choice: "read",
  parallel_tool_calls: "read",
  response_format: "read",
  logprobs: "read",
  top_logprobs: "read",
  modalities: [["text"]],
  audio: "refused",
  functions: "refused",
  function_call: "refused",
  web_search_options: "refused",
  // Other protocols' words for what stands in messages.
  system: "refused",
  prompt: "refused",
  reasoning_effort: "read",
  // How much is said is the model's own affair here.
  verbosity: "ignored",
  prediction: "ignored",
  store: "read",
};

/** `/v1/chat/completions`. */
export const chatConversion: Conversion = {
  capability: "chat",
  fieldNames: {
    ...generationNames,
    toolChoice: "tool_choice",
    parallelToolCalls: "parallel_tool_calls",
    reasoningEffort: "reasoning_effort",
    responseSchema: "response_format",
  },
  fieldPaths: [
    [/^responseSchema(?=[.[])/, "response_format.json_schema.schema"],
    [/^(tools\[\d+\])\.inputSchema/, "$1.function.parameters"],
    [/^(tools\[\d+\])\.name/, "$1.function.name"],
  ],
  read(body) {
    const warnings = readFields(body, chatFields);
    if (body["store"] === true) warnings.push("store was ignored: nothing is kept.");
    const messages = fromMessages(body["messages"], warnings);
    const tools = fromTools(body["tools"], warnings);
    // Without tools there is nothing that could be called.
    const hasTools = tools !== undefined && tools.length > 0;
    const parallelToolCalls = readFlag(body["parallel_tool_calls"], "parallel_tool_calls");
    const reasoningEffort = body["reasoning_effort"] ?? undefined;
    const logprobs = readLogprobs(body);
    const toolChoice = fromToolChoice(body["tool_choice"]);
    const responseSchema = fromResponseFormat(body["response_format"]);
    const { stream, includeUsage } = readStreaming(body, warnings);
    const request = toGenerationOptions(body);
    request["messages"] = messages;
    setGiven(request, "tools", tools);
    setGiven(request, "toolChoice", toolChoice);
    if (hasTools) setGiven(request, "parallelToolCalls", parallelToolCalls);
    setGiven(request, "responseSchema", responseSchema);
    setGiven(request, "reasoningEffort", reasoningEffort);
    setGiven(request, "logprobs", logprobs);
    const requests = toChoices([request], readCount(body));
    const choices = requests.length;
    return {
      requests,
      stream,
      warnings,
      toAnswer: (results, origin) => toAnswer(results as readonly ChatResult[], origin),
      createFrames: (origin, untold) => createChatFrames({ origin, choices, includeUsage, untold }),
    };
  },
};

/** How many other tokens are told for each; undefined where no likelihood is asked for. */
function readLogprobs(body: Readonly<Record<string, unknown>>): unknown {
  const top = body["top_logprobs"] ?? undefined;
  if (top !== undefined && !(Number.isInteger(top) && Number(top) >= 0 && Number(top) <= 20))
    throw invalidField("top_logprobs", "Must be a whole number from 0 to 20.");
  if (readFlag(body["logprobs"], "logprobs") === true) return top ?? 0;
  if (top === undefined || top === 0) return undefined;
  throw invalidField("top_logprobs", "Needs logprobs to be true.");
}

function toAnswer(
  results: readonly ChatResult[],
  { id, backend, model, createdAt }: Origin,
): WholeAnswer {
  const choices = results.map(toChoice);
  return {
    warnings: choices.flatMap(({ warnings }) => warnings),
    body: {
      id: `chatcmpl-${id}`,
      object: "chat.completion",
      created: createdAt,
      model: `${backend}/${model}`,
      choices: choices.map(({ choice }) => choice),
      usage: toUsage(sumUsage(results.map(({ usage }) => usage))),
    },
  };
}

function toChoice(result: ChatResult, index: number) {
  const { text, reasoning, logprobs, toolCalls, finishReason } = result;
  const { word, warnings } = toFinishReason(finishReason);
  const message = {
    role: "assistant",
    content: text === "" && toolCalls !== undefined ? null : text,
    refusal: null,
    reasoning_content: reasoning,
    tool_calls: toolCalls?.map(toToolCall),
  };
  const likelihoods = logprobs === undefined ? null : toLogprobs(logprobs);
  return { warnings, choice: { index, message, logprobs: likelihoods, finish_reason: word } };
}
