import type { ChatResult } from "../../../../contract/capabilities/chat.ts";
import type { Conversion, Origin, WholeAnswer } from "../../conversion.ts";
import { invalidField } from "../../invalid-field.ts";
import { readFields, type FieldTable } from "../../read-fields.ts";
import {
  generationFields,
  generationNames,
  readStreaming,
  toGenerationOptions,
} from "../generation-fields.ts";
import { toFinishReason } from "../to-finish-reason.ts";
import { toUsage } from "../to-usage.ts";
import { createChatFrames } from "./chat-frames.ts";
import { fromMessages } from "./from-messages.ts";
import { fromResponseFormat } from "./from-response-format.ts";
import { fromToolChoice, fromTools } from "./from-tools.ts";
import { toToolCall } from "./to-tool-call.ts";

const chatFields: FieldTable = {
  ...generationFields,
  messages: "read",
  max_completion_tokens: "read",
  tools: "read",
  tool_choice: "read",
  parallel_tool_calls: "read",
  response_format: "read",
  logprobs: [false],
  top_logprobs: [0],
  modalities: [["text"]],
  audio: "refused",
  functions: "refused",
  function_call: "refused",
  web_search_options: "refused",
  // Other protocols' words for what stands in messages.
  system: "refused",
  prompt: "refused",
  // How much is thought and said is the model's own affair here.
  reasoning_effort: "ignored",
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
    responseSchema: "response_format",
  },
  read(body) {
    const warnings = readFields(body, chatFields);
    if (body["store"] === true) warnings.push("store was ignored: nothing is kept.");
    const messages = fromMessages(body["messages"], warnings);
    const tools = fromTools(body["tools"], warnings);
    // A caller who can take one call at a time would lose the others.
    if (body["parallel_tool_calls"] === false && tools !== undefined && tools.length > 0)
      throw invalidField("parallel_tool_calls", "Not supported. Only true is.", "Leave it out.");
    const toolChoice = fromToolChoice(body["tool_choice"]);
    const responseSchema = fromResponseFormat(body["response_format"]);
    const { stream, includeUsage } = readStreaming(body, warnings);
    return {
      request: {
        messages,
        ...(tools === undefined ? {} : { tools }),
        ...(toolChoice === undefined ? {} : { toolChoice }),
        ...(responseSchema === undefined ? {} : { responseSchema }),
        ...toGenerationOptions(body),
      },
      stream,
      warnings,
      toAnswer: (result, origin) => toAnswer(result as ChatResult, origin),
      createFrames: (origin, untold) => createChatFrames(origin, untold, includeUsage),
    };
  },
};

function toAnswer(result: ChatResult, { id, backend, model, createdAt }: Origin): WholeAnswer {
  const { text, reasoning, toolCalls, finishReason, usage } = result;
  const { word, warnings } = toFinishReason(finishReason);
  const message = {
    role: "assistant",
    content: text === "" && toolCalls !== undefined ? null : text,
    refusal: null,
    reasoning_content: reasoning,
    tool_calls: toolCalls?.map(toToolCall),
  };
  return {
    warnings,
    body: {
      id: `chatcmpl-${id}`,
      object: "chat.completion",
      created: createdAt,
      model: `${backend}/${model}`,
      choices: [{ index: 0, message, logprobs: null, finish_reason: word }],
      usage: toUsage(usage),
    },
  };
}
