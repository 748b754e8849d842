import { type ChatMessage, textOf } from "../../../contract/capabilities/chat.ts";
import type { Profile } from "../profiles/profile.ts";

type Wire = Record<string, unknown>;

/** Messages in OpenAI's words. Earlier reasoning goes back only where the profile knows a field for it. */
export function toMessages(
  messages: readonly ChatMessage[],
  { reasoningHistory }: Pick<Profile, "reasoningHistory">,
): Wire[] {
  const all: Wire[] = [];
  for (const message of messages) {
    if (message.role === "tool") all.push(...message.content.map(toToolResult));
    else if (message.role === "assistant") all.push(toAssistant(message, reasoningHistory));
    else all.push({ role: message.role, content: toContent(message) });
  }
  return all;
}

function toToolResult({
  toolCallId,
  output,
  isError,
}: Extract<ChatMessage, { role: "tool" }>["content"][number]): Wire {
  return {
    role: "tool",
    tool_call_id: toolCallId,
    content: isError === true ? `Error: ${output}` : output,
  };
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
