import type { ChatEvent } from "../../../../contract/capabilities/chat.ts";
import type { Frames, Origin, Untold } from "../../conversion.ts";
import { createTextFrames } from "../text-frames.ts";
import { toToolCall } from "./to-tool-call.ts";

/** The chunks of a streamed chat. */
export function createChatFrames(
  origin: Origin,
  untold: () => Untold | undefined,
  includeUsage: boolean,
): Frames {
  /** Clients learn the role from the first chunk. */
  let opening = '{"role":"assistant",';
  let toolCalls = 0;

  function open(): string {
    const said = opening;
    opening = "{";
    return said;
  }

  const frames = createTextFrames({
    id: `chatcmpl-${origin.id}`,
    object: "chat.completion.chunk",
    includeUsage,
    field: '"delta":',
    nothing: "{}",
    origin,
    untold,
    ofEvent(given) {
      const event = given as ChatEvent;
      switch (event.type) {
        case "text-delta":
          return `${open()}"content":${JSON.stringify(event.text)}}`;
        case "reasoning-delta":
          return `${open()}"reasoning_content":${JSON.stringify(event.text)}}`;
        case "tool-call": {
          const call = { index: toolCalls++, ...toToolCall(event) };
          return `${open()}"tool_calls":[${JSON.stringify(call)}]}`;
        }
        default:
          return "";
      }
    },
  });
  return {
    end: frames.end,
    toFrame(event) {
      // An answer without a word still has a role.
      const first =
        event.type === "finish" && opening !== "{"
          ? frames.toFrame({ type: "text-delta", text: "" } as ChatEvent)
          : "";
      return first + frames.toFrame(event);
    },
  };
}
