import { textOf, type ChatMessage } from "./capabilities/chat.ts";
import { ModelyardError } from "./errors.ts";

/** A message of nothing but text, as most servers take it. */
export interface TextMessage {
  role: "system" | "user" | "assistant";
  content: string;
}

/**
 * A conversation as plain messages, each a text with the role `system`, `user` or `assistant`, for a server that takes text alone.
 * @throws `capability-not-supported` where a message holds more than text, which would be lost
 */
export function toTextMessages(messages: readonly ChatMessage[]): TextMessage[] {
  return messages.map((message) => {
    refuseOtherParts(message);
    return { role: message.role as TextMessage["role"], content: textOf(message) };
  });
}

/** What was thought is not said again; images, calls of tools and what came of them can't be left out. */
export function refuseOtherParts({ content }: ChatMessage): void {
  for (const { type } of content) {
    if (type === "text" || type === "reasoning") continue;
    throw new ModelyardError(
      "capability-not-supported",
      `This model takes text alone: a message holds ${type === "image" ? "an image" : "a tool's part"}.`,
      { remedy: "Leave it out, or use a model that can read it." },
    );
  }
}
