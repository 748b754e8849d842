import { z } from "zod";
import {
  defineCapability,
  type EventOf,
  type RequestInput,
  type RequestOf,
  type ResultOf,
} from "../capability.ts";
import { schemaProblems } from "../schema-problems.ts";
import { nonEmptyText, text } from "../text.ts";
import { usage } from "../usage.ts";
import {
  collectText,
  finishEvent,
  finishReason,
  generationOptions,
  textDelta,
  tokenLogprob,
} from "./generation.ts";
import { readPlainChat } from "./read-plain-chat.ts";

const textPart = z.strictObject({ type: z.literal("text"), text });
const imagePart = z.strictObject({
  type: z.literal("image"),
  /** The image's bytes, base64. */
  data: z.base64(),
  mediaType: z.string().regex(/^image\//, { error: "Must be an image type such as image/png." }),
});
const reasoningPart = z.strictObject({ type: z.literal("reasoning"), text });
const toolCallPart = z.strictObject({
  type: z.literal("tool-call"),
  toolCallId: z.string(),
  toolName: z.string(),
  /** The arguments, as a JSON value. */
  input: z.unknown(),
});
const toolResultPart = z.strictObject({
  type: z.literal("tool-result"),
  toolCallId: z.string(),
  toolName: z.string(),
  output: text,
  isError: z.boolean().optional(),
});

/** A plain string stands for one text part, so that handlers meet a single shape. */
function content<Part extends z.ZodType>(part: Part) {
  return z.union([
    text.transform((value) => [{ type: "text" as const, text: value }]),
    z.array(part),
  ]);
}

const message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: content(textPart) }),
  z.strictObject({
    role: z.literal("user"),
    content: content(z.discriminatedUnion("type", [textPart, imagePart])),
  }),
  z.strictObject({
    role: z.literal("assistant"),
    content: content(z.discriminatedUnion("type", [textPart, reasoningPart, toolCallPart])),
  }),
  z.strictObject({ role: z.literal("tool"), content: z.array(toolResultPart) }),
]);

/** A JSON Schema, draft 2020-12 or an earlier one. */
const jsonSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  for (const { path, message } of schemaProblems(schema))
    context.addIssue({ code: "custom", path: [...path], message });
});

/** What servers take as a name differs: what none can take is refused here, the rest is theirs to judge. */
const toolName = nonEmptyText
  .max(256, { error: "Must not be longer than 256 characters." })
  .regex(/^\P{Cc}*$/u, { error: "Must not hold control characters." });

const tool = z.strictObject({
  name: toolName,
  description: text.optional(),
  /** JSON Schema of the arguments. */
  inputSchema: jsonSchema,
});

const reasoningEffort = z.enum(["none", "minimal", "low", "medium", "high", "xhigh", "max"]);
export type ReasoningEffort = z.infer<typeof reasoningEffort>;

const request = z
  .strictObject({
    messages: z.array(message).min(1, { error: "Must hold at least one message." }).optional(),
    /** Short for one user message. */
    prompt: nonEmptyText.optional(),
    /** Short for a system message before all others. */
    system: text.optional(),
    tools: z.array(tool).optional(),
    toolChoice: z
      .union([z.enum(["auto", "none", "required"]), z.strictObject({ toolName: z.string() })])
      .optional(),
    /** Whether several tools may be called at once; as the backend has it where left out. */
    parallelToolCalls: z.boolean().optional(),
    /** How much is thought before it is answered, where the model thinks. */
    reasoningEffort: reasoningEffort.optional(),
    /** The answer is JSON that this JSON Schema allows. */
    responseSchema: jsonSchema.optional(),
    ...generationOptions,
  })
  .refine(({ messages, prompt }) => (messages === undefined) !== (prompt === undefined), {
    error: "Give either messages or prompt.",
  })
  .transform(({ messages, prompt, system, ...rest }) => ({
    ...rest,
    messages: [
      ...(system === undefined
        ? []
        : [{ role: "system" as const, content: [{ type: "text" as const, text: system }] }]),
      ...(prompt === undefined
        ? []
        : [{ role: "user" as const, content: [{ type: "text" as const, text: prompt }] }]),
      ...(messages ?? []),
    ],
  }));

const event = z.discriminatedUnion("type", [
  textDelta,
  z.object({ type: z.literal("reasoning-delta"), text: z.string() }),
  z.object({
    type: z.literal("tool-call"),
    toolCallId: z.string(),
    toolName: z.string(),
    input: z.unknown(),
  }),
  finishEvent,
]);

const result = z.object({
  text: z.string(),
  reasoning: z.string().optional(),
  logprobs: z.array(tokenLogprob).optional(),
  toolCalls: z.array(toolCallPart.omit({ type: true })).optional(),
  finishReason,
  usage,
});

/** A conversation in, the next message out. */
export const chat = defineCapability({
  name: "chat",
  description: "Chat with a model.",
  names: { tool: "chat", route: "/v1/chat/completions", verb: "chat" },
  alsoCalled: ["conversation", "conversational", "chat-completion", "chat-completions"],
  request,
  shortcut: readPlainChat,
  event,
  result,
  tool: {
    arguments: [
      "messages",
      "prompt",
      "system",
      "maxTokens",
      "temperature",
      "stop",
      "responseSchema",
    ],
    result: ["text", "reasoning", "finishReason", "usage"],
  },
  text: {
    input: "prompt",
    ofEvent: (chatEvent) => (chatEvent.type === "text-delta" ? chatEvent.text : undefined),
    ofResult: ({ text: said, toolCalls = [] }) =>
      said.trim() === "" && toolCalls.length > 0
        ? toolCalls
            .map(({ toolName, input }) => `${toolName}(${JSON.stringify(input) ?? ""})`)
            .join("\n")
        : said,
  },
  collect(events) {
    const reasoning = events.reduce(
      (all, each) => (each.type === "reasoning-delta" ? all + each.text : all),
      "",
    );
    const toolCalls = events.flatMap((each) => {
      if (each.type !== "tool-call") return [];
      const { type: _, ...call } = each;
      return [call];
    });
    return {
      ...collectText(events),
      ...(reasoning === "" ? {} : { reasoning }),
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
    };
  },
  cut: (reason) => ({ type: "finish" as const, reason, usage: {} }),
});

/** What a caller gives: messages, or a prompt. */
export type ChatInput = RequestInput<typeof chat>;
/** What a handler receives: messages whose content is a list of parts. */
export type ChatRequest = RequestOf<typeof chat>;
export type ChatMessage = ChatRequest["messages"][number];
export type ChatEvent = EventOf<typeof chat>;
export type ChatResult = ResultOf<typeof chat>;

/** The text parts of a message, joined. */
export function textOf({ content: parts }: ChatMessage): string {
  let text = "";
  for (const part of parts) if (part.type === "text") text += part.text;
  return text;
}
