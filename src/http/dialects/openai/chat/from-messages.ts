import { invalidField, readList, readObject, readText } from "../../invalid-field.ts";
import { readFields, type FieldTable } from "../../read-fields.ts";
import { fromContent } from "./from-content.ts";

/** Clients send back messages as they have received them, with all that stood there. */
const messageFields: FieldTable = {
  role: "read",
  content: "read",
  tool_calls: "read",
  tool_call_id: "read",
  reasoning_content: "read",
  reasoning: "read",
  refusal: "read",
  name: "ignored",
  annotations: [[]],
  audio: "refused",
  function_call: "refused",
};

/** Messages as the contract has them, one for each. @throws ModelyardError `invalid-request` */
export function fromMessages(messages: unknown, warnings: string[]): object[] {
  const toolNames = new Map<string, string>();
  return readList(messages, "messages").map((given, index) => {
    const at = `messages[${index}]`;
    const message = readObject(given, at);
    warnings.push(...readFields(message, messageFields, `${at}.`));
    const { role, content } = message;
    switch (role) {
      case "system":
      case "developer":
        return {
          role: "system",
          content: fromPlain(content, `${at}.content`, { images: false, warnings }),
        };
      case "user":
        return {
          role,
          content: fromPlain(content, `${at}.content`, { images: true, warnings }),
        };
      case "assistant":
        return { role, content: fromAssistant(message, at, toolNames, warnings) };
      case "tool":
        return { role, content: [fromToolResult(message, at, toolNames, warnings)] };
      default:
        throw invalidField(
          `${at}.role`,
          'Must be "system", "developer", "user", "assistant" or "tool".',
        );
    }
  });
}

/** A string stays one, so that what is wrong with it is told under the path that the caller wrote. */
function fromPlain(...given: Parameters<typeof fromContent>): string | object[] {
  const [content] = given;
  return typeof content === "string" ? content : fromContent(...given);
}

function fromAssistant(
  message: Readonly<Record<string, unknown>>,
  at: string,
  toolNames: Map<string, string>,
  warnings: string[],
): object[] {
  const { content, refusal } = message;
  const reasoning = message["reasoning_content"] ?? message["reasoning"] ?? "";
  const text = content ?? refusal ?? "";
  const calls = readList(message["tool_calls"] ?? [], `${at}.tool_calls`);
  return [
    ...(reasoning === ""
      ? []
      : [{ type: "reasoning", text: readText(reasoning, `${at}.reasoning_content`) }]),
    ...(text === "" ? [] : fromContent(text, `${at}.content`, { images: false, warnings })),
    ...calls.map((call, index) => fromToolCall(call, `${at}.tool_calls[${index}]`, toolNames)),
  ];
}

function fromToolCall(given: unknown, at: string, toolNames: Map<string, string>): object {
  const call = readObject(given, at);
  if ((call["type"] ?? "function") !== "function")
    throw invalidField(`${at}.type`, 'Must be "function".');
  const toolCallId = readText(call["id"], `${at}.id`);
  const called = readObject(call["function"], `${at}.function`);
  const toolName = readText(called["name"], `${at}.function.name`);
  const words = readText(called["arguments"], `${at}.function.arguments`);
  toolNames.set(toolCallId, toolName);
  return { type: "tool-call", toolCallId, toolName, input: parseArguments(words, at) };
}

function parseArguments(words: string, at: string): unknown {
  if (words.trim() === "") return {};
  try {
    return JSON.parse(words);
  } catch {
    // What the parser says repeats what stands there.
    throw invalidField(`${at}.function.arguments`, "Must be JSON.");
  }
}

function fromToolResult(
  message: Readonly<Record<string, unknown>>,
  at: string,
  toolNames: ReadonlyMap<string, string>,
  warnings: string[],
): object {
  const toolCallId = readText(message["tool_call_id"], `${at}.tool_call_id`);
  const toolName = toolNames.get(toolCallId);
  if (toolName === undefined)
    throw invalidField(`${at}.tool_call_id`, "No message before it holds this tool call.");
  const parts = fromContent(message["content"], `${at}.content`, { images: false, warnings });
  const output = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
  return { type: "tool-result", toolCallId, toolName, output };
}
