import { z } from "zod";
import { nonEmptyText } from "../text.ts";
import { usage, type Usage } from "../usage.ts";

/** How text is generated: what chat and completion share. */
export const generationOptions = {
  maxTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().gt(0).max(1).optional(),
  stop: z
    .union([nonEmptyText.transform((value) => [value]), z.array(nonEmptyText).max(16)])
    .optional(),
  seed: z.int().optional(),
  /** Handed to the backend untouched, under the backend's type: `{ "ollama": { … } }`. */
  providerOptions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
};

/** Why an answer ended. `timeout`: a deadline passed and this is what was there. */
export const finishReason = z.enum([
  "stop",
  "length",
  "tool-calls",
  "content-filter",
  "timeout",
  "other",
]);
export type FinishReason = z.infer<typeof finishReason>;

/** The last event of an answer. */
export const finishEvent = z.object({
  type: z.literal("finish"),
  reason: finishReason,
  /** The upstream's own word for it. */
  rawReason: z.string().optional(),
  usage,
});

type TextEvent =
  | { type: "text-delta"; text: string }
  | { type: "finish"; reason: FinishReason; usage: Usage }
  | { type: "reasoning-delta" | "tool-call" };

/** The text of an answer's events, how it ended, and what it cost. */
export function collectText(events: readonly TextEvent[]): {
  text: string;
  finishReason: FinishReason;
  usage: Usage;
} {
  let text = "";
  let finish: Extract<TextEvent, { type: "finish" }> | undefined;
  for (const event of events) {
    if (event.type === "text-delta") text += event.text;
    else if (event.type === "finish") finish = event;
  }
  return { text, finishReason: finish?.reason ?? "other", usage: finish?.usage ?? {} };
}
