import { z } from "zod";
import {
  defineCapability,
  deriveFrom,
  type EventOf,
  type RequestInput,
  type ResultOf,
} from "../capability.ts";
import { nonEmptyText } from "../text.ts";
import { usage } from "../usage.ts";
import { chat } from "./chat.ts";
import {
  collectText,
  finishEvent,
  finishReason,
  generationOptions,
  textDelta,
  tokenLogprob,
} from "./generation.ts";

const request = z.strictObject({ prompt: nonEmptyText, ...generationOptions });

const event = z.discriminatedUnion("type", [textDelta, finishEvent]);

const result = z.object({
  text: z.string(),
  logprobs: z.array(tokenLogprob).optional(),
  finishReason,
  usage,
});

/** A text in, its continuation out. */
export const completion = defineCapability({
  name: "completion",
  description: "Continue a text.",
  names: { tool: "complete", route: "/v1/completions", verb: "complete" },
  alsoCalled: ["text-generation", "generation", "generate", "text-completion", "completions"],
  request,
  event,
  result,
  tool: {
    arguments: ["prompt", "maxTokens", "temperature", "stop"],
    result: ["text", "finishReason", "usage"],
  },
  text: {
    input: "prompt",
    ofEvent: (completionEvent) =>
      completionEvent.type === "text-delta" ? completionEvent.text : undefined,
    ofResult: (completionResult) => completionResult.text,
  },
  collect: (events) => collectText(events),
  cut: (reason) => ({ type: "finish" as const, reason, usage: {} }),
  derive: [
    deriveFrom(
      chat,
      (handler) =>
        async function* completionFromChat({ prompt, ...options }: CompletionRequest, context) {
          const messages = [
            {
              role: "user" as const,
              content: [{ type: "text" as const, text: `Continue this text:\n\n${prompt}` }],
            },
          ];
          for await (const chatEvent of handler({ ...options, messages }, context)) {
            if (chatEvent.type === "text-delta" || chatEvent.type === "finish") yield chatEvent;
          }
        },
    ),
  ],
});

export type CompletionInput = RequestInput<typeof completion>;
export type CompletionRequest = z.output<typeof request>;
export type CompletionEvent = EventOf<typeof completion>;
export type CompletionResult = ResultOf<typeof completion>;
