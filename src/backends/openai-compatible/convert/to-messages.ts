import { type ChatMessage, textOf } from "../../../contract/capabilities/chat.ts";
import type { Profile } from "../profiles/profile.ts";

type Wire = Record<string, unknown>;

/** Messages in OpenAI's words. Earlier reasoning goes back only where the profile knows a field for it. */
export function toMessages(
  messages: readonly ChatMessage[],
  { reasoningHistory }: Pick<Profile, "reasoningHistory">,
): Wire[] {
  return messages.flatMap((message): Wire[] => {
    if (message.role === "tool")
      return message.content.map(({ toolCallId, output, isError }) => ({
        role: "tool",
        tool_call_id: toolCallId,
        content: isError === true ? `Error: ${output}` : output,
      }));
    if (message.role === "assistant") return [toAssistant(message, reasoningHistory)];
    return [{ role: message.role, content: toContent(message) }];
  });
}

/** Plain text wherever it can be: many servers take no list. */
function toContent(message: Extract<ChatMessage, { role: "system" | "user" }>): unknown {
  const { content } = message;
  if (content.every(({ type }) => type === "text")) return textOf(message);
  return content.map((part) =>
    part.type === "text"
      ? { type: "text", text: part.text }
      : { type: "image_url", image_url: { url: `data:${part.mediaType};base64,${part.data}` } },
  );
}

function toAssistant(
  message: Extract<ChatMessage, { role: "assistant" }>,
  reasoningField: string | undefined,
): Wire {
  const calls = message.content.flatMap((part) =>
    part.type === "tool-call"
      ? {
          id: part.toolCallId,
          type: "function",
          function: { name: part.toolName, arguments: JSON.stringify(part.input ?? {}) },
        }
      : [],
  );
  const reasoning = message.content
    .map((part) => (part.type === "reasoning" ? part.text : ""))
    .join("");
  const said = textOf(message);
  return {
    role: "assistant",
    content: said === "" && calls.length > 0 ? null : said,
    ...(reasoning === "" || reasoningField === undefined ? {} : { [reasoningField]: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}
