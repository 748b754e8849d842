import type { ChatHistoryItem, ChatModelResponse } from "node-llama-cpp";
import { textOf, type ChatMessage } from "../../../contract/capabilities/chat.ts";
import { ModelyardError } from "../../../contract/errors.ts";

type ResponsePart = ChatModelResponse["response"][number];

/**
 * Messages as the library's history. There a tool's result is part of the call, and a turn of the model goes on after it: so assistant
 * and tool messages that follow each other become one item. The last item is always the model's, for it to continue.
 * @throws ModelyardError `capability-not-supported` for an image, `invalid-request` for a result without its call.
 */
export function toChatHistory(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const results = resultsByCall(messages);
  const history: ChatHistoryItem[] = [];
  let turn: ResponsePart[] | undefined;
  for (const message of messages) {
    if (message.role === "tool") continue;
    if (message.role === "assistant") {
      if (turn === undefined) history.push({ type: "model", response: (turn = []) });
      turn.push(...toResponseParts(message, results));
      continue;
    }
    turn = undefined;
    if (message.role === "user") refuseImages(message);
    history.push({ type: message.role, text: textOf(message) });
  }
  if (turn === undefined) history.push({ type: "model", response: [] });
  return history;
}

function toResponseParts(
  message: Extract<ChatMessage, { role: "assistant" }>,
  results: ReadonlyMap<string, string>,
): ResponsePart[] {
  return message.content.map((part): ResponsePart => {
    if (part.type === "text") return part.text;
    if (part.type === "reasoning")
      return { type: "segment", segmentType: "thought", text: part.text, ended: true };
    return {
      type: "functionCall",
      name: part.toolName,
      params: part.input,
      result: results.get(part.toolCallId),
    };
  });
}

/** Every tool result by the call that it answers. */
function resultsByCall(messages: readonly ChatMessage[]): Map<string, string> {
  const calls = new Set<string>();
  const results = new Map<string, string>();
  for (const message of messages) {
    if (message.role === "assistant")
      for (const part of message.content) if (part.type === "tool-call") calls.add(part.toolCallId);
    if (message.role !== "tool") continue;
    for (const { toolCallId, toolName, output, isError } of message.content) {
      if (!calls.has(toolCallId)) {
        throw new ModelyardError(
          "invalid-request",
          `The result of ${toolName} answers no call before it: there is no ${JSON.stringify(toolCallId)}.`,
        );
      }
      results.set(toolCallId, isError === true ? `Error: ${output}` : output);
    }
  }
  return results;
}

function refuseImages(message: Extract<ChatMessage, { role: "user" }>): void {
  if (message.content.every(({ type }) => type === "text")) return;
  throw new ModelyardError("capability-not-supported", "llama-cpp can't read images.", {
    remedy: "Ask a model that sees through another backend, or leave the image out.",
    details: { param: "messages" },
  });
}
