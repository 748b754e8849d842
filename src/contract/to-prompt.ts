import { textOf, type ChatMessage } from "./capabilities/chat.ts";
import { refuseOtherParts } from "./to-text-messages.ts";

export interface ToPromptOptions {
  /** What stands before the words of each; `User` and `Assistant` where left out. */
  readonly names?: { readonly user: string; readonly assistant: string } | undefined;
}

/**
 * A conversation as one text that ends where the next answer begins, for a model that only completes: the system's words, then
 * `User: …` and `Assistant: …`. Such a model may go on with the user's part: cut it at `"\nUser:"`.
 * @throws `capability-not-supported` where a message holds more than text, which would be lost
 */
export function toPrompt(
  messages: readonly ChatMessage[],
  { names = { user: "User", assistant: "Assistant" } }: ToPromptOptions = {},
): string {
  const parts = messages.map((message) => {
    refuseOtherParts(message);
    const text = textOf(message).trim();
    if (message.role === "system") return `${text}\n`;
    return `${message.role === "user" ? names.user : names.assistant}: ${text}`;
  });
  return `${parts.join("\n")}\n${names.assistant}:`;
}
