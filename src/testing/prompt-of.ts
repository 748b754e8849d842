/** All that a model was asked in a request to OpenAI's API; undefined where it asks none. */
export function promptOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { messages, prompt, input } = body as Record<string, unknown>;
  const asked = Array.isArray(messages)
    ? messages.map((message: { content?: unknown } | null) => message?.content)
    : (prompt ?? input);
  return asked === undefined ? undefined : textOf(asked);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.map(textOf).join("\n");
  if (typeof value === "object" && value !== null && "text" in value) return textOf(value.text);
  return "";
}
