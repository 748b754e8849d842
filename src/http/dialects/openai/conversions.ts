import type { Conversion } from "../conversion.ts";
import { chatConversion } from "./chat/chat-conversion.ts";
import { completionConversion } from "./completion-conversion.ts";
import { embeddingConversion } from "./embedding-conversion.ts";

/** What OpenAI's clients speak. A capability that is not here is unknown to them. */
export const openaiConversions: readonly Conversion[] = [
  chatConversion,
  completionConversion,
  embeddingConversion,
];
