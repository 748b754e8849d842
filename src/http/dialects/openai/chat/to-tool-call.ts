/** A tool call as OpenAI writes it. */
export function toToolCall({
  toolCallId,
  toolName,
  input,
}: {
  toolCallId: string;
  toolName: string;
  input?: unknown;
}) {
  return {
    id: toolCallId,
    type: "function",
    function: { name: toolName, arguments: JSON.stringify(input) ?? "{}" },
  };
}
