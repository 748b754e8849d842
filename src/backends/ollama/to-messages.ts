import type { ChatMessage } from "../../contract/capabilities/chat.ts";
import { textOf } from "../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../contract/errors.ts";
import type { BodyContext } from "./to-body.ts";

/** A message as `/api/chat` takes it. */
export interface OllamaMessage {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  thinking?: string;
  /** Base64, without a prefix. */
  images?: string[];
  tool_calls?: { id: string; function: { name: string; arguments: object } }[];
  tool_name?: string;
  tool_call_id?: string;
}

/** A conversation as Ollama takes it; each result of a tool is a message of its own. @throws `capability-not-supported` for images to a model that can't see */
export function toMessages(
  messages: readonly ChatMessage[],
  context: Pick<BodyContext, "model" | "description">,
): OllamaMessage[] {
  return messages.flatMap((message): OllamaMessage[] => {
    switch (message.role) {
      case "system":
        return [{ role: "system", content: textOf(message) }];
      case "user":
        return [fromUser(message, context)];
      case "assistant":
        return [fromAssistant(message)];
      case "tool":
        return message.content.map(({ toolCallId, toolName, output, isError }) => ({
          role: "tool",
          content: isError === true ? `Error: ${output}` : output,
          tool_name: toolName,
          tool_call_id: toolCallId,
        }));
    }
  });
}

function fromUser(
  message: Extract<ChatMessage, { role: "user" }>,
  { model, description }: Pick<BodyContext, "model" | "description">,
): OllamaMessage {
  const images = message.content.flatMap((part) => (part.type === "image" ? [part.data] : []));
  if (images.length > 0 && !description.sees) {
    throw new ModelyardError("capability-not-supported", `${model} can't read images.`, {
      model,
      remedy: "Ask a model that sees, such as llava or gemma3, or leave the image out.",
      details: { param: "messages" },
    });
  }
  return {
    role: "user",
    content: textOf(message),
    ...(images.length === 0 ? {} : { images }),
  };
}

function fromAssistant(message: Extract<ChatMessage, { role: "assistant" }>): OllamaMessage {
  let thinking = "";
  const calls: NonNullable<OllamaMessage["tool_calls"]> = [];
  for (const part of message.content) {
    if (part.type === "reasoning") thinking += part.text;
    else if (part.type === "tool-call")
      calls.push({
        id: part.toolCallId,
        function: { name: part.toolName, arguments: toArguments(part.toolName, part.input) },
      });
  }
  return {
    role: "assistant",
    content: textOf(message),
    ...(thinking === "" ? {} : { thinking }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function toArguments(tool: string, input: unknown): object {
  if (typeof input === "object" && input !== null && !Array.isArray(input)) return input;
  if (input === undefined || input === null) return {};
  throw new ModelyardError(
    "invalid-request",
    `The call of ${tool} has an input that is no object: Ollama takes arguments by name alone.`,
    { remedy: "Give the arguments as an object." },
  );
}
