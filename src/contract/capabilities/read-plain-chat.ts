/** A chat of texts alone. */
export interface PlainChat {
  messages: PlainMessage[];
  maxTokens?: number;
  temperature?: number;
  topP?: number;
  seed?: number;
}

interface PlainMessage {
  role: "user" | "assistant" | "system";
  content: { type: "text"; text: string }[];
}

/** What a plain chat may say beside its messages, and whether it is right. */
const options: Readonly<Record<string, (value: unknown) => boolean>> = {
  maxTokens: (value) => Number.isSafeInteger(value) && (value as number) > 0,
  temperature: (value) => isBetween(value, 0, 2),
  topP: (value) => value !== 0 && isBetween(value, 0, 1),
  seed: Number.isSafeInteger,
};

/**
 * A chat of texts and a few numbers, as its schema would give it; undefined for any other, and where anything may be wrong, which is for
 * the schema to say. Most calls are such chats, and a schema's way through one costs a tenth of the whole call.
 */
export function readPlainChat(given: unknown): PlainChat | undefined {
  if (!isPlainObject(given) || !Array.isArray(given["messages"])) return undefined;
  const request: Record<string, unknown> = {};
  for (const name in given) {
    if (name === "messages") continue;
    const value = given[name];
    if (!Object.hasOwn(options, name) || options[name]?.(value) !== true) return undefined;
    request[name] = value;
  }
  const messages: PlainMessage[] = [];
  for (const each of given["messages"]) {
    const message = readMessage(each);
    if (message === undefined) return undefined;
    messages.push(message);
  }
  return messages.length === 0 ? undefined : { ...request, messages };
}

function readMessage(given: unknown): PlainMessage | undefined {
  if (!isPlainObject(given) || Object.keys(given).length !== 2) return undefined;
  const { role, content } = given;
  if (role !== "user" && role !== "assistant" && role !== "system") return undefined;
  const texts = typeof content === "string" ? [content] : readTexts(content);
  if (texts?.every((text) => text.isWellFormed()) !== true) return undefined;
  return { role, content: texts.map((text) => ({ type: "text", text })) };
}

function readTexts(content: unknown): string[] | undefined {
  if (!Array.isArray(content)) return undefined;
  const texts: string[] = [];
  for (const part of content as unknown[]) {
    if (!isPlainObject(part) || Object.keys(part).length !== 2) return undefined;
    const { type, text } = part;
    if (type !== "text" || typeof text !== "string") return undefined;
    texts.push(text);
  }
  return texts;
}

function isBetween(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}
