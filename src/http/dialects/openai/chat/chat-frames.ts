import type { ChatEvent } from "../../../../contract/capabilities/chat.ts";
import type { Frames, Origin, Untold } from "../../conversion.ts";
import { createTextFrames } from "../text-frames.ts";
import { toLogprobs } from "./to-logprobs.ts";
import { toToolCall } from "./to-tool-call.ts";

export interface ChatFramesOptions {
  readonly origin: Origin;
  readonly choices: number;
  readonly includeUsage: boolean;
  untold(): Untold | undefined;
}

/** The chunks of a streamed chat. */
export function createChatFrames({
  origin,
  choices,
  includeUsage,
  untold,
}: ChatFramesOptions): Frames {
  const begun = new Set<number>();
  const toolCalls: number[] = [];

  /** Clients learn the role from the first chunk of each choice. */
  function open(choice: number): string {
    if (begun.has(choice)) return "{";
    begun.add(choice);
    return '{"role":"assistant",';
  }

  const frames = createTextFrames({
    id: `chatcmpl-${origin.id}`,
    object: "chat.completion.chunk",
    choices,
    includeUsage,
    field: '"delta":',
    nothing: "{}",
    origin,
    untold,
    ofEvent(given, choice) {
      const event = given as ChatEvent;
      switch (event.type) {
        case "text-delta":
          return `${open(choice)}"content":${JSON.stringify(event.text)}}`;
        case "reasoning-delta":
          return `${open(choice)}"reasoning_content":${JSON.stringify(event.text)}}`;
        case "tool-call": {
          const index = toolCalls[choice] ?? 0;
          toolCalls[choice] = index + 1;
          const call = { index, ...toToolCall(event) };
          return `${open(choice)}"tool_calls":[${JSON.stringify(call)}]}`;
        }
        default:
          return "";
      }
    },
    logprobsOf(given) {
      const event = given as ChatEvent;
      if (event.type !== "text-delta" || event.logprobs === undefined) return "null";
      return JSON.stringify(toLogprobs(event.logprobs));
    },
  });
  return {
    end: frames.end,
    toFrame(event, choice) {
      // An answer without a word still has a role.
      const first =
        event.type === "finish" && !begun.has(choice)
          ? frames.toFrame({ type: "text-delta", text: "" } as ChatEvent, choice)
          : "";
      return first + frames.toFrame(event, choice);
    },
  };
}
