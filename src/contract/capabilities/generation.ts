import { z } from "zod";
import { nonEmptyText } from "../text.ts";
import { usage, type Usage } from "../usage.ts";

const bias = z.number().min(-100).max(100);

/** How text is generated: what chat and completion share. */
export const generationOptions = {
  maxTokens: z.int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().gt(0).max(1).optional(),
  stop: z
    .union([nonEmptyText.transform((value) => [value]), z.array(nonEmptyText).max(16)])
    .optional(),
  seed: z.int().optional(),
  /** Only the so many likeliest tokens are drawn from. */
  topK: z.int().positive().optional(),
  /** Over 0 makes tokens that were written less likely, each time more; under 0 likelier. */
  frequencyPenalty: z.number().min(-2).max(2).optional(),
  /** The same, however often they were written. */
  presencePenalty: z.number().min(-2).max(2).optional(),
  /** Makes tokens likelier or less likely: the token's number at this model → what is added to its logit. */
  logitBias: z
    .record(z.string().regex(/^\d+$/, { error: "Must be a token's number." }), bias)
    .optional(),
  /** Tells how likely each token of the text was, and of so many others that might have stood there. */
  logprobs: z.int().min(0).max(20).optional(),
  /** Handed to the backend untouched, under the backend's type: `{ "ollama": { … } }`. */
  providerOptions: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
};

/** These as a handler receives them. */
export type GenerationRequest = z.output<z.ZodObject<typeof generationOptions>>;
/** Of these, how the next token is drawn. */
export type SamplingRequest = Omit<GenerationRequest, "maxTokens" | "stop" | "logprobs">;

const likelihood = z.object({
  /** Its text, which may hold a part of a character; `bytes` is then exact. */
  token: z.string(),
  /** The natural logarithm of its likelihood. */
  logprob: z.number(),
  bytes: z.array(z.int().min(0).max(255)).optional(),
});

/** How likely a token of an answer was, and the likeliest that might have stood there, the best first. */
export const tokenLogprob = likelihood.extend({ top: z.array(likelihood).optional() });
export type TokenLogprob = z.infer<typeof tokenLogprob>;

/** A piece of an answer's text, with its tokens where `logprobs` asks for them. */
export const textDelta = z.object({
  type: z.literal("text-delta"),
  text: z.string(),
  logprobs: z.array(tokenLogprob).optional(),
});

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
  | z.infer<typeof textDelta>
  | { type: "finish"; reason: FinishReason; usage: Usage }
  | { type: "reasoning-delta" | "tool-call" };

/** The text of an answer's events, its tokens' likelihoods, how it ended, and what it cost. */
export function collectText(events: readonly TextEvent[]): {
  text: string;
  logprobs?: TokenLogprob[];
  finishReason: FinishReason;
  usage: Usage;
} {
  let text = "";
  const logprobs: TokenLogprob[] = [];
  let finish: Extract<TextEvent, { type: "finish" }> | undefined;
  for (const event of events) {
    if (event.type === "text-delta") {
      text += event.text;
      if (event.logprobs !== undefined) logprobs.push(...event.logprobs);
    } else if (event.type === "finish") finish = event;
  }
  return {
    text,
    ...(logprobs.length === 0 ? {} : { logprobs }),
    finishReason: finish?.reason ?? "other",
    usage: finish?.usage ?? {},
  };
}
